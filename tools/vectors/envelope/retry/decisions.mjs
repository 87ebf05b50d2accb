// @ts-check
// Whether a record is tried again, and when (4.1).
import { exponential, fixed, HALF, I31, linear } from "./policies.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("./model.mjs").Policy} Policy */

/** @returns {Test[]} */
export function decisions() {
  /** @typedef {{ policy?: Policy, attempt?: number, kind?: string, now?: string, previousDelayMs?: number | null, random?: number, requestedDelayMs?: number | null, firstFailedAt?: string }} Input */
  const T = 1_700_000_000_000;
  const policy = { maxAttempts: 3, backoff: fixed(1000) };
  const timed = { ...policy, maxAttempts: 10, maxElapsedMs: 60_000 };
  const endless = { maxAttempts: /** @type {const} */ ("unlimited"), backoff: fixed(1000) };
  /** @param {string} giveUp */
  const gives = (giveUp) => ({ giveUp });
  /** @param {number} retryInMs */
  const after = (retryInMs) => ({ retryInMs });
  const NON_RETRYABLE = gives("non-retryable");
  const EXHAUSTED = gives("retries-exhausted");
  const EXPIRED = gives("expired");
  const kinds = ["SLC-RTY-003"];
  const attempts = ["SLC-RTY-001"];
  const elapsed = ["SLC-RTY-002"];
  const order = ["SLC-RTY-018"];
  const asked = ["SLC-RTY-017"];
  /** @typedef {[comment: string, input: Input, expect: object, requirements: string[], flags: string[]]} Case */
  /** @type {Case[]} */
  const cases = [
    ...["transient", "timeout", "cancelled", "unknown"].map(
      (kind) => /** @type {Case} */ ([`${kind} is tried again`, { kind }, after(1000), kinds, []]),
    ),
    ...["permanent", "deserialization", "validation", "poison"].map(
      (kind) => /** @type {Case} */ ([`${kind} is not`, { kind }, NON_RETRYABLE, kinds, []]),
    ),
    [
      "permanent, even if attempts are unlimited",
      { kind: "permanent", policy: endless },
      NON_RETRYABLE,
      kinds,
      [],
    ],
    ["the last attempt but one", { attempt: 2 }, after(1000), attempts, ["EdgeOfRange"]],
    ["the last attempt", { attempt: 3 }, EXHAUSTED, attempts, ["EdgeOfRange"]],
    [
      "beyond the last attempt, after the policy was changed",
      { attempt: 4 },
      EXHAUSTED,
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "one attempt only",
      { policy: { ...policy, maxAttempts: 1 } },
      EXHAUSTED,
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "unlimited, at the last attempt of all",
      { policy: endless, attempt: I31 },
      after(1000),
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "as many attempts as there can be, the last",
      { policy: { ...policy, maxAttempts: I31 }, attempt: I31 },
      EXHAUSTED,
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "as many attempts as there can be, the last but one",
      { policy: { ...policy, maxAttempts: I31 }, attempt: I31 - 1 },
      after(1000),
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "the next attempt would be exactly at the end of the time",
      { policy: timed, now: String(T + 59_000) },
      after(1000),
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "one millisecond later",
      { policy: timed, now: String(T + 59_001) },
      EXPIRED,
      elapsed,
      ["EdgeOfRange"],
    ],
    ["the time is over already", { policy: timed, now: String(T + 60_001) }, EXPIRED, elapsed, []],
    ["no time limit", { policy: endless, now: String(T * 2) }, after(1000), elapsed, []],
    [
      "no time, no delay: at exactly that time",
      { policy: { ...timed, maxElapsedMs: 0, backoff: fixed(0) }, now: String(T) },
      after(0),
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "no time, a delay of 1",
      { policy: { ...timed, maxElapsedMs: 0, backoff: fixed(1) }, now: String(T) },
      EXPIRED,
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "no time, no delay, but a millisecond has passed",
      { policy: { ...timed, maxElapsedMs: 0, backoff: fixed(0) }, now: String(T + 1) },
      EXPIRED,
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "the clock went back: counted from the first failure all the same",
      { policy: timed, now: String(T - 5000) },
      after(1000),
      elapsed,
      [],
    ],
    [
      "the delay with its jitter counts, not the base delay",
      {
        policy: { ...timed, backoff: fixed(10_000, "full") },
        now: String(T + 55_000),
        random: HALF,
      },
      after(5000),
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "the delay with its jitter counts: one more",
      {
        policy: { ...timed, backoff: fixed(10_002, "full") },
        now: String(T + 55_000),
        random: HALF,
      },
      EXPIRED,
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "times at 2^53 - 1: the end of the time is 2^53 + 1",
      {
        policy: { ...timed, maxElapsedMs: 3, backoff: fixed(2) },
        firstFailedAt: "9007199254740990",
        now: "9007199254740991",
      },
      after(2),
      elapsed,
      ["Wide"],
    ],
    [
      "times at 2^53 - 1: beyond it by one, at 2^53 + 2",
      {
        policy: { ...timed, maxElapsedMs: 3, backoff: fixed(3) },
        firstFailedAt: "9007199254740990",
        now: "9007199254740991",
      },
      EXPIRED,
      elapsed,
      ["Wide"],
    ],
    [
      "the longest time there is",
      {
        policy: { ...timed, maxElapsedMs: 9_007_199_254_740_991 },
        firstFailedAt: "9007199254740991",
        now: "9007199254740991",
      },
      after(1000),
      elapsed,
      ["Wide"],
    ],
    [
      "a first failure at 0",
      { policy: timed, firstFailedAt: "0", now: "59000" },
      after(1000),
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "non-retryable comes before exhausted",
      { kind: "validation", attempt: 3 },
      NON_RETRYABLE,
      order,
      ["FirstReason"],
    ],
    [
      "non-retryable comes before expired",
      { kind: "poison", policy: timed, now: String(T * 2) },
      NON_RETRYABLE,
      order,
      ["FirstReason"],
    ],
    [
      "exhausted comes before expired",
      { attempt: 10, policy: timed, now: String(T * 2) },
      EXHAUSTED,
      order,
      ["FirstReason"],
    ],
    [
      "all three hold",
      { kind: "permanent", attempt: 10, policy: timed, now: String(T * 2) },
      NON_RETRYABLE,
      order,
      ["FirstReason"],
    ],
    [
      "linear: the delay of this attempt",
      {
        policy: { maxAttempts: 9, backoff: linear(100, 50, 1000) },
        attempt: 4,
        previousDelayMs: 200,
      },
      after(250),
      ["SLC-RTY-011"],
      [],
    ],
    [
      "exponential: the delay of this attempt",
      {
        policy: { maxAttempts: 9, backoff: exponential(100, 1000) },
        attempt: 3,
        previousDelayMs: 200,
      },
      after(400),
      ["SLC-RTY-012"],
      [],
    ],
    [
      "equal jitter",
      { policy: { maxAttempts: 9, backoff: fixed(1001, "equal") }, random: HALF },
      after(750),
      ["SLC-RTY-013"],
      [],
    ],
    [
      "decorrelated jitter after a delay of 200",
      {
        policy: { maxAttempts: 9, backoff: exponential(100, 10_000, { jitter: "decorrelated" }) },
        attempt: 2,
        previousDelayMs: 200,
        random: HALF,
      },
      after(350),
      ["SLC-RTY-014"],
      [],
    ],
  ];
  /** @type {Case[]} */
  const requests = [
    ["a shorter delay is asked for", { requestedDelayMs: 5 }, after(5), asked, ["Asked"]],
    [
      "a longer delay is asked for",
      { requestedDelayMs: 3_600_000 },
      after(3_600_000),
      asked,
      ["Asked"],
    ],
    ["none is asked for: 0", { requestedDelayMs: 0 }, after(0), asked, ["Asked", "EdgeOfRange"]],
    ["a negative delay is 0", { requestedDelayMs: -1 }, after(0), asked, ["Asked", "Clamped"]],
    [
      "the least integer is 0",
      { requestedDelayMs: -9_007_199_254_740_991 },
      after(0),
      asked,
      ["Asked", "Clamped"],
    ],
    ["the longest delay", { requestedDelayMs: I31 }, after(I31), asked, ["Asked", "EdgeOfRange"]],
    [
      "one above the longest delay",
      { requestedDelayMs: I31 + 1 },
      after(I31),
      asked,
      ["Asked", "Clamped"],
    ],
    [
      "the greatest integer",
      { requestedDelayMs: 9_007_199_254_740_991 },
      after(I31),
      asked,
      ["Asked", "Clamped"],
    ],
    [
      "longer than the policy's maxMs",
      { policy: { maxAttempts: 9, backoff: exponential(100, 1000) }, requestedDelayMs: 5000 },
      after(5000),
      asked,
      ["Asked"],
    ],
    [
      "no jitter is put on it",
      { policy: { maxAttempts: 9, backoff: fixed(10, "full") }, requestedDelayMs: 5000, random: 0 },
      after(5000),
      asked,
      ["Asked"],
    ],
    [
      "it does not make a kind retryable",
      { kind: "permanent", requestedDelayMs: 5 },
      NON_RETRYABLE,
      [...asked, ...kinds],
      ["Asked"],
    ],
    [
      "it does not add an attempt",
      { attempt: 3, requestedDelayMs: 5 },
      EXHAUSTED,
      [...asked, ...attempts],
      ["Asked"],
    ],
    [
      "it may end after the time",
      { policy: timed, now: String(T + 50_000), requestedDelayMs: 10_001 },
      EXPIRED,
      [...asked, ...elapsed],
      ["Asked", "EdgeOfRange"],
    ],
    [
      "it may end exactly at the end of the time",
      { policy: timed, now: String(T + 50_000), requestedDelayMs: 10_000 },
      after(10_000),
      [...asked, ...elapsed],
      ["Asked", "EdgeOfRange"],
    ],
    [
      "it may save a record that the policy's own delay would lose",
      { policy: timed, now: String(T + 59_500), requestedDelayMs: 500 },
      after(500),
      [...asked, ...elapsed],
      ["Asked", "EdgeOfRange"],
    ],
    [
      "what counts for the time is the delay within its range",
      {
        policy: { ...timed, maxElapsedMs: I31 },
        now: String(T),
        requestedDelayMs: 9_007_199_254_740_991,
      },
      after(I31),
      [...asked, ...elapsed],
      ["Asked", "Clamped"],
    ],
    [
      "a negative delay after the time is over",
      { policy: timed, now: String(T + 60_001), requestedDelayMs: -60_000 },
      EXPIRED,
      [...asked, ...elapsed],
      ["Asked", "Clamped"],
    ],
  ];
  const defaults = {
    policy,
    attempt: 1,
    kind: "transient",
    firstFailedAt: String(T),
    now: String(T + 1000),
    random: 0,
    requestedDelayMs: null,
  };
  const test = (
    /** @type {Case} */ [comment, input, expect, requirements, flags],
    /** @type {"valid" | "acceptable"} */ result,
  ) => ({
    comment,
    flags,
    requirements,
    input: { ...defaults, previousDelayMs: (input.attempt ?? 1) > 1 ? 1000 : null, ...input },
    expect: /** @type {Record<string, unknown>} */ (expect),
    result,
  });
  return [
    ...cases.map((each) => test(each, "valid")),
    ...requests.map((each) => test(each, "acceptable")),
  ];
}
