import type {
  Adapter,
  EarlyRelease,
  EngineConfig,
  Logger,
  RateLimit,
  Redact,
  RetryConfig,
  RetryRules,
} from "@sluice/core";
import {
  checkInteger,
  checkObject,
  checkOneOf,
  checkString,
  ConfigurationError,
  MAX_DELAY_MS,
  show,
  silentLogger,
  policiesOf,
  validateBatchConfig,
  validateConcurrency,
  validateEarlyRelease,
  validateRateLimit,
  validateRetryRules,
} from "@sluice/core";
import type {
  BatchConsumerOptions,
  BatchHandler,
  ConsumerOptions,
  Handler,
} from "./consumer-options.ts";
import type { DeadLetterSettings } from "./dead-letters.ts";
import { environmentOf } from "./environment.ts";
import type { EnvelopeSettings } from "./envelopes.ts";

/** Options with every default filled in. */
export interface ConsumerSettings {
  readonly adapter: Adapter;
  readonly group: string;
  readonly topics: readonly string[];
  readonly handling: { readonly each: Handler } | { readonly batch: BatchHandler };
  readonly isolation: "read_committed" | "read_uncommitted";
  readonly drainTimeoutMs: number;
  readonly idleAfterMs: number;
  readonly deadLetter: DeadLetterSettings | null;
  readonly envelopes: EnvelopeSettings;
  readonly logger: Logger;
  readonly engine: EngineConfig;
}

/** @throws ConfigurationError naming the option and what to do */
export function validateConsumerOptions(
  options: ConsumerOptions | BatchConsumerOptions,
): ConsumerSettings {
  checkObject(options, "", CONSUMER_KEYS);
  const adapter = adapterOf(options.adapter);
  const retry = retryRules(options.retry);
  const concurrency =
    options.concurrency === undefined ? 64 : validateConcurrency(options.concurrency);
  const topics = topicList(options.topics);
  const ordering = oneOf(options.ordering, "ordering", ORDERINGS, "key");
  const batch = batchOf(options.batch, ordering);
  const handlerTimeoutMs =
    options.handlerTimeoutMs === undefined
      ? Infinity
      : checkInteger(options.handlerTimeoutMs, "handlerTimeoutMs", 1, MAX_DELAY_MS);
  return {
    adapter,
    group: checkString(options.group, "group"),
    topics,
    handling: handlingOf(options),
    isolation: oneOf(options.isolation, "isolation", ISOLATIONS, "read_committed"),
    drainTimeoutMs: drainTimeoutOf(options.drainTimeoutMs, handlerTimeoutMs),
    idleAfterMs: milliseconds(options.idleAfterMs, "idleAfterMs", 1, 30_000),
    deadLetter: deadLetterSettings(options.deadLetter, retry, topics),
    envelopes: {
      trustedTopics: trustedTopics(options.trustedTopics, topics),
      ...identityOf(options.identity),
    },
    logger: validateLogger(options.logger),
    engine: {
      ordering,
      concurrency,
      budget: budgetOf(
        options.budget,
        typeof concurrency === "number" ? concurrency : concurrency.max,
        batch?.size ?? 1,
      ),
      batch,
      retry,
      deadLetter: options.deadLetter !== undefined,
      commitIntervalMs: milliseconds(options.commitIntervalMs, "commitIntervalMs", 1, 1000),
      ...present({
        commitEvery: optional(options.commitEvery, "commitEvery", 1, 1_000_000_000),
        rateLimit: rateLimitOf(options.rateLimit, batch?.size ?? 1),
        earlyRelease: earlyReleaseOf(options.earlyRelease, options.deadLetter !== undefined),
        commitWhenIdleMs: optional(options.commitWhenIdleMs, "commitWhenIdleMs", 0, MAX_DELAY_MS),
      }),
      startAt: oneOf(options.startAt, "startAt", STARTS, "earliest"),
      commitMetadataChars: flag(options.commitMetadata, "commitMetadata", true)
        ? COMMIT_METADATA_CHARS
        : 0,
      stallAfterMs: milliseconds(options.stallAfterMs, "stallAfterMs", 1, 60_000),
      handlerTimeoutMs,
      // A fixed seed would let a producer choose keys that all share one lane.
      laneSeed: environmentOf(adapter).random32(),
    },
  };
}

