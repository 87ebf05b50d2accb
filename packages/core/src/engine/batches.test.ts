import { describe, expect, test } from "vitest";
import { assignment, at, Drive, error, record } from "../../test/drive.ts";
import { ConfigurationError } from "../configuration-error.ts";
import type { EngineConfig } from "./engine.ts";
import type { HandlerOutcome } from "./outcome.ts";

const OK = { type: "ok" } as const;
/** The handler threw, and did not say for which of its records. */
const THREW = { type: "failed", error: error(), ofBatch: true } as const;
const FAILED = { type: "failed", error: error() } as const;
const retryAfter = (afterMs: number): HandlerOutcome => ({
  type: "retry",
  afterMs,
  error: error(),
});

type Options = Partial<EngineConfig["batch"] & object>;

/** An engine with one partition of epoch 1 from offset 0. */
function started(batch: Options = {}, config: Partial<EngineConfig> = {}): Drive {
  const drive = new Drive({
    ...config,
    batch: { size: 4, lingerMs: 0, by: "partition", ...batch },
  });
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  drive.take();
  return drive;
}

/** Fetches records with these keys, and answers the batches that go out then. */
function fetched(drive: Drive, keys: readonly (string | null)[], now = 0): number[][] {
  const from = drive.engine.snapshot(now).partitions[0]!.position;
  const records = keys.map((key, index) => record(0, from + index, key));
  drive.engine.recordsFetched(at(0, 1), records, from + keys.length, now);
  return dispatched(drive);
}

/** Offsets, batch by batch. */
function dispatched(drive: Drive): number[][] {
  return drive.taken("dispatchBatch").map(({ tokens }) => {
    const offsets = tokens.map((token) => drive.engine.record(token).offset);
    running.set(`${offsets[0]}`, tokens[0]!);
    return offsets;
  });
}

/** First token of the batch begun last that starts at an offset. */
const running = new Map<string, number>();

function finish(drive: Drive, offset: number, outcomes: readonly HandlerOutcome[], now = 1) {
  drive.engine.batchFinished(running.get(`${offset}`)!, outcomes, now, 0);
}

const fixed = (delayMs: number) => ({ type: "fixed", delayMs }) as const;
const frontier = (drive: Drive): number => drive.engine.snapshot(0).partitions[0]!.frontier;

describe("what a batch holds", () => {
  test("by partition: whatever may run, lowest offsets first, with as much of each lane as there is", () => {
    expect(fetched(started(), ["a", "b", "a", null, "b", "c"])).toEqual([
      [0, 1, 2, 3],
      // The rest of b waits for the first batch.
      [5],
    ]);
  });

  test("by lane: one key, the others beside it; a record without a key by itself", () => {
    expect(fetched(started({ by: "lane" }), ["a", "b", "a", null, null])).toEqual([
      [0, 2],
      [1],
      [3],
      [4],
    ]);
  });

  test("never two partitions, which take turns", () => {
    const drive = started({}, { concurrency: 2 });
    drive.engine.assigned([assignment(1, 2, 0)], 0);
    const many = Array.from({ length: 9 }, (_, offset) => record(0, offset));
    drive.engine.pauseRequested([at(0, 1), at(1, 2)], 0);
    drive.engine.recordsFetched(at(0, 1), many, 9, 0);
    drive.engine.recordsFetched(at(1, 2), [record(1, 0)], 1, 0);
    drive.take();
    drive.engine.resumeRequested([at(0, 1), at(1, 2)], 0);
    const batches = drive.taken("dispatchBatch").map(({ tokens }) =>
      tokens.map((token) => {
        const { partition, offset } = drive.engine.record(token);
        return `${partition}@${offset}`;
      }),
    );
    expect(batches).toEqual([["0@0", "0@1", "0@2", "0@3"], ["1@0"]]);
  });

  test("concurrency counts batches, the budget records", () => {
    const drive = started({ size: 2 }, { concurrency: 2, budget: { records: 6, bytes: 1e9 } });
    expect(fetched(drive, [null, null, null, null, null, null])).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(drive.engine.snapshot(0)).toMatchObject({ running: 2, held: { records: 6 } });
    expect(drive.engine.snapshot(0).partitions[0]!.pausedFor).toEqual(["budget"]);
    finish(drive, 2, [OK, OK]);
    expect(dispatched(drive)).toEqual([[4, 5]]);
    expect(drive.engine.snapshot(0)).toMatchObject({ running: 2, held: { records: 4 } });
  });
});

