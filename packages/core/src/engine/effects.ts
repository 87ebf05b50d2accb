import type { MetadataRejection } from "../metadata/decode-commit-metadata.ts";
import type { CommitOffset, EpochPartition } from "../port/consumer-port.ts";
import type { TopicPartition } from "../port/record.ts";
import type { DeadLetterCause } from "./outcome.ts";

/**
 * Names one attempt to handle one record: a safe integer, never reused by an engine. Whatever is
 * said about a token that is no longer live changes nothing and is counted.
 */
export type WorkToken = number;

/**
 * What the engine wants done. The driver performs each call in the order given. A sink must not
 * call back into the engine; it queues what it learns and feeds it as the next event.
 */
export interface EngineSink {
  /** Run the handler. The engine answers `record(token)`, `attempt(token)` until it finishes. */
  dispatch(token: WorkToken): void;
  /**
   * Run the handler with all of these, records of one partition by ascending offset, and answer
   * `batchFinished` with the first.
   */
  dispatchBatch(tokens: readonly WorkToken[]): void;
  /**
   * Fire the handler's `AbortSignal`: for a lost partition at once, for a revocation or a stop when
   * the drain no longer waits for handlers, a margin before its deadline; for an attempt that has
   * run into its timeout at once. At most once a token; for a batch by its first.
   */
  abort(token: WorkToken, reason: AbortReason): void;
  /** Write the dead letter and answer `deadLetterAcked` or `deadLetterFailed`. */
  deadLetter(token: WorkToken, cause: DeadLetterCause): void;
  /** Commit and answer `commitAnswered` with the same id. */
  commit(id: number, offsets: readonly CommitOffset[]): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Replaces any earlier timer. `Infinity` clears it. Call `timerFired` at or after `at`. */
  setTimer(at: number): void;
  /** The drain of this revocation has ended; the partitions may be given up. */
  released(revocation: number): void;
  /** The drain asked for by `drainRequested` has ended; nothing more will be dispatched. */
  drained(result: DrainResult): void;
  /** Something worth telling the user. */
  notify(notice: EngineNotice): void;
}

export type AbortReason = "revoked" | "lost" | "stopping" | "timeout";
/** `forced`: a handler or dead letter was still outstanding at the deadline. */
export type DrainResult = "clean" | "forced";

export type EngineNotice =
  | (At & {
      readonly type: "retry-scheduled";
      /** The attempt that failed. */
      readonly attempt: number;
      readonly at: number;
      readonly error: string;
    })
  | (At & {
      readonly type: "dead-lettered";
      readonly attempts: number;
      readonly cause: DeadLetterCause;
    })
  | (At & {
      /** It will be sent again; or there is nowhere to send it and the record is tried again. */
      readonly type: "dead-letter-failed";
      readonly error: string;
      readonly retryAt: number;
    })
  | (At & { readonly type: "skipped"; readonly reason: string })
  | (At & { readonly type: "stale-completion" })
  | (At & {
      /** With a batch, of its first record; so below. */
      readonly type: "stalled";
      readonly runningMs: number;
      readonly attempt: number;
      /** How many the handler was given. */
      readonly records: number;
    })
  | (At & {
      /** The attempt has failed. What follows from that begins when the handler returns. */
      readonly type: "timed-out";
      readonly runningMs: number;
      readonly attempt: number;
      readonly records: number;
    })
  | { readonly type: "committed"; readonly offsets: readonly CommitOffset[] }
  | {
      readonly type: "commit-failed";
      readonly offsets: readonly CommitOffset[];
      readonly error: string;
    }
  | {
      /** What an earlier owner finished above the committed offset is not known: it is repeated. */
      readonly type: "metadata-rejected";
      readonly partition: EpochPartition;
      readonly committed: number;
      readonly reason: MetadataRejection;
    }
  | {
      readonly type: "offset-out-of-range";
      readonly partition: EpochPartition;
      readonly committed: number;
      readonly startAt: number;
    };

interface At extends EpochPartition {
  readonly offset: number;
}
