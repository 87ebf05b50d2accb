import { describe, expect, test } from "vitest";
import { accepted, assignment, at, Drive, error, record, refused } from "../../test/drive.ts";
import { PortError } from "../port/errors.ts";
import type { KafkaRecord } from "../port/record.ts";

const OK = { type: "ok" } as const;
const FAILED = { type: "failed", error: error() } as const;
const unwritable = new PortError("broker is down", { kind: "retriable", outcome: "unknown" });

/** An engine with one partition of epoch 1 from offset 0. */
function started(config: ConstructorParameters<typeof Drive>[0] = {}): Drive {
  const drive = new Drive(config);
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  drive.take();
  return drive;
}

/** Fetches records with these keys from offset 0 and returns the tokens dispatched. */
function fetched(drive: Drive, keys: readonly (string | null)[], now = 0): number[] {
  const from = drive.engine.snapshot(now).partitions[0]!.position;
  const records = keys.map((key, index) => record(0, from + index, key));
  drive.engine.recordsFetched(at(0, 1), records, from + keys.length, now);
  return drive.taken("dispatch").map(({ token }) => token);
}

const frontier = (drive: Drive): number => drive.engine.snapshot(0).partitions[0]!.frontier;

describe("start positions", () => {
  const start = (committed: number | null, startAt: "earliest" | "latest") => {
    const drive = new Drive({ startAt });
    const starts = drive.engine.assigned([assignment(0, 1, committed, { low: 50, high: 90 })], 0);
    return { start: starts[0], notices: drive.notices("offset-out-of-range") };
  };

  test("a committed offset inside the log wins, both ends included", () => {
    for (const committed of [50, 70, 90]) {
      expect(start(committed, "latest")).toEqual({ start: committed, notices: [] });
    }
  });

  test("without one, startAt decides", () => {
    expect(start(null, "earliest")).toEqual({ start: 50, notices: [] });
    expect(start(null, "latest")).toEqual({ start: 90, notices: [] });
  });

  test("T05: one outside the log is replaced and reported", () => {
    const partition = at(0, 1);
    expect(start(49, "earliest")).toEqual({
      start: 50,
      notices: [{ type: "offset-out-of-range", partition, committed: 49, startAt: 50 }],
    });
    expect(start(91, "latest")).toMatchObject({ start: 90, notices: [{ committed: 91 }] });
  });

  test("a start at the end is committed, so that a crash before the first record keeps it", () => {
    const drive = new Drive({ startAt: "latest" });
    drive.engine.assigned([assignment(0, 1, null, { low: 50, high: 90 })], 0);
    drive.engine.timerFired(1_000);
    expect(drive.taken("commit").map(({ offsets }) => offsets)).toEqual([
      [{ ...at(0, 1), offset: 90 }],
    ]);
  });

  test("one outside the log is replaced in the group too, before the log grows over it", () => {
    const drive = new Drive({ startAt: "earliest" });
    drive.engine.assigned([assignment(0, 1, 91, { low: 50, high: 90 })], 0);
    drive.engine.timerFired(1_000);
    expect(drive.taken("commit").map(({ offsets }) => offsets)).toEqual([
      [{ ...at(0, 1), offset: 50 }],
    ]);
  });
});

describe("dispatch", () => {
  test("records of a key run one after another, of different keys side by side", () => {
    const drive = started();
    const [a, b, ...more] = fetched(drive, ["a", "b", "a"]);
    expect(more).toEqual([]);
    expect(drive.engine.record(b!).offset).toBe(1);
    drive.engine.handlerFinished(a!, OK, 1, 0);
    const [second] = drive.taken("dispatch");
    expect(drive.engine.record(second!.token).offset).toBe(2);
  });

  test("records without a key do not wait for each other", () => {
    expect(fetched(started(), [null, null, null])).toHaveLength(3);
  });

  test("an empty key is a key", () => {
    expect(fetched(started(), ["", "", null])).toHaveLength(2);
  });

  test("no more handlers run than the concurrency allows", () => {
    const drive = started({ concurrency: 2 });
    const [first] = fetched(drive, [null, null, null]);
    expect(drive.engine.snapshot(0).running).toBe(2);
    drive.engine.handlerFinished(first!, OK, 1, 0);
    expect(drive.taken("dispatch")).toHaveLength(1);
  });

  test("a record that was delivered before is dropped and counted", () => {
    const drive = started();
    drive.engine.recordsFetched(at(0, 1), [record(0, 0), record(0, 1)], 2, 0);
    drive.take();
    drive.engine.recordsFetched(at(0, 1), [record(0, 1), record(0, 2)], 3, 0);
    expect(drive.taken("dispatch")).toHaveLength(1);
    expect(drive.engine.snapshot(0).ignored.staleRecords).toBe(1);
  });

  test("records of another epoch are dropped and counted", () => {
    const drive = started();
    drive.engine.recordsFetched(at(0, 2), [record(0, 0)], 1, 0);
    drive.engine.recordsFetched(at(1, 1), [record(1, 0)], 1, 0);
    expect(drive.taken("dispatch")).toEqual([]);
    expect(drive.engine.snapshot(0).ignored.staleRecords).toBe(2);
  });

  test("a token is live until its handler has finished, and never given out again", () => {
    const drive = started();
    const [token] = fetched(drive, ["a"]);
    expect(drive.engine.attempt(token!)).toBe(1);
    expect(drive.engine.epoch(token!)).toBe(1);
    drive.engine.handlerFinished(token!, OK, 1, 0);
    for (const call of ["record", "attempt", "epoch"] as const) {
      expect(() => drive.engine[call](token!)).toThrow(RangeError);
    }
    const [next] = fetched(drive, ["a"]);
    expect(next).not.toBe(token);
    drive.engine.handlerFinished(token!, OK, 1, 0);
    expect(drive.engine.snapshot(0)).toMatchObject({ running: 1, ignored: { unknownTokens: 1 } });
    expect(frontier(drive)).toBe(1);
  });
});

