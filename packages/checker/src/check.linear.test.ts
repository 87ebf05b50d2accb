import { Session } from "node:inspector";
import type { Profiler } from "node:inspector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SHAPES } from "../test/long-histories.mjs";
import type * as Checker from "./check.ts";
import type { HistoryEvent } from "./history.ts";

/**
 * Steps are counted, not time: V8's precise coverage says how often each block of the checker was entered. Only code
 * that is loaded after the counting began is counted block by block.
 */
const session = new Session();
let check: typeof Checker.check;

beforeAll(async () => {
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  ({ check } = await import("./check.ts"));
});
afterAll(() => session.disconnect());

const SIZE = 2_000;

describe.each(Object.entries(SHAPES))("a history that is long in %s", (_, shape) => {
  it("takes about twice the steps at twice the length", () => {
    const once = stepsOver(shape(SIZE));
    const twice = stepsOver(shape(2 * SIZE));
    // Enough for each event to have been looked at by several judges: the counting works.
    expect(once).toBeGreaterThan(20 * SIZE);
    // What is quadratic comes to four times; halving and sorting to a little above two.
    expect(twice / once).toBeLessThan(2.3);
  });
});

function stepsOver(events: readonly unknown[]): number {
  let steps = 0;
  takeCounts(() => {});
  check(events as readonly HistoryEvent[]);
  takeCounts(({ result }) => {
    for (const { url, functions } of result) {
      if (!url.includes("/packages/checker/src/")) continue;
      for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    }
  });
  return steps;
}

/** Answers with what was counted since it last did. */
function takeCounts(use: (counts: Profiler.TakePreciseCoverageReturnType) => void): void {
  session.post("Profiler.takePreciseCoverage", (error, counts) => {
    if (error) throw error;
    use(counts);
  });
}