describe("an outcome for each record", () => {
  test("a failed one is tried again without its settled neighbours, and holds the commit alone", () => {
    const drive = started();
    fetched(drive, ["a", "b", "c"]);
    finish(drive, 0, [OK, FAILED, { type: "skip", reason: "old" }], 10);
    expect(drive.notices("retry-scheduled")).toMatchObject([{ offset: 1, attempt: 1, at: 110 }]);
    expect(frontier(drive)).toBe(1);
    drive.engine.timerFired(110);
    expect(dispatched(drive)).toEqual([[1]]);
    finish(drive, 1, [OK], 120);
    expect(frontier(drive)).toBe(3);
    expect(drive.engine.snapshot(0).totals).toMatchObject({ settled: 3, retried: 1, skipped: 1 });
  });

  test("what its lane had behind a failed one is settled, and nothing further of it begins", () => {
    const drive = started({ size: 3 });
    fetched(drive, ["a", "a", "a", "a", "b"]);
    finish(drive, 0, [OK, FAILED, OK], 10);
    // 3 is behind 1; 4 runs beside the first batch.
    expect(dispatched(drive)).toEqual([]);
    expect(drive.engine.snapshot(0).totals.settled).toBe(2);
    drive.engine.timerFired(110);
    expect(dispatched(drive)).toEqual([[1, 3]]);
  });

  test("two of a lane that failed come back in order: the second not before the first", () => {
    const drive = started();
    fetched(drive, ["a", "a", "b"]);
    finish(drive, 0, [retryAfter(500), retryAfter(50), OK], 10);
    drive.engine.timerFired(60);
    expect(dispatched(drive)).toEqual([]);
    drive.engine.timerFired(510);
    expect(dispatched(drive)).toEqual([[0, 1]]);
  });

  test("and the first without the second, when that waits longer", () => {
    const drive = started();
    fetched(drive, ["a", "a"]);
    finish(drive, 0, [retryAfter(50), retryAfter(500)], 10);
    drive.engine.timerFired(60);
    expect(dispatched(drive)).toEqual([[0]]);
    drive.engine.timerFired(510);
    expect(dispatched(drive)).toEqual([]);
    finish(drive, 0, [OK], 520);
    expect(dispatched(drive)).toEqual([[1]]);
  });

  test("a dead letter of the second is sent at once, and holds only what is behind it", () => {
    const drive = started();
    fetched(drive, ["a", "a", "a"]);
    finish(drive, 0, [FAILED, { type: "dead-letter", error: error() }, FAILED], 10);
    const [letter] = drive.taken("deadLetter");
    expect(drive.engine.record(letter!.token).offset).toBe(1);
    drive.engine.timerFired(110);
    expect(dispatched(drive)).toEqual([[0]]);
    finish(drive, 0, [OK], 120);
    expect(dispatched(drive)).toEqual([]);
    expect(frontier(drive)).toBe(1);
    drive.engine.deadLetterAcked(letter!.token, 130);
    expect(dispatched(drive)).toEqual([[2]]);
    finish(drive, 2, [OK], 140);
    expect(frontier(drive)).toBe(3);
  });

  test("attempts are each record's own, and so are they used up", () => {
    const drive = started(
      {},
      { retry: { maxAttempts: 2, backoff: { type: "fixed", delayMs: 5 } } },
    );
    fetched(drive, ["a"]);
    finish(drive, 0, [FAILED], 10);
    fetched(drive, ["b"], 12);
    drive.take();
    drive.engine.timerFired(15);
    const [[token] = []] = drive.taken("dispatchBatch").map(({ tokens }) => tokens);
    expect(drive.engine.attempt(token!)).toBe(2);
    drive.engine.batchFinished(token!, [FAILED], 20, 0);
    expect(drive.taken("deadLetter").map(({ cause }) => cause.attempts)).toEqual([2]);
  });

  test("those of another number, or of a batch that is over, change nothing and are counted", () => {
    const drive = started();
    fetched(drive, ["a", "b"]);
    finish(drive, 0, [OK]);
    expect(drive.engine.snapshot(0)).toMatchObject({ running: 1, ignored: { unknownTokens: 1 } });
    finish(drive, 0, [OK, OK]);
    finish(drive, 0, [OK, OK]);
    expect(drive.engine.snapshot(0)).toMatchObject({ running: 0, ignored: { unknownTokens: 2 } });
  });

  test("the end of one record is not the end of its batch", () => {
    const drive = started();
    fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(running.get("0")!, OK, 1, 0);
    expect(drive.engine.snapshot(0)).toMatchObject({ running: 1, ignored: { unknownTokens: 1 } });
    expect(frontier(drive)).toBe(0);
  });
});

