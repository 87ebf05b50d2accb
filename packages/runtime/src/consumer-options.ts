import type {
  Adapter,
  AdaptiveConcurrency,
  EarlyRelease,
  Envelope,
  ErrorKind,
  KafkaRecord,
  Logger,
  PartitionExplanation,
  RetryRules,
  TopicPartition,
} from "@sluice/core";

/** Options of `createConsumer`. Durations are milliseconds. */
export interface ConsumerOptions extends CommonOptions {
  readonly handler: Handler;
  readonly batchHandler?: never;
  readonly batch?: never;
}

/** Options of `createConsumer` for a handler that takes many records at once. */
export interface BatchConsumerOptions extends CommonOptions {
  readonly batchHandler: BatchHandler;
  readonly batch: BatchOptions;
  readonly handler?: never;
}

export interface BatchOptions {
  /** Records in a full batch, 1 to 100,000. */
  readonly size: number;
  /** How long after its fetch a record may wait for others to come with it. @defaultValue 0 */
  readonly lingerMs?: number;
  /** A batch holds records of one partition, or of one lane: of one key. @defaultValue "partition" */
  readonly by?: "lane" | "partition";
}

export interface CommonOptions {
  readonly adapter: Adapter;
  readonly group: string;
  readonly topics: readonly string[];
  /** What stays in order: records of a key, of a partition, or nothing. @defaultValue "key" */
  readonly ordering?: "key" | "partition" | "none";
  /**
   * Handlers running at once in this process, or how their number follows their latency: with
   * batches, batches. @defaultValue 64
   */
  readonly concurrency?: number | AdaptiveConcurrency;
  /**
   * Attempts begun a second in this process, retries included; `burst` at once after a pause.
   * Each record of a batch is one: a batch has at most `burst` records, and waits until all of them
   * may begin.
   * @defaultValue no limit; `burst`: a tenth of a second's worth, and at least a batch
   */
  readonly rateLimit?: { readonly perSecond: number; readonly burst?: number };
  /**
   * A record that waits for a retry while nearly everything behind it in its partition is settled
   * becomes a dead letter before its attempts are used up, with the reason `blocked`. @defaultValue off
   */
  readonly earlyRelease?: Partial<EarlyRelease>;
  /** @defaultValue 5 attempts, exponential 200 ms to 30 s, full jitter */
  readonly retry?: Partial<RetryRules>;
  /** Where a record goes whose attempts are used up. Required unless `maxAttempts` is Infinity. */
  readonly deadLetter?: DeadLetterOptions;
  /**
   * Topics that only processors and replayers write to, which an access list ensures: the
   * `sluice-*` headers of their records are believed (SLC-SEC-001). @defaultValue none
   */
  readonly trustedTopics?: readonly string[];
  readonly identity?: IdentityOptions;
  /** For a partition without a committed offset, or with one outside its log. @defaultValue "earliest" */
  readonly startAt?: "earliest" | "latest";
  /** @defaultValue "read_committed" */
  readonly isolation?: "read_committed" | "read_uncommitted";
  /** @defaultValue 1000 */
  readonly commitIntervalMs?: number;
  /** Commit as soon as so many records have been settled since the last commit. @defaultValue never */
  readonly commitEvery?: number;
  /** Commit once nothing has been held for so long, milliseconds. @defaultValue never */
  readonly commitWhenIdleMs?: number;
  /**
   * Write into each commit which records above the committed offset are done, and skip those when
   * the partition is assigned anew: a restart repeats only what was truly unfinished. Other consumers
   * of the group ignore it.
   * @defaultValue true
   */
  readonly commitMetadata?: boolean;
  /**
   * Longest wait for running handlers when partitions are revoked or the consumer stops: no less than
   * `handlerTimeoutMs`, or 0 to wait for none.
   * @defaultValue 15000
   */
  readonly drainTimeoutMs?: number;
  /** Report a handler that runs longer. @defaultValue 60000 */
  readonly stallAfterMs?: number;
  /**
   * An attempt that takes longer has failed, with the error kind `timeout`. Its signal fires; no other
   * attempt and no record of its lane begins before its handler has returned.
   * @defaultValue no limit
   */
  readonly handlerTimeoutMs?: number;
  /** Report a partition whose records wait while the client delivers none. @defaultValue 30000 */
  readonly idleAfterMs?: number;
  /**
   * Everything held at once.
   * @defaultValue records: 40 × concurrency, at least 5000, and of batches twice the concurrency up to
   * a million records; 64 MiB
   */
  readonly budget?: { readonly records?: number; readonly bytes?: number };
  readonly logger?: Logger;
}

