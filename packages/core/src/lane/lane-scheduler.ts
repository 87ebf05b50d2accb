import { LaneHash } from "./lane-hash.ts";
import { LaneTable } from "./lane-table.ts";
import { ReadyPartitions } from "./ready-partitions.ts";
import {
  BYTES,
  HASH,
  NEXT,
  NONE,
  PARTITION,
  PREVIOUS,
  SLOT_ROW as ROW,
  SlotRows,
  STATE,
  TAIL,
} from "./slot-rows.ts";

/** Names one held record: a small integer, given to another record once this one is finished. */
export type Slot = number;

export interface LaneConfig {
  /** What stays in order: records of one key, of one partition, or nothing. */
  readonly ordering: "key" | "partition" | "none";
  /** Records running at once, at least 1. */
  readonly concurrency: number;
  /** Limits over everything held: queued, ready, running and parked. */
  readonly budget: { readonly records: number; readonly bytes: number };
  /** Seed of the lane hash, unsigned 32 bits. */
  readonly seed: number;
}

const MAX_SLOTS = 2 ** 24;

const FREE = 0;
/** Behind another record of its lane; or first of it and set aside. */
const QUEUED = 1;
/** First of its lane, may be taken. */
const READY = 2;
const RUNNING = 3;
/**
 * Waits for a retry or an acknowledgement. First of its lane, which stays locked; after a batch also
 * behind others that have failed in it.
 */
const PARKED = 4;
/** Running along with another, in whose place it counts. */
const JOINED = 5;

/**
 * Decides which held record may run next: at most one of a lane at a time, in order of arrival;
 * lanes side by side up to the concurrency; topics in turn, and partitions of a topic in turn.
 *
 * A lane is the set of held records with one partition and one key hash; a record without key is
 * a lane of its own. Lanes know nothing of epochs: a record that still runs after its partition has
 * gone keeps its lane locked when the partition comes back.
 *
 * Partitions are numbered by the caller, from 0, and for good. Records are rows of a typed array:
 * holding one creates no object.
 */
export class LaneScheduler {
  readonly #ordering: LaneConfig["ordering"];
  #concurrency: number;
  readonly #budget: { readonly records: number; readonly bytes: number };
  readonly #hash: LaneHash;
  /** What a caller keeps of each held record may be in the second half of its row. */
  readonly slots: SlotRows = new SlotRows();
  readonly #lanes = new LaneTable(this.slots);
  readonly #ready = new ReadyPartitions(this.slots);
  /**
   * Slots to be used again, the last freed first. Beside the rows: a list through them would wait for
   * the row of a record that is only going to be written.
   */
  #free = new Int32Array(this.slots.capacity);
  #freeCount = 0;
  #used = 0;
  #heldRecords = 0;
  #heldBytes = 0;
  #running = 0;
  #parked = 0;

  constructor(config: LaneConfig) {
    this.#ordering = config.ordering;
    this.#concurrency = config.concurrency;
    this.#budget = config.budget;
    this.#hash = new LaneHash(config.seed);
  }