describe("a batch that failed as a whole", () => {
  const retry = { maxAttempts: 3, backoff: fixed(100) };

  test("is tried again one by one, and only the bad record goes on to use its attempts up", () => {
    const drive = started({}, { retry });
    fetched(drive, ["a", "b", "c"]);
    finish(drive, 0, [THREW, THREW, THREW], 10);
    expect(drive.notices("retry-scheduled").map(({ offset, at }) => [offset, at])).toEqual([
      ...[0, 1, 2].map((offset) => [offset, 110]),
    ]);
    drive.engine.timerFired(110);
    expect(dispatched(drive).toSorted(([a = 0], [b = 0]) => a - b)).toEqual([[0], [1], [2]]);
    for (const offset of [0, 1, 2]) {
      expect(drive.engine.attempt(running.get(`${offset}`)!)).toBe(2);
    }
    finish(drive, 0, [OK], 120);
    finish(drive, 1, [FAILED], 120);
    finish(drive, 2, [OK], 120);
    drive.engine.timerFired(220);
    expect(dispatched(drive)).toEqual([[1]]);
    finish(drive, 1, [FAILED], 230);
    const letters = drive.taken("deadLetter");
    expect(letters.map(({ cause }) => [cause.reason, cause.attempts])).toEqual([
      ["retries-exhausted", 3],
    ]);
    expect(drive.engine.snapshot(0)).toMatchObject({
      totals: { settled: 2 },
      held: { records: 1 },
    });
  });

  test("by an error that is never tried again, too: it is of one record, and nobody knows which", () => {
    const poison = { ...THREW, error: error("poison") };
    const drive = started({}, { retry });
    fetched(drive, ["a", "b"]);
    finish(drive, 0, [poison, poison], 10);
    expect(drive.taken("deadLetter")).toEqual([]);
    drive.engine.timerFired(110);
    expect(dispatched(drive)).toEqual([[0], [1]]);
    finish(drive, 0, [{ type: "failed", error: error("poison") }], 120);
    expect(drive.taken("deadLetter").map(({ cause }) => cause.reason)).toEqual(["non-retryable"]);
  });

  test("by an error with a rule of its own: the rule may grant more, and takes nothing away", () => {
    const byClass = { Bad: { maxAttempts: 1 }, Down: { maxAttempts: 9, backoff: fixed(5_000) } };
    const threw = (name: string) => ({ ...THREW, error: { ...error(), class: name } });
    const drive = started({}, { retry: { ...retry, byClass } });
    fetched(drive, ["a", "b"]);
    finish(drive, 0, [threw("Bad"), threw("Down")], 10);
    expect(drive.notices("retry-scheduled")).toMatchObject([{ at: 110 }, { at: 5_010 }]);
  });

  test("does not count the age of its records, for their own failures have not begun", () => {
    const aged = { ...retry, maxElapsedMs: 1_000, elapsedFrom: "timestamp" } as const;
    const drive = started({}, { retry: aged });
    fetched(drive, ["a", "b"], 5_000);
    finish(drive, 0, [THREW, THREW], 5_010);
    expect(drive.taken("deadLetter")).toEqual([]);
    drive.engine.timerFired(5_110);
    dispatched(drive);
    finish(drive, 0, [FAILED], 5_120);
    expect(drive.taken("deadLetter").map(({ cause }) => cause.reason)).toEqual(["expired"]);
  });

  test.each(["lane", "partition"] as const)("by %s: keeps its lane in order", (by) => {
    const drive = started({ by }, { retry });
    fetched(drive, ["a", "a", "a"]);
    fetched(drive, ["a"], 5);
    finish(drive, 0, [THREW, THREW, THREW], 10);
    drive.engine.timerFired(110);
    expect(dispatched(drive)).toEqual([[0]]);
    finish(drive, 0, [OK], 120);
    expect(dispatched(drive)).toEqual([[1]]);
    finish(drive, 1, [FAILED], 130);
    expect(dispatched(drive)).toEqual([]);
    drive.engine.timerFired(230);
    expect(dispatched(drive)).toEqual([[1]]);
    finish(drive, 1, [OK], 240);
    expect(dispatched(drive)).toEqual([[2]]);
    finish(drive, 2, [OK], 250);
    expect(dispatched(drive)).toEqual([[3]]);
  });

  test("does not come along behind one of its lane that shares its runs", () => {
    const drive = started({}, { retry });
    fetched(drive, ["a", "a", "b"]);
    finish(drive, 0, [retryAfter(100), THREW, THREW], 10);
    drive.engine.timerFired(110);
    expect(dispatched(drive).toSorted(([a = 0], [b = 0]) => a - b)).toEqual([[0], [2]]);
    finish(drive, 0, [OK], 120);
    expect(dispatched(drive)).toEqual([[1]]);
  });

  test("is tried again beside others, which neither join it nor wait for it", () => {
    const drive = started({ lingerMs: 60_000, size: 2 }, { retry, concurrency: 2 });
    expect(fetched(drive, ["a", "b", "c"])).toEqual([[0, 1]]);
    finish(drive, 0, [THREW, THREW], 10);
    drive.engine.timerFired(110);
    // 2 was waiting for company, and cannot have any before those that stand behind it.
    expect(dispatched(drive)).toEqual([[2], [0]]);
    finish(drive, 2, [OK], 120);
    expect(dispatched(drive)).toEqual([[1]]);
  });

  test("by a time-out: those that were in it together go on alone", () => {
    const drive = started({}, { retry, handlerTimeoutMs: 50 });
    fetched(drive, ["a", "b"]);
    drive.engine.timerFired(50);
    finish(drive, 0, [OK, OK], 60);
    drive.engine.timerFired(160);
    expect(dispatched(drive)).toEqual([[0], [1]]);
  });

  test("is remembered by its records when the partition comes back", () => {
    const drive = started({}, { retry });
    fetched(drive, ["a", "b", "c"]);
    finish(drive, 0, [THREW, THREW, OK], 10);
    drive.engine.lost([at(0, 1)], 20);
    drive.take();
    drive.engine.assigned([assignment(0, 2, 0)], 30);
    const records = ["a", "b", "c"].map((key, offset) => record(0, offset, key));
    drive.engine.recordsFetched(at(0, 2), records, 3, 40);
    expect(dispatched(drive)).toEqual([[0], [1], [2]]);
  });
});

