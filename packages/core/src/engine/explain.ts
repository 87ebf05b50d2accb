import type { Slot } from "../lane/lane-scheduler.ts";
import type { Assignment } from "./assignment.ts";
import type { CommitMetadata } from "./commit-metadata.ts";
import type { Commits } from "./commits.ts";
import type { FrontierRecord, HeldPhase, PartitionExplanation, WaitReason } from "./explanation.ts";
import * as FIRED from "./fired.ts";
import * as PHASE from "./phase.ts";
import type { RecordFlow } from "./record-flow.ts";

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
  for (const slot of flow.held.work.slotsOf(assignment)) {
    held[phaseOf(flow, slot)]++;
    if (flow.held.work.record(slot).offset === gate.frontier) head = slot;
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
  const { work, scheduler } = flow.held;
  const offset = assignment.gate.frontier;
  if (slot === -1) return { offset, phase: "released" };
  const phase = phaseOf(flow, slot);
  const first = scheduler.laneHead(slot);
  const reason = reasonOf(assignment, flow, slot, phase);
  const nextAt = reason === "linger" ? flow.attempts.lingersUntil(slot) : flow.failures.dueAt(slot);
  const attempt = work.attempt(slot);
  const isOpen = phase === "running" && work.fired[slot] !== FIRED.timedOut;
  const hasFailed = attempt > (isOpen ? 1 : 0);
  return {
    offset,
    phase,
    reason,
    heldSince: work.heldSince(slot),
    phaseSince: work.phaseSince(slot),
    attempt,
    firstFailedAt: hasFailed ? work.firstFailedAt[slot]! : null,
    nextAt: nextAt === Infinity ? null : nextAt,
    lane: scheduler.laneHash(slot),
    laneHeldBy:
      first === slot
        ? null
        : { epoch: work.assignment(first).epoch, offset: work.record(first).offset },
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
  if (flow.held.scheduler.laneHead(slot) !== slot) return "lane";
  if (assignment.pausedFor.user) return "pause";
  // Before the rest: nothing begins now, were its batch full.
  if (flow.attempts.isRateLimited) return "rate";
  return flow.attempts.lingersUntil(slot) < Infinity ? "linger" : "concurrency";
}

function phaseOf(flow: RecordFlow, slot: Slot): HeldPhase {
  switch (flow.held.work.phase[slot]) {
    case PHASE.running:
    case PHASE.joined:
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
