import type { Slot } from "../lane/lane-scheduler.ts";

/** Slots by the time they are due, as a binary heap. A slot is in it at most once. */
export class DueHeap {
  readonly #slots: Slot[] = [];
  readonly #due: number[] = [];

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
    let at = this.#slots.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#due[parent]! <= dueAt) break;
      this.#place(at, this.#slots[parent]!, this.#due[parent]!);
      at = parent;
    }
    this.#place(at, slot, dueAt);
  }

  /** Removes and returns the earliest. @throws RangeError when empty. */
  take(): Slot {
    const first = this.#slots[0];
    if (first === undefined) throw new RangeError("Nothing is due");
    const slot = this.#slots.pop()!;
    const dueAt = this.#due.pop()!;
    if (this.#slots.length > 0) this.#sink(slot, dueAt);
    return first;
  }

  /** Removes those that match and returns them. */
  remove(matches: (slot: Slot) => boolean): readonly Slot[] {
    const removed = this.#slots.filter(matches);
    if (removed.length === 0) return removed;
    const kept = this.#slots
      .map((slot, at) => ({ slot, dueAt: this.#due[at]! }))
      .filter(({ slot }) => !matches(slot));
    this.#slots.length = 0;
    this.#due.length = 0;
    for (const { slot, dueAt } of kept) this.add(slot, dueAt);
    return removed;
  }

  #sink(slot: Slot, dueAt: number): void {
    const size = this.#slots.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#due[child + 1]! < this.#due[child]!) child++;
      if (this.#due[child]! >= dueAt) break;
      this.#place(at, this.#slots[child]!, this.#due[child]!);
      at = child;
    }
    this.#place(at, slot, dueAt);
  }

  #place(at: number, slot: Slot, dueAt: number): void {
    this.#slots[at] = slot;
    this.#due[at] = dueAt;
  }
}
