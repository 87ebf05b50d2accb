// @ts-check
// Retry policies and the decisions that they lead to.
import fc from "fast-check";
import { edgyInteger, MAX_INTEGER } from "./bytes.mjs";

const MAX_DELAY = 2_147_483_647;
const delay = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 2, 3, 999, 1000, MAX_DELAY - 1, MAX_DELAY) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: MAX_DELAY }) },
);
const term = fc.oneof(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 1000 }),
  fc.constantFrom(1, 999, 1000),
);
const factor = fc.option(fc.record({ numerator: term, denominator: term }), {
  nil: undefined,
  freq: 3,
});
const jitter = fc.option(fc.constantFrom("none", "full", "equal", "decorrelated"), {
  nil: undefined,
  freq: 5,
});

const backoff = fc
  .record({
    type: fc.constantFrom("fixed", "linear", "exponential", "exponential"),
    jitter,
    factor,
    delayMs: delay,
    initialMs: delay,
    stepMs: delay,
    maxMs: delay,
  })
  .map(({ type, jitter, factor, delayMs, initialMs, stepMs, maxMs }) => {
    const spread = jitter === undefined ? {} : { jitter };
    if (type === "fixed") return { type, delayMs, ...spread };
    if (type === "linear") return { type, initialMs, stepMs, maxMs, ...spread };
    const ratio = factor === undefined ? {} : { factor };
    return { type, initialMs: Math.max(1, initialMs), maxMs, ...ratio, ...spread };
  });

const policy = fc
  .record({
    maxAttempts: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom("unlimited", MAX_DELAY)),
    maxElapsedMs: fc.option(fc.oneof(delay, fc.constantFrom(0, MAX_INTEGER)), {
      nil: undefined,
      freq: 3,
    }),
    backoff,
  })
  .map(({ maxElapsedMs, ...rest }) =>
    maxElapsedMs === undefined ? rest : { ...rest, maxElapsedMs },
  );

export const retryPolicyCheckInput = fc.record({ policy });

/** A policy that every reading of 4.2 accepts: only these are given delays. */
const acceptedPolicy = policy.map((policy) => ({ ...policy, backoff: mended(policy.backoff) }));

/** @param {any} backoff */
function mended(backoff) {
  const { type, jitter, initialMs, maxMs } = backoff;
  const spread = jitter === "decorrelated" && type !== "exponential" ? { jitter: "full" } : {};
  if (type === "fixed") return { ...backoff, ...spread };
  const sane = { ...backoff, ...spread, maxMs: Math.max(initialMs, maxMs) };
  const { numerator: n = 2, denominator: d = 1 } = backoff.factor ?? {};
  if (type === "linear" || n === d) return sane;
  const numerator = Math.max(n, d);
  const denominator = Math.min(n, d);
  const grows = Math.floor((initialMs * numerator) / denominator) > initialMs;
  return {
    ...sane,
    factor: { numerator, denominator: grows ? denominator : 1 },
    ...(backoff.factor === undefined ? { factor: undefined } : {}),
  };
}

const attempt = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 14 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 2000 }) },
  { weight: 1, arbitrary: edgyInteger(1, MAX_DELAY) },
);
const random = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff) },
);
/** The delay before the attempt that failed; there was none before the first. */
const afterDelay = fc
  .tuple(attempt, delay)
  .map(([attempt, before]) => ({ attempt, previousDelayMs: attempt === 1 ? null : before }));

export const backoffDelayInput = fc
  .record({ policy: acceptedPolicy, failed: afterDelay, random })
  .map(({ failed, ...rest }) => withoutUndefined({ ...rest, ...failed }));

export const retryDecisionInput = fc
  .record({
    policy: acceptedPolicy,
    failed: afterDelay,
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("transient", "timeout", "unknown", "cancelled") },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          "permanent",
          "deserialization",
          "validation",
          "poison",
          "brand-new",
        ),
      },
    ),
    firstFailedAt: fc.integer({ min: 0, max: 1_700_000_000_000 }),
    // How long before the limit of time the delay would end, so that both sides of it are met.
    elapsed: fc.oneof(delay, fc.constant(0)),
    short: fc.option(fc.integer({ min: -2, max: 2 }), { nil: null, freq: 1 }),
    random,
    requestedDelayMs: fc.option(
      fc.oneof(delay, fc.constantFrom(-1, -MAX_INTEGER, MAX_DELAY, MAX_DELAY + 1, MAX_INTEGER)),
      { nil: null, freq: 2 },
    ),
  })
  .map(({ firstFailedAt, elapsed, short, failed, ...rest }) => {
    const maxElapsedMs = "maxElapsedMs" in rest.policy ? rest.policy.maxElapsedMs : undefined;
    // With a requested delay the border is known without computing any.
    const wait = Math.min(Math.max(rest.requestedDelayMs ?? 0, 0), MAX_DELAY);
    const border =
      maxElapsedMs === undefined || short === null ? elapsed : maxElapsedMs - wait + short;
    const now = Math.min(firstFailedAt + Math.max(0, border), MAX_INTEGER);
    return withoutUndefined({
      ...rest,
      ...failed,
      firstFailedAt: String(firstFailedAt),
      now: String(now),
    });
  });

/** @template T @param {T} value @returns {T} */
function withoutUndefined(value) {
  return JSON.parse(JSON.stringify(value));
}