describe("retries", () => {
  test("a failed record is tried again after its backoff, and its key waits for it", () => {
    const drive = started();
    const [a] = fetched(drive, ["a", "a", "b"]);
    drive.engine.handlerFinished(a!, FAILED, 10, 0);
    const effects = drive.take();
    expect(effects).toContainEqual({
      type: "notify",
      notice: {
        type: "retry-scheduled",
        ...at(0, 1),
        offset: 0,
        attempt: 1,
        at: 110,
        error: "it failed",
      },
    });
    expect(effects.filter(({ type }) => type === "dispatch")).toEqual([]);
    expect(drive.timerAt).toBe(110);
    drive.engine.timerFired(109);
    expect(drive.taken("dispatch")).toEqual([]);
    expect(drive.timerAt).toBe(110);
    drive.engine.timerFired(110);
    const [again] = drive.taken("dispatch");
    expect(drive.engine.record(again!.token).offset).toBe(0);
    expect(drive.engine.attempt(again!.token)).toBe(2);
  });

  test("a handler may choose the delay", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.handlerFinished(a!, { type: "retry", afterMs: 7, error: error("poison") }, 10, 0);
    expect(drive.timerAt).toBe(17);
  });

  test("a record out of attempts is settled by the acknowledged dead letter only", () => {
    const drive = started();
    let [token] = fetched(drive, ["a", "a"]);
    for (const now of [0, 100]) {
      drive.engine.handlerFinished(token!, FAILED, now, 0);
      drive.take();
      drive.engine.timerFired(now + 100);
      token = drive.taken("dispatch")[0]!.token;
    }
    drive.engine.handlerFinished(token!, FAILED, 200, 0);
    const effects = drive.take();
    const cause = {
      reason: "retries-exhausted",
      error: error(),
      attempts: 3,
      firstFailedAt: 0,
      failedAt: 200,
    };
    expect(effects).toContainEqual({ type: "deadLetter", token, cause });
    expect(effects.some(({ type }) => type === "dispatch")).toBe(false);
    expect(frontier(drive)).toBe(0);
    expect(drive.engine.snapshot(0)).toMatchObject({ running: 0, waitingForDeadLetter: 1 });
    expect(drive.engine.record(token!).offset).toBe(0);
    drive.engine.deadLetterAcked(token!, 210);
    expect(frontier(drive)).toBe(1);
    expect(drive.take().map(({ type }) => type)).toContain("dispatch");
  });

  test("a dead letter that cannot be written is sent again for ever and never settles", () => {
    const drive = started();
    const [token] = fetched(drive, ["a", "a"]);
    drive.engine.handlerFinished(token!, { type: "failed", error: error("poison") }, 0, 0);
    expect(drive.taken("deadLetter")).toMatchObject([{ cause: { reason: "non-retryable" } }]);
    let now = 0;
    for (let failures = 0; failures < 50; failures++) {
      drive.engine.deadLetterFailed(token!, unwritable, now, 2 ** 32 - 1);
      const [notice] = drive.notices("dead-letter-failed");
      expect(notice).toMatchObject({ offset: 0, error: "broker is down", retryAt: drive.timerAt });
      expect(drive.timerAt - now).toBeGreaterThanOrEqual(250);
      expect(drive.timerAt - now).toBeLessThanOrEqual(30_000);
      // An answer nobody waits for.
      drive.engine.deadLetterAcked(token!, now);
      now = drive.timerAt;
      drive.engine.timerFired(now);
      expect(drive.taken("deadLetter")).toMatchObject([{ token }]);
    }
    expect(frontier(drive)).toBe(0);
    expect(drive.engine.snapshot(0).ignored.unknownTokens).toBe(50);
    drive.engine.deadLetterAcked(token!, now);
    expect(frontier(drive)).toBe(1);
  });

  test("a handler may give a record up, or skip it", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(a!, { type: "dead-letter", error: error() }, 0, 0);
    expect(drive.taken("deadLetter")).toMatchObject([{ cause: { reason: "manual", attempts: 1 } }]);
    drive.engine.deadLetterAcked(a!, 0);
    drive.engine.handlerFinished(b!, { type: "skip", reason: "a test order" }, 0, 0);
    expect(drive.notices("skipped")).toEqual([
      { type: "skipped", ...at(0, 1), offset: 1, reason: "a test order" },
    ]);
    expect(frontier(drive)).toBe(2);
  });

  test("without dead letters nothing is ever lost: it is tried again at the slowest pace", () => {
    const drive = started({
      deadLetter: false,
      retry: {
        maxAttempts: Infinity,
        backoff: { type: "exponential", initialMs: 10, maxMs: 5_000 },
      },
    });
    let [token] = fetched(drive, ["a"]);
    for (let now = 0; now < 50_000; now += 5_000) {
      drive.engine.handlerFinished(token!, { type: "dead-letter", error: error() }, now, 0);
      expect(drive.notices("dead-letter-failed")).toMatchObject([{ retryAt: now + 5_000 }]);
      drive.engine.timerFired(now + 5_000);
      token = drive.taken("dispatch")[0]!.token;
    }
    expect(frontier(drive)).toBe(0);
  });

  test("finite attempts without dead letters are refused: they would lose records", () => {
    expect(() => new Drive({ deadLetter: false })).toThrow(/maxAttempts/);
  });
});

