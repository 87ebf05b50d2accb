import { ERROR_KINDS, NON_RETRYABLE_KINDS } from "@sluice/spec";
import { checkInteger, checkObject, checkOneOf, join } from "../check-config.ts";
import { ConfigurationError } from "../configuration-error.ts";
import type { ErrorInfo, ErrorKind } from "../engine/outcome.ts";
import { validateRetryConfig } from "./retry-config.ts";
import type { Backoff, RetryConfig } from "./retry-config.ts";
import { RetryPolicy } from "./retry-policy.ts";
import type { FailedAttempt, RetryDecision } from "./retry-policy.ts";

/** A retry policy, others for certain errors, and how many records may wait. */
export interface RetryRules extends RetryConfig {
  /**
   * What `maxElapsedMs` counts from: the end of the first failed attempt, or the record's timestamp
   * if that is earlier. A record without timestamp counts from its first failure.
   * @defaultValue "firstFailure"
   */
  readonly elapsedFrom?: ElapsedFrom;
  /** What differs for errors of a kind; a kind that is never tried again (SLC-RTY-003) has none. */
  readonly byKind?: { readonly [K in RetryableKind]?: RetryOverride };
  /** What differs for errors of a class, by its exact name. Goes before `byKind`. */
  readonly byClass?: Readonly<Record<string, RetryOverride>>;
  /**
   * While so many records wait to be tried again, their partitions take nothing new in. Everything
   * else goes on, and nothing is given up for it. @defaultValue no limit but the budget
   */
  readonly maxWaiting?: number;
}

export type ElapsedFrom = "firstFailure" | "timestamp";
export type RetryableKind = Exclude<ErrorKind, (typeof NON_RETRYABLE_KINDS)[number]>;

/** What is absent holds as for all errors. */
export interface RetryOverride {
  readonly maxAttempts?: number;
  readonly maxElapsedMs?: number;
  readonly elapsedFrom?: ElapsedFrom;
  readonly backoff?: Backoff;
}

const OVERRIDE_KEYS = ["maxAttempts", "maxElapsedMs", "elapsedFrom", "backoff"];
const RULES_KEYS = [...OVERRIDE_KEYS, "byKind", "byClass", "maxWaiting"];
const RETRYABLE_KINDS = ERROR_KINDS.filter(
  (kind) => !(NON_RETRYABLE_KINDS as readonly string[]).includes(kind),
);

/** @throws ConfigurationError naming the field */
export function validateRetryRules(value: unknown, path = "retry"): RetryRules {
  const fields = checkObject(value, path, RULES_KEYS);
  const all = policyOf(fields);
  validatePolicy(all, path);
  const { byKind, byClass, maxWaiting } = fields;
  if (byKind !== undefined) {
    refuseNonRetryable(byKind, join(path, "byKind"));
    validateOverrides(byKind, join(path, "byKind"), RETRYABLE_KINDS, all);
  }
  if (byClass !== undefined) validateOverrides(byClass, join(path, "byClass"), null, all);
  if (maxWaiting !== undefined) {
    checkInteger(maxWaiting, join(path, "maxWaiting"), 1, 10_000_000);
  }
  return value as RetryRules;
}

/** Every policy of the rules, with the path where it stands. */
export function policiesOf(
  rules: RetryRules,
  path = "retry",
): readonly (readonly [path: string, policy: RetryConfig])[] {
  const { byKind = {}, byClass = {} } = rules;
  return [
    [path, rules],
    ...Object.entries(byKind).map(([kind, override]) => merged(`${path}.byKind.${kind}`, override)),
    ...Object.entries(byClass).map(([name, override]) =>
      merged(`${path}.byClass.${name}`, override),
    ),
  ];
  function merged(at: string, override: RetryOverride): readonly [string, RetryConfig] {
    return [at, { ...rules, ...override }];
  }
}

/** Decides by the policy that the error calls for (SLC-RTY). */
export class RetryDecider {
  readonly #all: Rule;
  readonly #byKind: ReadonlyMap<string, Rule>;
  readonly #byClass: ReadonlyMap<string, Rule>;

