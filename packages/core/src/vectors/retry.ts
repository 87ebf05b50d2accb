import { BACKOFF_TYPES, JITTERS } from "@sluice/spec";
import { ConfigurationError } from "../configuration-error.ts";
import { errorKindOf } from "../envelope/error-kind.ts";
import { backoffDelay as delayOf } from "../retry/backoff.ts";
import { MAX_DELAY_MS, validateRetryConfig } from "../retry/retry-config.ts";
import type { Backoff, Jitter, Ratio, RetryConfig } from "../retry/retry-config.ts";
import { RetryPolicy } from "../retry/retry-policy.ts";
import { VectorInputError } from "./errors.ts";
import { VectorInput } from "./input.ts";

/** Appendix D.3. */
export function retryPolicyCheck(input: unknown): Record<string, unknown> {
  const policy = policyOf(new VectorInput(input));
  try {
    validateRetryConfig(policy);
    return { accepted: true };
  } catch (error) {
    if (error instanceof ConfigurationError) return { accepted: false };
    throw error;
  }
}

/** Appendix D.3. */
export function backoffDelay(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const { backoff } = acceptedPolicyOf(fields);
  const attempt = fields.integer("attempt", 1, MAX_ATTEMPTS);
  const previousDelayMs = fields.integerOrNull("previousDelayMs", 0, MAX_DELAY_MS);
  const random = fields.integer("random", 0, 0xffff_ffff);
  return { delayMs: delayOf(backoff, attempt, previousDelayMs, random) };
}

/** Appendix D.3. */
export function retryDecision(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const requestedDelayMs = fields.integerOrNull("requestedDelayMs", Number.MIN_SAFE_INTEGER);
  const decision = new RetryPolicy(acceptedPolicyOf(fields)).decide({
    attempt: fields.integer("attempt", 1, MAX_ATTEMPTS),
    errorKind: errorKindOf(fields.text("kind")),
    firstFailedAt: fields.decimal("firstFailedAt"),
    previousDelayMs: fields.integerOrNull("previousDelayMs", 0, MAX_DELAY_MS),
    now: fields.decimal("now"),
    random: fields.integer("random", 0, 0xffff_ffff),
    ...(requestedDelayMs === null ? {} : { requestedDelayMs }),
  });
  return decision.type === "retry" ? { retryInMs: decision.delayMs } : { giveUp: decision.reason };
}

const MAX_ATTEMPTS = 0x7fff_ffff;

function acceptedPolicyOf(input: VectorInput): RetryConfig {
  const policy = policyOf(input);
  try {
    return validateRetryConfig(policy);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new VectorInputError("policy", `it is refused: ${error.message}`);
  }
}

/** The policy by the form of its schema; whether it makes sense is not asked here. */
function policyOf(input: VectorInput): RetryConfig {
  const fields = input.object("policy");
  const maxAttempts =
    fields.raw("maxAttempts") === "unlimited"
      ? Infinity
      : fields.integer("maxAttempts", 1, MAX_ATTEMPTS);
  return {
    maxAttempts,
    ...(fields.has("maxElapsedMs") ? { maxElapsedMs: fields.integer("maxElapsedMs") } : {}),
    backoff: backoffOf(fields.object("backoff")),
  };
}

function backoffOf(fields: VectorInput): Backoff {
  const delay = (name: string, min = 0): number => fields.integer(name, min, MAX_DELAY_MS);
  const jitter: { readonly jitter?: Jitter } = fields.has("jitter")
    ? { jitter: fields.oneOf("jitter", JITTERS) }
    : {};
  const type = fields.oneOf("type", BACKOFF_TYPES);
  switch (type) {
    case "fixed":
      return { type, delayMs: delay("delayMs"), ...jitter };
    case "linear":
      return {
        type,
        initialMs: delay("initialMs"),
        stepMs: delay("stepMs"),
        maxMs: delay("maxMs"),
        ...jitter,
      };
    case "exponential":
      return {
        type,
        initialMs: delay("initialMs", 1),
        maxMs: delay("maxMs"),
        ...(fields.has("factor") ? { factor: ratioOf(fields.object("factor")) } : {}),
        ...jitter,
      };
  }
}

function ratioOf(fields: VectorInput): Ratio {
  const term = (name: string): number => fields.integer(name, 1, 1000);
  return { numerator: term("numerator"), denominator: term("denominator") };
}
