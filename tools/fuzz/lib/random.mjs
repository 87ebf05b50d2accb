// @ts-check
import { createHash } from "node:crypto";

/** A small generator (xorshift128): fuzzing draws many numbers and needs no better ones. */
export class Random {
  #a;
  #b;
  #c;
  #d;

  /** @param {string} seed the same numbers again for the same text */
  constructor(seed) {
    const digest = createHash("sha256").update(seed).digest();
    this.#a = digest.readUInt32LE(0) | 1;
    this.#b = digest.readUInt32LE(4);
    this.#c = digest.readUInt32LE(8);
    this.#d = digest.readUInt32LE(12);
  }

  /** From 0 to `count - 1`. @param {number} count at least 1 */
  below(count) {
    const t = this.#a ^ (this.#a << 11);
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = this.#d ^ (this.#d >>> 19) ^ t ^ (t >>> 8);
    return (this.#d >>> 0) % count;
  }

  /** @template T @param {readonly T[]} items not empty @returns {T} */
  one(items) {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }
}
