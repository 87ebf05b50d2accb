import { describe, expect, test } from "vitest";
import { assignment, at, Drive, error, record } from "../../test/drive.ts";
import type { EngineConfig } from "./engine.ts";
import type { HandlerOutcome } from "./outcome.ts";

const OK = { type: "ok" } as const;
const FAILED = { type: "failed", error: error() } as const;
/** The greatest there is: a delay with jitter is the longest it can be. */
const MOST = 0xffff_ffff;

/** An engine with one partition of epoch 1 and so many records of different keys, all running. */
function running(count: number, config: Partial<EngineConfig> = {}) {
  const drive = new Drive(config);
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  const fetch = (from: number, to: number, epoch = 1): number[] => {
    const records = [];
    for (let offset = from; offset < to; offset++) records.push(record(0, offset, `k${offset}`));
    drive.engine.recordsFetched(at(0, epoch), records, to, 0);
    return drive.taken("dispatch").map(({ token }) => token);
  };
  const end = (token: number | undefined, outcome: HandlerOutcome, now: number, random = 0): void =>
    drive.engine.handlerFinished(token!, outcome, now, random);
  return { drive, engine: drive.engine, fetch, end, tokens: fetch(0, count) };
}

test("a dead letter that is acknowledged is told of, and counted", () => {
  const { drive, engine, end, tokens } = running(1, { retry: once });
  end(tokens[0], FAILED, 10);
  const [letter] = drive.taken("deadLetter");
  engine.deadLetterAcked(letter!.token, 20);
  expect(drive.notices("dead-lettered")).toEqual([
    { type: "dead-lettered", ...at(0, 1), offset: 0, attempts: 1, cause: letter!.cause },
  ]);
  expect(engine.snapshot(20).totals.deadLettered).toBe(1);
});

const once = { maxAttempts: 1, backoff: { type: "fixed", delayMs: 100 } } as const;

describe("where there are no dead letters", () => {
  const retry = {
    maxAttempts: Infinity,
    backoff: { type: "fixed", delayMs: 5_000 },
  } as const;
  const GIVEN_UP = { type: "dead-letter", error: error() } as const;

  test("a record that its handler gives up is tried again at the slowest pace, and says why", () => {
    const { drive, end, tokens } = running(1, { deadLetter: false, retry });
    end(tokens[0], GIVEN_UP, 10);
    const [notice] = drive.notices("dead-letter-failed");
    expect(notice).toMatchObject({ offset: 0, retryAt: 5_010 });
    expect(notice!.error).toBe(
      "no dead letter topic is set, so the record is tried again: it failed",
    );
  });

  test("it is left to the next owner when the partition is on its way there", () => {
    const { drive, engine, end, tokens } = running(1, { deadLetter: false, retry });
    engine.revoked(1, [at(0, 1)], 1_000, 5);
    expect(drive.taken("released")).toEqual([]);
    end(tokens[0], GIVEN_UP, 10);
    expect(drive.taken("released")).toEqual([{ type: "released", revocation: 1 }]);
  });
});

test("a handler that asks for another attempt after no number of milliseconds waits for the policy's", () => {
  const { drive, end, tokens } = running(1);
  end(tokens[0], { type: "retry", afterMs: Number.NaN, error: error() }, 10);
  expect(drive.notices("retry-scheduled")).toMatchObject([{ at: 110 }]);
});

test("with decorrelated jitter each delay grows from the one before it", () => {
  const backoff = { type: "exponential", initialMs: 100, maxMs: 50_000, jitter: "decorrelated" };
  const retry = { maxAttempts: 9, backoff } as EngineConfig["retry"];
  const { drive, engine, end, tokens } = running(1, { retry });
  end(tokens[0], FAILED, 0, MOST);
  const [first] = drive.notices("retry-scheduled");
  // From 100 up to three times the delay before, which of the first is 100, and never quite there.
  expect(first!.at).toBe(299);
  engine.timerFired(299);
  end(drive.taken("dispatch")[0]!.token, FAILED, 299, MOST);
  const [second] = drive.notices("retry-scheduled");
  expect(second!.at - 299).toBe(299 * 3 - 1);
});