describe("commits", () => {
  test("a frontier that has moved is committed after the interval, once", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(b!, OK, 0, 0);
    drive.engine.timerFired(5_000);
    expect(drive.taken("commit")).toEqual([]);
    drive.engine.handlerFinished(a!, OK, 5_000, 0);
    expect(drive.timerAt).toBe(6_000);
    drive.engine.timerFired(6_000);
    const [commit] = drive.taken("commit");
    expect(commit!.offsets).toEqual([{ ...at(0, 1), offset: 2 }]);
    drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 6_010);
    expect(drive.notices("committed")).toHaveLength(1);
    drive.engine.timerFired(60_000);
    expect(drive.taken("commit")).toEqual([]);
    expect(drive.engine.snapshot(0).partitions[0]!.committed).toBe(2);
  });

  test("an answer says nothing about what has settled since its request", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(a!, OK, 0, 0);
    drive.engine.timerFired(1_000);
    const [commit] = drive.taken("commit");
    drive.engine.handlerFinished(b!, OK, 1_001, 0);
    drive.engine.timerFired(3_000);
    expect(drive.taken("commit")).toEqual([]);
    drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 3_000);
    expect(drive.timerAt).toBe(4_000);
    drive.engine.timerFired(4_000);
    expect(drive.taken("commit")).toMatchObject([{ offsets: [{ offset: 2 }] }]);
  });

  test("a failed commit goes out again each interval until one is acknowledged", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.handlerFinished(a!, OK, 0, 0);
    for (let now = 1_000; now < 10_000; now += 1_000) {
      drive.engine.timerFired(now);
      const [commit] = drive.taken("commit");
      expect(commit!.offsets).toMatchObject([{ offset: 1 }]);
      drive.engine.commitAnswered(commit!.id, refused(commit!.offsets, "retriable"), now);
      expect(drive.notices("commit-failed")).toMatchObject([
        { error: "commit refused: retriable" },
      ]);
    }
    drive.engine.timerFired(10_000);
    const [commit] = drive.taken("commit");
    drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 10_000);
    drive.engine.timerFired(20_000);
    expect(drive.taken("commit")).toEqual([]);
  });

  test("an answer without a result for an offset is not an acknowledgement", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.handlerFinished(a!, OK, 0, 0);
    drive.engine.timerFired(1_000);
    const [commit] = drive.taken("commit");
    drive.engine.commitAnswered(commit!.id, [], 1_000);
    drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 1_000);
    expect(drive.engine.snapshot(0).partitions[0]!.committed).toBe(0);
    expect(drive.engine.snapshot(0).ignored.staleCommitAnswers).toBe(1);
    drive.engine.timerFired(2_000);
    expect(drive.taken("commit")).toHaveLength(1);
  });

  test("a fenced epoch commits no more and loses nothing else", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(a!, OK, 0, 0);
    drive.engine.timerFired(1_000);
    const [commit] = drive.taken("commit");
    drive.engine.commitAnswered(commit!.id, refused(commit!.offsets, "fenced"), 1_000);
    drive.engine.handlerFinished(b!, OK, 1_000, 0);
    drive.engine.timerFired(9_000);
    expect(drive.taken("commit")).toEqual([]);
    expect(frontier(drive)).toBe(2);
  });

  test("a position behind a transaction marker is committed though no record was there", () => {
    const drive = started();
    drive.engine.recordsFetched(at(0, 1), [], 3, 0);
    drive.engine.timerFired(1_000);
    expect(drive.taken("commit")).toMatchObject([{ offsets: [{ offset: 3 }] }]);
  });
});

