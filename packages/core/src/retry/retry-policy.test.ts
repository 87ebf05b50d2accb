import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import { RetryPolicy } from "./retry-policy.ts";
import type { FailedAttempt } from "./retry-policy.ts";
import type { Backoff, RetryConfig } from "./retry-config.ts";

const first: FailedAttempt = {
  attempt: 1,
  errorKind: "transient",
  firstFailedAt: 1000,
  previousDelayMs: null,
  now: 1000,
  random: 0,
};

function delays(backoff: Backoff, random = 0): number[] {
  const policy = new RetryPolicy({ maxAttempts: Infinity, backoff });
  let previousDelayMs: number | null = null;
  return [1, 2, 3, 4, 5, 6].map((attempt) => {
    const decision = policy.decide({ ...first, attempt, previousDelayMs, random });
    previousDelayMs = decision.type === "retry" ? decision.delayMs : Number.NaN;
    return previousDelayMs;
  });
}

describe("backoff", () => {
  it("fixed stays (SLC-RTY-011)", () => {
    expect(delays({ type: "fixed", delayMs: 70 })).toEqual([70, 70, 70, 70, 70, 70]);
  });

  it("linear steps up to its cap (SLC-RTY-011)", () => {
    expect(delays({ type: "linear", initialMs: 100, stepMs: 50, maxMs: 230 })).toEqual([
      100, 150, 200, 230, 230, 230,
    ]);
  });

  it("exponential doubles up to its cap (SLC-RTY-012)", () => {
    expect(delays({ type: "exponential", initialMs: 100, maxMs: 1000 })).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
  });

  it("exponential by 3/2 rounds down at each step (SLC-RTY-012)", () => {
    const factor = { numerator: 3, denominator: 2 };
    expect(delays({ type: "exponential", initialMs: 5, maxMs: 1000, factor })).toEqual([
      5, 7, 10, 15, 22, 33,
    ]);
  });

  it("full jitter reaches from nothing to all but the last millisecond (SLC-RTY-013)", () => {
    const backoff = { type: "fixed", delayMs: 1000, jitter: "full" } as const;
    expect(delays(backoff, 0)[0]).toBe(0);
    expect(delays(backoff, 0x8000_0000)[0]).toBe(500);
    expect(delays(backoff, 0xffff_ffff)[0]).toBe(999);
  });

  it("equal jitter reaches from half to all but the last millisecond (SLC-RTY-013)", () => {
    const backoff = { type: "fixed", delayMs: 1001, jitter: "equal" } as const;
    expect(delays(backoff, 0)[0]).toBe(500);
    expect(delays(backoff, 0xffff_ffff)[0]).toBe(1000);
  });

  it("decorrelated jitter grows from the previous delay (SLC-RTY-014)", () => {
    const backoff = { type: "exponential", initialMs: 100, maxMs: 5000, jitter: "decorrelated" };
    expect(delays(backoff as Backoff, 0)).toEqual([100, 100, 100, 100, 100, 100]);
    expect(delays(backoff as Backoff, 0xffff_ffff)).toEqual([299, 896, 2687, 4999, 4999, 4999]);
  });

  it("is exact where a product in doubles is not (SLC-RTY-010)", () => {
    // (2^31-1) * (2^31+1) is 2^62-1; a double makes it 2^62, and the delay one millisecond longer.
    const backoff = { type: "fixed", delayMs: 2 ** 31 - 1, jitter: "full" } as const;
    expect(Math.floor(((2 ** 31 - 1) * (2 ** 31 + 1)) / 2 ** 32)).toBe(2 ** 30);
    expect(delays(backoff, 2 ** 31 + 1)[0]).toBe(2 ** 30 - 1);
  });

  it("does not count to a million for the millionth attempt", () => {
    const flat = { numerator: 1, denominator: 1 };
    const policy = new RetryPolicy({
      maxAttempts: Infinity,
      backoff: { type: "exponential", initialMs: 10, maxMs: 20, factor: flat },
    });
    expect(policy.decide({ ...first, attempt: Number.MAX_SAFE_INTEGER })).toEqual({
      type: "retry",
      delayMs: 10,
    });
  });
});