  get heldRecords(): number {
    return this.#heldRecords;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Records that may run at once. Fewer than run: nothing is taken until enough have ended. */
  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(limit: number) {
    this.#concurrency = limit;
  }

  get running(): number {
    return this.#running;
  }

  get parked(): number {
    return this.#parked;
  }

  /**
   * What is held as a fraction of the budget, by records or by bytes, whichever is more. It may be
   * above 1, for nothing is refused: what a client has fetched already must be held.
   */
  get fill(): number {
    const { records, bytes } = this.#budget;
    return Math.max(this.#heldRecords / records, this.#heldBytes / bytes);
  }

  /** The same by bytes alone. */
  get fillOfBytes(): number {
    return this.#heldBytes / this.#budget.bytes;
  }

  /** Records that use the budget up when they are as large as those held; something is held. */
  get roomInRecords(): number {
    const { records, bytes } = this.#budget;
    return Math.min(records, (this.#heldRecords * bytes) / this.#heldBytes);
  }

  /**
   * Holds a record behind all of its lane.
   * @param bytes what it counts for in the budget, an int32
   * @throws RangeError when 2^24 records are held
   */
  enqueue(partition: number, key: Uint8Array | null, bytes: number): Slot {
    const slot = this.#allocate();
    const rows = this.slots.rows;
    const at = slot << ROW;
    rows[at + PARTITION] = partition;
    rows[at + BYTES] = bytes;
    rows[at + NEXT] = NONE;
    this.#heldRecords++;
    this.#heldBytes += bytes;
    rows[at + PREVIOUS] = NONE;
    if (this.#ordering === "none" || (key === null && this.#ordering === "key")) {
      rows[at + TAIL] = NONE;
    } else {
      const hash = this.#ordering === "partition" ? 0 : this.#hash.of(key!);
      rows[at + HASH] = hash;
      rows[at + TAIL] = slot;
      const head = this.#lanes.findOrOpen(partition, hash, slot);
      if (head !== NONE) {
        rows[at + STATE] = QUEUED;
        const last = rows[(head << ROW) + TAIL]!;
        rows[(head << ROW) + TAIL] = slot;
        rows[at + PREVIOUS] = last;
        rows[(last << ROW) + NEXT] = slot;
        return slot;
      }
    }
    rows[at + STATE] = READY;
    this.#ready.add(partition, slot);
    return slot;
  }

  /** The first record of a held record's lane: itself, unless it waits for another. */
  laneHead(slot: Slot): Slot {
    const { rows } = this.slots;
    const at = slot << ROW;
    if (rows[at + PREVIOUS] === NONE) return slot;
    return this.#lanes.find(rows[at + PARTITION]!, rows[at + HASH]!);
  }

  /** Hash of a held record's lane, int32; null for a lane of its own. */
  laneHash(slot: Slot): number | null {
    return this.hasLane(slot) ? this.slots.rows[(slot << ROW) + HASH]! : null;
  }

  /** The next record to run, now running; -1 when there is none or the concurrency is used up. */
  take(): Slot {
    if (this.#running >= this.#concurrency) return NONE;
    const slot = this.#ready.take();
    if (slot === NONE) return NONE;
    this.slots.rows[(slot << ROW) + STATE] = RUNNING;
    this.#running++;
    return slot;
  }

  /** Whether one more record may run. */
  get hasRoom(): boolean {
    return this.#running < this.#concurrency;
  }

  /**
   * The partition whose turn it is to run a batch; -1 when none has anything ready or the
   * concurrency is used up. It has another turn after `giveTurn`, or when more of it becomes ready.
   */
  takeTurn(): number {
    return this.#running >= this.#concurrency ? NONE : this.#ready.takePartition();
  }

  giveTurn(partition: number): void {
    this.#ready.list(partition);
  }

  /** The ready record of the partition that follows this one, the first for -1; -1 for none. */
  readyAfter(partition: number, slot: Slot): Slot {
    return this.#ready.after(partition, slot);
  }

  /** The record that may run together with this one, right behind it in its lane; -1 for none. */
  behind(slot: Slot): Slot {
    const rows = this.slots.rows;
    const next = rows[(slot << ROW) + NEXT]!;
    return next !== NONE && rows[(next << ROW) + STATE] === QUEUED ? next : NONE;
  }

  /** Whether others can come to stand behind it. */
  hasLane(slot: Slot): boolean {
    return this.slots.rows[(slot << ROW) + TAIL] !== NONE;
  }

  /**
   * Runs these together, as one: the first ready ones of the partition in any order, and records
   * behind them in their lanes, without a gap.
   */
  runTogether(partition: number, slots: readonly Slot[]): void {
    const rows = this.slots.rows;
    let ready = 0;
    for (const slot of slots) {
      const at = (slot << ROW) + STATE;
      if (rows[at] === READY) ready++;
      rows[at] = JOINED;
    }
    rows[(slots[0]! << ROW) + STATE] = RUNNING;
    this.#running++;
    this.#ready.dropFirst(partition, ready);
  }

  /** The first ready record of the partition is not ready until `takeBack`. */
  setAside(partition: number): void {
    const slot = this.#ready.after(partition, NONE);
    this.slots.rows[(slot << ROW) + STATE] = QUEUED;
    this.#ready.dropFirst(partition, 1);
  }

  takeBack(slot: Slot): void {
    this.#makeReady(slot);
  }

  /** A running record stops running and keeps its lane locked. False if it was not running. */
  park(slot: Slot): boolean {
    const at = (slot << ROW) + STATE;
    const state = this.slots.rows[at];
    if (state !== RUNNING && state !== JOINED) return false;
    if (state === RUNNING) this.#running--;
    this.slots.rows[at] = PARKED;
    this.#parked++;
    return true;
  }

  /** A parked record may be taken again, in its turn. False if it was not parked. */
  unpark(slot: Slot): boolean {
    const at = (slot << ROW) + STATE;
    if (this.slots.rows[at] !== PARKED) return false;
    this.#parked--;
    if (this.laneHead(slot) === slot) this.#makeReady(slot);
    else this.slots.rows[at] = QUEUED;
    return true;
  }

  /**
   * Lets go of a running or parked record; its lane is unlocked unless others of it run or are
   * parked. False if it was neither.
   * @param reuse false when the slot's number must not be given out again
   */
  finish(slot: Slot, reuse = true): boolean {
    const rows = this.slots.rows;
    const at = slot << ROW;
    const state = rows[at + STATE];
    if (state !== RUNNING && state !== PARKED && state !== JOINED) return false;
    if (state === RUNNING) this.#running--;
    else if (state === PARKED) this.#parked--;
    if (rows[at + TAIL] !== NONE) {
      const head = this.#unlink(slot);
      if (head !== NONE && rows[(head << ROW) + STATE] === QUEUED) this.#makeReady(head);
    }
    this.#release(slot, reuse);
    return true;
  }

  /**
   * Lets go of the records of a partition that match and are neither running nor parked. Whatever
   * is queued in a lane behind one that matches has to match too. Takes time in proportion to the
   * records held. `released` must not call back.
   */
  releaseQueued(
    partition: number,
    matches: (slot: Slot) => boolean,
    released: (slot: Slot) => void,
  ): void {
    const rows = this.slots.rows;
    this.#ready.retain(partition, (slot) => !matches(slot));
    for (let slot = 0; slot < this.#used; slot++) {
      const at = slot << ROW;
      const state = rows[at + STATE];
      if (rows[at + PARTITION] !== partition || (state !== READY && state !== QUEUED)) continue;
      if (!matches(slot)) continue;
      // What is behind it is not ready: it is parked or running, or will be let go of too.
      if (rows[at + TAIL] !== NONE) this.#unlink(slot);
      released(slot);
      this.#release(slot, true);
    }
  }

  /**
   * Says which topic a partition belongs to, numbered from 0; 0 unless said. Before its first
   * record, and for good.
   */
  place(partition: number, topic: number): void {
    this.#ready.place(partition, topic);
  }

  /** Nothing of the partition is taken until `unblock`. */
  block(partition: number): void {
    this.#ready.block(partition);
  }

  unblock(partition: number): void {
    this.#ready.unblock(partition);
  }

  /** Takes a record out of its lane. Answers the new head if it was the head, -1 for none. */
  #unlink(slot: Slot): Slot {
    const { rows } = this.slots;
    const at = slot << ROW;
    const next = rows[at + NEXT]!;
    const previous = rows[at + PREVIOUS]!;
    if (previous === NONE) {
      if (next === NONE) {
        this.#lanes.close(slot);
      } else {
        this.#lanes.replace(slot, next);
        rows[(next << ROW) + PREVIOUS] = NONE;
        rows[(next << ROW) + TAIL] = rows[at + TAIL]!;
      }
      return next;
    }
    rows[(previous << ROW) + NEXT] = next;
    if (next === NONE) rows[(this.laneHead(slot) << ROW) + TAIL] = previous;
    else rows[(next << ROW) + PREVIOUS] = previous;
    return NONE;
  }

  #makeReady(slot: Slot): void {
    const at = slot << ROW;
    this.slots.rows[at + STATE] = READY;
    this.#ready.add(this.slots.rows[at + PARTITION]!, slot);
  }

  #allocate(): Slot {
    if (this.#freeCount > 0) return this.#free[--this.#freeCount]!;
    if (this.#used === MAX_SLOTS) throw new RangeError("2^24 records are held: lower the budget");
    if (this.#used === this.slots.capacity) {
      this.slots.grow();
      this.#free = new Int32Array(this.slots.capacity);
    }
    return this.#used++;
  }

  #release(slot: Slot, reuse: boolean): void {
    const rows = this.slots.rows;
    const at = slot << ROW;
    this.#heldRecords--;
    this.#heldBytes -= rows[at + BYTES]!;
    rows[at + STATE] = FREE;
    if (reuse) this.#free[this.#freeCount++] = slot;
  }
}
