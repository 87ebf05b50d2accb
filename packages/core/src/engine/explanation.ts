import type { EpochPartition } from "../port/consumer-port.ts";
import type { CommitInFlight } from "./commits.ts";
import type { PauseReason } from "./snapshot.ts";

/**
 * Why a partition stands where it stands. Derived from the engine's state when asked for;
 * JSON-serialisable. Times are milliseconds since the Unix epoch.
 */
export interface PartitionExplanation extends EpochPartition {
  /** When it was asked for. */
  readonly at: number;
  /** Next offset the client will fetch. */
  readonly position: number;
  /** Next offset to commit: everything below is settled. */
  readonly frontier: number;
  readonly committed: number | null;
  /** The record at the frontier; null when everything fetched is settled. */
  readonly waitsFor: FrontierRecord | null;
  /** Records held, by where they stand. */
  readonly held: Readonly<Record<HeldPhase, number>>;
  /** Records settled above the frontier: done again after a crash, unless a commit has told them. */
  readonly settledAhead: number;
  readonly pausedFor: readonly PauseReason[];
  readonly draining: boolean;
  /** What the last commit told of `settledAhead`. */
  readonly metadata: {
    readonly chars: number;
    /** 0 when commits do not tell. */
    readonly maxChars: number;
    /** It did not fit. */
    readonly truncated: boolean;
  };
  readonly commit: {
    readonly inFlight: CommitInFlight | null;
    /** When the next one is due; null when none is scheduled. */
    readonly nextAt: number | null;
  };
}

export type HeldPhase = "queued" | "running" | "backingOff" | "deadLetter" | "deadLetterBackingOff";

export type FrontierRecord =
  | {
      readonly offset: number;
      readonly phase: HeldPhase;
      readonly reason: WaitReason;
      /** When it was fetched. */
      readonly heldSince: number;
      /** When it came where it stands. */
      readonly phaseSince: number;
      /** Attempts begun. */
      readonly attempt: number;
      /** Null while no attempt has failed. */
      readonly firstFailedAt: number | null;
      /** Of a record that is backing off, or whose batch is not full: when it goes on. */
      readonly nextAt: number | null;
      /** Hash of its key, int32; null for a lane of its own. Another in each process. */
      readonly lane: number | null;
      /** The record before it in its lane: a handler that has outlived an earlier epoch. */
      readonly laneHeldBy: { readonly epoch: number; readonly offset: number } | null;
    }
  /** The drain has let go of it: the next owner handles it. */
  | { readonly offset: number; readonly phase: "released" };

/** What has to happen before the record at the frontier goes on. */
export type WaitReason =
  | "handler"
  | "backoff"
  | "dead-letter"
  /** An earlier record of its lane still runs. */
  | "lane"
  /** The user has paused the partition. */
  | "pause"
  /** Its batch is not full. */
  | "linger"
  /** As many handlers run as may. */
  | "concurrency"
  /** No attempt may begin for now. */
  | "rate";
