import { isOffset } from "../gate/commit-gate.ts";
import { LaneScheduler } from "../lane/lane-scheduler.ts";
import type { Slot } from "../lane/lane-scheduler.ts";
import type { EpochPartition } from "../port/consumer-port.ts";
import type { KafkaRecord } from "../port/record.ts";
import type { RetryDecider } from "../retry/retry-rules.ts";
import type { Assignment } from "./assignment.ts";
import { AttemptMemory } from "./attempt-memory.ts";
import type { Counters } from "./counters.ts";
import type { EngineSink, WorkToken } from "./effects.ts";
import type { EngineConfig } from "./engine.ts";
import * as FIRED from "./fired.ts";
import { timeoutError } from "./outcome.ts";
import type { DeadLetterCause } from "./outcome.ts";
import * as PHASE from "./phase.ts";
import { WorkTable } from "./work-table.ts";

/** What a held record counts for beside its key and value. */
const RECORD_OVERHEAD_BYTES = 64;
const MAX_INT32 = 2 ** 31 - 1;

interface DeadLetter {
  readonly cause: DeadLetterCause;
  failures: number;
}

/**
 * Everything that has been fetched and is neither settled nor let go of: how a record comes to be
 * held, and the two ways in which it stops. What happens to it in between is up to others.
 */
export class HeldRecords {
  readonly scheduler: LaneScheduler;
  readonly work: WorkTable;
  readonly memory: AttemptMemory = new AttemptMemory();
  /** Of the records that are to be settled by one. */
  readonly deadLetters: Map<Slot, DeadLetter> = new Map();
  /** Assignments that have come down to where they reopen, since they were taken from here. */
  readonly reopened: Assignment[] = [];
  readonly #counters: Counters;
  readonly #sink: EngineSink;
  readonly #retry: RetryDecider;
  readonly #handlerTimeoutMs: number;

  /** @param concurrency at first; later that of the scheduler */
  constructor(
    config: EngineConfig,
    concurrency: number,
    retry: RetryDecider,
    counters: Counters,
    sink: EngineSink,
  ) {
    this.scheduler = new LaneScheduler({ ...config, concurrency, seed: config.laneSeed });
    this.work = new WorkTable(this.scheduler.slots);
    this.#retry = retry;
    this.#handlerTimeoutMs = config.handlerTimeoutMs;
    this.#counters = counters;
    this.#sink = sink;
  }

  /** Takes a fetched record in. Answers -1 when there is nothing to do: it was settled before. */
  admit(record: KafkaRecord, assignment: Assignment, now: number): Slot {
    const { offset, key } = record;
    const { ordinal, gate, ahead } = assignment;
    const { totals, ignored } = this.#counters;
    // Also below the start: a batch begins where the log has it, not where it was asked for.
    if (!(offset >= gate.position)) {
      ignored.staleRecords++;
      return -1;
    }
    // No log gets there: whoever says so is mistaken, and what it means could not be committed.
    if (!isOffset(offset)) {
      ignored.unsafeOffsets++;
      return -1;
    }
    const sequence = gate.admit(offset);
    totals.fetched++;
    if (ahead !== null) {
      ahead.admitted(record);
      if (ahead.hasRestored && ahead.settles(record)) {
        totals.restored++;
        gate.settle(sequence);
        return -1;
      }
    }
    const slot = this.scheduler.enqueue(ordinal, key, sizeOf(record, key));
    this.work.open(slot, record, assignment, sequence, now);
    assignment.held++;
    if (!this.memory.isEmpty) this.#recall(slot, ordinal, offset);
    return slot;
  }

  /** The record is done. */
  settle(slot: Slot): Assignment {
    const { work } = this;
    const assignment = work.assignment(slot);
    assignment.gate.settle(work.sequence(slot));
    assignment.settled++;
    this.#counters.totals.settled++;
    if (!this.memory.isEmpty) this.memory.forget(assignment.ordinal, work.record(slot).offset);
    this.#free(slot);
    return assignment;
  }

  /** A record that was taken from its lane, and no handler has begun with, is the first of it again. */
  putBack(slot: Slot, now: number): void {
    this.scheduler.park(slot);
    this.work.putBack(slot, now);
    this.scheduler.unpark(slot);
  }

  /** Lets go of a record of a draining partition unsettled, so that the next epoch handles it. */
  letGo(slot: Slot, failed: number = this.work.attempt(slot)): void {
    // First: letting go of this one would make the next of its lane ready.
    this.fillOnlyBelow(this.work.assignment(slot), this.work.record(slot).offset);
    this.#remember(slot, failed);
    this.#free(slot);
  }