describe("pauses", () => {
  test("the budget pauses all that hold something and resumes them when 60 % is left", () => {
    const drive = new Drive({ budget: { records: 10, bytes: 1e6 }, concurrency: 100 });
    drive.engine.assigned([assignment(0, 1, 0), assignment(1, 1, 0)], 0);
    drive.take();
    const tokens = fetched(drive, Array(7).fill(null));
    const three = [0, 1, 2].map((offset) => record(1, offset));
    drive.engine.recordsFetched(at(1, 1), three, 3, 0);
    expect(drive.taken("pause")).toEqual([
      {
        type: "pause",
        partitions: [
          { topic: "orders", partition: 0 },
          { topic: "orders", partition: 1 },
        ],
      },
    ]);
    for (const token of tokens.slice(0, 3)) drive.engine.handlerFinished(token, OK, 0, 0);
    expect(drive.taken("resume")).toEqual([]);
    drive.engine.handlerFinished(tokens[3]!, OK, 0, 0);
    expect(drive.taken("resume")).toMatchObject([{ partitions: [{}, {}] }]);
  });

  test("the budget counts bytes too", () => {
    const drive = started({ budget: { records: 1_000, bytes: 200 } });
    fetched(drive, [null, null]);
    expect(drive.engine.snapshot(0).partitions[0]!.pausedFor).toEqual([]);
    drive.engine.recordsFetched(at(0, 1), [record(0, 2)], 3, 0);
    expect(drive.engine.snapshot(0).partitions[0]!.pausedFor).toEqual(["budget"]);
  });

  test("a record that tells its size takes that of the budget, and its value is not looked at", () => {
    const drive = started({ budget: { records: 1_000, bytes: 1_000 } });
    const told = (offset: number, size: number): KafkaRecord =>
      Object.defineProperty({ ...record(0, offset), size }, "value", {
        get: () => expect.unreachable("the value is read"),
      });
    drive.engine.recordsFetched(at(0, 1), [told(0, 700)], 1, 0);
    expect(drive.engine.snapshot(0).partitions[0]!.pausedFor).toEqual([]);
    drive.engine.recordsFetched(at(0, 1), [told(1, 300)], 2, 0);
    expect(drive.engine.snapshot(0).partitions[0]!.pausedFor).toEqual(["budget"]);
  });

  test("room in the budget does not resume what the user has paused, nor the other way round", () => {
    const drive = started({ budget: { records: 2, bytes: 1e6 } });
    const tokens = fetched(drive, [null, null]);
    drive.engine.pauseRequested([at(0, 1)], 0);
    expect(drive.engine.snapshot(0).partitions[0]!.pausedFor).toEqual(["user", "budget"]);
    for (const token of tokens) drive.engine.handlerFinished(token, OK, 0, 0);
    expect(drive.taken("resume")).toEqual([]);
    drive.engine.resumeRequested([at(0, 1)], 0);
    expect(drive.taken("resume")).toHaveLength(1);
  });

  test("what arrives for a partition that the user has paused is held and not begun", () => {
    const drive = started();
    drive.engine.pauseRequested([at(0, 1)], 0);
    expect(drive.taken("pause")).toHaveLength(1);
    expect(fetched(drive, ["a", "b"])).toEqual([]);
    expect(drive.engine.snapshot(0).partitions[0]!.held).toBe(2);
    drive.engine.resumeRequested([at(0, 1)], 0);
    expect(drive.taken("dispatch")).toHaveLength(2);
  });

  test("a user's pause outlives the assignment; the client is told with the first fetch", () => {
    const drive = started();
    drive.engine.pauseRequested([at(0, 1)], 0);
    drive.engine.lost([at(0, 1)], 0);
    drive.take();
    drive.engine.assigned([assignment(0, 2, 0)], 0);
    expect(drive.take()).toEqual([]);
    drive.engine.recordsFetched(at(0, 2), [record(0, 0)], 1, 0);
    expect(drive.take()).toMatchObject([{ type: "pause" }]);
  });
});

describe("revocation", () => {
  test("with nothing running and nothing to commit the partitions go at once", () => {
    const drive = started();
    drive.engine.revoked(7, [at(0, 1)], 10_000, 0);
    expect(drive.taken("released")).toEqual([{ type: "released", revocation: 7 }]);
    expect(drive.engine.snapshot(0).partitions).toEqual([]);
  });

  test("it waits for what runs, commits, and goes when the commit is answered", () => {
    const drive = started({ concurrency: 2 });
    const [a, b] = fetched(drive, ["a", "b", "c"]);
    drive.engine.revoked(7, [at(0, 1)], 10_000, 0);
    expect(drive.engine.snapshot(0)).toMatchObject({
      held: { records: 2 },
      partitions: [{ draining: true }],
    });
    drive.take();
    drive.engine.handlerFinished(a!, OK, 100, 0);
    expect(drive.taken("dispatch")).toEqual([]);
    drive.engine.handlerFinished(b!, OK, 200, 0);
    const [commit] = drive.taken("commit");
    expect(commit!.offsets).toEqual([{ ...at(0, 1), offset: 2 }]);
    drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 210);
    expect(drive.taken("released")).toHaveLength(1);
  });

  test("what fails while draining is released and not waited for", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(a!, FAILED, 0, 0);
    drive.engine.revoked(7, [at(0, 1)], 10_000, 0);
    drive.engine.handlerFinished(b!, FAILED, 10, 0);
    expect(drive.taken("released")).toHaveLength(1);
    expect(drive.engine.snapshot(0)).toMatchObject({ held: { records: 0 }, waitingForRetry: 0 });
  });

  test("it waits for a dead letter on its way", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.handlerFinished(a!, { type: "dead-letter", error: error() }, 0, 0);
    drive.engine.revoked(7, [at(0, 1)], 10_000, 0);
    expect(drive.taken("released")).toEqual([]);
    drive.engine.deadLetterAcked(a!, 10);
    expect(drive.taken("commit")).toMatchObject([{ offsets: [{ offset: 1 }] }]);
  });

  test("a handler that does not return is told a margin before the deadline, and what is settled is committed", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.revoked(7, [at(0, 1)], 10_000, 0);
    drive.engine.handlerFinished(a!, OK, 100, 0);
    drive.take();
    expect(drive.timerAt).toBeLessThanOrEqual(8_000);
    drive.engine.timerFired(8_000);
    const effects = drive.take();
    expect(effects).toContainEqual({ type: "abort", token: b, reason: "revoked" });
    expect(effects.filter(({ type }) => type === "commit")).toMatchObject([
      { offsets: [{ offset: 1 }] },
    ]);
    expect(drive.timerAt).toBe(10_000);
    drive.engine.timerFired(10_000);
    expect(drive.taken("released")).toHaveLength(1);
  });

  test("a handler that gave up because it was told to has not failed its record", () => {
    const drive = started({ retry: { maxAttempts: 1, backoff: { type: "fixed", delayMs: 1 } } });
    const [a] = fetched(drive, ["a"]);
    drive.engine.revoked(7, [at(0, 1)], 10_000, 0);
    drive.engine.timerFired(8_000);
    expect(drive.taken("released")).toHaveLength(1);
    drive.engine.handlerFinished(a!, FAILED, 8_001, 0);
    expect(drive.taken("deadLetter")).toEqual([]);
  });

  test("the last commit waits for one in flight for half of the time, then overtakes it", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(a!, OK, 0, 0);
    drive.engine.timerFired(1_000);
    const [first] = drive.taken("commit");
    drive.engine.handlerFinished(b!, OK, 1_000, 0);
    drive.engine.revoked(7, [at(0, 1)], 11_000, 1_000);
    expect(drive.taken("commit")).toEqual([]);
    expect(drive.timerAt).toBe(6_000);
    drive.engine.timerFired(6_000);
    const [last] = drive.taken("commit");
    expect(last!.offsets).toMatchObject([{ offset: 2 }]);
    // The overdue answer does not end the drain, nor does it take anything back.
    drive.engine.commitAnswered(last!.id, accepted(last!.offsets), 6_100);
    expect(drive.taken("released")).toHaveLength(1);
    drive.engine.commitAnswered(first!.id, accepted(first!.offsets), 6_200);
    expect(drive.engine.snapshot(0).ignored.staleCommitAnswers).toBe(1);
  });

  test("a last commit that failed is sent again while there is time", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.handlerFinished(a!, OK, 0, 0);
    drive.engine.revoked(7, [at(0, 1)], 10_000, 0);
    const [first] = drive.taken("commit");
    drive.engine.commitAnswered(first!.id, refused(first!.offsets, "retriable"), 100);
    expect(drive.taken("released")).toEqual([]);
    drive.engine.timerFired(1_100);
    const [second] = drive.taken("commit");
    drive.engine.commitAnswered(second!.id, refused(second!.offsets, "rebalancing"), 1_200);
    expect(drive.taken("released")).toHaveLength(1);
  });

  test("without any time a last commit still goes out", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(a!, OK, 0, 0);
    drive.take();
    drive.engine.revoked(7, [at(0, 1)], 0, 5);
    expect(drive.take().map(({ type }) => type)).toEqual([
      "pause",
      "abort",
      "commit",
      "released",
      "setTimer",
    ]);
    expect(drive.engine.snapshot(0).running).toBe(1);
    drive.engine.handlerFinished(b!, OK, 6, 0);
    expect(drive.engine.snapshot(0)).toMatchObject({
      running: 0,
      ignored: { staleCompletions: 1 },
    });
  });

  test("lost partitions commit nothing and are told at once", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"]);
    drive.engine.handlerFinished(a!, OK, 0, 0);
    drive.take();
    drive.engine.lost([at(0, 1)], 10);
    expect(drive.take()).toContainEqual({ type: "abort", token: b, reason: "lost" });
    drive.engine.timerFired(99_999);
    expect(drive.taken("commit")).toEqual([]);
  });

  test("a revocation of another epoch is answered and touches nothing", () => {
    const drive = started();
    fetched(drive, ["a"]);
    drive.engine.revoked(7, [at(0, 9), at(4, 1)], 10_000, 0);
    expect(drive.taken("released")).toHaveLength(1);
    expect(drive.engine.snapshot(0).partitions).toMatchObject([{ epoch: 1, draining: false }]);
  });
});

