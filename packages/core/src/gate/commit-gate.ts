import type { OffsetRanges } from "./offset-ranges.ts";

/** Records a new gate has room for: a power of two from 32 on. */
const FIRST_SIZE = 64;

/**
 * Decides how far a partition may be committed: over the gap-free settled prefix of what was
 * admitted in one assignment (SLC-GAT).
 *
 * Records are admitted in offset order and settled in any order. State is a ring of bits and a ring
 * of offsets, both indexed by *admission sequence*: a gap in the log (compaction, transaction
 * markers, retention) is merely a jump between two neighbouring entries, so it costs nothing and
 * counts as settled. A bitmap indexed by offset would need 33 MB for one gap of 10^8.
 *
 * Sequences are int32 and wrap around: `& mask` and `(a - b) | 0` stay right as long as fewer than
 * 2^31 records are held, so no index is ever a double and nothing is allocated for a record.
 */
export class CommitGate {
  #bits = new Int32Array(FIRST_SIZE >>> 5);
  #offsets = new Float64Array(FIRST_SIZE);
  #mask = FIRST_SIZE - 1;
  /** Sequence of the first unsettled record, `#tail` when there is none. */
  #head = 0;
  /** Sequence of the next admission. */
  #tail = 0;
  /** In an array, since a field would take a heap number for each position above 2^31. */
  readonly #positions = new Float64Array(1);
  #unsettled = 0;

  /**
   * @param position Offset of the first fetch, 0 to 2^53-1.
   * @throws RangeError for a position that is not a safe offset.
   */
  constructor(position: number) {
    if (!isPosition(position)) throw new RangeError(`Not an offset to start at: ${position}`);
    this.#positions[0] = position;
  }

  /** The next offset to commit: everything below it is settled. Equals `position` when idle. */
  get frontier(): number {
    return this.#head === this.#tail ? this.position : this.#offsets[this.#head & this.#mask]!;
  }

  /** The next offset that may be admitted, i.e. what the client fetches next. */
  get position(): number {
    return this.#positions[0]!;
  }

  /** Records admitted and not settled. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Records settled out of order: admitted behind the frontier's and settled before it. */
  get settledAhead(): number {
    return ((this.#tail - this.#head) | 0) - this.#unsettled;
  }

  /**
   * The highest offset that is settled out of order, -1 for none. Takes time in proportion to the
   * records held.
   */
  get highestSettled(): number {
    for (let sequence = this.#tail; sequence !== this.#head;) {
      sequence = (sequence - 1) | 0;
      const index = sequence & this.#mask;
      if ((this.#bits[index >>> 5]! & (1 << (index & 31))) !== 0) return this.#offsets[index]!;
    }
    return -1;
  }

  /**
   * Whether a record is settled out of order with an offset from `from` on and below `to`. Takes time
   * in proportion to the records held.
   */
  hasSettled(from: number, to: number): boolean {
    for (let sequence = this.#head; sequence !== this.#tail; sequence = (sequence + 1) | 0) {
      const index = sequence & this.#mask;
      const offset = this.#offsets[index]!;
      if (offset >= to) return false;
      if (offset >= from && (this.#bits[index >>> 5]! & (1 << (index & 31))) !== 0) return true;
    }
    return false;
  }

  /**
   * What is settled from the frontier up to the position, gaps of the log included (SLC-GAT-002):
   * everything but the records held and not settled. Takes time in proportion to the records held,
   * whatever the gaps.
   */
  settledAboveFrontier(): OffsetRanges {
    const ranges: number[] = [];
    let from = this.frontier;
    for (let sequence = this.#head; sequence !== this.#tail; sequence = (sequence + 1) | 0) {
      const index = sequence & this.#mask;
      if ((this.#bits[index >>> 5]! & (1 << (index & 31))) !== 0) continue;
      const unsettled = this.#offsets[index]!;
      if (unsettled > from) ranges.push(from, unsettled);
      from = unsettled + 1;
    }
    if (this.position > from) ranges.push(from, this.position);
    return ranges;
  }

  /**
   * Takes a record into account and moves the position behind it.
   * @returns its sequence, an int32 that names it in `settle` until 2^31 later admissions.
   * @throws RangeError for an offset below the position or past 2^53-2: admitting it would put it
   * behind a frontier that may have been committed already.
   */
  admit(offset: number): number {
    if (!(offset >= this.position && isOffset(offset))) {
      throw new RangeError(`Offset ${offset} cannot be admitted at position ${this.position}`);
    }
    const sequence = this.#tail;
    if (((sequence - this.#head) | 0) === this.#mask + 1) this.#grow();
    this.#offsets[sequence & this.#mask] = offset;
    this.#tail = (sequence + 1) | 0;
    this.#positions[0] = offset + 1;
    this.#unsettled++;
    return sequence;
  }

  /**
   * Settles one record. False, and nothing changes, when it is settled already or was never
   * admitted.
   */
  settle(sequence: number): boolean {
    const ahead = (sequence - this.#head) | 0;
    if (ahead < 0 || ahead >= ((this.#tail - this.#head) | 0)) return false;
    const index = sequence & this.#mask;
    const bit = 1 << (index & 31);
    const word = this.#bits[index >>> 5]!;
    if ((word & bit) !== 0) return false;
    this.#bits[index >>> 5] = word | bit;
    this.#unsettled--;
    if (ahead === 0) this.#advance();
    return true;
  }

  /**
   * Moves the position over offsets that hold no visible record, such as a transaction marker at
   * the end of a batch. False, and nothing changes, when it would not move forward.
   */
  advancePosition(nextPosition: number): boolean {
    if (!(nextPosition > this.position && isPosition(nextPosition))) return false;
    this.#positions[0] = nextPosition;
    return true;
  }

  /**
   * Moves the head to the first zero bit and clears what it passes. It cannot run past the tail:
   * bits there are zero, and in a full ring the head has just cleared them.
   */
  #advance(): void {
    const bits = this.#bits;
    let head = this.#head;
    for (;;) {
      const index = head & this.#mask;
      const shift = index & 31;
      const word = bits[index >>> 5]!;
      const unsettled = ~word >>> shift;
      if (unsettled !== 0) {
        const run = 31 - Math.clz32(unsettled & -unsettled);
        // Two shifts, since `<< 32` would shift by nothing. `run` is at most 31 here.
        bits[index >>> 5] = word & ~(((1 << run) - 1) << shift);
        this.#head = (head + run) | 0;
        return;
      }
      bits[index >>> 5] = word & ((1 << shift) - 1);
      head = (head + 32 - shift) | 0;
    }
  }

  #grow(): void {
    const size = (this.#mask + 1) * 2;
    if (size > 2 ** 30) throw new RangeError("A gate holds at most 2^30 records");
    const bits = new Int32Array(size >>> 5);
    const offsets = new Float64Array(size);
    for (let sequence = this.#head; sequence !== this.#tail; sequence = (sequence + 1) | 0) {
      const from = sequence & this.#mask;
      const to = sequence & (size - 1);
      offsets[to] = this.#offsets[from]!;
      bits[to >>> 5]! |= ((this.#bits[from >>> 5]! >>> (from & 31)) & 1) << (to & 31);
    }
    this.#bits = bits;
    this.#offsets = offsets;
    this.#mask = size - 1;
  }
}

function isPosition(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Whether it can be a record's: the largest leaves room for the position behind it. */
export function isOffset(value: number): boolean {
  return isPosition(value) && value < Number.MAX_SAFE_INTEGER;
}
