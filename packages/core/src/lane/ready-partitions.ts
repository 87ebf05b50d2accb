const NONE = -1;

/**
 * The records that may run, a queue for each partition, and the partitions that have some, in
 * turn: one with a million ready records gets no more than its share while others have any.
 */
export class ReadyPartitions {
  /** By slot: the next ready one of the same partition. */
  #next = new Int32Array(64);
  /** By partition. */
  #head = new Int32Array(0);
  #tail = new Int32Array(0);
  #blocked = new Uint8Array(0);
  /** Whether the partition is in the ring; it may have become empty or blocked since. */
  #listed = new Uint8Array(0);
  #ringNext = new Int32Array(0);
  #ringHead = NONE;
  #ringTail = NONE;

  /** Makes room for slots below `slots`. */
  reserve(slots: number): void {
    const next = new Int32Array(slots);
    next.set(this.#next);
    this.#next = next;
  }

  add(partition: number, slot: number): void {
    this.#know(partition);
    this.#next[slot] = NONE;
    if (this.#head[partition] === NONE) this.#head[partition] = slot;
    else this.#next[this.#tail[partition]!] = slot;
    this.#tail[partition] = slot;
    this.#list(partition);
  }

  /** The next record in turn, removed; -1 when there is none. */
  take(): number {
    while (this.#ringHead !== NONE) {
      const partition = this.#ringHead;
      this.#ringHead = this.#ringNext[partition]!;
      this.#listed[partition] = 0;
      const slot = this.#head[partition]!;
      if (slot === NONE || this.#blocked[partition] === 1) continue;
      this.#head[partition] = this.#next[slot]!;
      this.#list(partition);
      return slot;
    }
    return NONE;
  }

  clear(partition: number): void {
    this.#know(partition);
    this.#head[partition] = NONE;
  }

  block(partition: number): void {
    this.#know(partition);
    this.#blocked[partition] = 1;
  }

  unblock(partition: number): void {
    this.#know(partition);
    this.#blocked[partition] = 0;
    this.#list(partition);
  }

  #list(partition: number): void {
    if (
      this.#listed[partition] === 1 ||
      this.#blocked[partition] === 1 ||
      this.#head[partition] === NONE
    ) {
      return;
    }
    this.#listed[partition] = 1;
    this.#ringNext[partition] = NONE;
    if (this.#ringHead === NONE) this.#ringHead = partition;
    else this.#ringNext[this.#ringTail] = partition;
    this.#ringTail = partition;
  }

  #know(partition: number): void {
    const known = this.#head.length;
    if (partition < known) return;
    const size = Math.max(16, known * 2, partition + 1);
    const grown = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(size).fill(NONE);
      larger.set(array);
      return larger;
    };
    this.#head = grown(this.#head);
    this.#tail = grown(this.#tail);
    this.#ringNext = grown(this.#ringNext);
    const blocked = new Uint8Array(size);
    blocked.set(this.#blocked);
    this.#blocked = blocked;
    const listed = new Uint8Array(size);
    listed.set(this.#listed);
    this.#listed = listed;
  }
}
