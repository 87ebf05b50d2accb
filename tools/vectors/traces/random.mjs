// @ts-check

/**
 * Numbers that are the same on every machine: a linear congruential generator of 48 bits, the one
 * of POSIX drand48.
 */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = (BigInt(seed) << 16n) + 0x330en;
  }

  /**
   * From 0 up to, and not including, `bound`.
   * @param {number} bound
   */
  below(bound) {
    this.#state = BigInt.asUintN(48, this.#state * 0x5deece66dn + 0xbn);
    return Number(((this.#state >> 16n) * BigInt(bound)) >> 32n);
  }

  /** @param {number} percent */
  chance(percent) {
    return this.below(100) < percent;
  }

  /**
   * @template T
   * @param {readonly T[]} items at least one
   * @returns {T}
   */
  pick(items) {
    const [item] = items.slice(this.below(items.length));
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
}
