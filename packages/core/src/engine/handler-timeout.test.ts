import { expect, test } from "vitest";
import { assignment, at, Drive, error, record } from "../../test/drive.ts";
import { ConfigurationError } from "../configuration-error.ts";
import type { RetryRules } from "../retry/retry-rules.ts";
import type { EngineConfig } from "./engine.ts";

const OK = { type: "ok" } as const;
const TIMEOUTS_ONCE: RetryRules = {
  maxAttempts: 9,
  backoff: { type: "fixed", delayMs: 100 },
  byKind: { timeout: { maxAttempts: 1 } },
};

/** An engine with one partition of epoch 1 from offset 0, and a timeout of 100 ms. */
function started(config: Partial<EngineConfig> = {}): Drive {
  const drive = new Drive({ handlerTimeoutMs: 100, ...config });
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  drive.take();
  return drive;
}

function fetched(drive: Drive, keys: readonly string[], now = 0, epoch = 1): number[] {
  const from = drive.engine.snapshot(now).partitions[0]!.position;
  const records = keys.map((key, index) => record(0, from + index, key));
  drive.engine.recordsFetched(at(0, epoch), records, from + keys.length, now);
  return drive.taken("dispatch").map(({ token }) => token);
}

test("the signal fires, the attempt has failed, and its lane waits for the handler", () => {
  const drive = started();
  const [token] = fetched(drive, ["a", "a"]);
  expect(drive.timerAt).toBe(100);
  drive.engine.timerFired(99);
  expect(drive.taken("abort")).toEqual([]);
  drive.engine.timerFired(100);
  const effects = drive.take();
  expect(effects.slice(0, 2)).toEqual([
    { type: "abort", token, reason: "timeout" },
    {
      type: "notify",
      notice: {
        ...{ type: "timed-out", ...at(0, 1), offset: 0 },
        ...{ runningMs: 100, attempt: 1, records: 1 },
      },
    },
  ]);
  expect(effects.filter(({ type }) => type === "dispatch")).toEqual([]);
  drive.engine.timerFired(10_000);
  expect(drive.taken("dispatch")).toEqual([]);
  expect(drive.engine.snapshot(0)).toMatchObject({ running: 1, totals: { timedOut: 1 } });
});

test("what the handler says then is dropped and counted; the retry comes after its return", () => {
  const drive = started();
  const [token] = fetched(drive, ["a"]);
  drive.engine.timerFired(100);
  drive.take();
  drive.engine.handlerFinished(token!, OK, 150, 0);
  expect(drive.notices("retry-scheduled")).toMatchObject([
    { offset: 0, attempt: 1, at: 250, error: "the handler had not returned after 100 ms" },
  ]);
  expect(drive.engine.snapshot(0)).toMatchObject({
    totals: { settled: 0 },
    ignored: { lateResults: 1 },
  });
  drive.engine.timerFired(250);
  const [again] = drive.taken("dispatch");
  expect(drive.engine.attempt(again!.token)).toBe(2);
  // The second attempt has a time and a signal of its own.
  drive.engine.handlerFinished(again!.token, OK, 260, 0);
  expect(drive.engine.snapshot(0).partitions[0]!.frontier).toBe(1);
});

test("a second attempt may time out too", () => {
  const drive = started();
  const [token] = fetched(drive, ["a"]);
  drive.engine.timerFired(100);
  drive.engine.handlerFinished(token!, OK, 150, 0);
  drive.engine.timerFired(250);
  drive.take();
  drive.engine.timerFired(349);
  expect(drive.taken("abort")).toEqual([]);
  drive.engine.timerFired(350);
  expect(drive.taken("abort")).toMatchObject([{ reason: "timeout" }]);
});

test("the last attempt becomes a dead letter of kind timeout, first failed when it timed out", () => {
  const drive = started({ retry: { maxAttempts: 1, backoff: { type: "fixed", delayMs: 1 } } });
  const [token] = fetched(drive, ["a"]);
  drive.engine.timerFired(100);
  expect(drive.taken("deadLetter")).toEqual([]);
  drive.engine.handlerFinished(token!, { type: "failed", error: error("poison") }, 150, 0);
  expect(drive.taken("deadLetter")).toMatchObject([
    {
      cause: {
        reason: "retries-exhausted",
        error: { kind: "timeout", class: "HandlerTimeout" },
        attempts: 1,
        firstFailedAt: 100,
        failedAt: 150,
      },
    },
  ]);
});

test("a handler that ends in time is left alone, also by the deadline of another", () => {
  const drive = started();
  const [a] = fetched(drive, ["a"]);
  const [b] = fetched(drive, ["b"], 60);
  drive.engine.handlerFinished(a!, OK, 90, 0);
  drive.engine.timerFired(100);
  expect(drive.taken("abort")).toEqual([]);
  expect(drive.timerAt).toBe(160);
  drive.engine.timerFired(160);
  expect(drive.taken("abort")).toEqual([{ type: "abort", token: b, reason: "timeout" }]);
});

