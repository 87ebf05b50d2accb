import { HASH, NONE, PARTITION, SLOT_ROW } from "./slot-rows.ts";
import type { SlotRows } from "./slot-rows.ts";

/** An entry: the hash of partition and key, and the first record of the lane, -1 for none. */
const ENTRY = 1;

/**
 * The lanes that hold something, found by partition and key hash. Lanes come and go with nearly every
 * record when there are many keys, so a lane is nothing but its first record, and this an open hash
 * table of those: making one allocates nothing, and finding one reads no record but its own.
 */
export class LaneTable {
  readonly #slots: SlotRows;
  #entries = new Int32Array(64 << ENTRY).fill(NONE);
  #mask = 63;
  #count = 0;

  constructor(slots: SlotRows) {
    this.#slots = slots;
  }

  /**
   * The first record of the lane, or -1. Only hashes are compared: two keys with equal hashes share a
   * lane, which serialises them and misorders neither.
   */
  find(partition: number, hash: number): number {
    const entries = this.#entries;
    const mixed = mix(partition, hash);
    for (let at = mixed & this.#mask; ; at = (at + 1) & this.#mask) {
      const head = entries[(at << ENTRY) + 1]!;
      if (head === NONE) return NONE;
      if (entries[at << ENTRY] !== mixed) continue;
      if (this.#slots.rows[(head << SLOT_ROW) + PARTITION] === partition) return head;
    }
  }

  /**
   * The first record of the lane that this record belongs to, -1 if there was none: then there is one
   * now, which begins with it.
   */
  findOrOpen(partition: number, hash: number, slot: number): number {
    if (this.#count << 1 > this.#mask) this.#grow();
    const entries = this.#entries;
    const mask = this.#mask;
    const mixed = mix(partition, hash);
    let at = mixed & mask;
    for (let head: number; (head = entries[(at << ENTRY) + 1]!) !== NONE; at = (at + 1) & mask) {
      if (entries[at << ENTRY] !== mixed) continue;
      if (this.#slots.rows[(head << SLOT_ROW) + PARTITION] === partition) return head;
    }
    entries[at << ENTRY] = mixed;
    entries[(at << ENTRY) + 1] = slot;
    this.#count++;
    return NONE;
  }

  /** Another record is the first of its lane now. */
  replace(head: number, next: number): void {
    this.#entries[(this.#indexOf(head) << ENTRY) + 1] = next;
  }

  /** Forgets the lane. */
  close(head: number): void {
    const entries = this.#entries;
    const mask = this.#mask;
    this.#count--;
    let hole = this.#indexOf(head);
    // Nothing may stand behind a hole that was put there because the hole was not one.
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const moved = entries[(at << ENTRY) + 1]!;
      if (moved === NONE) break;
      const mixed = entries[at << ENTRY]!;
      if (((at - mixed) & mask) < ((at - hole) & mask)) continue;
      entries[hole << ENTRY] = mixed;
      entries[(hole << ENTRY) + 1] = moved;
      hole = at;
    }
    entries[(hole << ENTRY) + 1] = NONE;
  }

  #indexOf(head: number): number {
    let at = this.#mixed(head) & this.#mask;
    while (this.#entries[(at << ENTRY) + 1] !== head) at = (at + 1) & this.#mask;
    return at;
  }

  #put(mixed: number, head: number): void {
    const entries = this.#entries;
    let at = mixed & this.#mask;
    while (entries[(at << ENTRY) + 1] !== NONE) at = (at + 1) & this.#mask;
    entries[at << ENTRY] = mixed;
    entries[(at << ENTRY) + 1] = head;
  }

  #mixed(head: number): number {
    const { rows } = this.#slots;
    const at = head << SLOT_ROW;
    return mix(rows[at + PARTITION]!, rows[at + HASH]!);
  }

  #grow(): void {
    const before = this.#entries;
    this.#entries = new Int32Array(before.length * 2).fill(NONE);
    this.#mask = (this.#mask << 1) | 1;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] !== NONE) this.#put(before[at]!, before[at + 1]!);
    }
  }
}

function mix(partition: number, hash: number): number {
  return (hash + Math.imul(partition, 0x9e3779b1)) | 0;
}