describe("holes", () => {
  const offsets = (drive: Drive): number[] =>
    drive.taken("dispatch").map(({ token }) => drive.engine.record(token).offset);
  const revoke = (drive: Drive) => drive.engine.revoked(7, [at(0, 1)], 10_000, 0);
  const stop = (drive: Drive) => drive.engine.drainRequested(10_000, 0);

  /** Offsets 0 and 1 run, 3 is done, 2 and 4 wait behind 0. Returns the tokens of 0 and 1. */
  function withHole(): { drive: Drive; zero: number; one: number } {
    const drive = started();
    const [zero, one, three] = fetched(drive, ["a", "b", "a", "c", "a"]);
    drive.engine.handlerFinished(three!, OK, 0, 0);
    return { drive, zero: zero!, one: one! };
  }

  test.each([
    ["a revocation", revoke],
    ["a stop", stop],
  ])("%s fills those below what has been started and begins nothing above", (_, begin) => {
    const { drive, zero, one } = withHole();
    begin(drive);
    expect(drive.engine.snapshot(0).held.records).toBe(3);
    drive.engine.handlerFinished(one, OK, 10, 0);
    drive.engine.handlerFinished(zero, OK, 20, 0);
    const [two, ...more] = drive.taken("dispatch");
    expect(drive.engine.record(two!.token).offset).toBe(2);
    expect(more).toEqual([]);
    drive.engine.handlerFinished(two!.token, OK, 30, 0);
    const effects = drive.take();
    expect(effects).toContainEqual({
      type: "commit",
      id: 1,
      offsets: [{ ...at(0, 1), offset: 4 }],
    });
    expect(effects).not.toContainEqual(expect.objectContaining({ type: "dispatch" }));
  });

  test("a revocation during a stop waits for them, and ends them at the earlier cut-off", () => {
    const filled = withHole();
    stop(filled.drive);
    revoke(filled.drive);
    filled.drive.engine.handlerFinished(filled.one, OK, 10, 0);
    filled.drive.engine.handlerFinished(filled.zero, OK, 10, 0);
    expect(offsets(filled.drive)).toEqual([2]);

    const late = withHole();
    stop(late.drive);
    late.drive.engine.revoked(7, [at(0, 1)], 1_000, 0);
    late.drive.engine.handlerFinished(late.zero, OK, 750, 0);
    expect(offsets(late.drive)).toEqual([]);
  });

  test("partitions that are not revoked go on as ever", () => {
    const drive = started({ concurrency: 1 });
    drive.engine.assigned([assignment(1, 1, 0)], 0);
    const [a] = fetched(drive, ["a", "b"]);
    drive.engine.recordsFetched(at(1, 1), [record(1, 0)], 1, 0);
    revoke(drive);
    drive.engine.handlerFinished(a!, OK, 10, 0);
    const [other] = drive.taken("dispatch");
    expect(drive.engine.record(other!.token).partition).toBe(1);
  });

  test("none is filled from the margin before the deadline on", () => {
    const { drive, zero, one } = withHole();
    revoke(drive);
    drive.engine.handlerFinished(one, OK, 10, 0);
    drive.take();
    drive.engine.handlerFinished(zero, OK, 8_000, 0);
    const effects = drive.take();
    expect(effects.map(({ type }) => type)).toEqual(["commit", "setTimer"]);
    expect(effects[0]).toMatchObject({ offsets: [{ offset: 2 }] });
    expect(drive.engine.snapshot(0).held.records).toBe(0);
  });

  test("none is filled above a record that backs off, nor waited for", () => {
    const drive = started();
    const [zero, one, three] = fetched(drive, ["a", "b", "b", "c"]);
    drive.engine.handlerFinished(three!, OK, 0, 0);
    drive.engine.handlerFinished(zero!, FAILED, 0, 0);
    revoke(drive);
    expect(drive.engine.snapshot(0).held.records).toBe(1);
    drive.take();
    drive.engine.handlerFinished(one!, OK, 10, 0);
    expect(drive.take().map(({ type }) => type)).toEqual(["released", "setTimer"]);
  });

  test("those below a record that fails during the drain are filled, those above are not", () => {
    const drive = started({ concurrency: 3 });
    const [zero, one, three] = fetched(drive, ["a", "b", "a", "c", "b"]);
    drive.engine.handlerFinished(one!, OK, 0, 0);
    const [four] = drive.taken("dispatch");
    expect(drive.engine.record(four!.token).offset).toBe(4);
    revoke(drive);
    drive.engine.handlerFinished(three!, FAILED, 10, 0);
    drive.engine.handlerFinished(zero!, OK, 20, 0);
    expect(offsets(drive)).toEqual([2]);

    const other = withHole();
    revoke(other.drive);
    other.drive.engine.handlerFinished(other.one, FAILED, 10, 0);
    other.drive.engine.handlerFinished(other.zero, OK, 20, 0);
    expect(offsets(other.drive)).toEqual([]);
    expect(frontier(other.drive)).toBe(1);
  });

  test("one behind a dead letter on its way is filled when that is written, not when it fails", () => {
    for (const written of [true, false]) {
      const { drive, zero } = withHole();
      revoke(drive);
      drive.engine.handlerFinished(zero, { type: "dead-letter", error: error() }, 10, 0);
      expect(offsets(drive)).toEqual([]);
      if (written) drive.engine.deadLetterAcked(zero, 20);
      else drive.engine.deadLetterFailed(zero, unwritable, 20, 0);
      expect(offsets(drive)).toEqual(written ? [2] : []);
    }
  });

  test("a full budget does not keep them open, a user's pause does", () => {
    const full = started({ budget: { records: 5, bytes: 1_000 } });
    const [zero, , three] = fetched(full, ["a", "b", "a", "c", "a"]);
    full.engine.handlerFinished(three!, OK, 0, 0);
    expect(full.engine.snapshot(0).partitions).toMatchObject([{ pausedFor: ["budget"] }]);
    revoke(full);
    full.engine.handlerFinished(zero!, OK, 10, 0);
    expect(offsets(full)).toEqual([2]);

    for (const first of ["pause", "revocation"]) {
      const { drive, zero: running } = withHole();
      if (first === "revocation") revoke(drive);
      drive.engine.pauseRequested([at(0, 1)], 0);
      if (first === "pause") revoke(drive);
      expect(drive.engine.snapshot(0).held.records).toBe(2);
      drive.engine.resumeRequested([at(0, 1)], 5);
      drive.engine.handlerFinished(running, OK, 10, 0);
      expect(offsets(drive)).toEqual([]);
    }
  });

  test("a partition that is lost during the drain starts nothing", () => {
    const { drive, zero } = withHole();
    stop(drive);
    drive.engine.lost([at(0, 1)], 5);
    drive.engine.handlerFinished(zero, OK, 10, 0);
    expect(offsets(drive)).toEqual([]);
    expect(drive.engine.snapshot(0).held.records).toBe(1);
  });
});

