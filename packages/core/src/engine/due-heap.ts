import type { Slot } from "../lane/lane-scheduler.ts";

/**
 * Slots by the time they are due, those of one time in the order in which they were added: a binary
 * heap. A slot is in it at most once.
 */
export class DueHeap {
  readonly #slots: Slot[] = [];
  readonly #due: number[] = [];
  /** Which addition brought it in. */
  readonly #added: number[] = [];
  #additions = 0;

  get size(): number {
    return this.#slots.length;
  }

  /** In no particular order. */
  get slots(): readonly Slot[] {
    return this.#slots;
  }

  /** Time of the earliest, Infinity when empty. */
  get earliest(): number {
    return this.#due.length === 0 ? Infinity : this.#due[0]!;
  }

  /** When a slot is due, Infinity when it is not in here. Takes time in proportion to the size. */
  dueAt(slot: Slot): number {
    return this.#due[this.#slots.indexOf(slot)] ?? Infinity;
  }

  add(slot: Slot, dueAt: number): void {
    this.#rise(slot, dueAt, this.#additions++);
  }

  /** Removes and returns the earliest. @throws RangeError when empty. */
  take(): Slot {
    const first = this.#slots[0];
    if (first === undefined) throw new RangeError("Nothing is due");
    const slot = this.#slots.pop()!;
    const dueAt = this.#due.pop()!;
    const added = this.#added.pop()!;
    if (this.#slots.length > 0) this.#sink(slot, dueAt, added);
    return first;
  }

  /** Removes those that match and returns them. */
  remove(matches: (slot: Slot) => boolean): readonly Slot[] {
    const removed = this.#slots.filter(matches);
    if (removed.length === 0) return removed;
    const kept = this.#slots
      .map((slot, at) => ({ slot, dueAt: this.#due[at]!, added: this.#added[at]! }))
      .filter(({ slot }) => !matches(slot));
    this.#slots.length = 0;
    this.#due.length = 0;
    this.#added.length = 0;
    for (const { slot, dueAt, added } of kept) this.#rise(slot, dueAt, added);
    return removed;
  }

  #rise(slot: Slot, dueAt: number, added: number): void {
    let at = this.#slots.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isBefore(parent, dueAt, added)) break;
      this.#place(at, this.#slots[parent]!, this.#due[parent]!, this.#added[parent]!);
      at = parent;
    }
    this.#place(at, slot, dueAt, added);
  }

  #sink(slot: Slot, dueAt: number, added: number): void {
    const size = this.#slots.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const other = child + 1;
      if (other < size && this.#isBefore(other, this.#due[child]!, this.#added[child]!)) child++;
      if (!this.#isBefore(child, dueAt, added)) break;
      this.#place(at, this.#slots[child]!, this.#due[child]!, this.#added[child]!);
      at = child;
    }
    this.#place(at, slot, dueAt, added);
  }

  /** Whether what stands here comes before one that is due then. */
  #isBefore(at: number, dueAt: number, added: number): boolean {
    const due = this.#due[at]!;
    return due < dueAt || (due === dueAt && this.#added[at]! < added);
  }

  #place(at: number, slot: Slot, dueAt: number, added: number): void {
    this.#slots[at] = slot;
    this.#due[at] = dueAt;
    this.#added[at] = added;
  }
}