describe("limits", () => {
  const backoff: Backoff = { type: "fixed", delayMs: 100 };
  const exhausted = (reason: string) => ({ type: "exhausted", reason });

  it("the last attempt is number maxAttempts (SLC-RTY-001)", () => {
    const policy = new RetryPolicy({ maxAttempts: 3, backoff });
    expect(policy.decide({ ...first, attempt: 2 }).type).toBe("retry");
    expect(policy.decide({ ...first, attempt: 3 })).toEqual(exhausted("retries-exhausted"));
  });

  it("an attempt may begin at the end of the elapsed limit and not a millisecond later (SLC-RTY-002)", () => {
    const policy = new RetryPolicy({ maxAttempts: Infinity, maxElapsedMs: 500, backoff });
    expect(policy.decide({ ...first, now: 1400 }).type).toBe("retry");
    expect(policy.decide({ ...first, now: 1401 })).toEqual(exhausted("expired"));
  });

  it("judges exactly at the end of the range of times (SLC-RTY-002)", () => {
    const policy = new RetryPolicy({
      maxAttempts: Infinity,
      maxElapsedMs: 1,
      backoff: { type: "fixed", delayMs: 2 },
    });
    const last = Number.MAX_SAFE_INTEGER;
    // As sums both would be 2^53: 2 ms later than allowed 1 ms would pass.
    expect(policy.decide({ ...first, firstFailedAt: last, now: last })).toEqual(
      exhausted("expired"),
    );
  });

  it.each(["permanent", "deserialization", "validation", "poison"] as const)(
    "an error of kind %s is not tried again (SLC-RTY-003)",
    (errorKind) => {
      const policy = new RetryPolicy({ maxAttempts: Infinity, backoff });
      expect(policy.decide({ ...first, errorKind })).toEqual(exhausted("non-retryable"));
    },
  );

  it.each(["transient", "timeout", "cancelled", "unknown"] as const)(
    "an error of kind %s is tried again",
    (errorKind) => {
      const policy = new RetryPolicy({ maxAttempts: 2, backoff });
      expect(policy.decide({ ...first, errorKind }).type).toBe("retry");
    },
  );

  it("a requested delay replaces the backoff and keeps the limits (SLC-RTY-017)", () => {
    const policy = new RetryPolicy({ maxAttempts: 2, maxElapsedMs: 5000, backoff });
    const request = { ...first, requestedDelayMs: 5000 };
    expect(policy.decide(request)).toEqual({ type: "retry", delayMs: 5000 });
    expect(policy.decide({ ...request, requestedDelayMs: 5001 })).toEqual(exhausted("expired"));
    expect(policy.decide({ ...request, attempt: 2 })).toEqual(exhausted("retries-exhausted"));
    expect(policy.decide({ ...request, requestedDelayMs: -1 })).toEqual({
      type: "retry",
      delayMs: 0,
    });
  });

  it.each([
    [{ attempt: 0 }, "attempt must be an integer from 1, got 0"],
    [{ attempt: 1.5 }, "attempt must be an integer"],
    [{ random: -1 }, "random must be an unsigned 32-bit integer, got -1"],
    [{ random: 2 ** 32 }, "random must be an unsigned 32-bit integer"],
    [{ random: 0.5 }, "random must be an unsigned 32-bit integer, got 0.5"],
    [{ requestedDelayMs: Number.NaN }, "requestedDelayMs is NaN"],
  ])("refuses %j", (change, message) => {
    const policy = new RetryPolicy({ maxAttempts: 2, backoff });
    expect(() => policy.decide({ ...first, ...change })).toThrow(message);
  });
});