test("nobody shares the last attempt of a record: a neighbour must not use it up", () => {
  const drive = started({}, { retry: { maxAttempts: 3, backoff: fixed(100) } });
  fetched(drive, ["a", "b"]);
  finish(drive, 0, [FAILED, FAILED], 10);
  drive.engine.timerFired(110);
  expect(dispatched(drive)).toEqual([[0, 1]]);
  finish(drive, 0, [FAILED, FAILED], 120);
  drive.engine.timerFired(220);
  expect(dispatched(drive)).toEqual([[0], [1]]);
});

describe("waiting for company", () => {
  test("until the batch is full", () => {
    const drive = started({ size: 3, lingerMs: 100 });
    expect(fetched(drive, ["a", "a"])).toEqual([]);
    expect(drive.timerAt).toBe(100);
    expect(fetched(drive, ["b"], 50)).toEqual([[0, 1, 2]]);
  });

  test("is what the frontier waits for, and is told so", () => {
    const drive = started({ size: 3, lingerMs: 100 });
    fetched(drive, ["a", "a"], 5);
    expect(drive.engine.explain(at(0, 1), 50)!.waitsFor).toMatchObject({
      ...{ offset: 0, phase: "queued", reason: "linger", nextAt: 105, laneHeldBy: null },
    });
    fetched(drive, ["b"], 50);
    expect(drive.engine.explain(at(0, 1), 50)).toMatchObject({
      held: { queued: 0, running: 3 },
      waitsFor: { phase: "running", reason: "handler", phaseSince: 50, nextAt: null },
    });
  });

  test("or until the linger of its oldest record is over", () => {
    const drive = started({ lingerMs: 100 });
    fetched(drive, ["a"]);
    fetched(drive, ["b"], 70);
    drive.engine.timerFired(99);
    expect(dispatched(drive)).toEqual([]);
    drive.engine.timerFired(100);
    expect(dispatched(drive)).toEqual([[0, 1]]);
  });

  test("by lane each waits for its own, and one without a key for nothing", () => {
    const drive = started({ size: 2, lingerMs: 100, by: "lane" });
    expect(fetched(drive, ["a", null, "b"])).toEqual([[1]]);
    expect(fetched(drive, ["b"], 10)).toEqual([[2, 3]]);
    drive.engine.timerFired(100);
    expect(dispatched(drive)).toEqual([[0]]);
  });

  test.each(["lane", "partition"] as const)(
    "by %s: what stands no longer in the way of its lane is company too",
    (by) => {
      const retry = { maxAttempts: 4, backoff: fixed(100) };
      const drive = started({ size: 2, lingerMs: 1_000, by }, { retry });
      expect(fetched(drive, ["a", "a", "a"])).toEqual([[0, 1]]);
      finish(drive, 0, [retryAfter(50), retryAfter(100)], 10);
      drive.engine.timerFired(60);
      expect(dispatched(drive)).toEqual([]);
      drive.engine.timerFired(110);
      expect(dispatched(drive)).toEqual([[0, 1]]);
      finish(drive, 0, [retryAfter(50), { type: "dead-letter", error: error() }], 200);
      const [letter] = drive.taken("deadLetter");
      drive.engine.timerFired(250);
      expect(dispatched(drive)).toEqual([]);
      drive.engine.deadLetterAcked(letter!.token, 260);
      expect(dispatched(drive)).toEqual([[0, 2]]);
    },
  );

  test("a retry has waited enough", () => {
    const drive = started({ lingerMs: 100 }, { concurrency: 1 });
    fetched(drive, ["a"]);
    drive.engine.timerFired(100);
    dispatched(drive);
    finish(drive, 0, [retryAfter(0)], 101);
    drive.engine.timerFired(101);
    expect(dispatched(drive)).toEqual([[0]]);
  });

  test("a hole that waits for company is filled when the drain begins", () => {
    const drive = started({ size: 2, lingerMs: 60_000, by: "lane" });
    expect(fetched(drive, ["a", "b", "b"])).toEqual([[1, 2]]);
    drive.engine.revoked(7, [at(0, 1)], 10_000, 3);
    expect(dispatched(drive)).toEqual([[0]]);
  });

  test("not when the budget is used up, for no more can come", () => {
    const drive = started(
      { size: 3, lingerMs: 60_000 },
      { budget: { records: 3, bytes: 1_000_000 } },
    );
    drive.engine.assigned([assignment(1, 2, 0)], 0);
    expect(fetched(drive, ["a", "b"])).toEqual([]);
    // Of another partition: it is the budget of all.
    drive.engine.recordsFetched(at(1, 2), [record(1, 7)], 8, 1);
    expect(dispatched(drive).toSorted(([a = 0], [b = 0]) => a - b)).toEqual([[0, 1], [7]]);
  });
});