  /** @throws ConfigurationError naming the field */
  constructor(rules: RetryRules) {
    validateRetryRules(rules);
    const all = policyOf(rules);
    this.#all = new Rule(all);
    this.#byKind = rulesOf(rules.byKind, all);
    this.#byClass = rulesOf(rules.byClass, all);
  }

  /**
   * @param timestamp of the record, milliseconds since the Unix epoch; below 0 for none
   * @throws RangeError when `attempt` or `random` is outside its range
   */
  decide(failed: FailedAttempt, error: ErrorInfo, timestamp: number): RetryDecision {
    return this.#for(error).decide(failed, timestamp);
  }

  /**
   * The same where the error may be that of another record: it can win time and attempts, and takes
   * none away. The record's own age counts for nothing yet.
   */
  decideTogether(failed: FailedAttempt, error: ErrorInfo): RetryDecision {
    const decision = this.#for(error).decide(failed, NO_TIMESTAMP);
    return decision.type === "retry" ? decision : this.#all.decide(failed, NO_TIMESTAMP);
  }

  /** Attempts in all that every error is granted, but for those with a rule of their own. */
  get attemptsOfAny(): number {
    return this.#all.maxAttempts;
  }

  /** Attempts in all that an error of this kind and class is granted. */
  maxAttempts(error: ErrorInfo): number {
    return this.#for(error).maxAttempts;
  }

  #for(error: ErrorInfo): Rule {
    return this.#byClass.get(error.class) ?? this.#byKind.get(error.kind) ?? this.#all;
  }
}

const NO_TIMESTAMP = -1;

type Fields = Readonly<Record<string, unknown>>;

class Rule {
  readonly maxAttempts: number;
  readonly #policy: RetryPolicy;
  readonly #countsFromTimestamp: boolean;

  constructor(fields: Fields) {
    const { elapsedFrom, ...policy } = fields;
    this.#policy = new RetryPolicy(policy as unknown as RetryConfig);
    this.#countsFromTimestamp = elapsedFrom === "timestamp";
    this.maxAttempts = policy["maxAttempts"] as number;
  }

  decide(failed: FailedAttempt, timestamp: number): RetryDecision {
    if (!this.#countsFromTimestamp || timestamp < 0) return this.#policy.decide(failed);
    // A timestamp after the failure is a clock that is wrong, and must not grant more time.
    const firstFailedAt = Math.min(timestamp, failed.firstFailedAt);
    return this.#policy.decide({ ...failed, firstFailedAt });
  }
}

function rulesOf(
  overrides: Readonly<Record<string, RetryOverride | undefined>> = {},
  all: Fields,
): ReadonlyMap<string, Rule> {
  return new Map(
    Object.entries(overrides).map(([name, override]) => [name, new Rule({ ...all, ...override })]),
  );
}

function policyOf(fields: object): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => OVERRIDE_KEYS.includes(key)));
}

function validatePolicy({ elapsedFrom, ...policy }: Fields, path: string): void {
  validateRetryConfig(policy, path);
  if (elapsedFrom === undefined) return;
  checkOneOf(elapsedFrom, join(path, "elapsedFrom"), ["firstFailure", "timestamp"]);
  if (elapsedFrom === "timestamp" && policy["maxElapsedMs"] === undefined) {
    throw new ConfigurationError(
      join(path, "elapsedFrom"),
      "there is no maxElapsedMs that could count from the timestamp",
      "Set maxElapsedMs, or leave elapsedFrom out.",
    );
  }
}

function validateOverrides(
  value: unknown,
  path: string,
  known: readonly string[] | null,
  all: Fields,
): void {
  const names = known ?? Object.keys(checkObject(value, path, Object.keys(Object(value))));
  for (const [name, override] of Object.entries(checkObject(value, path, names))) {
    const at = join(path, name);
    validatePolicy({ ...all, ...checkObject(override, at, OVERRIDE_KEYS) }, at);
  }
}

function refuseNonRetryable(value: unknown, path: string): void {
  const kind = NON_RETRYABLE_KINDS.find((each) => Object.hasOwn(Object(value) as object, each));
  if (kind === undefined) return;
  throw new ConfigurationError(
    join(path, kind),
    `an error of kind "${kind}" is never tried again`,
    `Use byKind for ${RETRYABLE_KINDS.join(", ")}; throw RetryableError to have one tried again.`,
  );
}
