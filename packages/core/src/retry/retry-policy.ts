import { NON_RETRYABLE_KINDS } from "@sluice/spec";
import type { ErrorKind } from "../engine/outcome.ts";
import { backoffDelay } from "./backoff.ts";
import { MAX_DELAY_MS, validateRetryConfig } from "./retry-config.ts";
import type { RetryConfig } from "./retry-config.ts";

export type { RetryConfig } from "./retry-config.ts";

/** A failed attempt. Times are milliseconds since the Unix epoch. */
export interface FailedAttempt {
  /** The number of the attempt that failed; 1 is the first. */
  readonly attempt: number;
  readonly errorKind: ErrorKind;
  /** When the first attempt failed; `now` if this was the first. */
  readonly firstFailedAt: number;
  /** The delay that was answered before this attempt; null if this was the first. */
  readonly previousDelayMs: number | null;
  readonly now: number;
  /** Uniform unsigned 32-bit integer. */
  readonly random: number;
  /** A delay the handler asked for: replaces the backoff, but no limit of the policy. */
  readonly requestedDelayMs?: number;
}

export type RetryDecision =
  | { readonly type: "retry"; readonly delayMs: number }
  | { readonly type: "exhausted"; readonly reason: ExhaustedReason };
export type ExhaustedReason = "retries-exhausted" | "non-retryable" | "expired";

/** Decides after each failed attempt whether and when the next one begins (SLC-RTY). */
export class RetryPolicy {
  readonly #config: RetryConfig;

  /** @throws ConfigurationError naming the field */
  constructor(config: RetryConfig) {
    this.#config = validateRetryConfig(config);
  }

  /** @throws RangeError when `attempt` or `random` is outside its range */
  decide(failed: FailedAttempt): RetryDecision {
    checkInput(failed);
    const { maxAttempts, maxElapsedMs = Infinity, backoff } = this.#config;
    // SLC-RTY-003: no number of attempts mends a record that cannot be read.
    if (!isRetryable(failed.errorKind)) return exhausted("non-retryable");
    if (failed.attempt >= maxAttempts) return exhausted("retries-exhausted"); // SLC-RTY-001
    const delayMs =
      failed.requestedDelayMs === undefined
        ? backoffDelay(backoff, failed.attempt, failed.previousDelayMs, failed.random)
        : Math.min(MAX_DELAY_MS, Math.max(0, Math.floor(failed.requestedDelayMs)));
    // SLC-RTY-002: judged by when the attempt would begin, not by now: waiting only to give up
    // would hold the key for nothing.
    // Differences and not sums: with times near 2^53 a sum would be rounded.
    if (delayMs > maxElapsedMs - (failed.now - failed.firstFailedAt)) return exhausted("expired");
    return { type: "retry", delayMs };
  }
}

/** Whether another attempt can help after an error of this kind. */
export function isRetryable(kind: ErrorKind): boolean {
  return !(NON_RETRYABLE_KINDS as readonly string[]).includes(kind);
}

function exhausted(reason: ExhaustedReason): RetryDecision {
  return { type: "exhausted", reason };
}

function checkInput({ attempt, random, requestedDelayMs }: FailedAttempt): void {
  if (!Number.isSafeInteger(attempt) || attempt < 1) {
    throw new RangeError(`attempt must be an integer from 1, got ${attempt}`);
  }
  if (!Number.isInteger(random) || random < 0 || random > 0xffff_ffff) {
    throw new RangeError(`random must be an unsigned 32-bit integer, got ${random}`);
  }
  if (Number.isNaN(requestedDelayMs)) throw new RangeError("requestedDelayMs is NaN");
}
