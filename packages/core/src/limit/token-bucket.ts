/** How many tokens come back in which time. */
export interface Refill {
  /** Integer, 1 to 1e6. */
  readonly tokens: number;
  /** Integer, milliseconds. */
  readonly perMs: number;
}

/**
 * A token bucket: `burst` at once, and from then on as fast as it refills. Full at first. Counts in
 * units of `1 / perMs` token, so that nothing is rounded as long as times are integers.
 */
export class TokenBucket {
  readonly #refill: Refill;
  readonly #capacity: number;
  /** Units. */
  #level: number;
  #at = -Infinity;

  /** @param burst most tokens at once, an integer from 1 */
  constructor(refill: Refill, burst: number) {
    this.#refill = refill;
    this.#capacity = burst * refill.perMs;
    this.#level = this.#capacity;
  }

  /** Takes one token. False, and none is taken, when there is none. */
  take(now: number): boolean {
    if (!this.has(now)) return false;
    this.#level -= this.#refill.perMs;
    return true;
  }

  /** Whether there are so many tokens. */
  has(now: number, count = 1): boolean {
    if (now > this.#at) {
      // The first time from -Infinity: full.
      this.#level = Math.min(this.#capacity, this.#level + (now - this.#at) * this.#refill.tokens);
      this.#at = now;
    }
    return this.#level >= count * this.#refill.perMs;
  }

  /**
   * When there will be so many tokens, as of the last asking; the time of that when there are.
   * @param count no more than the burst
   */
  nextAt(count = 1): number {
    const missing = count * this.#refill.perMs - this.#level;
    return this.#at + Math.max(0, Math.ceil(missing / this.#refill.tokens));
  }
}