describe("epochs", () => {
  /** Offset 0, of key a, runs on while its partition comes back as epoch 2. */
  function zombie(): { drive: Drive; token: number } {
    const drive = started();
    const [token] = fetched(drive, ["a", "b"]);
    drive.engine.lost([at(0, 1)], 10);
    drive.engine.assigned([assignment(0, 2, 0)], 20);
    drive.take();
    drive.engine.recordsFetched(at(0, 2), [record(0, 0, "a"), record(0, 1, "c")], 2, 30);
    return { drive, token: token! };
  }

  test("a handler that outlives its partition keeps its lane locked until it returns", () => {
    const { drive, token } = zombie();
    const [other] = drive.taken("dispatch");
    expect(drive.engine.record(other!.token).offset).toBe(1);
    drive.engine.handlerFinished(token, OK, 40, 0);
    const [again] = drive.taken("dispatch");
    expect(drive.engine.record(again!.token).offset).toBe(0);
    expect(drive.engine.epoch(again!.token)).toBe(2);
  });

  test("its result moves nothing, though partition, offset and member are the same", () => {
    const { drive, token } = zombie();
    drive.take();
    drive.engine.handlerFinished(token, OK, 40, 0);
    expect(drive.notices("stale-completion")).toEqual([
      { type: "stale-completion", ...at(0, 1), offset: 0 },
    ]);
    expect(frontier(drive)).toBe(0);
    expect(drive.engine.snapshot(0)).toMatchObject({ totals: { settled: 0 }, running: 3 });
  });

  test("attempts go on over a reassignment and are forgotten once committed past", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.handlerFinished(a!, FAILED, 0, 0);
    drive.engine.revoked(1, [at(0, 1)], 10_000, 10);
    const attemptIn = (epoch: number, committed: number): number => {
      drive.engine.assigned([assignment(0, epoch, committed)], 20);
      drive.take();
      drive.engine.recordsFetched(at(0, epoch), [record(0, committed, "a")], committed + 1, 20);
      const { token } = drive.taken("dispatch")[0]!;
      const attempt = drive.engine.attempt(token);
      drive.engine.lost([at(0, epoch)], 30);
      // Over without a result: this attempt has not failed.
      drive.engine.handlerFinished(token, FAILED, 30, 0);
      return attempt;
    };
    expect(attemptIn(2, 0)).toBe(2);
    expect(attemptIn(3, 0)).toBe(2);
    // Somebody has committed past offset 0, and somebody has reset the group since.
    expect(attemptIn(4, 1)).toBe(1);
    expect(attemptIn(5, 0)).toBe(1);
  });

  test("assigned again without a revocation, the old epoch is over", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.assigned([assignment(0, 2, 0)], 10);
    expect(drive.taken("abort")).toEqual([{ type: "abort", token: a, reason: "lost" }]);
    expect(drive.engine.snapshot(0).partitions).toMatchObject([{ epoch: 2, held: 0 }]);
  });
});

