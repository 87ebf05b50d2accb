import type { KafkaRecord } from "../port/record.ts";
import type { Slot } from "../lane/lane-scheduler.ts";
import { CALLER, SLOT_ROW } from "../lane/slot-rows.ts";
import type { SlotRows } from "../lane/slot-rows.ts";
import type { Assignment } from "./assignment.ts";
import type { PastAttempts } from "./attempt-memory.ts";
import type { WorkToken } from "./effects.ts";
import * as FIRED from "./fired.ts";
import * as PHASE from "./phase.ts";

/** A token is a slot plus a generation times this. */
const TOKENS_APART = 2 ** 24;
/** With it, tokens are safe integers still. */
const LAST_GENERATION = 2 ** 29 - 1;
const UNSET = -1;

/** Integers of a record's row. */
export const GENERATION: number = CALLER;
const SEQUENCE = CALLER + 1;
const ATTEMPT = CALLER + 2;
/** Doubles. */
const ROW = SLOT_ROW - 1;
const PHASE_SINCE = 6;
const HELD_SINCE = 7;

/**
 * What the engine knows of each held record, in the scheduler's row of it and in columns of its own.
 * Holding a record creates no object beyond the record itself.
 */
export class WorkTable {
  phase: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  fired: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** 1 for a record that no batch takes along with others. */
  alone: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Since the first failure. */
  firstFailedAt: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** Since the first failure; -1 before the first delay. */
  previousDelayMs: Float64Array<ArrayBuffer> = new Float64Array(0);
  readonly #slots: SlotRows;
  /** Of each slot the record and its assignment, side by side. */
  readonly #pairs: (KafkaRecord | Assignment | undefined)[] = [];

  constructor(slots: SlotRows) {
    this.#slots = slots;
  }

  open(
    slot: Slot,
    record: KafkaRecord,
    assignment: Assignment,
    sequence: number,
    now: number,
  ): void {
    if (slot >= this.phase.length) this.#grow();
    this.#pairs[slot << 1] = record;
    this.#pairs[(slot << 1) + 1] = assignment;
    this.phase[slot] = PHASE.queued;
    this.fired[slot] = FIRED.no;
    this.alone[slot] = 0;
    const { rows, doubles } = this.#slots;
    rows[(slot << SLOT_ROW) + SEQUENCE] = sequence;
    rows[(slot << SLOT_ROW) + ATTEMPT] = 0;
    doubles[(slot << ROW) + PHASE_SINCE] = now;
    doubles[(slot << ROW) + HELD_SINCE] = now;
  }

  /** The record has failed before, in an earlier epoch. */
  recall(slot: Slot, { failed, firstFailedAt, previousDelayMs }: PastAttempts): void {
    this.#slots.rows[(slot << SLOT_ROW) + ATTEMPT] = failed;
    this.firstFailedAt[slot] = firstFailedAt;
    this.previousDelayMs[slot] = previousDelayMs;
    // Whether those were failures of its own is forgotten.
    this.alone[slot] = 1;
  }

  /** The next attempt begins. */
  start(slot: Slot, now: number): WorkToken {
    const { rows } = this.#slots;
    const at = slot << SLOT_ROW;
    const generation = rows[at + GENERATION]! + 1;
    rows[at + GENERATION] = generation;
    rows[at + ATTEMPT]!++;
    this.enter(slot, PHASE.running, now);
    return slot + generation * TOKENS_APART;
  }

  /** The attempt was none. */
  putBack(slot: Slot, now: number): void {
    this.#slots.rows[(slot << SLOT_ROW) + ATTEMPT]!--;
    this.fired[slot] = FIRED.no;
    this.enter(slot, PHASE.queued, now);
  }

  firstFailure(slot: Slot, now: number): void {
    this.firstFailedAt[slot] = now;
    this.previousDelayMs[slot] = UNSET;
  }

  /** A record that is held goes over into another phase. */
  enter(slot: Slot, phase: number, now: number): void {
    this.phase[slot] = phase;
    this.#slots.doubles[(slot << ROW) + PHASE_SINCE] = now;
  }

  close(slot: Slot): void {
    this.#pairs[slot << 1] = undefined;
    this.#pairs[(slot << 1) + 1] = undefined;
    this.phase[slot] = PHASE.free;
  }

  /**
   * The slot of the token's attempt, -1 if it is over. A token is live while its handler runs or
   * its dead letter is outstanding.
   */
  find(token: WorkToken): Slot {
    const slot = slotOf(token);
    return this.phase[slot]! >= PHASE.running && this.token(slot) === token ? slot : -1;
  }

  /** The same if it is in this phase, of a live token. */
  findIn(phase: number, token: WorkToken): Slot {
    const slot = slotOf(token);
    return this.phase[slot] === phase && this.token(slot) === token ? slot : -1;
  }

  /** Of a slot that holds one. */
  record(slot: Slot): KafkaRecord {
    return this.#pairs[slot << 1] as KafkaRecord;
  }

  /** Of a slot that holds a record. */
  assignment(slot: Slot): Assignment {
    return this.#pairs[(slot << 1) + 1] as Assignment;
  }

  /** Of its last attempt. */
  token(slot: Slot): WorkToken {
    return slot + this.#slots.rows[(slot << SLOT_ROW) + GENERATION]! * TOKENS_APART;
  }

  /** In the gate of its assignment. */
  sequence(slot: Slot): number {
    return this.#slots.rows[(slot << SLOT_ROW) + SEQUENCE]!;
  }

  /** Attempts begun. */
  attempt(slot: Slot): number {
    return this.#slots.rows[(slot << SLOT_ROW) + ATTEMPT]!;
  }

  /** When it was fetched. */
  heldSince(slot: Slot): number {
    return this.#slots.doubles[(slot << ROW) + HELD_SINCE]!;
  }

  /** When it came into its phase: of one that runs, when the attempt began. */
  phaseSince(slot: Slot): number {
    return this.#slots.doubles[(slot << ROW) + PHASE_SINCE]!;
  }

  /** What is held of an assignment. Takes time in proportion to all that is held. */
  *slotsOf(assignment: Assignment): Generator<Slot, void, undefined> {
    for (let slot = 0; slot < this.phase.length; slot++) {
      if (this.assignment(slot) === assignment) yield slot;
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
    return this.#slots.rows[(slot << SLOT_ROW) + GENERATION] === LAST_GENERATION;
  }

  #grow(): void {
    const size = this.#slots.capacity;
    this.phase = resized(this.phase, new Uint8Array(size));
    this.fired = resized(this.fired, new Uint8Array(size));
    this.alone = resized(this.alone, new Uint8Array(size));
    this.firstFailedAt = resized(this.firstFailedAt, new Float64Array(size));
    this.previousDelayMs = resized(this.previousDelayMs, new Float64Array(size));
  }
}

/** `&` takes the lower 24 bits of any safe integer exactly. */
function slotOf(token: WorkToken): Slot {
  return token & (TOKENS_APART - 1);
}

function resized<T extends Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
