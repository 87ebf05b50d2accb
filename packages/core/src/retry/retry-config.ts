import { BACKOFF_TYPES, JITTERS } from "@sluice/spec";
import { checkInteger, checkObject, checkOneOf, join } from "../check-config.ts";
import { ConfigurationError } from "../configuration-error.ts";

/** When to try again. Durations are milliseconds, integers; see SLC-RTY. */
export interface RetryConfig {
  /** Attempts in all, the first included; at least 1, or Infinity. */
  readonly maxAttempts: number;
  /** No attempt begins later than this after the first failure. */
  readonly maxElapsedMs?: number;
  readonly backoff: Backoff;
}

export type Backoff =
  | {
      readonly type: "fixed";
      readonly delayMs: number;
      readonly jitter?: Jitter;
    }
  | {
      readonly type: "linear";
      readonly initialMs: number;
      readonly stepMs: number;
      readonly maxMs: number;
      readonly jitter?: Jitter;
    }
  | {
      readonly type: "exponential";
      readonly initialMs: number;
      readonly maxMs: number;
      /**
       * Multiplier as a ratio of integers, so that every language agrees.
       * @defaultValue 2/1; with decorrelated jitter 3/1
       */
      readonly factor?: Ratio;
      readonly jitter?: Jitter;
    };

export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/**
 * How randomness spreads a delay: not at all; over all of it; over its upper half; or from
 * `initialMs` to the previous delay times the factor (exponential only).
 */
export type Jitter = "none" | "full" | "equal" | "decorrelated";

/** Longest delay: what a timer of 32 bits can hold, about 24 days. */
export const MAX_DELAY_MS = 2_147_483_647;
/** Keeps every product of a delay and a factor exact in a double. */
const MAX_RATIO_TERM = 1000;

/** @throws ConfigurationError naming the field */
export function validateRetryConfig(config: unknown, path = "retry"): RetryConfig {
  const fields = checkObject(config, path, ["maxAttempts", "maxElapsedMs", "backoff"]);
  if (fields["maxAttempts"] !== Infinity) {
    checkInteger(fields["maxAttempts"], join(path, "maxAttempts"), 1, MAX_DELAY_MS);
  }
  if (fields["maxElapsedMs"] !== undefined) {
    checkInteger(fields["maxElapsedMs"], join(path, "maxElapsedMs"), 0, Number.MAX_SAFE_INTEGER);
  }
  validateBackoff(fields["backoff"], join(path, "backoff"));
  return config as RetryConfig;
}

const BACKOFF_KEYS = {
  fixed: ["type", "delayMs", "jitter"],
  linear: ["type", "initialMs", "stepMs", "maxMs", "jitter"],
  exponential: ["type", "initialMs", "maxMs", "factor", "jitter"],
};

function validateBackoff(value: unknown, path: string): void {
  const { type: givenType } = checkObject(value, path, [
    ...new Set(Object.values(BACKOFF_KEYS).flat()),
  ]);
  const type = checkOneOf(givenType, join(path, "type"), BACKOFF_TYPES);
  // Once more with the keys of its own type: a `stepMs` that is ignored would be a silent mistake.
  const fields = checkObject(value, path, BACKOFF_KEYS[type]);
  const delay = (key: string, min: number): number =>
    checkInteger(fields[key], join(path, key), min, MAX_DELAY_MS);

  const jitter =
    fields["jitter"] === undefined
      ? "none"
      : checkOneOf(fields["jitter"], join(path, "jitter"), JITTERS);
  // SLC-RTY-015
  if (jitter === "decorrelated" && type !== "exponential") {
    throw new ConfigurationError(
      join(path, "jitter"),
      `"decorrelated" grows from the previous delay and cannot follow a ${type} backoff`,
      'Use type "exponential", or jitter "full" or "equal".',
    );
  }
  switch (type) {
    case "fixed":
      delay("delayMs", 0);
      break;
    case "linear":
      delay("stepMs", 0);
      delay("maxMs", delay("initialMs", 0));
      break;
    case "exponential":
      delay("maxMs", delay("initialMs", 1));
      if (fields["factor"] !== undefined) {
        validateFactor(fields["factor"], join(path, "factor"), delay("initialMs", 1));
      }
      break;
  }
}

function validateFactor(value: unknown, path: string, initialMs: number): void {
  const fields = checkObject(value, path, ["numerator", "denominator"]);
  const denominator = checkInteger(
    fields["denominator"],
    join(path, "denominator"),
    1,
    MAX_RATIO_TERM,
  );
  const numerator = checkInteger(
    fields["numerator"],
    join(path, "numerator"),
    denominator,
    MAX_RATIO_TERM,
  );
  // SLC-RTY-016: each step rounds down, so 1 ms times 3/2 would stay 1 ms for ever.
  if (numerator > denominator && initialMs * (numerator - denominator) < denominator) {
    throw new ConfigurationError(
      path,
      `${initialMs} ms times ${numerator}/${denominator} rounds down to ${initialMs} ms and never grows`,
      `Set initialMs to at least ${Math.ceil(denominator / (numerator - denominator))}.`,
    );
  }
}
