import { expect, test } from "vitest";
import { accepted, assignment, at, Drive, error, record } from "../../test/drive.ts";
import type { EngineConfig } from "./engine.ts";
import { PortError } from "../port/errors.ts";

const OK = { type: "ok" } as const;
const FAILED = { type: "failed", error: error() } as const;
const unwritable = new PortError("broker is down", { kind: "retriable", outcome: "unknown" });
const orders = { topic: "orders", partition: 0 };

/** One partition in epoch 1, with records of these keys from offset 0, fetched at 10. */
function held(keys: readonly (string | null)[], config: Partial<EngineConfig> = {}) {
  const drive = new Drive(config);
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  const records = keys.map((key, offset) => record(0, offset, key));
  drive.engine.recordsFetched(at(0, 1), records, keys.length, 10);
  const tokens = drive.taken("dispatch").map(({ token }) => token);
  return { drive, tokens, explain: (now: number) => drive.engine.explain(orders, now)! };
}

test("what is not assigned has no explanation, and asking does not make it known", () => {
  const { drive } = held([]);
  expect(drive.engine.explain({ topic: "orders", partition: 7 }, 0)).toBeNull();
  expect(drive.engine.explain({ topic: "other", partition: 0 }, 0)).toBeNull();
});

test("a partition with nothing to do waits for nothing", () => {
  const { explain } = held([]);
  expect(explain(20)).toEqual({
    ...{ ...at(0, 1), at: 20, position: 0, frontier: 0, committed: 0 },
    waitsFor: null,
    held: { queued: 0, running: 0, backingOff: 0, deadLetter: 0, deadLetterBackingOff: 0 },
    ...{ settledAhead: 0, pausedFor: [], draining: false },
    metadata: { chars: 0, maxChars: 0, truncated: false },
    commit: { inFlight: null, nextAt: null },
  });
});

test("a record is followed from its handler over its retries to its dead letter", () => {
  const { drive, tokens, explain } = held(["a", "a", "b", "c"], {
    retry: { maxAttempts: 2, backoff: { type: "fixed", delayMs: 100 } },
  });
  const [a, b, c] = tokens;
  drive.engine.handlerFinished(b!, OK, 15, 0);
  drive.engine.handlerFinished(c!, OK, 15, 0);
  expect(explain(16)).toMatchObject({
    ...{ frontier: 0, position: 4, settledAhead: 2 },
    held: { queued: 1, running: 1 },
    waitsFor: {
      ...{ offset: 0, phase: "running", reason: "handler", attempt: 1 },
      ...{ heldSince: 10, phaseSince: 10, firstFailedAt: null, nextAt: null, laneHeldBy: null },
    },
  });

  drive.engine.handlerFinished(a!, FAILED, 30, 0);
  expect(explain(40).waitsFor).toMatchObject({
    ...{ phase: "backingOff", reason: "backoff", attempt: 1, heldSince: 10 },
    ...{ phaseSince: 30, firstFailedAt: 30, nextAt: 130 },
  });

  drive.engine.timerFired(130);
  const [again] = drive.taken("dispatch");
  expect(explain(131).waitsFor).toMatchObject({
    ...{ phase: "running", attempt: 2, phaseSince: 130, firstFailedAt: 30, nextAt: null },
  });

  drive.engine.handlerFinished(again!.token, FAILED, 140, 0);
  expect(explain(141)).toMatchObject({
    held: { deadLetter: 1 },
    waitsFor: { phase: "deadLetter", reason: "dead-letter", phaseSince: 140 },
  });
  drive.engine.deadLetterFailed(again!.token, unwritable, 150, 0);
  // Half of 500 ms with this random number.
  expect(explain(151).waitsFor).toMatchObject({
    ...{ phase: "deadLetterBackingOff", reason: "dead-letter", phaseSince: 150, nextAt: 400 },
  });
  drive.engine.timerFired(400);
  drive.engine.deadLetterAcked(again!.token, 410);
  expect(explain(411).waitsFor).toMatchObject({ offset: 1, phase: "running", phaseSince: 410 });
});

