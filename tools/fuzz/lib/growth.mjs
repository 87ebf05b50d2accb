// @ts-check
// SLC-CNV-003: time in proportion to the input. Judged by ratios within one run, never by a clock.
import { performance } from "node:perf_hooks";
import { hex } from "../../crosscheck/lib/generate/bytes.mjs";
import { runsMetadata } from "../../crosscheck/lib/generate/commit-metadata.mjs";

/** @typedef {(op: string, input: object) => Record<string, unknown>} Answer */

/** Input eight times as large. Proportion gives a ratio of 8, with sorting 10, a square 64. */
const FACTOR = 8;
const TOO_STEEP = 24;
/** A machine that is busy with something else slows down one side of a ratio, but not each time. */
const TRIES = 4;

const HERE = { topic: "t", partition: 0, offset: "0" };
const envelope = (/** @type {object[]} */ headers) => ({
  ...HERE,
  headers,
  trusted: true,
  cluster: null,
  idHeader: true,
});
const deadLetter = (/** @type {object[]} */ headers) => ({
  ...HERE,
  timestamp: "0",
  headers,
  valueNull: true,
  springNames: {},
});
const replay = (/** @type {object[]} */ headers, /** @type {object} */ other = {}) => ({
  record: { ...HERE, timestamp: "0", key: "6b", value: null, headers },
  replayId: "r",
  now: "0",
  maxReplays: 3,
  destination: "t",
  destinations: [{ topic: "t", partitions: 3, partitioner: "murmur2" }],
  ...other,
});
/** @template T @param {number} count @param {(i: number) => T} make */
const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const header = (/** @type {string} */ name, /** @type {string} */ value) => [hex(name), hex(value)];

/**
 * What could make a decoder look at the same bytes again and again. Sizes are modest: with more, the
 * garbage collector has a growth of its own.
 *
 * @type {readonly { op: string, what: string, size: number, input: (size: number) => object }[]}
 */
const SHAPES = [
  {
    op: "EnvelopeDecode",
    what: "headers of one name",
    size: 1_000,
    input: (n) => envelope(times(n, () => header("sluice-history", "[]"))),
  },
  {
    op: "EnvelopeDecode",
    what: "forged headers of many names",
    size: 1_000,
    input: (n) => ({
      ...envelope(times(n, (i) => header(`sluice-error-${i}`, "x"))),
      trusted: false,
    }),
  },
  {
    op: "EnvelopeDecode",
    what: "members of a tracestate",
    size: 900,
    input: (n) =>
      envelope([
        header("traceparent", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`),
        header("tracestate", "k=v,".repeat(n)),
      ]),
  },
  {
    op: "EnvelopeDecode",
    what: "entries of a history",
    size: 25,
    input: (n) =>
      envelope([
        header("sluice-history", `[${times(n, () => '{"n":1,"at":"1","k":"timeout"}').join(",")}]`),
      ]),
  },
  {
    op: "EnvelopeDecode",
    what: "tokens of a list",
    size: 1_000,
    input: (n) => envelope([header("sluice-truncated", `${"a,".repeat(n / 2)}a`)]),
  },
  {
    op: "EnvelopeDecode",
    what: "bytes of one value",
    size: 50_000,
    input: (n) => envelope([header("sluice-error-message", "x".repeat(n))]),
  },
  {
    op: "DeadLetterRead",
    what: "bytes of a stack",
    size: 50_000,
    input: (n) =>
      deadLetter([
        header("__connect.errors.topic", "t"),
        header("__connect.errors.exception.stacktrace", "é".repeat(n / 2)),
      ]),
  },
  {
    op: "DeadLetterRead",
    what: "digits of an offset",
    size: 50_000,
    input: (n) =>
      deadLetter([
        header("__connect.errors.topic", "t"),
        header("__connect.errors.offset", "1".repeat(n)),
      ]),
  },
  {
    op: "DeadLetterRead",
    what: "headers of one name",
    size: 1_000,
    input: (n) => deadLetter(times(n, () => header("x-original-topic", "t"))),
  },
  {
    op: "DeadLetterRead",
    what: "foreign headers",
    size: 1_000,
    input: (n) => deadLetter(times(n, (i) => header(`h${i}`, "x"))),
  },
  {
    op: "CommitMetadataDecode",
    what: "runs",
    size: 2_500,
    input: (n) => ({ committedOffset: "5", metadata: runsMetadata(5, n) }),
  },
  {
    op: "CommitMetadataDecode",
    what: "characters that are not base64url",
    size: 8_000,
    input: (n) => ({ committedOffset: "5", metadata: `slc1.${"A".repeat(n - 6)}!` }),
  },
  {
    op: "ReplayPlan",
    what: "headers that are kept",
    size: 1_000,
    input: (n) => replay(times(n, (i) => header(`h${i}`, "x"))),
  },
  {
    op: "ReplayPlan",
    what: "headers that are removed",
    size: 1_000,
    input: (n) => replay(times(n, () => header("sluice-error-class", "x"))),
  },
  {
    op: "ReplayPlan",
    what: "destinations",
    size: 1_000,
    input: (n) =>
      replay([], {
        destinations: times(n, (i) => ({
          topic: `t${n - 1 - i}`,
          partitions: 3,
          partitioner: "murmur2",
        })),
        destination: "t0",
      }),
  },
];

/**
 * @param {Answer} answer @param {readonly string[]} ops
 * @returns {Generator<{ op: string, what: string, ratio: number, good: boolean }>}
 */
export function* growth(answer, ops) {
  for (const { op, what, size, input } of SHAPES) {
    if (!ops.includes(op)) continue;
    const [small, large] = [input(size), input(size * FACTOR)];
    let ratio = Infinity;
    for (let attempt = 0; attempt < TRIES && ratio > TOO_STEEP; attempt++) {
      ratio = Math.min(ratio, timeOf(() => answer(op, large)) / timeOf(() => answer(op, small)));
    }
    yield { op, what, ratio, good: ratio <= TOO_STEEP };
  }
}

/** The fastest of some runs: what the machine does besides only adds. @param {() => unknown} work */
function timeOf(work) {
  let fastest = Infinity;
  const until = performance.now() + 60;
  for (let runs = 0; runs < 5 || performance.now() < until; runs++) {
    const start = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
