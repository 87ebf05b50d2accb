const NONE = -1;

/** A partition's row. */
const ROW = 3;
const HEAD = 0;
const TAIL = 1;
const BLOCKED = 2;
/** Whether it is in the ring; it may have become empty or blocked since. */
const LISTED = 3;
const RING_NEXT = 4;

/**
 * The records that may run, a queue for each partition, and the partitions that have some, in
 * turn: one with a million ready records gets no more than its share while others have any.
 */
export class ReadyPartitions {
  /** By slot: the next ready one of the same partition. */
  #next = new Int32Array(64);
  #rows = new Int32Array(0);
  #ringHead = NONE;
  #ringTail = NONE;

  /** Makes room for slots below `slots`. */
  reserve(slots: number): void {
    const next = new Int32Array(slots);
    next.set(this.#next);
    this.#next = next;
  }

  add(partition: number, slot: number): void {
    const at = this.#row(partition);
    const rows = this.#rows;
    this.#next[slot] = NONE;
    if (rows[at + HEAD] === NONE) rows[at + HEAD] = slot;
    else this.#next[rows[at + TAIL]!] = slot;
    rows[at + TAIL] = slot;
    if (rows[at + LISTED] === 0 && rows[at + BLOCKED] === 0) this.#list(partition, at);
  }

  /** The next record in turn, removed; -1 when there is none. */
  take(): number {
    const rows = this.#rows;
    while (this.#ringHead !== NONE) {
      const partition = this.#ringHead;
      const at = partition << ROW;
      this.#ringHead = rows[at + RING_NEXT]!;
      rows[at + LISTED] = 0;
      const slot = rows[at + HEAD]!;
      if (slot === NONE || rows[at + BLOCKED] === 1) continue;
      const next = this.#next[slot]!;
      rows[at + HEAD] = next;
      if (next !== NONE) this.#list(partition, at);
      return slot;
    }
    return NONE;
  }

  /** Removes the records of a partition that do not match. */
  retain(partition: number, matches: (slot: number) => boolean): void {
    const at = this.#row(partition);
    const rows = this.#rows;
    let slot = rows[at + HEAD]!;
    rows[at + HEAD] = NONE;
    while (slot !== NONE) {
      const next = this.#next[slot]!;
      if (matches(slot)) this.add(partition, slot);
      slot = next;
    }
  }

  block(partition: number): void {
    const at = this.#row(partition);
    this.#rows[at + BLOCKED] = 1;
  }

  unblock(partition: number): void {
    const at = this.#row(partition);
    this.#rows[at + BLOCKED] = 0;
    if (this.#rows[at + HEAD] !== NONE && this.#rows[at + LISTED] === 0) this.#list(partition, at);
  }

  /** Behind the others in the ring. */
  #list(partition: number, at: number): void {
    const rows = this.#rows;
    rows[at + LISTED] = 1;
    rows[at + RING_NEXT] = NONE;
    if (this.#ringHead === NONE) this.#ringHead = partition;
    else rows[(this.#ringTail << ROW) + RING_NEXT] = partition;
    this.#ringTail = partition;
  }

  /** Makes the row if need be: read `#rows` after this. */
  #row(partition: number): number {
    const at = partition << ROW;
    if (at >= this.#rows.length) this.#grow(partition);
    return at;
  }

  #grow(partition: number): void {
    const known = this.#rows.length >> ROW;
    const size = Math.max(16, known * 2, partition + 1);
    const rows = new Int32Array(size << ROW);
    rows.set(this.#rows);
    for (let each = known; each < size; each++) rows[(each << ROW) + HEAD] = NONE;
    this.#rows = rows;
  }
}