  /** Lets go of what is queued from this offset on. Nothing when that has been done already. */
  fillOnlyBelow(assignment: Assignment, offset: number): void {
    if (offset >= assignment.fillBelow) return;
    assignment.fillBelow = offset;
    this.scheduler.releaseQueued(
      assignment.ordinal,
      (slot) => this.work.record(slot).offset >= offset,
      (slot) => {
        this.#remember(slot, this.work.attempt(slot));
        this.#forget(slot);
      },
    );
  }

  /** The partition is given up: the next epoch of it here grants no record its attempts anew. */
  rememberAttempts(assignment: Assignment): void {
    const { work } = this;
    for (const slot of work.slotsOf(assignment)) {
      // A running attempt has not failed, unless it has timed out.
      const isOpen = work.isRunning(slot) && work.fired[slot] !== FIRED.timedOut;
      this.#remember(slot, work.attempt(slot) - (isOpen ? 1 : 0));
    }
  }

  /** Whether an answer for the record still counts; if not, the record is let go of. */
  isWanted(slot: Slot): boolean {
    if (this.work.assignment(slot).open) return true;
    this.#tooLate(slot);
    return false;
  }

  /** The slot of a token of which such an answer is awaited, else -1. */
  awaited(token: WorkToken, phase: number): Slot {
    const slot = this.work.findIn(phase, token);
    if (slot === -1) this.#counters.ignored.unknownTokens++;
    return slot;
  }

  /** The slot of a live token. @throws RangeError */
  slotOf(token: WorkToken): Slot {
    const slot = this.work.find(token);
    if (slot === -1) throw new RangeError(`Work token ${token} is not live`);
    return slot;
  }

  /**
   * The highest offset that is done or under way, which the frontier is to pass in a drain; -1 when
   * there is none above it. Looked up then: keeping it would cost a load for every record.
   */
  highestStarted(assignment: Assignment): number {
    const { work } = this;
    let highest = assignment.gate.highestSettled;
    for (const slot of work.slotsOf(assignment)) {
      const isUnderWay = work.isRunning(slot) || work.phase[slot] === PHASE.deadLetterSent;
      if (isUnderWay) highest = Math.max(highest, work.record(slot).offset);
    }
    return highest;
  }

  /** For notices. */
  at(slot: Slot): EpochPartition & { readonly offset: number } {
    const { topic, partition, epoch } = this.work.assignment(slot);
    return { topic, partition, epoch, offset: this.work.record(slot).offset };
  }

  /** The epoch is over: another member, or a later epoch here, answers for the record. */
  #tooLate(slot: Slot): void {
    this.#counters.ignored.staleCompletions++;
    this.#sink.notify({ type: "stale-completion", ...this.at(slot) });
    this.#free(slot);
  }

  #recall(slot: Slot, ordinal: number, offset: number): void {
    const past = this.memory.recall(ordinal, offset);
    if (past !== undefined) this.work.recall(slot, past);
  }

  #remember(slot: Slot, attempts: number): void {
    const { work } = this;
    const error =
      work.fired[slot] === FIRED.timedOut
        ? timeoutError(this.#handlerTimeoutMs)
        : this.deadLetters.get(slot)?.cause.error;
    // The last attempt is granted again: it failed, but its dead letter was never acknowledged.
    const failed =
      error === undefined ? attempts : Math.min(attempts, this.#retry.maxAttempts(error) - 1);
    if (failed < 1) return;
    this.memory.remember(work.assignment(slot).ordinal, work.record(slot).offset, {
      failed,
      firstFailedAt: work.firstFailedAt[slot]!,
      previousDelayMs: work.previousDelayMs[slot]!,
    });
  }

  #free(slot: Slot): void {
    if (this.deadLetters.size > 0) this.deadLetters.delete(slot);
    this.#forget(slot);
    this.scheduler.finish(slot, !this.work.isSpent(slot));
  }

  #forget(slot: Slot): void {
    const assignment = this.work.assignment(slot);
    if (--assignment.held <= assignment.reopensAt) {
      assignment.reopensAt = -1;
      this.reopened.push(assignment);
    }
    this.work.close(slot);
  }
}

/**
 * Where the client does not tell it, headers are left out: reading them decodes them, which costs
 * more than all the rest.
 */
function sizeOf(record: KafkaRecord, key: Uint8Array | null): number {
  const bytes = record.size ?? (key?.length ?? 0) + (record.value?.length ?? 0);
  return Math.min(RECORD_OVERHEAD_BYTES + bytes, MAX_INT32);
}
