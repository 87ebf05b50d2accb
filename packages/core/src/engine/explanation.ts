import type { Slot } from "../lane/lane-scheduler.ts";
import type { EpochPartition } from "../port/consumer-port.ts";
import type { Assignment } from "./assignment.ts";
import type { CommitMetadata } from "./commit-metadata.ts";
import type { CommitInFlight, Commits } from "./commits.ts";
import type { RecordFlow } from "./record-flow.ts";
import type { PauseReason } from "./snapshot.ts";
import { PHASE } from "./work-table.ts";

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
      /** Of a record that is backing off: when it goes on. */
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
  /** As many handlers run as may. */
  | "concurrency";

/** Takes time in proportion to the records held. */
export function explain(
  assignment: Assignment,
  flow: RecordFlow,
  commits: Commits,
  metadata: CommitMetadata,
  now: number,
): PartitionExplanation {
  const { gate } = assignment;
  const held = { queued: 0, running: 0, backingOff: 0, deadLetter: 0, deadLetterBackingOff: 0 };
  let head: Slot = -1;
  for (const slot of flow.work.slotsOf(assignment)) {
    held[phaseOf(flow, slot)]++;
    if (flow.work.record[slot]!.offset === gate.frontier) head = slot;
  }
  const { position, frontier, committed, pausedFor, draining } = assignment.snapshot();
  return {
    ...assignment.epochPartition,
    at: now,
    position,
    frontier,
    committed,
    waitsFor: gate.unsettled === 0 ? null : explainRecord(assignment, flow, head),
    held,
    settledAhead: gate.settledAhead,
    pausedFor,
    draining,
    metadata: {
      chars: assignment.metadataChars,
      maxChars: metadata.maxChars,
      truncated: assignment.isTruncated,
    },
    commit: {
      inFlight: commits.inFlightOf(assignment),
      nextAt: commits.dueAt === Infinity ? null : commits.dueAt,
    },
  };
}

function explainRecord(assignment: Assignment, flow: RecordFlow, slot: Slot): FrontierRecord {
  const { work, scheduler } = flow;
  const offset = assignment.gate.frontier;
  if (slot === -1) return { offset, phase: "released" };
  const phase = phaseOf(flow, slot);
  const first = scheduler.laneHead(slot);
  const nextAt = flow.dueAt(slot);
  const attempt = work.attempt[slot]!;
  const hasFailed = attempt > 1 || (attempt === 1 && phase !== "running");
  return {
    offset,
    phase,
    reason: reasonOf(assignment, flow, slot, phase),
    heldSince: work.heldSince[slot]!,
    phaseSince: work.phaseSince(slot),
    attempt,
    firstFailedAt: hasFailed ? work.firstFailedAt[slot]! : null,
    nextAt: nextAt === Infinity ? null : nextAt,
    lane: scheduler.laneHash(slot),
    laneHeldBy:
      first === slot
        ? null
        : { epoch: work.assignment[first]!.epoch, offset: work.record[first]!.offset },
  };
}

function reasonOf(
  assignment: Assignment,
  flow: RecordFlow,
  slot: Slot,
  phase: HeldPhase,
): WaitReason {
  if (phase === "running") return "handler";
  if (phase === "backingOff") return "backoff";
  if (phase !== "queued") return "dead-letter";
  if (flow.scheduler.laneHead(slot) !== slot) return "lane";
  return assignment.pausedFor.user ? "pause" : "concurrency";
}

function phaseOf(flow: RecordFlow, slot: Slot): HeldPhase {
  switch (flow.work.phase[slot]) {
    case PHASE.running:
      return "running";
    case PHASE.backingOff:
      return "backingOff";
    case PHASE.deadLetterSent:
      return "deadLetter";
    case PHASE.deadLetterBackingOff:
      return "deadLetterBackingOff";
    default:
      return "queued";
  }
}
