import type { KafkaRecord } from "../port/record.ts";
import type { Slot } from "../lane/lane-scheduler.ts";
import type { Assignment } from "./assignment.ts";
import type { WorkToken } from "./effects.ts";

/** Where a held record stands. */
export const PHASE = {
  free: 0,
  /** Waits for its lane and for room. */
  queued: 1,
  running: 2,
  /** Waits for the backoff to pass. */
  backingOff: 3,
  /** Its dead letter has been handed out and is not answered. */
  deadLetterSent: 4,
  /** Its dead letter failed and will be sent again. */
  deadLetterBackingOff: 5,
  /** Runs in the batch of another record, which stands for all of it. */
  joined: 6,
} as const;

/** What the signal of a running attempt has fired for. */
export const FIRED = {
  no: 0,
  /** The record is given up with its partition. */
  cancelled: 1,
  /** The attempt has failed, whatever the handler says when it returns. */
  timedOut: 2,
} as const;

/** A token is a slot plus a generation times this. */
const GENERATION = 2 ** 24;
const LAST_TOKEN = Number.MAX_SAFE_INTEGER - GENERATION;
const UNSET = -1;

/**
 * What the engine knows of each held record, one row for each slot of the scheduler, as columns of
 * plain numbers: holding a record creates no object beyond the record itself.
 */
export class WorkTable {
  record: (KafkaRecord | undefined)[] = [];
  assignment: (Assignment | undefined)[] = [];
  phase: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  fired: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  token: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** In the gate of the assignment. */
  sequence: Int32Array<ArrayBuffer> = new Int32Array(0);
  /** Attempts begun. */
  attempt: Int32Array<ArrayBuffer> = new Int32Array(0);
  /** Since the first failure. */
  firstFailedAt: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** Since the first failure; -1 before the first delay. */
  previousDelayMs: Float64Array<ArrayBuffer> = new Float64Array(0);
  startedAt: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** When it was fetched. */
  heldSince: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** When it was last put into a phase by `enter`, perhaps another record in the same slot. */
  enteredAt: Float64Array<ArrayBuffer> = new Float64Array(0);

  open(
    slot: Slot,
    record: KafkaRecord,
    assignment: Assignment,
    sequence: number,
    capacity: number,
    now: number,
  ): void {
    if (slot >= this.phase.length) this.#grow(capacity);
    this.record[slot] = record;
    this.assignment[slot] = assignment;
    this.phase[slot] = PHASE.queued;
    this.fired[slot] = FIRED.no;
    this.sequence[slot] = sequence;
    this.attempt[slot] = 0;
    this.heldSince[slot] = now;
  }

  /** The next attempt begins. */
  start(slot: Slot, now: number): WorkToken {
    const token = this.token[slot]! + GENERATION;
    this.token[slot] = token;
    this.phase[slot] = PHASE.running;
    this.attempt[slot]!++;
    this.startedAt[slot] = now;
    return token;
  }

  firstFailure(slot: Slot, now: number): void {
    this.firstFailedAt[slot] = now;
    this.previousDelayMs[slot] = UNSET;
  }

  close(slot: Slot): void {
    this.record[slot] = undefined;
    this.assignment[slot] = undefined;
    this.phase[slot] = PHASE.free;
  }

  /**
   * The slot of the token's attempt, -1 if it is over. A token is live while its handler runs or
   * its dead letter is outstanding.
   */
  find(token: WorkToken): Slot {
    // `&` takes the lower 24 bits of any safe integer exactly.
    const slot = token & (GENERATION - 1);
    if (this.token[slot] !== token) return -1;
    const phase = this.phase[slot];
    return phase === PHASE.running ||
      phase === PHASE.joined ||
      phase === PHASE.deadLetterSent ||
      phase === PHASE.deadLetterBackingOff
      ? slot
      : -1;
  }

  /** A record that is held goes over into another phase. */
  enter(slot: Slot, phase: number, now: number): void {
    this.phase[slot] = phase;
    this.enteredAt[slot] = now;
  }

  /** When a held record came into its phase. */
  phaseSince(slot: Slot): number {
    if (this.isRunning(slot)) return this.startedAt[slot]!;
    return Math.max(this.heldSince[slot]!, this.enteredAt[slot]!);
  }

  /** What is held of an assignment. Takes time in proportion to all that is held. */
  *slotsOf(assignment: Assignment): Generator<Slot, void, undefined> {
    for (let slot = 0; slot < this.phase.length; slot++) {
      if (this.assignment[slot] === assignment) yield slot;
    }
  }

  /** Whether a handler is at it, in a batch or not. */
  isRunning(slot: Slot): boolean {
    return this.phase[slot] === PHASE.running || this.phase[slot] === PHASE.joined;
  }

  /** Records in this phase. */
  count(phase: number): number {
    let count = 0;
    for (const each of this.phase) if (each === phase) count++;
    return count;
  }

  /** Whether the slot has used up its tokens: reusing it would repeat one. */
  isSpent(slot: Slot): boolean {
    return this.token[slot]! > LAST_TOKEN;
  }

  #grow(size: number): void {
    const from = this.phase.length;
    this.phase = resized(this.phase, new Uint8Array(size));
    this.fired = resized(this.fired, new Uint8Array(size));
    this.token = resized(this.token, new Float64Array(size));
    for (let slot = from; slot < size; slot++) this.token[slot] = slot;
    this.sequence = resized(this.sequence, new Int32Array(size));
    this.attempt = resized(this.attempt, new Int32Array(size));
    this.firstFailedAt = resized(this.firstFailedAt, new Float64Array(size));
    this.previousDelayMs = resized(this.previousDelayMs, new Float64Array(size));
    this.startedAt = resized(this.startedAt, new Float64Array(size));
    this.heldSince = resized(this.heldSince, new Float64Array(size));
    this.enteredAt = resized(this.enteredAt, new Float64Array(size));
  }
}

function resized<T extends Uint8Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