export interface DeadLetterOptions {
  readonly topic: string;
  /** Write the error's stack: it may hold secrets and personal data. @defaultValue false */
  readonly includeStack?: boolean;
  /** Takes secrets out of an error's texts before they are written. */
  readonly redact?: (text: string, part: "class" | "code" | "message" | "stack") => string;
  /**
   * Largest dead letter: key, value and headers. What does not fit loses its stack, its history, most
   * of its message, large headers and at last its value, in this order. @defaultValue 1 MiB less 1 KiB
   */
  readonly maxBytes?: number;
}

/** What the message id is made of when no header says it. */
export interface IdentityOptions {
  /** Id of the cluster, also written into dead letters. @defaultValue not known */
  readonly cluster?: string;
  /** Take the header `id` of Debezium's outbox for the message id. @defaultValue false */
  readonly idHeader?: boolean;
}

/**
 * Return nothing for success, or an explicit {@link Outcome}. Throw to fail the attempt. Any other
 * value counts as success, unless it has a property `outcome` that is none of the four: that fails
 * the attempt, for a misspelt outcome must not pass for success.
 */
export type Handler = (record: KafkaRecord, context: HandlerContext) => HandlerResult;

export type HandlerResult = void | Outcome | PromiseLike<void | Outcome>;

export type Outcome =
  | { readonly outcome: "ok" }
  | { readonly outcome: "retry"; readonly afterMs?: number; readonly reason?: string }
  | { readonly outcome: "dead-letter"; readonly reason: string }
  | { readonly outcome: "skip"; readonly reason: string };

/**
 * Takes many records at once: of one partition, by ascending offset, those of a key in their order.
 * Each record has an outcome of its own:
 *
 * - what stands at its place in the array that is returned: an outcome, nothing for success, or a
 *   promise of either; `Promise.allSettled(…)` will do;
 * - else what `context.done(record, …)` has noted;
 * - else what the handler did as a whole: the one outcome it returned, success when it returned
 *   nothing, failure when it threw.
 */
export type BatchHandler = (
  records: readonly KafkaRecord[],
  context: BatchContext,
) => BatchResult | PromiseLike<BatchResult>;

export type BatchResult = void | Outcome | readonly (BatchEntry | PromiseLike<BatchEntry>)[];

/** What a record of a batch has come to. */
export type BatchEntry = void | RecordOutcome | PromiseSettledResult<void | RecordOutcome>;

/** "failed": as if a handler of its own had thrown the error. */
export type RecordOutcome = Outcome | { readonly outcome: "failed"; readonly error: unknown };

export interface BatchContext {
  /** Identity of this assignment of the partition. */
  readonly epoch: number;
  /** As for a single record, for all of them. */
  readonly signal: AbortSignal;
  /**
   * The context of one of the records: its attempt, message id, envelope and trace.
   * @throws RangeError for a record that is not of this batch
   */
  of(record: KafkaRecord): HandlerContext;
  /**
   * Notes the outcome of one of the records, success unless given; the last word counts. It takes effect
   * when the handler returns or throws.
   * @throws RangeError for a record that is not of this batch
   */
  done(record: KafkaRecord, outcome?: RecordOutcome): void;
}

export interface HandlerContext {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Identity of this assignment of the partition. */
  readonly epoch: number;
  /**
   * Fires when the partition is revoked or lost, the consumer stops or the handler runs into
   * `handlerTimeoutMs`. Created on first use.
   */
  readonly signal: AbortSignal;
  /** Stable id for idempotency: SLC-ENV message id. */
  readonly messageId: string;
  /** Everything else that the headers say: origin, history, hops, anomalies. Read on first use. */
  readonly envelope: Envelope;
  /** W3C trace context of the record, if any. */
  readonly trace: { readonly traceparent: string; readonly tracestate: string | null } | null;
}

