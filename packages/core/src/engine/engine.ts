import type { AssignedPartition, CommitResult, EpochPartition } from "../port/consumer-port.ts";
import type { AdaptiveConcurrency } from "../limit/adaptive-limit.ts";
import type { PortError } from "../port/errors.ts";
import type { KafkaRecord, TopicPartition } from "../port/record.ts";
import type { RetryRules } from "../retry/retry-rules.ts";
import type { EarlyRelease } from "./early-release.ts";
import type { BatchConfig } from "./batches.ts";
import type { WorkToken } from "./effects.ts";
import type { PartitionExplanation } from "./explanation.ts";
import type { HandlerOutcome } from "./outcome.ts";
import type { EngineSnapshot } from "./snapshot.ts";

/**
 * The consumer's decisions, without IO, clock or randomness.
 *
 * **Driver contract: feed one event, perform all effects in order, then wait for the next event or
 * the earliest deadline.**
 *
 * `now` is milliseconds since the Unix epoch and never goes backwards (the driver clamps it).
 * `random` is a uniform unsigned 32-bit integer. Illegal or late events change nothing and are
 * counted in the snapshot.
 */
export interface Engine {
  /** Answers the start offset of each partition, in order. */
  assigned(partitions: readonly AssignedPartition[], now: number): readonly number[];
  recordsFetched(
    partition: EpochPartition,
    records: readonly KafkaRecord[],
    nextPosition: number,
    now: number,
  ): void;
  handlerFinished(token: WorkToken, outcome: HandlerOutcome, now: number, random: number): void;
  /**
   * A batch has ended: an outcome for each of its records, in its order. Each is taken by itself,
   * but for the randomness, so that records which fail together are tried again together.
   * @param batch its first token
   */
  batchFinished(
    batch: WorkToken,
    outcomes: readonly HandlerOutcome[],
    now: number,
    random: number,
  ): void;
  /**
   * These were dispatched, and will not be handed to their handlers: it is as if they had never been
   * taken from their lanes. Of a batch, its first token.
   */
  notBegun(tokens: readonly WorkToken[], now: number): void;
  deadLetterAcked(token: WorkToken, now: number): void;
  deadLetterFailed(token: WorkToken, error: PortError, now: number, random: number): void;
  commitAnswered(id: number, results: readonly CommitResult[], now: number): void;
  /**
   * Begins a drain of these partitions; `released(revocation)` follows by `deadlineAt` at the latest.
   *
   * A drain takes nothing in and dispatches only what fills a hole: queued records below the highest
   * offset of their partition that is done or under way, unless one below them is given up
   * unsettled, until a margin before the deadline. Everything else that waits is let go.
   */
  revoked(
    revocation: number,
    partitions: readonly EpochPartition[],
    deadlineAt: number,
    now: number,
  ): void;
  lost(partitions: readonly EpochPartition[], now: number): void;
  timerFired(now: number): void;
  pauseRequested(partitions: readonly TopicPartition[], now: number): void;
  resumeRequested(partitions: readonly TopicPartition[], now: number): void;
  /** Begins a drain of all partitions; `drained` follows by `deadlineAt` at the latest. */
  drainRequested(deadlineAt: number, now: number): void;

  /** The record of a live token. @throws RangeError for a token that is not live. */
  record(token: WorkToken): KafkaRecord;
  /** 1 for the first attempt. @throws RangeError for a token that is not live. */
  attempt(token: WorkToken): number;
  epoch(token: WorkToken): number;
  snapshot(now: number): EngineSnapshot;
  /** Why a partition stands where it stands; null when it is not assigned. */
  explain(topicPartition: TopicPartition, now: number): PartitionExplanation | null;
}

/** Attempts begun a second, and how many at once after a pause; integers from 1 to 1e6. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export interface EngineConfig {
  readonly ordering: "key" | "partition" | "none";
  /** Null: each record is handed out by itself. */
  readonly batch: BatchConfig | null;
  /**
   * Handlers running at once, 1 to 1e6, or how their number follows their latency. With batches,
   * batches.
   */
  readonly concurrency: number | AdaptiveConcurrency;
  /**
   * Attempts begun, in all partitions together. Each record of a batch begins one, so that a batch
   * has at most `burst` records, and waits until it may begin as a whole.
   */
  readonly rateLimit?: RateLimit;
  /** Needs a dead letter topic. */
  readonly earlyRelease?: EarlyRelease;
  /** Everything held: queued, running, waiting for a retry or a dead letter's acknowledgement. */
  readonly budget: { readonly records: number; readonly bytes: number };
  readonly retry: RetryRules;
  /** Without dead letters a record is retried for ever (each `maxAttempts` must be Infinity). */
  readonly deadLetter: boolean;
  readonly commitIntervalMs: number;
  /** Commit as soon as so many records have been settled since the last request. */
  readonly commitEvery?: number;
  /** Commit once nothing has been held for so long, if that is before the interval is over. */
  readonly commitWhenIdleMs?: number;
  /** Where a partition starts that has no committed offset, or one outside its log. */
  readonly startAt: "earliest" | "latest";
  /** A handler running this long is reported, and again after each further such span. */
  readonly stallAfterMs: number;
  /** An attempt that runs this long has failed (kind `timeout`); Infinity for no limit. */
  readonly handlerTimeoutMs: number;
  /**
   * Characters of metadata that a commit may carry, to tell which offsets above the committed one
   * are settled; 0 for none. More than the broker takes (`offset.metadata.max.bytes`, 4096) costs a
   * refused commit.
   */
  readonly commitMetadataChars: number;
  /** Seed of the lane hash, unsigned 32 bits: a fixed one lets a producer aim at one lane. */
  readonly laneSeed: number;
}
