import type { EpochPartition } from "../port/consumer-port.ts";

/** Derived from the engine's state when asked for; JSON-serialisable. */
export interface EngineSnapshot {
  /** Handlers running, those of revoked partitions and those that timed out included. */
  readonly running: number;
  /** Handlers that may run at once now. */
  readonly concurrency: number;
  readonly held: { readonly records: number; readonly bytes: number };
  readonly waitingForRetry: number;
  readonly waitingForDeadLetter: number;
  readonly partitions: readonly PartitionSnapshot[];
  /** Events that came too late or made no sense, by kind. */
  readonly ignored: {
    readonly staleCompletions: number;
    readonly staleRecords: number;
    /** Records whose offset is no integer, or above 2^53-2: nothing from there on is committed. */
    readonly unsafeOffsets: number;
    readonly staleCommitAnswers: number;
    readonly unknownTokens: number;
    /** Results of attempts that had timed out. */
    readonly lateResults: number;
    /** Commit metadata that could not be used: another system's, or damaged. */
    readonly rejectedMetadata: number;
  };
  /** Totals since the start. */
  readonly totals: {
    readonly fetched: number;
    /** Of these, settled by an earlier owner of their partition, as its last commit told. */
    readonly restored: number;
    readonly settled: number;
    readonly retried: number;
    readonly timedOut: number;
    readonly deadLettered: number;
    readonly skipped: number;
  };
}

export interface PartitionSnapshot extends EpochPartition {
  /** Next offset the client will fetch. */
  readonly position: number;
  /** Next offset to commit: everything below is settled. */
  readonly frontier: number;
  /** Last offset acknowledged by the broker in this epoch, or found there at assignment. */
  readonly committed: number | null;
  readonly held: number;
  readonly pausedFor: readonly PauseReason[];
  readonly draining: boolean;
}

/**
 * `metadata`: what is settled above the frontier hardly fits into a commit any more, and fetching
 * more would add to it. `retries`: too many records wait to be tried again, some of them its own.
 */
export type PauseReason = "user" | "budget" | "metadata" | "retries";
