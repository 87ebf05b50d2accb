/** A stream of chance that depends on its seed alone (mulberry32). */
export class Random {
  #state: number;

  /** @param seed unsigned 32 bits */
  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    this.#state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) >>> 0;
    this.next32();
    this.next32();
  }

  /** Uniform unsigned 32-bit integer. */
  next32(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  }

  /** A stream of its own: what is drawn from it moves nothing here. */
  fork(): Random {
    return new Random(this.next32());
  }

  /** 0 to n - 1. */
  below(n: number): number {
    return Math.floor((this.next32() / 0x1_0000_0000) * n);
  }

  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next32() / 0x1_0000_0000 < probability;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)]!;
  }
}
