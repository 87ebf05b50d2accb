export const NONE = -1;

/**
 * A held record's row is a cache line: 16 integers, or 8 doubles. The first half is the scheduler's,
 * the second for what its caller keeps of the record. With thousands held it is the lines touched that
 * cost, and not the instructions: whoever takes a record up has its caller's half with it.
 */
export const SLOT_ROW = 4;
export const STATE = 0;
export const PARTITION = 1;
export const BYTES = 2;
/** Hash of its key, if it is in a lane. */
export const HASH = 3;
/** Next record in the lane. */
export const NEXT = 4;
/** Record before it in the lane, -1 for the first. */
export const PREVIOUS = 5;
/** Last record in the lane, for the first; -1 for a record that is a lane of its own. */
export const TAIL = 6;
/** Next record that is ready in the partition. */
export const NEXT_READY = 7;
/** The caller's integers are from here on, and doubles from half of that. */
export const CALLER = 8;

/** One row for each held record, named by its slot. */
export class SlotRows {
  /** Read anew after `grow`. */
  rows: Int32Array<ArrayBuffer> = new Int32Array(64 << SLOT_ROW);
  /** The same memory. */
  doubles: Float64Array<ArrayBuffer> = new Float64Array(this.rows.buffer);

  get capacity(): number {
    return this.rows.length >> SLOT_ROW;
  }

  grow(): void {
    const rows = new Int32Array(this.rows.length * 2);
    rows.set(this.rows);
    this.rows = rows;
    this.doubles = new Float64Array(rows.buffer);
  }
}
