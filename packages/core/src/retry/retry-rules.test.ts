import { describe, expect, test } from "vitest";
import type { ErrorInfo } from "../engine/outcome.ts";
import type { FailedAttempt } from "./retry-policy.ts";
import { policiesOf, RetryDecider, validateRetryRules } from "./retry-rules.ts";
import type { RetryRules } from "./retry-rules.ts";

const base: RetryRules = { maxAttempts: 3, backoff: { type: "fixed", delayMs: 100 } };

const failed = (change: Partial<FailedAttempt> = {}): FailedAttempt => ({
  ...{ attempt: 1, errorKind: "unknown", firstFailedAt: 5_000, previousDelayMs: null },
  ...{ now: 5_000, random: 0 },
  ...change,
});
const errorOf = (kind: ErrorInfo["kind"], name = "Error"): ErrorInfo => ({
  ...{ kind, class: name, message: "it failed" },
});

describe("policies by error", () => {
  const decider = new RetryDecider({
    ...base,
    byKind: {
      timeout: { maxAttempts: 5 },
      transient: { backoff: { type: "fixed", delayMs: 7 } },
    },
    byClass: { ConflictError: { maxAttempts: 1 } },
  });
  const decide = (attempt: number, error: ErrorInfo) =>
    decider.decide(failed({ attempt, errorKind: error.kind }), error, -1);

  test("an error without a policy of its own has the one for all", () => {
    expect(decide(2, errorOf("unknown"))).toEqual({ type: "retry", delayMs: 100 });
    expect(decide(3, errorOf("unknown")).type).toBe("exhausted");
  });

  test("a kind changes what it names and keeps the rest", () => {
    expect(decide(4, errorOf("timeout"))).toEqual({ type: "retry", delayMs: 100 });
    expect(decide(5, errorOf("timeout")).type).toBe("exhausted");
    expect(decide(2, errorOf("transient"))).toEqual({ type: "retry", delayMs: 7 });
    expect(decide(3, errorOf("transient")).type).toBe("exhausted");
  });

  test("a class goes before its kind, by its exact name", () => {
    expect(decide(1, errorOf("timeout", "ConflictError")).type).toBe("exhausted");
    expect(decide(1, errorOf("timeout", "conflicterror")).type).toBe("retry");
    expect(decide(1, errorOf("timeout", "constructor")).type).toBe("retry");
  });

  test("an error that may be another record's wins attempts and time, and takes none away", () => {
    const together = (attempt: number, error: ErrorInfo) =>
      decider.decideTogether(failed({ attempt, errorKind: "transient" }), error);
    // Five of its kind, where all have three.
    expect(together(4, errorOf("timeout"))).toEqual({ type: "retry", delayMs: 100 });
    expect(together(5, errorOf("timeout")).type).toBe("exhausted");
    // One of its class, and three all the same.
    expect(together(2, errorOf("timeout", "ConflictError"))).toEqual({
      type: "retry",
      delayMs: 100,
    });
    expect(together(3, errorOf("timeout", "ConflictError")).type).toBe("exhausted");
    expect(together(1, errorOf("transient"))).toEqual({ type: "retry", delayMs: 7 });
    // How old the record is counts for nothing yet.
    const hasty = new RetryDecider({ ...base, maxElapsedMs: 1_000, elapsedFrom: "timestamp" });
    expect(hasty.decide(failed(), errorOf("timeout"), 1).type).toBe("exhausted");
    expect(hasty.decideTogether(failed(), errorOf("timeout")).type).toBe("retry");
    expect([decider.attemptsOfAny, new RetryDecider(base).attemptsOfAny]).toEqual([3, 3]);
  });

  test("no policy tries again what must not be (SLC-RTY-003)", () => {
    const patient = new RetryDecider({ ...base, byClass: { E: { maxAttempts: Infinity } } });
    const error = errorOf("validation", "E");
    expect(patient.decide(failed({ errorKind: error.kind }), error, -1)).toEqual({
      ...{ type: "exhausted", reason: "non-retryable" },
    });
  });

  test("the attempts granted are those of the policy in force", () => {
    expect(decider.maxAttempts(errorOf("unknown"))).toBe(3);
    expect(decider.maxAttempts(errorOf("timeout"))).toBe(5);
    expect(decider.maxAttempts(errorOf("timeout", "ConflictError"))).toBe(1);
  });
});