export interface Consumer {
  /**
   * @throws ConfigurationError for a missing topic, before anything is consumed
   * @throws PortError when the cluster cannot be reached or refuses the credentials
   */
  start(): Promise<void>;
  /** Drains and leaves. `forced`: a handler was still running at the deadline. Idempotent. */
  stop(options?: { readonly drainTimeoutMs?: number }): Promise<StopResult>;
  /**
   * Of these partitions, or of all, those assigned later included, no handler begins once this has
   * returned. Those that have begun go on.
   */
  pause(partitions?: readonly TopicPartition[]): void;
  resume(partitions?: readonly TopicPartition[]): void;
  on<E extends keyof ConsumerEventMap>(
    event: E,
    listener: (payload: ConsumerEventMap[E]) => void,
  ): () => void;
  health(): HealthReport;
  stats(): ConsumerStats;
  /**
   * Why a partition stands where it stands: which record its commits wait for and what that one waits
   * for, what is held, paused and on its way. Null when the partition is not assigned here. Takes
   * time in proportion to the records held.
   */
  explain(topic: string, partition: number): PartitionExplanation | null;
}

export interface StopResult {
  readonly result: "clean" | "forced";
}

export type RecordAt = TopicPartition & { readonly offset: number; readonly epoch: number };

export interface LongAttempt {
  readonly runningMs: number;
  readonly attempt: number;
  /** How many the handler was given. */
  readonly records: number;
}

export interface ConsumerEventMap {
  assigned: {
    readonly partitions: readonly (TopicPartition & {
      readonly epoch: number;
      readonly startAt: number;
    })[];
  };
  revoking: {
    readonly partitions: readonly (TopicPartition & { readonly epoch: number })[];
    readonly deadlineMs: number;
  };
  revoked: { readonly partitions: readonly (TopicPartition & { readonly epoch: number })[] };
  lost: { readonly partitions: readonly (TopicPartition & { readonly epoch: number })[] };
  retry: RecordAt & { readonly attempt: number; readonly delayMs: number; readonly error: string };
  deadLetter: RecordAt & {
    readonly attempts: number;
    readonly reason: string;
    readonly to: { readonly topic: string; readonly partition: number; readonly offset: number };
  };
  deadLetterFailed: RecordAt & { readonly error: string; readonly retryInMs: number };
  skipped: RecordAt & { readonly reason: string };
  staleCompletion: RecordAt;
  /** Of a batch, at its first record. */
  stalled: RecordAt & LongAttempt;
  /** The attempt has failed; what follows from that begins when the handler returns. */
  timedOut: RecordAt & LongAttempt;
  committed: { readonly offsets: readonly (TopicPartition & { readonly offset: number })[] };
  commitFailed: {
    readonly offsets: readonly (TopicPartition & { readonly offset: number })[];
    readonly error: string;
  };
  /** Assigned, not paused, records are waiting, none was delivered for `idleMs`. */
  notDelivering: TopicPartition & {
    readonly position: number;
    readonly end: number;
    readonly idleMs: number;
  };
  offsetOutOfRange: TopicPartition & { readonly committed: number; readonly startAt: number };
  /** A new client takes over when `willRestart`; else the consumer has failed for good. */
  down: { readonly error: Error; readonly willRestart: boolean };
}

export interface HealthReport {
  readonly status: "starting" | "healthy" | "degraded" | "stopped" | "failed";
  /** Why not healthy, in words. */
  readonly reasons: readonly string[];
}

export interface ConsumerStats {
  readonly running: number;
  /** Handlers that may run at once now. */
  readonly concurrency: number;
  readonly heldRecords: number;
  readonly heldBytes: number;
  readonly waitingForRetry: number;
  readonly waitingForDeadLetter: number;
  readonly partitions: readonly (TopicPartition & {
    readonly epoch: number;
    readonly position: number;
    readonly frontier: number;
    readonly committed: number | null;
    readonly held: number;
    readonly pausedFor: readonly string[];
    /** It is being given up. */
    readonly draining: boolean;
  })[];
  readonly totals: Readonly<Record<string, number>>;
  readonly headers: {
    /** What was wrong with the headers that were read, by code of the specification's B.3. */
    readonly anomalies: Readonly<Record<string, number>>;
    /** Dead letters whose client could not keep the value or the place of a header. */
    readonly lossyMoves: number;
  };
}

export type { ErrorKind };
