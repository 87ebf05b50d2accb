import { describe, expect, test } from "vitest";
import { accepted, assignment, at, Drive, record, refused } from "../../test/drive.ts";
import { Assignment } from "./assignment.ts";
import { CommitMetadata } from "./commit-metadata.ts";
import { Commits } from "./commits.ts";
import { Drain } from "./drain.ts";

const START = { offset: 0, outOfRange: false, commitAtOnce: false };

/** The drain of one partition from 0 to 1,000: handlers have until 750, a commit in flight until 500. */
function drained(isBehind = true) {
  const one = new Assignment(assignment(0, 1, 0), 0, START, false);
  if (isBehind) one.gate.settle(one.gate.admit(0));
  const policy = { intervalMs: 10, every: Infinity, whenIdleMs: Infinity };
  const commits = new Commits(policy, new CommitMetadata(0));
  const drain = new Drain(1, [one], 1_000, 0);
  const step = (now: number, holds = false) => drain.step(holds, commits, now);
  const last = () => {
    const sent = commits.send([one], 0);
    drain.commitId = sent.id;
    return sent;
  };
  return { one, commits, drain, step, last, nextAt: () => drain.nextAt(commits) };
}

describe("a drain", () => {
  test("waits for handlers as long as they have, and stops those that are left once", () => {
    const { step, nextAt } = drained();
    expect([step(0, true), nextAt(), step(749, true)]).toEqual(["wait", 750, "wait"]);
    expect([step(750, true), step(750, true)]).toEqual(["abort", "commit"]);
  });

  test("with nothing held and nothing to commit ends at once, and stops nobody", () => {
    expect(drained(false).step(0)).toBe("end");
    expect(drained().step(0)).toBe("commit");
  });

  test("waits for a commit in flight until half of the time has passed", () => {
    const { one, commits, drain, step, nextAt } = drained();
    const { id, offsets } = commits.send([one], 0);
    expect([step(0), nextAt(), step(499), step(500)]).toEqual(["wait", 500, "wait", "commit"]);
    // Or until its answer, though there is nothing to wake up for.
    commits.answered(id, refused(offsets, "retriable"), 100);
    drain.commitAgainAt = 110;
    expect([step(100), nextAt(), step(110)]).toEqual(["wait", 110, "commit"]);
  });

  test("waits for the answer to its last commit until the deadline", () => {
    const { commits, step, last, nextAt } = drained();
    step(0);
    const { id, offsets } = last();
    expect([step(1), nextAt(), step(999), step(1_000)]).toEqual(["wait", 1_000, "wait", "end"]);
    commits.answered(id, accepted(offsets), 2);
    expect(step(2)).toBe("end");
  });

  test("sends its last commit again when that failed, but not at the deadline", () => {
    const { commits, drain, step, last, nextAt } = drained();
    step(0);
    const { id, offsets } = last();
    commits.answered(id, refused(offsets, "retriable"), 100);
    drain.commitAgainAt = 200;
    expect([step(100), nextAt(), step(200)]).toEqual(["wait", 200, "commit"]);
    expect(step(1_000)).toBe("end");
    drain.commitAgainAt = Infinity;
    expect(step(200)).toBe("end");
  });

  test("wakes up for a failed commit when another is no longer waited for, and at the deadline", () => {
    const { one, commits, drain, step, last, nextAt } = drained();
    step(0);
    const { id, offsets } = last();
    commits.answered(id, refused(offsets, "retriable"), 100);
    drain.commitAgainAt = 200;
    commits.send([one], 150);
    expect(nextAt()).toBe(500);
    drain.commitAgainAt = 600;
    expect(nextAt()).toBe(600);
    drain.commitAgainAt = 2_000;
    expect(nextAt()).toBe(1_000);
  });

  test("sends a commit at the deadline when none has been", () => {
    const { one, commits, step } = drained();
    commits.send([one], 0);
    expect(step(1_000, true)).toBe("abort");
    expect(step(1_000, true)).toBe("commit");
  });
});

describe("handlers that have had their time", () => {
  /** One record running in each of two partitions. */
  function running() {
    const drive = new Drive();
    drive.engine.assigned([assignment(0, 1, 0), assignment(1, 1, 0)], 0);
    const tokens = [0, 1].map((partition) => {
      drive.engine.recordsFetched(at(partition, 1), [record(partition, 0)], 1, 0);
      return drive.taken("dispatch")[0]!.token;
    });
    return { drive, tokens };
  }

  test("are told to stop in the partitions that are revoked, and in no other", () => {
    const { drive, tokens } = running();
    drive.engine.revoked(1, [at(1, 1)], 1_000, 0);
    drive.engine.timerFired(749);
    expect(drive.taken("abort")).toEqual([]);
    drive.engine.timerFired(750);
    expect(drive.taken("abort")).toEqual([{ type: "abort", token: tokens[1], reason: "revoked" }]);
  });

  test("are all told to stop when the consumer does", () => {
    const { drive, tokens } = running();
    drive.engine.drainRequested(1_000, 0);
    drive.engine.timerFired(750);
    expect(drive.taken("abort")).toEqual(
      tokens.map((token) => ({ type: "abort", token, reason: "stopping" })),
    );
  });
});
