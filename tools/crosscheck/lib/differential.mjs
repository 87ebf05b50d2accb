// @ts-check
// The same inputs to the core and to every reader, and where the answers differ.
import { performance } from "node:perf_hooks";
import { differences } from "../../../packages/checker/dist/json-difference.js";
import { chunksOf, draw, shrink } from "./draw.mjs";
import { Spread } from "./spread.mjs";

/** @typedef {import("./draw.mjs").Chunk} Chunk */
/** @typedef {import("./operations.mjs").Answer} Answer */
/** @typedef {import("./operations.mjs").Operation} Operation */
/** @typedef {{ vector(op: string, input: object, timeoutMs: number): Promise<Reply> }} Subject */
/** @typedef {{ ok: object } | { error: { code: string, message?: string } }} Reply */
/** @typedef {{ path: string, expected: unknown, found: unknown }} Difference */

/**
 * @typedef {object} Disagreement
 * @property {string} reader
 * @property {number} count inputs on which it disagrees
 * @property {number} index of the smallest of them
 * @property {object} input the smallest, shrunk where that was possible
 * @property {readonly Difference[]} differences in the answers to it
 */

/**
 * @typedef {object} Comparison
 * @property {string} op
 * @property {number} cases
 * @property {number} perSecond inputs, each answered by the core and every reader
 * @property {Spread} spread
 * @property {readonly string[]} unreached
 * @property {readonly Disagreement[]} disagreements
 */

const IN_FLIGHT = 128;
const ANSWER_MS = 30_000;
const SHRINK_MS = 15_000;
/** Fewer inputs need not meet every outcome. */
const ENOUGH = 10_000;

/**
 * @param {string} op @param {Operation} operation @param {Answer} answer of the core
 * @param {ReadonlyMap<string, Subject>} readers
 * @param {{ seed: number, from: number, cases: number, progress: (done: number) => void }} options
 * @returns {Promise<Comparison>}
 * @throws {Error} when a reader breaks the protocol
 */
export async function compare(op, operation, answer, readers, { seed, from, cases, progress }) {
  const started = performance.now();
  const spread = new Spread();
  /** @type {Map<string, { count: number, index: number, input: object, chunk: Chunk }>} */
  const found = new Map();
  let done = 0;
  for (const chunk of chunksOf(seed, op, from, cases)) {
    const inputs = draw(operation.input, chunk);
    const expected = inputs.map((input) => told(answer, op, input));
    for (const [i, reply] of expected.entries()) {
      if ("ok" in reply) spread.add(operation.outcomes(inputs[i], reply.ok));
    }
    const ask = async (/** @type {[string, Subject]} */ [name, reader]) => {
      await each(inputs.entries(), async ([i, input]) => {
        const reply = await reader.vector(op, input, ANSWER_MS);
        if (differ(/** @type {Reply} */ (expected[i]), reply).length === 0) return;
        const before = found.get(name);
        const smaller = before === undefined || size(input) < size(before.input);
        found.set(name, {
          ...(smaller ? { index: chunk.from + i, input, chunk } : before),
          count: (before?.count ?? 0) + 1,
        });
      });
    };
    await Promise.all([...readers].map(ask));
    done += inputs.length;
    progress(done);
  }
  const seconds = (performance.now() - started) / 1000;
  /** @type {Disagreement[]} */
  const disagreements = [];
  for (const [reader, { count, index, input, chunk }] of found) {
    const subject = /** @type {Subject} */ (readers.get(reader));
    const wrong = async (/** @type {object} */ candidate) =>
      differ(told(answer, op, candidate), await subject.vector(op, candidate, ANSWER_MS)).length >
      0;
    const shrunk = await shrink(operation.input, chunk, wrong, SHRINK_MS);
    const smallest = shrunk !== null && size(shrunk) < size(input) ? shrunk : input;
    const reply = await subject.vector(op, smallest, ANSWER_MS);
    disagreements.push({
      reader,
      count,
      index,
      input: smallest,
      differences: differ(told(answer, op, smallest), reply),
    });
  }
  return {
    op,
    cases: done,
    perSecond: done / seconds,
    spread,
    unreached: done >= ENOUGH ? spread.missing(operation.reaches) : [],
    disagreements,
  };
}

/** An exception of the core is a disagreement like any other. @param {Answer} answer @param {string} op @param {object} input @returns {Reply} */
function told(answer, op, input) {
  try {
    return { ok: answer(op, input) };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { error: { code: "core", message } };
  }
}

/** @param {Reply} expected @param {Reply} found @returns {readonly Difference[]} */
function differ(expected, found) {
  if ("ok" in expected && "ok" in found) return differences(expected.ok, found.ok);
  return [
    {
      path: "",
      expected: "ok" in expected ? expected.ok : expected,
      found: "ok" in found ? found.ok : found,
    },
  ];
}

/**
 * Many at once, in order.
 *
 * @template T
 * @param {Iterable<T>} items @param {(item: T) => Promise<void>} work
 */
async function each(items, work) {
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    for (let item = queue.next(); item.done !== true; item = queue.next()) await work(item.value);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

/** @param {object} input */
function size(input) {
  return JSON.stringify(input).length;
}
