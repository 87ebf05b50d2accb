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
 * lanes side by side up to the concurrency; partitions in turn.
 *
 * A lane is the set of held records with one partition and one key hash; a record without key is
 * a lane of its own. Lanes know nothing of epochs: a record that still runs after its partition has
 * gone keeps its lane locked when the partition comes back.
 *
 * Partitions are numbered by the caller, from 0, and for good. Structure of arrays throughout:
 * holding a record creates no object.
 */
export class LaneScheduler {
  readonly #ordering: LaneConfig["ordering"];
  readonly #concurrency: number;
  readonly #budget: { readonly records: number; readonly bytes: number };
  readonly #hash: LaneHash;
  readonly #lanes = new LaneTable();
  readonly #ready = new ReadyPartitions();
  #state = new Uint8Array(64);
  #partition = new Int32Array(64);
  #bytes = new Int32Array(64);
  /** Lane of each record, -1 for one of its own. */
  #lane = new Int32Array(64);
  /** Next record in the lane; next free slot. */
  #next = new Int32Array(64);
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

  get running(): number {
    return this.#running;
  }

  /** Slots given out so far are below this; a caller's own columns need as many rows. */
  get capacity(): number {
    return this.#state.length;
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
    this.#partition[slot] = partition;
    this.#bytes[slot] = bytes;
    this.#next[slot] = NONE;
    this.#heldRecords++;
    this.#heldBytes += bytes;
    if (this.#ordering === "none" || (key === null && this.#ordering === "key")) {
      this.#lane[slot] = NONE;
      this.#makeReady(slot);
      return slot;
    }
    const hash = this.#ordering === "partition" ? 0 : this.#hash.of(key!);
    const lane = this.#lanes.find(partition, hash);
    if (lane === NONE) {
      this.#lane[slot] = this.#lanes.open(partition, hash, slot);
      this.#makeReady(slot);
    } else {
      this.#lane[slot] = lane;
      this.#next[this.#lanes.tail[lane]!] = slot;
      this.#lanes.tail[lane] = slot;
      this.#state[slot] = QUEUED;
    }
    return slot;
  }

  /** The next record to run, now running; -1 when there is none or the concurrency is used up. */
  take(): Slot {
    if (this.#running >= this.#concurrency) return NONE;
    const slot = this.#ready.take();
    if (slot === NONE) return NONE;
    this.#state[slot] = RUNNING;
    this.#running++;
    return slot;
  }

  /** A running record stops running and keeps its lane locked. False if it was not running. */
  park(slot: Slot): boolean {
    if (this.#state[slot] !== RUNNING) return false;
    this.#running--;
    this.#state[slot] = PARKED;
    return true;
  }

  /** A parked record may be taken again. False if it was not parked. */
  unpark(slot: Slot): boolean {
    if (this.#state[slot] !== PARKED) return false;
    this.#makeReady(slot);
    return true;
  }

  /**
   * Lets go of a running or parked record, which unlocks its lane. False if it was neither.
   * @param reuse false when the slot's number must not be given out again
   */
  finish(slot: Slot, reuse = true): boolean {
    const state = this.#state[slot];
    if (state !== RUNNING && state !== PARKED) return false;
    if (state === RUNNING) this.#running--;
    const lane = this.#lane[slot]!;
    if (lane !== NONE) {
      const next = this.#next[slot]!;
      if (next === NONE) {
        this.#lanes.close(lane);
      } else {
        this.#lanes.head[lane] = next;
        this.#makeReady(next);
      }
    }
    this.#release(slot, reuse);
    return true;
  }

  /**
   * Lets go of all records of a partition that are neither running nor parked; those keep their
   * lanes. Takes time in proportion to the records held. `released` must not call back.
   */
  releaseQueued(partition: number, released: (slot: Slot) => void): void {
    this.#ready.clear(partition);
    for (let slot = 0; slot < this.#used; slot++) {
      const state = this.#state[slot];
      if (this.#partition[slot] !== partition || (state !== READY && state !== QUEUED)) continue;
      const lane = this.#lane[slot]!;
      const head = lane === NONE ? NONE : this.#lanes.head[lane]!;
      if (head === slot) {
        this.#lanes.close(lane);
      } else if (head !== NONE && this.#state[head] !== READY) {
        this.#next[head] = NONE;
        this.#lanes.tail[lane] = head;
      }
      // Otherwise the head is about to be released too, or has been, and the lane with it.
      released(slot);
      this.#release(slot, true);
    }
  }

  /** Nothing of the partition is taken until `unblock`. */
  block(partition: number): void {
    this.#ready.block(partition);
  }

  unblock(partition: number): void {
    this.#ready.unblock(partition);
  }

  #makeReady(slot: Slot): void {
    this.#state[slot] = READY;
    this.#ready.add(this.#partition[slot]!, slot);
  }

  #allocate(): Slot {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#next[free]!;
      return free;
    }
    if (this.#used === MAX_SLOTS) throw new RangeError("2^24 records are held: lower the budget");
    if (this.#used === this.#state.length) this.#grow();
    return this.#used++;
  }

  #release(slot: Slot, reuse: boolean): void {
    this.#heldRecords--;
    this.#heldBytes -= this.#bytes[slot]!;
    this.#state[slot] = FREE;
    if (!reuse) return;
    this.#next[slot] = this.#free;
    this.#free = slot;
  }

  #grow(): void {
    const size = this.#state.length * 2;
    const state = new Uint8Array(size);
    state.set(this.#state);
    this.#state = state;
    this.#partition = doubled(this.#partition);
    this.#bytes = doubled(this.#bytes);
    this.#lane = doubled(this.#lane);
    this.#next = doubled(this.#next);
    this.#ready.reserve(size);
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
