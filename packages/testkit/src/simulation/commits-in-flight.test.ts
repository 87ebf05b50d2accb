import { describe, expect, it } from "vitest";
import { CommitsInFlight } from "./commits-in-flight.ts";

const ZERO = { topic: "t", partition: 0, epoch: 1 };
const ONE = { topic: "t", partition: 1, epoch: 2 };

function watched() {
  const problems: string[] = [];
  let now = 0;
  const commits = new CommitsInFlight(
    "m",
    () => now,
    (problem) => problems.push(problem),
  );
  const at = (partitions: readonly (typeof ZERO)[]) =>
    partitions.map((partition) => ({ ...partition, offset: 7 }));
  return {
    problems,
    commits,
    later: (ms: number) => void (now += ms),
    ask: (...partitions: (typeof ZERO)[]) => commits.requested(at(partitions)),
    over: (...partitions: (typeof ZERO)[]) => commits.over(at(partitions)),
  };
}

describe("a commit", () => {
  it("waits for the one before it, of whichever partition, answered or given up", () => {
    const { problems, ask, over } = watched();
    ask(ZERO);
    over(ZERO);
    ask(ZERO, ONE);
    over(ZERO, ONE);
    ask(ONE);
    expect(problems).toEqual([]);
    ask(ZERO);
    expect(problems).toEqual([
      "m asked to commit t-0@7 with another commit in flight, and was not giving it up",
    ]);
  });

  it("may be the last one of a revocation, once half of its time has passed", () => {
    const { problems, commits, ask, later } = watched();
    ask(ZERO, ONE);
    commits.revoking([ZERO], 1000);
    later(499);
    ask(ZERO);
    const tooSoon = "with another commit in flight, before half of its drain had passed";
    expect(problems).toEqual([`m asked to commit t-0@7 ${tooSoon}`]);
  });

  it("and not one of what is kept, nor of another epoch", () => {
    const { problems, commits, ask, later } = watched();
    ask(ZERO, ONE);
    commits.revoking([ZERO], 1000);
    later(500);
    ask(ZERO);
    expect(problems).toEqual([]);
    ask(ONE);
    ask({ ...ZERO, epoch: 3 });
    expect(problems).toEqual([
      expect.stringContaining("t-1@7 with another commit in flight, and was not giving it up"),
      expect.stringContaining("t-0@7 with another commit in flight, and was not giving it up"),
    ]);
  });

  it("may be the last one of a stop, of all there is", () => {
    const { problems, commits, ask, later } = watched();
    ask(ZERO);
    commits.stopping(1000);
    later(499);
    ask(ONE);
    expect(problems).toHaveLength(1);
    later(1);
    ask(ZERO);
    expect(problems).toHaveLength(1);
  });

  it("is not repeated before its answer, in a drain either", () => {
    const { problems, commits, ask, over } = watched();
    ask(ZERO, ONE);
    commits.revoking([ZERO], 0);
    ask(ZERO);
    expect(problems).toEqual([]);
    ask(ZERO);
    expect(problems).toEqual(["m asked to commit t-0@7 with 2 more of it in flight"]);
    over(ZERO, ONE);
    over(ZERO);
    ask(ZERO);
    expect(problems).toHaveLength(1);
  });

  it("may be the fourth in flight, when drains without time follow each other", () => {
    const { problems, commits, ask } = watched();
    ask(ZERO, ONE);
    commits.revoking([ZERO], 0);
    ask(ZERO);
    commits.stopping(0);
    ask(ONE);
    commits.revoking([ONE], 0);
    ask(ONE);
    expect(problems).toEqual([]);
    ask(ONE);
    expect(problems).toEqual(["m asked to commit t-1@7 with 3 more of it in flight"]);
  });
});
