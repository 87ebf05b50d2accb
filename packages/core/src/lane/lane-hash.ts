/**
 * A seeded 32-bit hash that spreads keys over lanes. It is not a partitioner and its values never
 * leave the process: murmur2 must stay as Kafka has it, unseeded, while an unseeded lane hash would
 * let a producer choose keys that all fall on a lane of its victim's. Hence the seed sets the
 * multipliers too, so that no pair of keys collides under every seed.
 */
export class LaneHash {
  readonly #seed: number;
  readonly #first: number;
  readonly #second: number;

  /** @param seed unsigned 32 bits */
  constructor(seed: number) {
    this.#seed = mix(seed ^ 0x9e3779b9);
    this.#first = mix(seed ^ 0x85ebca6b) | 1;
    this.#second = mix(seed ^ 0x27d4eb2f) | 1;
  }

  /** Hash of a key, as int32. */
  of(key: Uint8Array): number {
    const length = key.length;
    let hash = this.#seed ^ length;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      hash = this.#add(
        hash,
        key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24),
      );
    }
    let rest = 0;
    for (let shift = 0; at < length; at++, shift += 8) rest |= key[at]! << shift;
    return mix(this.#add(hash, rest));
  }

  /** The step of MurmurHash3 with multipliers of our own. */
  #add(hash: number, word: number): number {
    let mixed = Math.imul(word, this.#first);
    mixed = (mixed << 15) | (mixed >>> 17);
    mixed = hash ^ Math.imul(mixed, this.#second);
    mixed = (mixed << 13) | (mixed >>> 19);
    return (Math.imul(mixed, 5) + 0xe6546b64) | 0;
  }
}

/** The finalizer of MurmurHash3: each bit of the input changes about half of the output. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
