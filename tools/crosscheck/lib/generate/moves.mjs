// @ts-check
// Records to move and to replay, with budgets around what they need.
import fc from "fast-check";
import {
  clusterId,
  edgyInteger,
  hex,
  hexHeaders,
  int64,
  keyOrValue,
  partition,
  topic,
  trickyText,
} from "./bytes.mjs";
import { headers } from "./headers.mjs";

/** @typedef {import("./bytes.mjs").Header} Header */
/** @typedef {import("./bytes.mjs").HexHeader} HexHeader */
/** @typedef {(op: string, input: object) => Record<string, unknown>} Answer */
/** @typedef {{ key: string | null, value: string | null, headers: readonly HexHeader[] }} Sized */

/** Foreign headers that a mover drops when they are large, and some that it never drops. */
/** @type {fc.Arbitrary<Header>} */
const large = fc
  .tuple(
    fc.constantFrom(
      "h",
      "payload",
      "ce_time",
      "id",
      "content-type",
      "traceparent",
      "sluice-brand-new",
    ),
    fc.integer({ min: 1015, max: 1030 }),
  )
  .map(([name, length]) => [name, Buffer.alloc(length, "x")]);

const record = fc.record({
  topic,
  partition,
  offset: int64,
  timestamp: fc.oneof({ weight: 5, arbitrary: int64 }, fc.constant("-1")),
  key: keyOrValue,
  value: fc.oneof(keyOrValue, fc.constant(hex("v".repeat(100)))),
  headers: fc
    .tuple(
      headers,
      fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(large, { maxLength: 3 }) },
      ),
    )
    .map(([list, others]) => hexHeaders([...others.slice(0, 1), ...list, ...others.slice(1)])),
});

const errorText = fc.oneof(
  { weight: 4, arbitrary: trickyText },
  { weight: 2, arbitrary: fc.constantFrom("no answer", "TypeError", "E42", "") },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom("m", "é", "€", "😀\u2028", "\n"),
        fc.constantFrom(64, 250, 256, 1020, 1024, 1030),
      )
      .map(([unit, bytes]) => unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit)))),
  },
);
const stack = fc.oneof(
  { weight: 8, arbitrary: errorText },
  {
    weight: 1,
    arbitrary: fc.constantFrom("s".repeat(8192), "s".repeat(8193), "€".repeat(2731), ""),
  },
);
const group = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("billing", "g") },
  { weight: 2, arbitrary: trickyText.filter((text) => text !== "") },
  { weight: 1, arbitrary: fc.constantFrom("g".repeat(1024), "g".repeat(1025), "é".repeat(520)) },
);
const token = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "timeout",
      "transient",
      "retries-exhausted",
      "too-large",
      "brand-new",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "Not A Token", "k".repeat(64), "k".repeat(65), "é") },
);
const time = fc.oneof(fc.constantFrom("1700000000100", "1700000009000"), int64);

const error = fc.record({
  kind: token,
  class: fc.option(errorText, { nil: null, freq: 3 }),
  code: fc.option(errorText, { nil: null, freq: 3 }),
  message: errorText,
  stack: fc.option(stack, { nil: null, freq: 2 }),
});

const common = {
  record,
  trusted: fc.boolean(),
  group,
  attempts: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
    edgyInteger(1, 2_147_483_647),
  ),
  error,
  writeStack: fc.boolean(),
  firstFailedAt: time,
  failedAt: time,
  now: time,
  cluster: clusterId,
  partitionCount: fc.option(edgyInteger(1, 2_147_483_647), { nil: null, freq: 1 }),
  leaderEpoch: fc.option(edgyInteger(0, 2_147_483_647), { nil: null, freq: 1 }),
  target: fc.record({
    topic,
    partitions: fc.oneof(fc.integer({ min: 1, max: 12 }), edgyInteger(1, 2_147_483_647)),
  }),
};
const move = fc.oneof(
  fc.record({ move: fc.constant("dead-letter"), reason: token, ...common }),
  fc.record({
    move: fc.constant("retry"),
    retryAt: time,
    retryPolicy: fc.option(fc.constantFrom("default", "p".repeat(128), "é"), {
      nil: null,
      freq: 2,
    }),
    ...common,
  }),
);