test("a queued record tells whom it waits for: other handlers, the user, a zombie of its key", () => {
  const { drive, tokens, explain } = held(["a", "b"], { concurrency: 1 });
  drive.engine.handlerFinished(tokens[0]!, FAILED, 20, 0);
  drive.engine.timerFired(120);
  expect(explain(121).waitsFor).toMatchObject({ phase: "queued", reason: "concurrency" });
  drive.engine.pauseRequested([orders], 122);
  expect(explain(123).waitsFor).toMatchObject({ phase: "queued", reason: "pause" });

  const zombie = held(["k"], { concurrency: 4 });
  zombie.drive.engine.lost([at(0, 1)], 20);
  zombie.drive.engine.assigned([assignment(0, 2, 0)], 30);
  zombie.drive.engine.recordsFetched(at(0, 2), [record(0, 0, "k")], 1, 40);
  expect(zombie.explain(50).waitsFor).toMatchObject({
    ...{ phase: "queued", reason: "lane", heldSince: 40, attempt: 0 },
    laneHeldBy: { epoch: 1, offset: 0 },
  });
});

test("equal keys have one lane, others another, and none has none", () => {
  const lanes = ["a", "b", "a", null].map((key) => {
    const { waitsFor } = held([key]).explain(20);
    return waitsFor !== null && "lane" in waitsFor ? waitsFor.lane : undefined;
  });
  expect(lanes[0]).toBe(lanes[2]);
  expect(lanes[0]).not.toBe(lanes[1]);
  expect(lanes[3]).toBeNull();
});

test("a drain lets go of a record, and that is told too", () => {
  const { drive, tokens, explain } = held(["a", "b"], { concurrency: 2 });
  drive.engine.handlerFinished(tokens[0]!, FAILED, 20, 0);
  drive.engine.revoked(1, [at(0, 1)], 10_000, 30);
  expect(explain(31)).toMatchObject({
    draining: true,
    waitsFor: { offset: 0, phase: "released" },
  });
});

test("a commit is told while it is on its way, and what its metadata takes", () => {
  const { drive, tokens, explain } = held(["a", "b", "c"], { commitMetadataChars: 400 });
  drive.engine.handlerFinished(tokens[0]!, OK, 20, 0);
  drive.engine.handlerFinished(tokens[2]!, OK, 20, 0);
  expect(explain(21).commit).toEqual({ inFlight: null, nextAt: 1_020 });
  drive.engine.timerFired(1_020);
  const [commit] = drive.taken("commit");
  const chars = commit!.offsets[0]!.metadata!.length;
  expect(chars).toBeGreaterThan(10);
  expect(explain(1_030)).toMatchObject({
    commit: { inFlight: { id: commit!.id, offset: 1, sentAt: 1_020 }, nextAt: null },
    metadata: { chars, maxChars: 400, truncated: false },
  });
  drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 1_040);
  expect(explain(1_041)).toMatchObject({ committed: 1, commit: { inFlight: null } });
});

test("it survives JSON", () => {
  const { drive, tokens, explain } = held(["a", "b"]);
  drive.engine.handlerFinished(tokens[0]!, FAILED, 20, 0);
  const told = explain(30);
  expect(JSON.parse(JSON.stringify(told))).toEqual(told);
});

test("an attempt that has timed out has failed, though its handler still runs", () => {
  const { drive, explain } = held(["a"], { handlerTimeoutMs: 100 });
  expect(explain(50).waitsFor).toMatchObject({ attempt: 1, firstFailedAt: null });
  drive.engine.timerFired(110);
  expect(explain(120).waitsFor).toMatchObject({
    ...{ phase: "running", reason: "handler", attempt: 1, firstFailedAt: 110 },
  });
});