describe("signals", () => {
  test("a batch is told once, by its first record, and none of it counts afterwards", () => {
    const drive = started();
    const [offsets] = fetched(drive, ["a", "b"]);
    expect(offsets).toEqual([0, 1]);
    drive.engine.lost([at(0, 1)], 5);
    expect(drive.taken("abort")).toEqual([
      { type: "abort", token: running.get("0"), reason: "lost" },
    ]);
    finish(drive, 0, [OK, FAILED], 6);
    expect(drive.notices("stale-completion").map(({ offset }) => offset)).toEqual([0, 1]);
    expect(drive.engine.snapshot(0)).toMatchObject({
      running: 0,
      held: { records: 0 },
      ignored: { staleCompletions: 2 },
    });
  });

  test("one that runs long is reported once, with its size", () => {
    const drive = started({}, { stallAfterMs: 50 });
    fetched(drive, ["a", "b", "c"]);
    drive.engine.timerFired(50);
    expect(drive.notices("stalled")).toEqual([
      { type: "stalled", ...at(0, 1), offset: 0, runningMs: 50, attempt: 1, records: 3 },
    ]);
  });
});

test.each([
  ["batch.size", { size: 0 }, {}],
  ["batch.size", { size: 100_001 }, {}],
  ["batch.lingerMs", { lingerMs: -1 }, {}],
  ["batch.by", { by: "key" as "lane" }, {}],
  ["batch.by", { by: "lane" }, { ordering: "none" }],
] as const)("refuses %s: %j %j", (path, batch: Options, config) => {
  expect(() => started(batch, config)).toThrow(ConfigurationError);
  expect(() => started(batch, config)).toThrow(path);
});
