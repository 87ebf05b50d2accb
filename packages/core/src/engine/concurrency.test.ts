import { describe, expect, test } from "vitest";
import { assignment, at, Drive, error, record } from "../../test/drive.ts";
import type { EngineConfig } from "./engine.ts";
import type { HandlerOutcome } from "./outcome.ts";

const OK: HandlerOutcome = { type: "ok" };

/** Partition 0 with so many records of different keys. */
function fetched(count: number, config: Partial<EngineConfig>) {
  const drive = new Drive({ budget: { records: 1e6, bytes: 1e9 }, ...config });
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  const records = Array.from({ length: count }, (_, offset) => record(0, offset, `k${offset}`));
  drive.engine.recordsFetched(at(0, 1), records, count, 0);
  return { drive, dispatched: () => drive.taken("dispatch").map(({ token }) => token) };
}

describe("rateLimit", () => {
  const rateLimit = { perSecond: 10, burst: 3 };

  test("a burst begins at once, the rest at the rate", () => {
    const { drive, dispatched } = fetched(9, { rateLimit });
    expect(dispatched()).toHaveLength(3);
    expect(drive.timerAt).toBe(100);
    drive.engine.timerFired(99);
    expect(dispatched()).toHaveLength(0);
    drive.engine.timerFired(350);
    expect(dispatched()).toHaveLength(3);
    // Three tokens are the most that it holds: nothing was left over from the time before.
    expect(drive.timerAt).toBe(450);
    expect(drive.engine.explain(at(0, 1), 351)?.waitsFor).toMatchObject({ phase: "running" });
  });

  test("a retry is an attempt too", () => {
    const { drive, dispatched } = fetched(3, { rateLimit });
    for (const token of dispatched()) {
      drive.engine.handlerFinished(token, { type: "failed", error: error() }, 0, 0);
    }
    // All three are due at 100, where there is one token.
    drive.engine.timerFired(100);
    expect(dispatched()).toHaveLength(1);
    expect(drive.engine.explain(at(0, 1), 101)?.held).toMatchObject({ queued: 2, running: 1 });
  });

  test("no timer is set while no handler is free", () => {
    const { drive } = fetched(9, { rateLimit, concurrency: 3, commitIntervalMs: 5_000 });
    expect(drive.timerAt).toBeGreaterThan(5_000);
  });

  test("it says so when a record waits for it", () => {
    const { drive, dispatched } = fetched(4, { rateLimit });
    for (const token of dispatched()) drive.engine.handlerFinished(token, OK, 10, 0);
    expect(drive.engine.explain(at(0, 1), 11)?.waitsFor).toMatchObject({
      ...{ offset: 3, phase: "queued", reason: "rate" },
    });
  });
});

describe("adaptive concurrency", () => {
  const concurrency = { min: 2, max: 64, policy: "gradient" } as const;

  /** Runs records to their end, as many at once as may, each for so long. */
  function run(latencyMs: number, outcome: (running: number) => HandlerOutcome, count = 400) {
    const { drive, dispatched } = fetched(count, {
      concurrency,
      retry: { maxAttempts: 1, backoff: { type: "fixed", delayMs: 0 } },
    });
    let running = dispatched();
    let most = running.length;
    for (let now = latencyMs; running.length > 0; now += latencyMs) {
      const ended = running;
      running = [];
      for (const token of ended) {
        drive.engine.handlerFinished(token, outcome(ended.length), now, 0);
        running.push(...dispatched());
      }
      most = Math.max(most, running.length);
    }
    return { most, snapshot: drive.engine.snapshot(0) };
  }

  test("begins with a few and lets more run while they take no longer", () => {
    const { most, snapshot } = run(20, () => OK);
    expect(most).toBeGreaterThan(8);
    expect(snapshot.concurrency).toBe(most);
  });

  test("failures say nothing about latency", () => {
    const failed: HandlerOutcome = { type: "failed", error: error("permanent") };
    expect(run(20, () => failed).most).toBe(8);
  });

  test("time-outs do: they are the slowest of all", () => {
    const late: HandlerOutcome = { type: "failed", error: error("timeout") };
    expect(run(20, () => late).most).toBeGreaterThan(8);
  });
});
