// @ts-check
// Inputs by (seed, operation, index): the same again on every machine, from any index on.
import { createHash } from "node:crypto";
import fc from "fast-check";

/** Inputs are drawn in chunks of this many, each with a seed of its own. */
export const CHUNK = 1_000;

/**
 * @typedef {object} Chunk
 * @property {number} from index of its first input
 * @property {number} seed of fast-check
 * @property {number} skip inputs at its beginning that were not asked for
 * @property {number} count inputs, those that are skipped included
 */

/**
 * The chunks that have the inputs from `from` to `from + count`.
 *
 * @param {number} seed @param {string} name @param {number} from @param {number} count
 * @returns {Generator<Chunk>}
 */
export function* chunksOf(seed, name, from, count) {
  const end = from + count;
  for (let start = from - (from % CHUNK); start < end; start += CHUNK) {
    const digest = createHash("sha256").update(`${seed}/${name}/${start}`).digest();
    yield {
      from: Math.max(start, from),
      seed: digest.readInt32BE(0),
      skip: Math.max(0, from - start),
      count: Math.min(CHUNK, end - start),
    };
  }
}

/**
 * @template T
 * @param {fc.Arbitrary<T>} arbitrary @param {Chunk} chunk
 * @returns {T[]}
 */
export function draw(arbitrary, { seed, skip, count }) {
  return fc.sample(arbitrary, { seed, numRuns: count }).slice(skip);
}

/**
 * The smallest input that `wrong` still holds of, among those that fast-check comes by in the time.
 * Null when the chunk has none (then `wrong` depends on more than its input).
 *
 * @template T
 * @param {fc.Arbitrary<T>} arbitrary @param {Chunk} chunk
 * @param {(input: T) => Promise<boolean>} wrong @param {number} limitMs
 * @returns {Promise<T | null>}
 */
export async function shrink(arbitrary, { seed, count }, wrong, limitMs) {
  /** @type {T | null} */
  let smallest = null;
  const property = fc.asyncProperty(arbitrary, async (input) => {
    if (!(await wrong(input))) return true;
    smallest = input;
    return false;
  });
  await fc.check(property, { seed, numRuns: count, interruptAfterTimeLimit: limitMs });
  return smallest;
}
