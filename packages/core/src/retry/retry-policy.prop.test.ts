import { ERROR_KINDS } from "@sluice/spec";
import fc from "fast-check";
import { expect, it } from "vitest";
import { RetryPolicy } from "./retry-policy.ts";
import type { FailedAttempt, RetryDecision } from "./retry-policy.ts";
import { MAX_DELAY_MS } from "./retry-config.ts";
import type { Backoff, RetryConfig } from "./retry-config.ts";

const delay = fc.oneof(
  fc.integer({ min: 1, max: 5000 }),
  fc.integer({ min: 1, max: MAX_DELAY_MS }),
);
const bounded = fc.constantFrom("none", "full", "equal" as const);
const range = fc
  .tuple(delay, delay)
  .map(([a, b]) => ({ initialMs: Math.min(a, b), maxMs: Math.max(a, b) }));
const term = fc.integer({ min: 1, max: 1000 });

const backoff: fc.Arbitrary<Backoff> = fc.oneof(
  fc.record({ type: fc.constant("fixed" as const), delayMs: delay, jitter: bounded }),
  fc.tuple(range, delay, bounded).map(([{ initialMs, maxMs }, stepMs, jitter]) => ({
    type: "linear" as const,
    initialMs,
    maxMs,
    stepMs,
    jitter,
  })),
  fc
    .tuple(
      range,
      fc.option(fc.tuple(term, term), { nil: undefined }),
      fc.constantFrom("none", "full", "equal", "decorrelated" as const),
    )
    .map(([{ initialMs, maxMs }, terms, jitter]) => {
      if (terms === undefined) return { type: "exponential" as const, initialMs, maxMs, jitter };
      const factor = { numerator: Math.max(...terms), denominator: Math.min(...terms) };
      return { type: "exponential" as const, initialMs, maxMs, factor, jitter };
    })
    // What validation refuses, see retry-policy.test.ts.
    .filter(
      ({
        initialMs,
        factor: { numerator: n, denominator: d } = { numerator: 2, denominator: 1 },
      }) => n === d || initialMs * (n - d) >= d,
    ),
);

const config: fc.Arbitrary<RetryConfig> = fc.record(
  {
    maxAttempts: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(Infinity)),
    maxElapsedMs: fc.nat(100_000_000),
    backoff,
  },
  { requiredKeys: ["maxAttempts", "backoff"] },
);

const failed: fc.Arbitrary<FailedAttempt> = fc
  .record({
    attempt: fc.integer({ min: 1, max: 40 }),
    errorKind: fc.constantFrom(...ERROR_KINDS),
    elapsed: fc.oneof(fc.nat(10_000), fc.nat(100_000_000)),
    previous: fc.option(delay),
    now: fc.integer({ min: 100_000_000, max: 4_000_000_000_000 }),
    random: fc.oneof(fc.constantFrom(0, 0xffff, 0x1_0000, 0xffff_ffff), fc.nat(0xffff_ffff)),
  })
  .map(({ attempt, errorKind, elapsed, previous, now, random }) => ({
    attempt,
    errorKind,
    firstFailedAt: now - elapsed,
    previousDelayMs: attempt === 1 ? null : (previous ?? 0),
    now,
    random,
  }));

/** SLC-RTY in unbounded integers, a clause a line. */
function model(
  { maxAttempts, maxElapsedMs, backoff }: RetryConfig,
  f: FailedAttempt,
): RetryDecision {
  if (["permanent", "deserialization", "validation", "poison"].includes(f.errorKind)) {
    return { type: "exhausted", reason: "non-retryable" };
  }
  if (f.attempt >= maxAttempts) return { type: "exhausted", reason: "retries-exhausted" };
  const delayMs = Number(delayModel(backoff, f));
  if (maxElapsedMs !== undefined && f.now + delayMs - f.firstFailedAt > maxElapsedMs) {
    return { type: "exhausted", reason: "expired" };
  }
  return { type: "retry", delayMs };
}