describe("validation", () => {
  const backoff = { type: "fixed", delayMs: 100 };
  const exponential = { type: "exponential", initialMs: 100, maxMs: 200 };

  // Among them SLC-RTY-015 and SLC-RTY-016.
  it.each<[unknown, string]>([
    [null, "retry: expected an object, got null"],
    [{ maxAttempts: 0, backoff }, "retry.maxAttempts: expected an integer from 1"],
    [
      { maxAttempts: "3", backoff },
      'retry.maxAttempts: expected an integer from 1 to 2147483647, got "3"',
    ],
    [{ backoff }, "retry.maxAttempts: expected an integer from 1 to 2147483647, got nothing"],
    [
      { maxAttempt: 3, backoff },
      "retry.maxAttempt: there is no such option. Did you mean retry.maxAttempts?",
    ],
    [
      { maxAttempts: 1, maxElapsedMs: -1, backoff },
      "retry.maxElapsedMs: expected an integer from 0",
    ],
    [{ maxAttempts: 1 }, "retry.backoff: expected an object, got nothing"],
    [
      { maxAttempts: 1, backoff: {} },
      'retry.backoff.type: expected "fixed" or "linear" or "exponential", got nothing',
    ],
    [{ maxAttempts: 1, backoff: { type: "exponental" } }, 'Did you mean "exponential"?'],
    [{ maxAttempts: 1, backoff: { type: "fixed" } }, "retry.backoff.delayMs: expected an integer"],
    [
      { maxAttempts: 1, backoff: { ...backoff, maxMs: 5 } },
      "retry.backoff.maxMs: there is no such option. Known here: type, delayMs, jitter.",
    ],
    [
      { maxAttempts: 1, backoff: { ...backoff, delayMs: 2 ** 31 } },
      "to 2147483647, got 2147483648",
    ],
    [{ maxAttempts: 1, backoff: { ...backoff, jitter: "ful" } }, 'Did you mean "full"?'],
    [
      { maxAttempts: 1, backoff: { ...backoff, jitter: 7 } },
      'retry.backoff.jitter: expected "none"',
    ],
    [
      { maxAttempts: 1, backoff: { ...exponential, factor: { numerator: 2 } } },
      "retry.backoff.factor.denominator: expected an integer from 1 to 1000, got nothing",
    ],
    [
      {
        maxAttempts: 1,
        backoff: { ...exponential, initialMs: 2, factor: { numerator: 7, denominator: 5 } },
      },
      "2 ms times 7/5 rounds down to 2 ms and never grows. Set initialMs to at least 3.",
    ],
    [
      { maxAttempts: 1, backoff: { ...backoff, jitter: "decorrelated" } },
      'retry.backoff.jitter: "decorrelated" grows from the previous delay and cannot follow a fixed backoff. Use type "exponential", or jitter "full" or "equal".',
    ],
    [
      { maxAttempts: 1, backoff: { ...exponential, maxMs: 99 } },
      "retry.backoff.maxMs: expected an integer from 100",
    ],
    [
      { maxAttempts: 1, backoff: { ...exponential, initialMs: 0 } },
      "retry.backoff.initialMs: expected an integer from 1",
    ],
    [
      { maxAttempts: 1, backoff: { type: "linear", initialMs: 1, stepMs: 0.5, maxMs: 3 } },
      "retry.backoff.stepMs: expected an integer",
    ],
    [
      { maxAttempts: 1, backoff: { ...exponential, factor: 2 } },
      "retry.backoff.factor: expected an object, got 2",
    ],
    [
      { maxAttempts: 1, backoff: { ...exponential, factor: { numerator: 1, denominator: 2 } } },
      "retry.backoff.factor.numerator: expected an integer from 2 to 1000, got 1",
    ],
    [
      {
        maxAttempts: 1,
        backoff: { ...exponential, initialMs: 1, factor: { numerator: 3, denominator: 2 } },
      },
      "1 ms times 3/2 rounds down to 1 ms and never grows. Set initialMs to at least 2.",
    ],
  ])("refuses %j", (config, message) => {
    const create = () => new RetryPolicy(config as RetryConfig);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(message);
  });
});
