import { LaneHash } from "./lane-hash.ts";
import { LaneTable } from "./lane-table.ts";
import { ReadyPartitions } from "./ready-partitions.ts";

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

/** Fewer, longer pauses: a client drops what it has prefetched at each. */
const RESUME_AT = 0.6;
const MAX_SLOTS = 2 ** 24;
const NONE = -1;

/** A record's row: all that one step reads lies in one cache line. */
const ROW = 3;
const STATE = 0;
const PARTITION = 1;
const BYTES = 2;
/** Lane of the record, -1 for one of its own. */
const LANE = 3;
/** Next record in the lane; next free slot. */
const NEXT = 4;

const FREE = 0;
/** Behind another record of its lane. */
const QUEUED = 1;
/** First of its lane, may be taken. */
const READY = 2;
const RUNNING = 3;
/** First of its lane, which stays locked: waits for a retry or an acknowledgement. */
const PARKED = 4;

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
  readonly #lanes = new LaneTable();
  readonly #ready = new ReadyPartitions();
  #rows = new Int32Array(64 << ROW);
  #free = NONE;
  #used = 0;
  #heldRecords = 0;
  #heldBytes = 0;
  #running = 0;
  #full = false;

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

  /** Slots given out so far are below this; a caller's own columns need as many rows. */
  get capacity(): number {
    return this.#rows.length >> ROW;
  }

  /**
   * True from the moment the records or bytes held reach the budget until both have fallen to 60 %
   * of it. Nothing is refused meanwhile: what a client has fetched already must be held.
   */
  isFull(): boolean {
    const { records, bytes } = this.#budget;
    this.#full = this.#full
      ? this.#heldRecords > records * RESUME_AT || this.#heldBytes > bytes * RESUME_AT
      : this.#heldRecords >= records || this.#heldBytes >= bytes;
    return this.#full;
  }

  /**
   * Holds a record behind all of its lane.
   * @param bytes what it counts for in the budget, an int32
   * @throws RangeError when 2^24 records are held
   */
  enqueue(partition: number, key: Uint8Array | null, bytes: number): Slot {
    const slot = this.#allocate();
    const rows = this.#rows;
    const at = slot << ROW;
    rows[at + PARTITION] = partition;
    rows[at + BYTES] = bytes;
    rows[at + NEXT] = NONE;
    this.#heldRecords++;
    this.#heldBytes += bytes;
    if (this.#ordering === "none" || (key === null && this.#ordering === "key")) {
      rows[at + LANE] = NONE;
    } else {
      const hash = this.#ordering === "partition" ? 0 : this.#hash.of(key!);
      const lane = this.#lanes.find(partition, hash);
      if (lane !== NONE) {
        rows[at + LANE] = lane;
        rows[at + STATE] = QUEUED;
        rows[(this.#lanes.append(lane, slot) << ROW) + NEXT] = slot;
        return slot;
      }
      rows[at + LANE] = this.#lanes.open(partition, hash, slot);
    }
    rows[at + STATE] = READY;
    this.#ready.add(partition, slot);
    return slot;
  }

  /** The first record of a held record's lane: itself, unless it waits for another. */
  laneHead(slot: Slot): Slot {
    const lane = this.#rows[(slot << ROW) + LANE]!;
    return lane === NONE ? slot : this.#lanes.head(lane);
  }

  /** Hash of a held record's lane, int32; null for a lane of its own. */
  laneHash(slot: Slot): number | null {
    const lane = this.#rows[(slot << ROW) + LANE]!;
    return lane === NONE ? null : this.#lanes.hash(lane);
  }

  /** The next record to run, now running; -1 when there is none or the concurrency is used up. */
  take(): Slot {
    if (this.#running >= this.#concurrency) return NONE;
    const slot = this.#ready.take();
    if (slot === NONE) return NONE;
    this.#rows[(slot << ROW) + STATE] = RUNNING;
    this.#running++;
    return slot;
  }

  /** Whether one more record may run. */
  get hasRoom(): boolean {
    return this.#running < this.#concurrency;
  }

  /** A running record stops running and keeps its lane locked. False if it was not running. */
  park(slot: Slot): boolean {
    const at = (slot << ROW) + STATE;
    if (this.#rows[at] !== RUNNING) return false;
    this.#running--;
    this.#rows[at] = PARKED;
    return true;
  }

  /** A parked record may be taken again. False if it was not parked. */
  unpark(slot: Slot): boolean {
    if (this.#rows[(slot << ROW) + STATE] !== PARKED) return false;
    this.#makeReady(slot);
    return true;
  }

  /**
   * Lets go of a running or parked record, which unlocks its lane. False if it was neither.
   * @param reuse false when the slot's number must not be given out again
   */
  finish(slot: Slot, reuse = true): boolean {
    const rows = this.#rows;
    const at = slot << ROW;
    const state = rows[at + STATE];
    if (state !== RUNNING && state !== PARKED) return false;
    if (state === RUNNING) this.#running--;
    const lane = rows[at + LANE]!;
    if (lane !== NONE) {
      const next = rows[at + NEXT]!;
      if (next === NONE) {
        this.#lanes.close(lane);
      } else {
        this.#lanes.setHead(lane, next);
        this.#makeReady(next);
      }
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
    const rows = this.#rows;
    const isReleased = (slot: Slot): boolean => {
      const state = rows[(slot << ROW) + STATE];
      return (state === READY || state === QUEUED) && matches(slot);
    };
    this.#ready.retain(partition, (slot) => !matches(slot));
    // Lanes that keep something end with it.
    for (let slot = 0; slot < this.#used; slot++) {
      const at = slot << ROW;
      if (rows[at + PARTITION] !== partition || rows[at + STATE] === FREE) continue;
      const lane = rows[at + LANE]!;
      if (lane === NONE || isReleased(slot)) continue;
      const next = rows[at + NEXT]!;
      if (next === NONE || !isReleased(next)) continue;
      rows[at + NEXT] = NONE;
      this.#lanes.setTail(lane, slot);
    }
    for (let slot = 0; slot < this.#used; slot++) {
      const at = slot << ROW;
      if (rows[at + PARTITION] !== partition || !isReleased(slot)) continue;
      const lane = rows[at + LANE]!;
      // One that is not the head had its lane cut before it, or the head is released too.
      if (lane !== NONE && this.#lanes.head(lane) === slot) this.#lanes.close(lane);
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

  #makeReady(slot: Slot): void {
    const at = slot << ROW;
    this.#rows[at + STATE] = READY;
    this.#ready.add(this.#rows[at + PARTITION]!, slot);
  }

  #allocate(): Slot {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#rows[(free << ROW) + NEXT]!;
      return free;
    }
    if (this.#used === MAX_SLOTS) throw new RangeError("2^24 records are held: lower the budget");
    if (this.#used === this.capacity) this.#grow();
    return this.#used++;
  }

  #release(slot: Slot, reuse: boolean): void {
    const rows = this.#rows;
    const at = slot << ROW;
    this.#heldRecords--;
    this.#heldBytes -= rows[at + BYTES]!;
    rows[at + STATE] = FREE;
    if (!reuse) return;
    rows[at + NEXT] = this.#free;
    this.#free = slot;
  }

  #grow(): void {
    const rows = new Int32Array(this.#rows.length * 2);
    rows.set(this.#rows);
    this.#rows = rows;
    this.#ready.reserve(this.capacity);
  }
}