function delayModel(backoff: Backoff, f: FailedAttempt): bigint {
  const spread = (value: bigint): bigint => (value * BigInt(f.random)) / (1n << 32n);
  const base = baseModel(backoff, f.attempt);
  if (backoff.jitter === "full") return spread(base);
  if (backoff.jitter === "equal") return base / 2n + spread(base - base / 2n);
  if (backoff.jitter !== "decorrelated" || backoff.type !== "exponential") return base;
  const [initial, max] = [BigInt(backoff.initialMs), BigInt(backoff.maxMs)];
  const { numerator, denominator } = backoff.factor ?? { numerator: 3, denominator: 1 };
  let previous = BigInt(f.previousDelayMs ?? backoff.initialMs);
  if (previous < initial) previous = initial;
  if (previous > max) previous = max;
  let upper = (previous * BigInt(numerator)) / BigInt(denominator);
  if (upper > max) upper = max;
  return initial + spread(upper - initial);
}

function baseModel(backoff: Backoff, attempt: number): bigint {
  if (backoff.type === "fixed") return BigInt(backoff.delayMs);
  let base = BigInt(backoff.initialMs);
  for (let i = 1; i < attempt; i++) {
    if (backoff.type === "linear") base += BigInt(backoff.stepMs);
    else {
      const { numerator, denominator } = backoff.factor ?? { numerator: 2, denominator: 1 };
      base = (base * BigInt(numerator)) / BigInt(denominator);
    }
  }
  return base < BigInt(backoff.maxMs) ? base : BigInt(backoff.maxMs);
}

it("decides as a model in unbounded integers does (SLC-RTY-001 to -003, SLC-RTY-010 to -014)", () => {
  fc.assert(
    fc.property(config, failed, (c, f) => {
      expect(new RetryPolicy(c).decide(f)).toEqual(model(c, f));
    }),
    { numRuns: 2000 },
  );
});

it("a delay stays within the bounds that its jitter promises (SLC-RTY-013)", () => {
  fc.assert(
    fc.property(backoff, failed, (b, f) => {
      const decision = new RetryPolicy({ maxAttempts: Infinity, backoff: b }).decide({
        ...f,
        errorKind: "transient",
      });
      const delayMs = decision.type === "retry" ? decision.delayMs : Number.NaN;
      const base = Number(baseModel(b, f.attempt));
      const [min, max] = {
        none: [base, base],
        full: [0, base],
        equal: [Math.floor(base / 2), base],
        decorrelated: b.type === "exponential" ? [b.initialMs, b.maxMs] : [0, 0],
      }[b.jitter ?? "none"] as [number, number];
      expect(delayMs).toBeGreaterThanOrEqual(min);
      expect(delayMs).toBeLessThanOrEqual(max);
      expect(Number.isInteger(delayMs)).toBe(true);
    }),
  );
});

it("over a whole life no policy makes more attempts than it may (SLC-RTY-001)", () => {
  fc.assert(
    fc.property(
      config,
      fc.array(fc.nat(0xffff_ffff), { minLength: 50, maxLength: 50 }),
      (c, us) => {
        const policy = new RetryPolicy({ ...c, maxAttempts: Math.min(c.maxAttempts, 45) });
        let now = 1_700_000_000_000;
        const firstFailedAt = now;
        let previousDelayMs: number | null = null;
        let attempts = 0;
        for (const random of us) {
          attempts++;
          const decision: RetryDecision = policy.decide({
            attempt: attempts,
            errorKind: "unknown",
            firstFailedAt,
            previousDelayMs,
            now,
            random,
          });
          if (decision.type === "exhausted") break;
          previousDelayMs = decision.delayMs;
          now += decision.delayMs;
        }
        expect(attempts).toBeLessThanOrEqual(Math.min(c.maxAttempts, 45));
        expect(now - firstFailedAt).toBeLessThanOrEqual(c.maxElapsedMs ?? Infinity);
      },
    ),
  );
});