test("it counts as failed when its partition goes and comes back", () => {
  const drive = started();
  const [token] = fetched(drive, ["a"]);
  drive.engine.timerFired(100);
  drive.engine.lost([at(0, 1)], 110);
  // Its signal has fired.
  expect(drive.taken("abort")).toMatchObject([{ reason: "timeout" }]);
  drive.engine.assigned([assignment(0, 2, 0)], 120);
  drive.take();
  expect(fetched(drive, ["a"], 120, 2)).toEqual([]);
  drive.engine.handlerFinished(token!, OK, 130, 0);
  const [again] = drive.taken("dispatch");
  expect(drive.engine.attempt(again!.token)).toBe(2);
  expect(drive.engine.snapshot(0).ignored).toMatchObject({ staleCompletions: 1, lateResults: 0 });
});

test("a drain waits for it until its deadline, and does not count what it says", () => {
  const drive = started();
  const [token] = fetched(drive, ["a"]);
  drive.engine.timerFired(100);
  drive.engine.revoked(3, [at(0, 1)], 4_100, 100);
  expect(drive.taken("released")).toEqual([]);
  drive.engine.handlerFinished(token!, OK, 200, 0);
  expect(drive.taken("released")).toHaveLength(1);
  expect(drive.engine.snapshot(0).totals.settled).toBe(0);
});

test("a handler that was told to give up does not time out as well", () => {
  const drive = started();
  fetched(drive, ["a"]);
  drive.engine.lost([at(0, 1)], 50);
  drive.take();
  drive.engine.timerFired(100);
  expect(drive.taken("abort")).toEqual([]);
  expect(drive.engine.snapshot(0).totals.timedOut).toBe(0);
});

test("one that never returns is reported as stalled", () => {
  const drive = started({ stallAfterMs: 1_000 });
  fetched(drive, ["a"]);
  drive.engine.timerFired(100);
  drive.engine.timerFired(1_000);
  expect(drive.notices("stalled")).toMatchObject([{ runningMs: 1_000, attempt: 1 }]);
});

test("all records of a batch time out together", () => {
  const drive = started({ batch: { size: 3, lingerMs: 0, by: "partition" } });
  drive.engine.recordsFetched(at(0, 1), [record(0, 0, "a"), record(0, 1, "b")], 2, 0);
  const [batch] = drive.taken("dispatchBatch");
  drive.engine.timerFired(100);
  const effects = drive.take();
  expect(effects[0]).toEqual({ type: "abort", token: batch!.tokens[0], reason: "timeout" });
  expect(effects[1]).toMatchObject({ notice: { type: "timed-out", offset: 0, records: 2 } });
  drive.engine.batchFinished(batch!.tokens[0]!, [OK, OK], 110, 0);
  expect(drive.notices("retry-scheduled").map(({ offset }) => offset)).toEqual([0, 1]);
  expect(drive.engine.snapshot(0)).toMatchObject({
    totals: { timedOut: 2, settled: 0 },
    ignored: { lateResults: 2 },
  });
});

test.each([0, 1.5, -1, NaN, 2 ** 31])("refuses %d", (handlerTimeoutMs) => {
  expect(() => started({ handlerTimeoutMs })).toThrow(ConfigurationError);
});

test("a stop that has given up waiting for a handler has no more use for a timer", () => {
  const drive = started();
  fetched(drive, ["a"]);
  drive.engine.drainRequested(90, 10);
  drive.take();
  drive.engine.timerFired(90);
  const effects = drive.take();
  expect(effects).toContainEqual({ type: "drained", result: "forced" });
  expect(effects.filter(({ type }) => type === "setTimer")).toEqual([]);
});

test("it fails with the kind timeout, for which the retry may have rules of its own", () => {
  const drive = started({ retry: TIMEOUTS_ONCE });
  const [token] = fetched(drive, ["a"]);
  drive.engine.timerFired(100);
  drive.engine.handlerFinished(token!, OK, 150, 0);
  expect(drive.taken("deadLetter")).toMatchObject([
    { token, cause: { reason: "retries-exhausted", attempts: 1, error: { kind: "timeout" } } },
  ]);
});

test("the last attempt that such a rule allows is granted again to the next epoch", () => {
  const drive = started({ retry: TIMEOUTS_ONCE });
  const [token] = fetched(drive, ["a"]);
  drive.engine.timerFired(100);
  drive.engine.lost([at(0, 1)], 110);
  drive.engine.handlerFinished(token!, OK, 120, 0);
  drive.engine.assigned([assignment(0, 2, 0)], 130);
  const [again] = fetched(drive, ["a"], 130, 2);
  expect(drive.engine.attempt(again!)).toBe(1);
});