const CONSUMER_KEYS: readonly (keyof ConsumerOptions)[] = [
  "adapter",
  "group",
  "topics",
  "handler",
  "batchHandler",
  "batch",
  "ordering",
  "concurrency",
  "rateLimit",
  "earlyRelease",
  "retry",
  "deadLetter",
  "trustedTopics",
  "identity",
  "startAt",
  "isolation",
  "commitIntervalMs",
  "commitEvery",
  "commitWhenIdleMs",
  "commitMetadata",
  "drainTimeoutMs",
  "stallAfterMs",
  "handlerTimeoutMs",
  "idleAfterMs",
  "budget",
  "logger",
];
/** Below Kafka's default limit of 4096, with room for what clients append (SLC-CMD-004). */
const COMMIT_METADATA_CHARS = 4000;
const ORDERINGS = ["key", "partition", "none"] as const;
const STARTS = ["earliest", "latest"] as const;
const ISOLATIONS = ["read_committed", "read_uncommitted"] as const;
const DEFAULT_EARLY_RELEASE: EarlyRelease = {
  settledPercent: 98,
  minBehind: 1_000,
  perMinute: 6,
  burst: 3,
};
const DEFAULT_RETRY: RetryConfig = {
  maxAttempts: 5,
  backoff: { type: "exponential", initialMs: 200, maxMs: 30_000, jitter: "full" },
};

export function adapterOf(value: unknown): Adapter {
  const adapter = value as Partial<Adapter> | null | undefined;
  if (
    typeof adapter === "object" &&
    adapter !== null &&
    typeof adapter.consumer === "function" &&
    typeof adapter.producer === "function" &&
    typeof adapter.admin === "function"
  ) {
    return adapter as Adapter;
  }
  throw new ConfigurationError(
    "adapter",
    `expected an adapter, got ${show(value)}`,
    'Pass kafkajs({ brokers: ["localhost:9092"] }) or rdkafka({ … }).',
  );
}

