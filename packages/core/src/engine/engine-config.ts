import { checkInteger, checkObject, join } from "../check-config.ts";
import { ConfigurationError } from "../configuration-error.ts";
import { policiesOf, validateRetryRules } from "../retry/retry-rules.ts";
import type { RetryRules } from "../retry/retry-rules.ts";
import { validateConcurrency } from "../limit/adaptive-limit.ts";
import { validateEarlyRelease } from "./early-release.ts";
import { validateBatchConfig } from "./batches.ts";
import type { EngineConfig, RateLimit } from "./engine.ts";

/** @throws ConfigurationError naming the field */
export function validateEngineConfig(config: EngineConfig): EngineConfig {
  validateConcurrency(config.concurrency);
  if (config.rateLimit !== undefined) validateRateLimit(config.rateLimit);
  if (config.earlyRelease !== undefined) validateEarlyRelease(config.earlyRelease);
  checkInteger(config.budget.records, "budget.records", 1, 10_000_000);
  checkInteger(config.budget.bytes, "budget.bytes", 1, Number.MAX_SAFE_INTEGER);
  checkInteger(config.commitIntervalMs, "commitIntervalMs", 1, 2_147_483_647);
  if (config.commitEvery !== undefined) {
    checkInteger(config.commitEvery, "commitEvery", 1, 1_000_000_000);
  }
  if (config.commitWhenIdleMs !== undefined) {
    checkInteger(config.commitWhenIdleMs, "commitWhenIdleMs", 0, 2_147_483_647);
  }
  checkInteger(config.stallAfterMs, "stallAfterMs", 1, 2_147_483_647);
  checkInteger(config.laneSeed, "laneSeed", 0, 0xffff_ffff);
  checkInteger(config.commitMetadataChars, "commitMetadataChars", 0, 65_535);
  if (config.handlerTimeoutMs !== Infinity) {
    checkInteger(config.handlerTimeoutMs, "handlerTimeoutMs", 1, 2_147_483_647);
  }
  if (config.batch !== null) {
    validateBatchConfig(config.batch, config.ordering);
    refuseBudgetBelowBatch(config.budget.records, config.batch.size);
  }
  validateRetryRules(config.retry);
  if (!config.deadLetter) {
    refuseLimitedAttempts(config.retry);
    if (config.earlyRelease !== undefined) {
      throw new ConfigurationError(
        "earlyRelease",
        "there is no dead letter topic to release records to",
        "Set a dead letter topic, or leave earlyRelease out.",
      );
    }
  }
  return config;
}

/** @throws ConfigurationError naming the field */
export function validateRateLimit(value: unknown, path = "rateLimit"): RateLimit {
  const fields = checkObject(value, path, ["perSecond", "burst"]);
  return {
    perSecond: checkInteger(fields["perSecond"], join(path, "perSecond"), 1, 1_000_000),
    burst: checkInteger(fields["burst"], join(path, "burst"), 1, 1_000_000),
  };
}

function refuseBudgetBelowBatch(records: number, batchSize: number): void {
  if (records >= batchSize) return;
  throw new ConfigurationError(
    "budget.records",
    `${records} records are less than a batch of ${batchSize}, so that none is ever full`,
    "Raise it to several batches for each handler that may run, or make the batches smaller.",
  );
}

function refuseLimitedAttempts(retry: RetryRules): void {
  for (const [path, { maxAttempts }] of policiesOf(retry)) {
    if (maxAttempts === Infinity) continue;
    throw new ConfigurationError(
      `${path}.maxAttempts`,
      `${maxAttempts} attempts and no dead letter topic would lose the record`,
      "Set a dead letter topic, or maxAttempts to Infinity.",
    );
  }
}