const UNLIMITED = 2_147_483_647;

/**
 * The budget is what the record needs after so many steps of dropping, and a little more or less:
 * that is where implementations disagree.
 *
 * @param {Answer} answer
 */
export const moveInput = (answer) =>
  fc
    .record({
      input: move,
      steps: fc.integer({ min: 0, max: 5 }),
      more: fc.integer({ min: -8, max: 8 }),
      tight: fc.oneof(
        { weight: 1, arbitrary: fc.constant(false) },
        { weight: 2, arbitrary: fc.constant(true) },
      ),
    })
    .map(({ input: drawn, steps, more, tight }) => {
      // What is `unsupported` (3.3) is never moved.
      const spec =
        drawn.record.headers.findLast(([name]) => name === hex("sluice-spec"))?.[1] ?? null;
      const input = { ...drawn, trusted: drawn.trusted && (spec === null || spec === hex("1")) };
      if (!tight) return { ...input, maxBytes: UNLIMITED };
      let maxBytes = UNLIMITED;
      for (let step = 0; step <= steps; step++) {
        const { record } = answer("Move", { ...input, maxBytes });
        if (record === undefined) break;
        maxBytes = sizeOf(/** @type {Sized} */ (record)) - (step === steps ? 0 : 1);
      }
      return { ...input, maxBytes: Math.min(UNLIMITED, Math.max(0, maxBytes + more)) };
    });

/** As 5.4 counts it. @param {Sized} record */
function sizeOf({ key, value, headers }) {
  const hexes = [key, value, ...headers.flat()];
  return hexes.reduce((bytes, text) => bytes + (text?.length ?? 0) / 2, 0);
}

const destination = fc.record({
  topic: fc.constantFrom("orders", "orders.retry", "a", "billing", "A-b_c.9"),
  partitions: fc.oneof(
    fc.constantFrom(1, 6, 12),
    fc.integer({ min: 1, max: 60 }),
    edgyInteger(1, UNLIMITED),
  ),
  partitioner: fc.constantFrom("murmur2", "crc32", "fnv1a-abs", "fnv1a-mask"),
});

const named = fc.constantFrom("orders", "a", "billing", "nowhere");

export const replayPlanInput = fc
  .record({
    record,
    replayId: fc.oneof(
      fc.constantFrom("r1", "!", "~".repeat(64)),
      fc.stringMatching(/^[!-~]{1,16}$/),
    ),
    now: time,
    maxReplays: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(3, 71, UNLIMITED) },
      { weight: 1, arbitrary: edgyInteger(0, UNLIMITED) },
    ),
    destination: fc.option(named, { nil: null, freq: 2 }),
    destinations: fc.uniqueArray(destination, {
      maxLength: 5,
      selector: ({ topic }) => topic,
      size: "max",
    }),
    allowsOrigin: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ allowsOrigin, ...input }) => {
    // Mostly the origin is on the list, or nothing but refusals would come of it.
    const origin = input.record.headers.findLast(
      ([name]) => name === hex("sluice-origin-topic"),
    )?.[1];
    const topic = Buffer.from(origin ?? "", "hex").toString("latin1");
    const known = input.destinations.some((one) => one.topic === topic);
    if (allowsOrigin === 0 || known || !/^[A-Za-z0-9._-]{1,249}$/.test(topic)) return input;
    const partitions = [1, 6, 12, 2_147_483_647][allowsOrigin % 4] ?? 1;
    return {
      ...input,
      destinations: [...input.destinations, { topic, partitions, partitioner: "murmur2" }],
    };
  });
