const M = 0x5bd1e995;
const SEED = 0x9747b28c;

/**
 * MurmurHash2 as Kafka's Java client computes it, as a signed 32-bit integer. Over bytes: a string
 * must be encoded first, without Unicode normalisation.
 */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const tail = length & ~3;
  let hash = SEED ^ length;
  for (let i = 0; i < tail; i += 4) {
    let word =
      byte(bytes, i) |
      (byte(bytes, i + 1) << 8) |
      (byte(bytes, i + 2) << 16) |
      (byte(bytes, i + 3) << 24);
    // Math.imul and not `*`: a double loses the low bits of a 64-bit product, and every key would
    // go to another partition than Java's.
    word = Math.imul(word, M);
    word ^= word >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  const rest = length & 3;
  if (rest === 3) hash ^= byte(bytes, tail + 2) << 16;
  if (rest >= 2) hash ^= byte(bytes, tail + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ byte(bytes, tail), M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}