describe("stopping", () => {
  test("a stop waits for handlers, commits everything and says clean", () => {
    const drive = started({ concurrency: 1 });
    const [a] = fetched(drive, ["a", "b"]);
    drive.engine.drainRequested(10_000, 0);
    expect(drive.engine.snapshot(0).held.records).toBe(1);
    drive.engine.recordsFetched(at(0, 1), [record(0, 2)], 3, 5);
    drive.engine.handlerFinished(a!, OK, 10, 0);
    const [commit] = drive.taken("commit");
    expect(commit!.offsets).toMatchObject([{ offset: 1 }]);
    drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 20);
    expect(drive.taken("drained")).toEqual([{ type: "drained", result: "clean" }]);
    expect(drive.timerAt).toBe(Infinity);
  });

  test("a handler that never returns makes it forced", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.drainRequested(10_000, 0);
    drive.engine.timerFired(8_000);
    const effects = drive.take();
    expect(effects).toContainEqual({ type: "abort", token: a, reason: "stopping" });
    expect(effects).toContainEqual({ type: "drained", result: "forced" });
  });

  test("it waits for a handler whose partition is gone already", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.lost([at(0, 1)], 0);
    drive.engine.drainRequested(10_000, 0);
    expect(drive.taken("drained")).toEqual([]);
    drive.engine.handlerFinished(a!, OK, 10, 0);
    expect(drive.taken("drained")).toMatchObject([{ result: "clean" }]);
  });

  test("the revocation that leaving brings works during the drain and after it", () => {
    for (const revokedAt of [5, 50]) {
      const drive = started();
      const [a] = fetched(drive, ["a"]);
      drive.engine.drainRequested(10_000, 0);
      if (revokedAt === 5) drive.engine.revoked(1, [at(0, 1)], 9_000, 5);
      drive.engine.handlerFinished(a!, OK, 10, 0);
      const commits = drive.taken("commit");
      expect(commits).toHaveLength(1);
      drive.engine.commitAnswered(commits[0]!.id, accepted(commits[0]!.offsets), 20);
      if (revokedAt === 50) drive.engine.revoked(1, [at(0, 1)], 9_000, 50);
      expect(drive.take().map(({ type }) => type)).toEqual(
        expect.arrayContaining(["drained", "released"]),
      );
      expect(drive.engine.snapshot(0).partitions).toEqual([]);
    }
  });

  test("a partition assigned while stopping takes nothing in", () => {
    const drive = started();
    drive.engine.drainRequested(10_000, 0);
    expect(drive.engine.assigned([assignment(1, 2, 40)], 1)).toEqual([40]);
    drive.engine.recordsFetched(at(1, 2), [record(1, 40)], 41, 2);
    expect(drive.taken("dispatch")).toEqual([]);
    drive.engine.revoked(1, [at(1, 2)], 1_000, 3);
    expect(drive.taken("released")).toHaveLength(1);
  });
});

describe("what cannot be an offset", () => {
  test.each([
    ["beyond 2^53-1", 2 ** 53],
    ["the last, which leaves no room for the position behind it", 2 ** 53 - 1],
    ["not an integer", 1.5],
    ["infinite", Infinity],
  ])("is counted and held back: %s", (_, offset) => {
    const drive = started();
    drive.engine.recordsFetched(at(0, 1), [record(0, 0), record(0, offset)], offset + 1, 0);
    const [first, ...others] = drive.taken("dispatch");
    expect(others).toEqual([]);
    drive.engine.handlerFinished(first!.token, OK, 10, 0);
    const { ignored, held, partitions } = drive.engine.snapshot(10);
    expect(ignored.unsafeOffsets).toBe(1);
    expect(held.records).toBe(0);
    expect(partitions[0]!.frontier).toBeLessThanOrEqual(offset);
    expect(Number.isSafeInteger(partitions[0]!.frontier)).toBe(true);
  });
});

