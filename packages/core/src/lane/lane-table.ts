const NONE = -1;

/**
 * The lanes that hold something, found by partition and key hash. Lanes come and go with nearly
 * every record when there are many keys, so they are rows of typed arrays with a free list: making
 * one allocates nothing.
 */
export class LaneTable {
  /** First record of each lane: the one that is ready, running or parked. */
  head: Int32Array;
  /** Last record of each lane. */
  tail: Int32Array;
  #hash: Int32Array;
  #partition: Int32Array;
  /** Next lane in the same bucket; next free lane. */
  #next: Int32Array;
  #buckets: Int32Array;
  #free = NONE;
  #used = 0;
  #count = 0;

  constructor() {
    this.head = new Int32Array(64);
    this.tail = new Int32Array(64);
    this.#hash = new Int32Array(64);
    this.#partition = new Int32Array(64);
    this.#next = new Int32Array(64);
    this.#buckets = new Int32Array(64).fill(NONE);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * The lane, or -1. Only hashes are compared: two keys with equal hashes share a lane, which
   * serialises them and misorders neither.
   */
  find(partition: number, hash: number): number {
    let lane = this.#buckets[this.#bucket(partition, hash)]!;
    while (lane !== NONE) {
      if (this.#hash[lane] === hash && this.#partition[lane] === partition) return lane;
      lane = this.#next[lane]!;
    }
    return NONE;
  }

  /** Makes the lane, which must not exist, with one record in it. */
  open(partition: number, hash: number, slot: number): number {
    if (this.#count === this.#buckets.length) this.#rehash();
    let lane = this.#free;
    if (lane === NONE) {
      lane = this.#used++;
      if (lane === this.head.length) this.#grow();
    } else {
      this.#free = this.#next[lane]!;
    }
    this.#count++;
    this.#hash[lane] = hash;
    this.#partition[lane] = partition;
    this.head[lane] = slot;
    this.tail[lane] = slot;
    this.#link(lane);
    return lane;
  }

  /** Forgets an open lane; its number will be given to another. */
  close(lane: number): void {
    const bucket = this.#bucket(this.#partition[lane]!, this.#hash[lane]!);
    if (this.#buckets[bucket] === lane) {
      this.#buckets[bucket] = this.#next[lane]!;
    } else {
      let before = this.#buckets[bucket]!;
      while (this.#next[before] !== lane) before = this.#next[before]!;
      this.#next[before] = this.#next[lane]!;
    }
    this.head[lane] = NONE;
    this.#next[lane] = this.#free;
    this.#free = lane;
    this.#count--;
  }

  #bucket(partition: number, hash: number): number {
    return (hash + Math.imul(partition, 0x9e3779b1)) & (this.#buckets.length - 1);
  }

  #link(lane: number): void {
    const bucket = this.#bucket(this.#partition[lane]!, this.#hash[lane]!);
    this.#next[lane] = this.#buckets[bucket]!;
    this.#buckets[bucket] = lane;
  }

  #rehash(): void {
    this.#buckets = new Int32Array(this.#buckets.length * 2).fill(NONE);
    for (let lane = 0; lane < this.#used; lane++) {
      if (this.head[lane] !== NONE) this.#link(lane);
    }
  }

  #grow(): void {
    this.head = doubled(this.head);
    this.tail = doubled(this.tail);
    this.#hash = doubled(this.#hash);
    this.#partition = doubled(this.#partition);
    this.#next = doubled(this.#next);
  }
}

function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