describe("elapsedFrom", () => {
  const rules: RetryRules = { ...base, maxElapsedMs: 1_000, elapsedFrom: "timestamp" };
  const decide = (timestamp: number, now: number, given = rules) =>
    new RetryDecider(given).decide(failed({ now }), errorOf("unknown"), timestamp).type;

  test("the timestamp: an attempt at exactly the limit is allowed", () => {
    expect(decide(4_200, 5_100)).toBe("retry");
    expect(decide(4_200, 5_101)).toBe("exhausted");
  });

  test("a record that has no timestamp counts from its first failure", () => {
    expect(decide(-1, 5_900)).toBe("retry");
    expect(decide(-1, 5_901)).toBe("exhausted");
  });

  test("the first millisecond of the epoch is a timestamp", () => {
    expect(decide(0, 5_000)).toBe("exhausted");
  });

  test("a timestamp in the future grants no time", () => {
    expect(decide(9_000, 5_900)).toBe("retry");
    expect(decide(9_000, 5_901)).toBe("exhausted");
  });

  test("otherwise the timestamp says nothing", () => {
    const given: RetryRules = { ...base, maxElapsedMs: 1_000 };
    expect(decide(0, 5_900, given)).toBe("retry");
    expect(decide(0, 5_900, { ...given, elapsedFrom: "firstFailure" })).toBe("retry");
  });
});

describe("validation", () => {
  test.each<[string, unknown, string]>([
    ["an unknown option", { byKinds: {} }, "Did you mean retry.byKind?"],
    [
      "a kind that does not exist",
      { byKind: { timeouts: {} } },
      "Did you mean retry.byKind.timeout?",
    ],
    [
      "a kind that is never tried again",
      { byKind: { poison: {} } },
      'retry.byKind.poison: an error of kind "poison" is never tried again. Use byKind for transient, timeout, cancelled, unknown; throw',
    ],
    [
      "an override's field",
      { byClass: { E: { maxAttempts: 0 } } },
      "retry.byClass.E.maxAttempts: expected an integer from 1",
    ],
    [
      "a misspelt field of an override",
      { byClass: { E: { maxAttempt: 1 } } },
      "Did you mean retry.byClass.E.maxAttempts?",
    ],
    ["overrides that are none", { byKind: 5 }, "retry.byKind: expected an object, got 5"],
    ["half a record", { maxWaiting: 0.5 }, "retry.maxWaiting: expected an integer from 1"],
    ["a start that does not exist", { elapsedFrom: "now" }, 'retry.elapsedFrom: expected "firstF'],
    [
      "a start of nothing",
      { byKind: { timeout: { elapsedFrom: "timestamp" } } },
      "retry.byKind.timeout.elapsedFrom: there is no maxElapsedMs that could count from the timestamp. Set maxElapsedMs, or",
    ],
  ])("refuses %s", (_, change, message) => {
    expect(() => validateRetryRules({ ...base, ...(change as object) })).toThrow(message);
  });

  test("counting from the first failure needs no limit", () => {
    const rules = { ...base, elapsedFrom: "firstFailure" };
    expect(validateRetryRules(rules)).toBe(rules);
  });

  test("an override may count from the timestamp with the limit for all", () => {
    const rules = { ...base, maxElapsedMs: 5, byKind: { timeout: { elapsedFrom: "timestamp" } } };
    expect(validateRetryRules(rules)).toBe(rules);
  });

  test("every policy is named with its place", () => {
    const rules: RetryRules = {
      ...base,
      byKind: { timeout: { maxAttempts: 4 } },
      byClass: { E: { maxElapsedMs: 1 } },
    };
    expect(policiesOf(rules).map(([path, { maxAttempts }]) => [path, maxAttempts])).toEqual([
      ["retry", 3],
      ["retry.byKind.timeout", 4],
      ["retry.byClass.E", 3],
    ]);
  });
});