test("an attempt that was told to give up is granted again when the partition comes back", () => {
  const { drive, engine, fetch, end, tokens } = running(2);
  end(tokens[0], OK, 0);
  engine.revoked(1, [at(0, 1)], 1_000, 0);
  engine.timerFired(750);
  // While the last commit, of the other record, is not answered.
  expect(drive.taken("abort")).toHaveLength(1);
  end(tokens[1], FAILED, 760);
  engine.timerFired(1_000);
  expect(drive.taken("released")).toHaveLength(1);
  engine.assigned([assignment(0, 2, 1)], 1_100);
  const [again] = fetch(1, 2, 2);
  expect(engine.attempt(again!)).toBe(1);
});

test("what the dead letter of another record said takes no attempt back from the one that follows", () => {
  const byClass = { Bad: { maxAttempts: 1 } };
  const retry = { maxAttempts: 3, backoff: { type: "fixed", delayMs: 100 }, byClass } as const;
  const { drive, engine, fetch, end, tokens } = running(1, { retry });
  end(tokens[0], { type: "failed", error: { ...error(), class: "Bad" } }, 10);
  engine.deadLetterAcked(drive.taken("deadLetter")[0]!.token, 20);
  // In the place of the other.
  const [next] = fetch(1, 2);
  end(next, FAILED, 30);
  engine.lost([at(0, 1)], 40);
  engine.assigned([assignment(0, 2, 1)], 50);
  drive.take();
  const [again] = fetch(1, 2, 2);
  expect(engine.attempt(again!)).toBe(2);
});

test("a record that times out again first failed when it did the first time", () => {
  const retry = { maxAttempts: 2, backoff: { type: "fixed", delayMs: 100 } } as const;
  const { drive, engine, end, tokens } = running(1, { handlerTimeoutMs: 50, retry });
  engine.timerFired(50);
  end(tokens[0], OK, 60);
  engine.timerFired(160);
  const [again] = drive.taken("dispatch");
  engine.timerFired(210);
  end(again!.token, OK, 220);
  expect(drive.taken("deadLetter").map(({ cause }) => cause)).toMatchObject([
    { reason: "retries-exhausted", attempts: 2, firstFailedAt: 50 },
  ]);
});

describe("early release", () => {
  const earlyRelease = { settledPercent: 50, minBehind: 2, perMinute: 1, burst: 1 };
  const retry = { maxAttempts: 9, backoff: { type: "fixed", delayMs: 600_000 } } as const;

  test("of one partition takes no record of another, though that waits at the same offset", () => {
    const { drive, engine, end, tokens } = running(1, { earlyRelease, retry });
    engine.assigned([assignment(1, 1, 0)], 0);
    const records = [0, 1, 2, 3].map((offset) => record(1, offset, `k${offset}`));
    engine.recordsFetched(at(1, 1), records, 4, 0);
    const others = drive.taken("dispatch").map(({ token }) => token);
    end(tokens[0], FAILED, 10);
    end(others[0], FAILED, 20);
    for (const token of others.slice(1)) end(token, OK, 30);
    const letters = drive.taken("deadLetter").map(({ token }) => engine.record(token).partition);
    expect(letters).toEqual([1]);
  });

  test("wakes up when a head can be paid for that could not be before", () => {
    const { drive, engine, end, tokens } = running(8, { earlyRelease, retry });
    end(tokens[0], FAILED, 0);
    end(tokens[4], FAILED, 0);
    for (const each of [1, 2, 3, 5, 6, 7]) end(tokens[each], OK, 0);
    const [letter] = drive.taken("deadLetter");
    engine.deadLetterAcked(letter!.token, 0);
    expect(drive.taken("deadLetter")).toEqual([]);
    for (const { id, offsets } of commitsOf(drive, 1_000)) {
      engine.commitAnswered(
        id,
        offsets.map((offset) => ({ ...offset })),
        1_000,
      );
    }
    // One a minute, and the first was for 0.
    expect(drive.timerAt).toBe(60_000);
    engine.timerFired(60_000);
    expect(drive.taken("deadLetter").map(({ token }) => engine.record(token).offset)).toEqual([4]);
  });
});

/** The commits that go out at this time. */
function commitsOf(drive: Drive, now: number) {
  drive.engine.timerFired(now);
  return drive.taken("commit");
}
