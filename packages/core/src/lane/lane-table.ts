const NONE = -1;

/** A lane's row: all that one step reads lies in one cache line. */
const ROW = 3;
const HASH = 0;
const PARTITION = 1;
/** First record of the lane: the one that is ready, running or parked. */
const HEAD = 2;
const TAIL = 3;
/** Next lane in the same bucket; next free lane. */
const NEXT = 4;

/**
 * The lanes that hold something, found by partition and key hash. Lanes come and go with nearly
 * every record when there are many keys, so they are rows of one typed array with a free list:
 * making one allocates nothing.
 */
export class LaneTable {
  #rows = new Int32Array(64 << ROW);
  #buckets = new Int32Array(64).fill(NONE);
  #free = NONE;
  #used = 0;
  #count = 0;

  /**
   * The lane, or -1. Only hashes are compared: two keys with equal hashes share a lane, which
   * serialises them and misorders neither.
   */
  find(partition: number, hash: number): number {
    const rows = this.#rows;
    let lane = this.#buckets[this.#bucket(partition, hash)]!;
    while (lane !== NONE) {
      const at = lane << ROW;
      if (rows[at + HASH] === hash && rows[at + PARTITION] === partition) return lane;
      lane = rows[at + NEXT]!;
    }
    return NONE;
  }

  /** Makes the lane, which must not exist, with one record in it. */
  open(partition: number, hash: number, slot: number): number {
    if (this.#count === this.#buckets.length) this.#rehash();
    let lane = this.#free;
    if (lane === NONE) {
      lane = this.#used++;
      if (lane << ROW === this.#rows.length) this.#rows = doubled(this.#rows);
    } else {
      this.#free = this.#rows[(lane << ROW) + NEXT]!;
    }
    this.#count++;
    const rows = this.#rows;
    const at = lane << ROW;
    const bucket = this.#bucket(partition, hash);
    rows[at + HASH] = hash;
    rows[at + PARTITION] = partition;
    rows[at + HEAD] = slot;
    rows[at + TAIL] = slot;
    rows[at + NEXT] = this.#buckets[bucket]!;
    this.#buckets[bucket] = lane;
    return lane;
  }

  /** Forgets an open lane; its number will be given to another. */
  close(lane: number): void {
    const rows = this.#rows;
    const at = lane << ROW;
    const bucket = this.#bucket(rows[at + PARTITION]!, rows[at + HASH]!);
    const first = this.#buckets[bucket]!;
    if (first === lane) {
      this.#buckets[bucket] = rows[at + NEXT]!;
    } else {
      let before = first << ROW;
      while (rows[before + NEXT] !== lane) before = rows[before + NEXT]! << ROW;
      rows[before + NEXT] = rows[at + NEXT]!;
    }
    rows[at + HEAD] = NONE;
    rows[at + NEXT] = this.#free;
    this.#free = lane;
    this.#count--;
  }

  /** First record of the lane, -1 if it is not open. */
  head(lane: number): number {
    return this.#rows[(lane << ROW) + HEAD]!;
  }

  hash(lane: number): number {
    return this.#rows[(lane << ROW) + HASH]!;
  }

  setHead(lane: number, slot: number): void {
    this.#rows[(lane << ROW) + HEAD] = slot;
  }

  setTail(lane: number, slot: number): void {
    this.#rows[(lane << ROW) + TAIL] = slot;
  }

  /** Puts a record behind the others of the lane and returns the one that was last. */
  append(lane: number, slot: number): number {
    const at = (lane << ROW) + TAIL;
    const last = this.#rows[at]!;
    this.#rows[at] = slot;
    return last;
  }

  #bucket(partition: number, hash: number): number {
    return (hash + Math.imul(partition, 0x9e3779b1)) & (this.#buckets.length - 1);
  }

  #rehash(): void {
    this.#buckets = new Int32Array(this.#buckets.length * 2).fill(NONE);
    const rows = this.#rows;
    for (let lane = 0; lane < this.#used; lane++) {
      const at = lane << ROW;
      if (rows[at + HEAD] === NONE) continue;
      const bucket = this.#bucket(rows[at + PARTITION]!, rows[at + HASH]!);
      rows[at + NEXT] = this.#buckets[bucket]!;
      this.#buckets[bucket] = lane;
    }
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
