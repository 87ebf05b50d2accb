import { expect, test } from "vitest";
import { assignment, at, Drive, error, record } from "../../test/drive.ts";
import { PortError } from "../port/errors.ts";
import type { EarlyRelease } from "./early-release.ts";

const OK = { type: "ok" } as const;
const FAILED = { type: "failed", error: error() } as const;
const RULES: EarlyRelease = { settledPercent: 90, minBehind: 10, perMinute: 1, burst: 1 };

/** Records of different keys in partition 0, all running. */
function running(count: number, earlyRelease = RULES) {
  const drive = new Drive({
    concurrency: 1_000,
    retry: { maxAttempts: 9, backoff: { type: "fixed", delayMs: 100_000 } },
    earlyRelease,
  });
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  const records = Array.from({ length: count }, (_, offset) => record(0, offset, `k${offset}`));
  drive.engine.recordsFetched(at(0, 1), records, count, 0);
  const tokens = drive.taken("dispatch").map(({ token }) => token);
  const finish = (offset: number, now: number): void =>
    drive.engine.handlerFinished(tokens[offset]!, OK, now, 0);
  const fail = (offset: number, now: number): void =>
    drive.engine.handlerFinished(tokens[offset]!, FAILED, now, 0);
  const letters = () => drive.taken("deadLetter").map(({ token, cause }) => ({ token, cause }));
  return { drive, tokens, finish, fail, letters };
}

test("a record that waits goes when enough behind it is settled, and not one settled record earlier", () => {
  const { drive, tokens, finish, fail, letters } = running(11);
  fail(0, 10);
  for (let offset = 1; offset <= 8; offset++) finish(offset, 20);
  expect(letters()).toEqual([]);
  finish(9, 30);
  // 9 of 10.
  expect(letters()).toEqual([
    {
      token: tokens[0],
      cause: {
        ...{ reason: "blocked", error: error(), attempts: 1 },
        ...{ firstFailedAt: 10, failedAt: 10 },
      },
    },
  ]);
  expect(drive.engine.explain(at(0, 1), 31)?.waitsFor).toMatchObject({
    ...{ offset: 0, phase: "deadLetter", phaseSince: 30 },
  });
  drive.engine.deadLetterAcked(tokens[0]!, 40);
  expect(drive.engine.snapshot(40).partitions[0]!.frontier).toBe(10);
});

test("with too few behind it nothing is told apart", () => {
  const { finish, fail, letters } = running(10);
  fail(0, 10);
  for (let offset = 1; offset <= 9; offset++) finish(offset, 20);
  expect(letters()).toEqual([]);
});

test("a handler that runs is never given up; its record goes once it has failed", () => {
  const { finish, fail, letters } = running(11);
  for (let offset = 1; offset <= 10; offset++) finish(offset, 20);
  expect(letters()).toEqual([]);
  fail(0, 30);
  expect(letters()).toMatchObject([{ cause: { reason: "blocked", failedAt: 30 } }]);
});

test("an outage floods nothing: what cannot be paid for waits for its token or its retry", () => {
  const { drive, tokens, finish, fail, letters } = running(30);
  for (const offset of [0, 1, 2]) fail(offset, 10);
  for (let offset = 3; offset < 30; offset++) finish(offset, 20);
  expect(letters()).toMatchObject([{ token: tokens[0] }]);
  drive.engine.deadLetterAcked(tokens[0]!, 30);
  expect(letters()).toEqual([]);
  // The one token of a minute was taken when the share was reached, at 20.
  expect(drive.timerAt).toBeLessThanOrEqual(60_020);
  drive.engine.timerFired(60_019);
  expect(letters()).toEqual([]);
  drive.engine.timerFired(60_020);
  expect(letters()).toMatchObject([{ token: tokens[1] }]);
});

test("a dead letter that waits to be sent again is not released a second time", () => {
  const { drive, tokens, finish, fail, letters } = running(12, { ...RULES, burst: 9 });
  fail(0, 10);
  for (let offset = 1; offset <= 10; offset++) finish(offset, 20);
  expect(letters()).toHaveLength(1);
  const unwritable = new PortError("broker is down", { kind: "retriable", outcome: "unknown" });
  drive.engine.deadLetterFailed(tokens[0]!, unwritable, 30, 0);
  finish(11, 31);
  expect(letters()).toEqual([]);
  drive.engine.timerFired(10_000);
  expect(letters()).toMatchObject([{ token: tokens[0], cause: { reason: "blocked" } }]);
});

test("a partition that is given up has nobody to release", () => {
  const { drive, finish, fail, letters } = running(11);
  fail(0, 10);
  drive.engine.revoked(1, [at(0, 1)], 10_000, 15);
  for (let offset = 1; offset <= 10; offset++) finish(offset, 20);
  expect(letters()).toEqual([]);
});

test("of a batch, what failed goes once it waits and the rest of the batch is settled", () => {
  const drive = new Drive({
    retry: { maxAttempts: 9, backoff: { type: "fixed", delayMs: 100_000 } },
    earlyRelease: RULES,
    batch: { size: 11, lingerMs: 0, by: "partition" },
  });
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  const records = Array.from({ length: 11 }, (_, offset) => record(0, offset, "k"));
  drive.engine.recordsFetched(at(0, 1), records, 11, 0);
  const [{ tokens } = { tokens: [] }] = drive.taken("dispatchBatch");
  drive.engine.batchFinished(
    tokens[0]!,
    tokens.map((_, index) => (index === 0 ? FAILED : OK)),
    10,
    0,
  );
  expect(drive.taken("deadLetter")).toMatchObject([
    { token: tokens[0], cause: { reason: "blocked", attempts: 1 } },
  ]);
  drive.engine.deadLetterAcked(tokens[0]!, 20);
  expect(drive.engine.snapshot(20).partitions[0]!.frontier).toBe(11);
});
