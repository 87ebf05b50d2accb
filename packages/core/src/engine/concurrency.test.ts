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

describe("of batches", () => {
  const batch = { size: 4, lingerMs: 0, by: "partition" } as const;
  const batches = (drive: Drive) => drive.taken("dispatchBatch").map(({ tokens }) => tokens);

  describe("rateLimit", () => {
    const rateLimit = { perSecond: 10, burst: 3 };

    test("each record takes a token: a batch has no more than the burst, and waits for all of them", () => {
      const { drive } = fetched(9, { rateLimit, batch });
      expect(batches(drive).map(({ length }) => length)).toEqual([3]);
      expect(drive.timerAt).toBe(300);
      drive.engine.timerFired(299);
      expect(batches(drive)).toEqual([]);
      drive.engine.timerFired(300);
      expect(batches(drive).map(({ length }) => length)).toEqual([3]);
      expect(drive.timerAt).toBe(600);
    });

    test("what is left waits for as many as it is; what runs, or waits for a retry, is not left", () => {
      const { drive } = fetched(4, { rateLimit, batch });
      const [[first] = []] = batches(drive);
      expect(drive.timerAt).toBe(100);
      const failed: HandlerOutcome = { type: "failed", error: error() };
      drive.engine.batchFinished(first!, [failed, failed, OK], 10, 0);
      expect(drive.timerAt).toBe(100);
      drive.engine.timerFired(100);
      expect(batches(drive).map(([token]) => drive.engine.record(token!).offset)).toEqual([3]);
      // Both retries are due at 110.
      drive.engine.timerFired(110);
      expect(batches(drive)).toEqual([]);
      expect(drive.timerAt).toBe(300);
    });

    test("no timer is set while no handler is free", () => {
      const { drive } = fetched(9, { rateLimit, batch, concurrency: 1, commitIntervalMs: 5_000 });
      expect(batches(drive)).toHaveLength(1);
      expect(drive.timerAt).toBeGreaterThan(5_000);
    });

    test("a record waits for the rate first, then for company, which it says", () => {
      const { drive } = fetched(1, { rateLimit, batch: { ...batch, size: 3, lingerMs: 1_000 } });
      const waitsFor = () => drive.engine.explain(at(0, 1), 0)?.waitsFor;
      expect(waitsFor()).toMatchObject({ reason: "linger", nextAt: 1_000 });
      // Another partition uses up the rate.
      drive.engine.assigned([assignment(1, 2, 0)], 0);
      const others = [0, 1, 2].map((offset) => record(1, offset));
      drive.engine.recordsFetched(at(1, 2), others, 3, 0);
      expect(batches(drive).map(({ length }) => length)).toEqual([3]);
      expect(waitsFor()).toMatchObject({ reason: "rate", nextAt: null });
      drive.engine.timerFired(100);
      expect(waitsFor()).toMatchObject({ reason: "linger", nextAt: 1_000 });
      drive.engine.timerFired(1_000);
      expect(batches(drive).map(([token]) => drive.engine.record(token!).partition)).toEqual([0]);
    });
  });

  describe("adaptive concurrency", () => {
    const concurrency = { min: 2, max: 64, policy: "gradient" } as const;
    const failed: HandlerOutcome = { type: "failed", error: error("permanent") };

    /** Runs batches of two to their end, each for 20 ms, and answers how many ran at once. */
    function mostBatches(outcomes: readonly HandlerOutcome[]): number {
      const { drive } = fetched(2_000, { concurrency, batch: { ...batch, size: 2 } });
      let running = batches(drive);
      let most = running.length;
      for (let now = 20; running.length > 0; now += 20) {
        const ended = running;
        running = [];
        for (const [token] of ended) {
          drive.engine.batchFinished(token!, outcomes, now, 0);
          running.push(...batches(drive));
        }
        most = Math.max(most, running.length);
      }
      return most;
    }

    test("a batch counts as one handler", () => {
      const { drive } = fetched(100, { concurrency, batch });
      expect(batches(drive)).toHaveLength(8);
      expect(drive.engine.snapshot(0)).toMatchObject({ running: 8, concurrency: 8 });
    });

    test("a batch of which something ended well tells of latency, one that failed does not", () => {
      expect(mostBatches([OK, OK])).toBeGreaterThan(8);
      expect(mostBatches([failed, OK])).toBeGreaterThan(8);
      expect(mostBatches([failed, failed])).toBe(8);
    });
  });
});

test("a handler that has timed out tells of latency when it returns, whatever it says", () => {
  const { drive, dispatched } = fetched(400, {
    concurrency: { min: 2, max: 64, policy: "gradient" },
    handlerTimeoutMs: 50,
    retry: { maxAttempts: 1, backoff: { type: "fixed", delayMs: 0 } },
  });
  let running = dispatched();
  let most = running.length;
  for (let now = 0; running.length > 0; now += 60) {
    drive.engine.timerFired(now + 50);
    expect(drive.engine.snapshot(0).concurrency).toBe(most);
    const ended = running;
    running = [];
    for (const token of ended) {
      drive.engine.handlerFinished(token, { type: "skip", reason: "late" }, now + 60, 0);
      running.push(...dispatched());
    }
    most = Math.max(most, drive.engine.snapshot(0).concurrency);
    if (most > 8) return;
  }
  expect(most).toBeGreaterThan(8);
});

test("topics take turns, however many partitions one of them has", () => {
  const drive = new Drive({ concurrency: 1 });
  const partitions = [at(0, 1), at(1, 1), at(2, 1), { ...at(0, 1), topic: "payments" }];
  const assigned = partitions.map((each) => ({ ...assignment(0, 1, 0), ...each }));
  drive.engine.assigned(assigned, 0);
  // So that all is there before the first begins.
  drive.engine.pauseRequested(partitions, 0);
  for (const each of partitions) {
    const records = [0, 1, 2].map((offset) => ({ ...record(each.partition, offset), ...each }));
    drive.engine.recordsFetched(each, records, 3, 0);
  }
  drive.engine.resumeRequested(partitions, 0);
  const topics: string[] = [];
  for (let ended = 0; ended < 6; ended++) {
    const [{ token } = { token: -1 }] = drive.taken("dispatch");
    topics.push(drive.engine.record(token).topic);
    drive.engine.handlerFinished(token, OK, 1, 0);
  }
  expect(topics.filter((topic) => topic === "payments")).toHaveLength(3);
});