describe("time", () => {
  test("a handler that runs too long is reported after each span", () => {
    const drive = started({ stallAfterMs: 1_000 });
    fetched(drive, ["a"], 500);
    const reported: number[] = [];
    for (let now = 600; now <= 4_000; now += 100) {
      drive.engine.timerFired(now);
      for (const notice of drive.notices("stalled")) reported.push(notice.runningMs);
    }
    expect(reported).toEqual([1_000, 2_000, 3_000]);
  });

  test("early, late and duplicate timers are harmless", () => {
    const drive = started();
    const [a] = fetched(drive, ["a"]);
    drive.engine.timerFired(0);
    drive.engine.timerFired(0);
    drive.engine.handlerFinished(a!, OK, 10, 0);
    drive.engine.timerFired(1_009);
    expect(drive.taken("commit")).toEqual([]);
    expect(drive.timerAt).toBe(1_010);
    drive.engine.timerFired(77_777);
    drive.engine.timerFired(77_777);
    expect(drive.taken("commit")).toHaveLength(1);
  });

  test("a clock that is set back does not move the engine's", () => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"], 5_000);
    drive.engine.handlerFinished(a!, FAILED, 100, 0);
    expect(drive.timerAt).toBe(5_100);
    drive.engine.timerFired(Number.NaN);
    drive.engine.handlerFinished(b!, FAILED, 60, 0);
    expect(drive.timerAt).toBe(5_100);
    // Still at 5,000: later than 5,100 by its own clock.
    drive.engine.timerFired(5_099);
    expect(drive.taken("dispatch")).toEqual([]);
    drive.engine.timerFired(5_100);
    expect(drive.taken("dispatch")).toHaveLength(2);
  });

  test.each([
    ["forward", 3_600_000],
    ["back", -3_600_000],
  ])("a clock that jumps %s by an hour loses, repeats and commits nothing wrong", (_, jump) => {
    const drive = started();
    const [a, b] = fetched(drive, ["a", "b"], 10_000_000);
    drive.engine.handlerFinished(a!, FAILED, 10_000_010, 0);
    const now = 10_000_020 + jump;
    drive.engine.timerFired(now);
    drive.engine.handlerFinished(b!, OK, now, 0);
    expect(drive.timerAt).toBeLessThan(Infinity);
    // By then each timer has been due, whatever the clock was taken for.
    drive.engine.timerFired(10_000_000 + 2 * 3_600_000);
    const again = drive.engine.snapshot(0);
    expect(again.partitions[0]).toMatchObject({ frontier: 0, held: 1 });
    expect(again.running).toBe(1);
    expect(again.totals).toMatchObject({ fetched: 2, settled: 1, retried: 1, deadLettered: 0 });
  });
});

describe("retries by error", () => {
  const retry = {
    maxAttempts: 2,
    backoff: { type: "fixed", delayMs: 100 },
    byKind: { timeout: { maxAttempts: 4, backoff: { type: "fixed", delayMs: 7 } } },
  } as const;
  const failedBy = (kind: "timeout" | "transient") =>
    ({ type: "failed", error: error(kind) }) as const;

  test("each failure is judged by its own error, attempts count them all", () => {
    const drive = started({ retry });
    let [token] = fetched(drive, ["a"]);
    for (const now of [10, 20, 30]) {
      drive.engine.handlerFinished(token!, failedBy("timeout"), now, 0);
      expect(drive.timerAt).toBe(now + 7);
      drive.engine.timerFired(now + 7);
      [token] = drive.taken("dispatch").map((effect) => effect.token);
    }
    expect(drive.engine.attempt(token!)).toBe(4);
    drive.engine.handlerFinished(token!, failedBy("transient"), 40, 0);
    expect(drive.taken("deadLetter")).toMatchObject([
      { cause: { reason: "retries-exhausted", attempts: 4 } },
    ]);
  });

  test("the attempt that is granted again after a reassignment is the last of its error's policy", () => {
    const drive = started({ retry });
    let [token] = fetched(drive, ["a"]);
    for (const now of [10, 20, 30, 40]) {
      drive.engine.handlerFinished(token!, failedBy("timeout"), now, 0);
      if (now === 40) break;
      drive.engine.timerFired(now + 7);
      [token] = drive.taken("dispatch").map((effect) => effect.token);
    }
    // Its dead letter is on its way when the partition goes.
    drive.engine.lost([at(0, 1)], 50);
    drive.engine.assigned([assignment(0, 2, 0)], 60);
    drive.engine.recordsFetched(at(0, 2), [record(0, 0, "b")], 1, 70);
    const [again] = drive.taken("dispatch");
    expect(drive.engine.attempt(again!.token)).toBe(4);
  });

  test("elapsed time counts from the timestamp when it is to", () => {
    const drive = started({
      retry: { ...retry, maxElapsedMs: 500, elapsedFrom: "timestamp" },
    });
    const [a] = fetched(drive, ["a"], 300);
    // The record is of 0: an attempt at 500 is the last that may be.
    drive.engine.handlerFinished(a!, failedBy("transient"), 401, 0);
    expect(drive.taken("deadLetter")).toMatchObject([{ cause: { reason: "expired" } }]);
  });

  test("without dead letters no policy may end", () => {
    const endless = { ...retry, maxAttempts: Infinity };
    expect(() => new Drive({ deadLetter: false, retry: endless })).toThrow(
      "retry.byKind.timeout.maxAttempts: 4 attempts and no dead letter topic would lose the record",
    );
  });
});