/** The given logger, made safe: one that throws must not take the consumer down. */
export function validateLogger(value: unknown): Logger {
  if (value === undefined) return silentLogger;
  const logger = value as Record<string, unknown> | null;
  for (const level of LEVELS) {
    if (typeof logger?.[level] === "function") continue;
    throw new ConfigurationError(
      "logger",
      `it has no method "${level}"`,
      "A logger has debug, info, warn and error; `console` is one.",
    );
  }
  const given = value as Logger;
  const at =
    (level: (typeof LEVELS)[number]): Logger["info"] =>
    (message, fields) => {
      try {
        if (fields === undefined) given[level](message);
        else given[level](message, fields);
      } catch {
        // There is nowhere left to say it.
      }
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** @param fallback taken when nothing is given */
export function milliseconds(value: unknown, path: string, min: number, fallback: number): number {
  return integer(value, path, min, MAX_DELAY_MS, fallback);
}

export function oneOf<T extends string>(
  value: unknown,
  path: string,
  choices: readonly T[],
  fallback: T,
): T {
  return value === undefined ? fallback : checkOneOf(value, path, choices);
}

function integer(value: unknown, path: string, min: number, max: number, fallback: number): number {
  return value === undefined ? fallback : checkInteger(value, path, min, max);
}

function rateLimitOf(value: unknown, batchSize: number): RateLimit | undefined {
  if (value === undefined) return undefined;
  const { perSecond, burst } = checkObject(value, "rateLimit", ["perSecond", "burst"]);
  const tenth = typeof perSecond === "number" ? Math.ceil(perSecond / 10) : 1;
  const usual = Math.max(1, batchSize, tenth);
  return validateRateLimit({ perSecond, burst: burst === undefined ? usual : burst });
}

function earlyReleaseOf(value: unknown, hasDeadLetters: boolean): EarlyRelease | undefined {
  if (value === undefined) return undefined;
  if (!hasDeadLetters) {
    throw new ConfigurationError(
      "earlyRelease",
      "there is no dead letter topic to release records to",
      'Give deadLetter: { topic: "…" }, or leave earlyRelease out.',
    );
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return validateEarlyRelease(isObject ? { ...DEFAULT_EARLY_RELEASE, ...value } : value);
}

function optional(value: unknown, path: string, min: number, max: number): number | undefined {
  return value === undefined ? undefined : checkInteger(value, path, min, max);
}

/** Without the members that are undefined. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function topicList(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ConfigurationError(
      "topics",
      `expected an array of at least one topic, got ${show(value)}`,
      typeof value === "string" ? `Write topics: [${JSON.stringify(value)}].` : undefined,
    );
  }
  const topics = value.map((topic: unknown, i) => topicName(topic, `topics[${i}]`));
  const repeated = topics.find((topic, i) => topics.indexOf(topic) !== i);
  if (repeated !== undefined) {
    throw new ConfigurationError("topics", `"${repeated}" is named twice`, "Name it once.");
  }
  return topics;
}

/** As Kafka has it. */
export function topicName(value: unknown, path: string): string {
  if (
    typeof value === "string" &&
    /^[a-zA-Z0-9._-]{1,249}$/.test(value) &&
    value !== "." &&
    value !== ".."
  ) {
    return value;
  }
  throw new ConfigurationError(
    path,
    `expected the name of a topic, got ${show(value)}`,
    'It has 1 to 249 of the letters a-z, A-Z, 0-9, ".", "_" and "-", and is neither "." nor "..".',
  );
}

function retryRules(value: unknown): RetryRules {
  if (value === undefined) return DEFAULT_RETRY;
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return validateRetryRules(isObject ? { ...DEFAULT_RETRY, ...value } : value);
}

function deadLetterSettings(
  value: unknown,
  retry: RetryRules,
  topics: readonly string[],
): DeadLetterSettings | null {
  if (value === undefined) {
    const limited = policiesOf(retry).find(([, { maxAttempts }]) => maxAttempts !== Infinity);
    if (limited === undefined) return null;
    const [path, { maxAttempts }] = limited;
    throw new ConfigurationError(
      "deadLetter",
      `nothing says where a record goes after ${maxAttempts} failed attempts` +
        (path === "retry" ? "" : ` (${path})`),
      'Give deadLetter: { topic: "…" }, or retry for ever with retry: { maxAttempts: Infinity }.',
    );
  }
  const given = checkObject(value, "deadLetter", ["topic", "includeStack", "redact", "maxBytes"]);
  const topic = topicName(given["topic"], "deadLetter.topic");
  if (topics.includes(topic)) {
    throw new ConfigurationError(
      "deadLetter.topic",
      `"${topic}" is also consumed: a failing record would come back for ever`,
      "Use a topic of its own.",
    );
  }
  return {
    topic,
    includeStack: flag(given["includeStack"], "deadLetter.includeStack"),
    redact: redactOf(given["redact"]),
    // Below what the mover itself may write (SLC-ENV-012), no dead letter might ever fit.
    maxBytes: integer(given["maxBytes"], "deadLetter.maxBytes", 16_384, 0x7fff_ffff, LETTER_BYTES),
  };
}

/** Kafka's default `max.message.bytes`, 1048588, less room for the framing of a batch. */
const LETTER_BYTES = 1024 * 1024 - 1024;

function redactOf(value: unknown): Redact | null {
  if (value === undefined) return null;
  if (typeof value === "function") return value as Redact;
  throw new ConfigurationError(
    "deadLetter.redact",
    `expected a function, got ${show(value)}`,
    "Write redact: (text, part) => text.replaceAll(…).",
  );
}

function trustedTopics(value: unknown, topics: readonly string[]): ReadonlySet<string> {
  if (value === undefined) return new Set();
  if (!Array.isArray(value)) {
    throw new ConfigurationError(
      "trustedTopics",
      `expected an array of topics, got ${show(value)}`,
      typeof value === "string" ? `Write trustedTopics: [${JSON.stringify(value)}].` : undefined,
    );
  }
  const trusted = value.map((topic: unknown, i) => topicName(topic, `trustedTopics[${i}]`));
  const unknown = trusted.findIndex((topic) => !topics.includes(topic));
  if (unknown !== -1) {
    throw new ConfigurationError(
      `trustedTopics[${unknown}]`,
      `"${trusted[unknown]}" is not among the topics that are consumed`,
      "Name it in topics too, or correct the name.",
    );
  }
  return new Set(trusted);
}

function identityOf(value: unknown): Pick<EnvelopeSettings, "cluster" | "idHeader"> {
  const given = value === undefined ? {} : checkObject(value, "identity", ["cluster", "idHeader"]);
  const { cluster } = given;
  return {
    cluster: cluster === undefined ? null : checkString(cluster, "identity.cluster"),
    idHeader: flag(given["idHeader"], "identity.idHeader"),
  };
}

export function flag(value: unknown, path: string, fallback = false): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? fallback;
  throw new ConfigurationError(path, `expected true or false, got ${show(value)}`);
}

function batchOf(value: unknown, ordering: EngineConfig["ordering"]): EngineConfig["batch"] {
  if (value === undefined) return null;
  const given = checkObject(value, "batch", ["size", "lingerMs", "by"]);
  const config = {
    size: given["size"] as number,
    lingerMs: milliseconds(given["lingerMs"], "batch.lingerMs", 0, 0),
    by: oneOf(given["by"], "batch.by", ["lane", "partition"], "partition"),
  };
  return validateBatchConfig(config, ordering);
}

/** Of a budget, as the engine has it. */
const MAX_RECORDS = 10_000_000;

function budgetOf(value: unknown, concurrency: number, batchSize: number): EngineConfig["budget"] {
  const given = value === undefined ? {} : checkObject(value, "budget", ["records", "bytes"]);
  return {
    records: integer(
      given["records"],
      "budget.records",
      1,
      MAX_RECORDS,
      // Below 40 held records a slot, a hot key leaves slots idle.
      Math.min(
        MAX_RECORDS,
        Math.max(5000, 40 * concurrency, Math.min(2 * batchSize * concurrency, 1_000_000)),
      ),
    ),
    bytes: integer(given["bytes"], "budget.bytes", 1, Number.MAX_SAFE_INTEGER, 64 * 1024 * 1024),
  };
}

/** 0 waits for no handler, whatever it is allowed; no handler timeout allows what the drain does. */
function drainTimeoutOf(value: number | undefined, handlerTimeoutMs: number): number {
  const drainMs = milliseconds(value, "drainTimeoutMs", 0, 15_000);
  const isAsked = value !== undefined && drainMs > 0 && handlerTimeoutMs !== Infinity;
  if (!isAsked || drainMs >= handlerTimeoutMs) return drainMs;
  throw new ConfigurationError(
    "drainTimeoutMs",
    `${drainMs} ms is less than the ${handlerTimeoutMs} ms that handlerTimeoutMs allows a handler: ` +
      "a stop would cut off handlers that are in time",
    "Raise drainTimeoutMs to handlerTimeoutMs at least, lower that, or set 0 to wait for none.",
  );
}

function handlingOf({
  handler,
  batchHandler,
  batch,
}: ConsumerOptions | BatchConsumerOptions): ConsumerSettings["handling"] {
  if (batchHandler === undefined && batch === undefined) {
    return { each: functionOf(handler, "handler", "async (record, context) => { … }") };
  }
  if (handler !== undefined) {
    throw new ConfigurationError(
      "handler",
      "it takes one record at a time, and the consumer is to work in batches",
      "Give batch and batchHandler, or handler alone.",
    );
  }
  if (batch === undefined) {
    throw new ConfigurationError(
      "batch",
      "nothing says how large a batch may be",
      "Write batch: { size: 100 }.",
    );
  }
  const example = "async (records, context) => { … }";
  return { batch: functionOf(batchHandler, "batchHandler", example) };
}

function functionOf<T>(value: T | undefined, path: string, example: string): T {
  if (typeof value === "function") return value;
  throw new ConfigurationError(
    path,
    `expected a function, got ${show(value)}`,
    `Write ${path}: ${example}.`,
  );
}
