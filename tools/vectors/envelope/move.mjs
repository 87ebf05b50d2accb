// @ts-check
// Records on their way to a retry or dead letter topic (section 5). Each case says by hand what it
// is about; the model fills in the rest of the record, and has to agree.
import { deepStrictEqual, ok } from "node:assert/strict";
import { hexHeaders, hexOrNull, raw } from "./bytes.mjs";
import { move as moved, sizeOf } from "./move-model.mjs";

/** @typedef {import("../vector-file.mjs").Draft} Draft */
/** @typedef {import("../vector-file.mjs").Test} Test */
/** @typedef {import("./bytes.mjs").Header} Header */
/** @typedef {import("./bytes.mjs").Value} Value */
/** @typedef {import("./move-model.mjs").Input} Input */
/** @typedef {import("./move-model.mjs").Written} Written */
/** @typedef {import("./move-model.mjs").Source} Source */

/** @typedef {Partial<Omit<Input, "record" | "error">> & { record?: Partial<Source>, error?: Partial<Input["error"]> }} Change */
/**
 * What a case is about: headers by name (undefined: there is none), the names in order, the kept
 * headers, or another field of the record.
 * @typedef {object} Says
 * @property {string} [refused]
 * @property {Record<string, string | undefined>} [headers] the last value of each
 * @property {readonly Header[]} [kept] all that precede `sluice-spec`
 * @property {readonly Header[]} [all]
 * @property {number} [partition]
 * @property {Value} [value]
 * @property {string} [truncated] what was dropped, or nothing
 * @property {number} [most] how many bytes the names and values of all headers may have
 */

const MAX = "9007199254740991";
const I31 = 2_147_483_647;
const ROOM = 1_048_576;
const HISTORY = '[{"n":5,"at":"1700000009000","k":"timeout"}]';

/** @type {Input} */
const EXAMPLE = {
  move: "dead-letter",
  record: {
    topic: "orders",
    partition: 3,
    offset: "42",
    timestamp: "1700000000000",
    key: "k1",
    value: null,
    headers: [["ce_id", "7"]],
  },
  trusted: false,
  group: "billing",
  attempts: 5,
  error: { kind: "timeout", class: "TimeoutError", code: null, message: "no answer", stack: null },
  writeStack: false,
  reason: "retries-exhausted",
  firstFailedAt: "1700000000100",
  failedAt: "1700000009000",
  now: "1700000009001",
  cluster: null,
  partitionCount: null,
  leaderEpoch: null,
  target: { topic: "orders.dlq", partitions: 2 },
  maxBytes: ROOM,
};

/** @type {readonly Header[]} */
const ORIGIN = [
  ["sluice-origin-topic", "in"],
  ["sluice-origin-partition", "7"],
  ["sluice-origin-offset", "8"],
  ["sluice-origin-timestamp", "9"],
];

/**
 * @param {string} comment
 * @param {Change} change
 * @param {Says} says
 * @param {string[]} requirements
 * @param {string[]} [flags]
 * @returns {Test}
 */
function dead(comment, change, says, requirements, flags = []) {
  const { record, error, ...more } = change;
  /** @type {Input} */
  const input = {
    ...EXAMPLE,
    ...more,
    record: { ...EXAMPLE.record, headers: [], ...record },
    error: { ...EXAMPLE.error, ...error },
  };
  const answer = moved(input);
  judge(comment, answer, says);
  return {
    comment,
    flags,
    requirements,
    input: {
      ...input,
      record: {
        ...input.record,
        key: hexOrNull(input.record.key),
        value: hexOrNull(input.record.value),
        headers: hexHeaders(input.record.headers),
      },
    },
    expect:
      "refused" in answer
        ? answer
        : {
            record: {
              ...answer.record,
              key: hexOrNull(answer.record.key),
              value: hexOrNull(answer.record.value),
              headers: hexHeaders(answer.record.headers),
            },
          },
    result: "refused" in answer ? "invalid" : "valid",
  };
}

/**
 * The same of a retry, which has the time of its next attempt and the name of a policy.
 * @param {string} comment
 * @param {Change} change
 * @param {Says} says
 * @param {string[]} requirements
 * @param {string[]} [flags]
 */
function retry(comment, change, says, requirements, flags) {
  /** @type {Change} */
  const asRetry = {
    move: "retry",
    reason: undefined,
    retryAt: "1700000069001",
    retryPolicy: null,
    target: { topic: "orders.retry", partitions: 4 },
    ...change,
  };
  const test = dead(comment, asRetry, says, requirements, flags);
  delete test.input.reason;
  return test;
}

/**
 * Throws when the model does not say what the case says.
 * @param {string} comment
 * @param {{ record: Written } | { refused: string }} answer
 * @param {Says} says
 */
function judge(comment, answer, says) {
  if ("refused" in answer || says.refused !== undefined) {
    deepStrictEqual(answer, { refused: says.refused }, comment);
    return;
  }
  const { headers, partition, value } = answer.record;
  const last = (/** @type {string} */ name) => headers.findLast(([other]) => other === name)?.[1];
  for (const [name, expected] of Object.entries(says.headers ?? {})) {
    deepStrictEqual(last(name), expected, `${comment}: ${name}`);
  }
  const first = headers.findIndex(([name]) => name === "sluice-spec");
  if (says.kept) deepStrictEqual(headers.slice(0, first), says.kept, comment);
  if (says.all) deepStrictEqual(headers, says.all, comment);
  if ("partition" in says) deepStrictEqual(partition, says.partition, comment);
  if ("value" in says) deepStrictEqual(value, says.value, comment);
  const bytes = sizeOf({ ...answer.record, key: null, value: null });
  if (says.most !== undefined) ok(bytes <= says.most, `${comment}: ${bytes} bytes`);
  if ("truncated" in says) deepStrictEqual(last("sluice-truncated"), says.truncated, comment);
}

/** @returns {Draft} */
export function move() {
  return {
    algorithm: "SLUICE-MOVE-1",
    header: [
      "What a mover writes to a retry or dead letter topic, byte by byte, or why it refuses to.",
      "Each case says by hand what it is about; a transcription of section 5 fills in the rest.",
    ],
    notes: {
      Example: { bugType: "BASIC", description: "The worked example of 5.5." },
      Kept: { bugType: "BASIC", description: "A header that stays where it is." },
      Replaced: {
        bugType: "BASIC",
        description: "A header of an earlier move gives way to a new one.",
      },
      Forged: { bugType: "SECURITY", description: "A producer wrote what only movers may write." },
      NotReserved: {
        bugType: "EDGE_CASE",
        description: "Looks like a reserved name, but is none.",
      },
      OpenList: {
        bugType: "COMPATIBILITY",
        description: "Something that a later version may define.",
      },
      Bytes: {
        bugType: "ENCODING",
        description: "Null, empty and bytes that are no text are carried along.",
      },
      Repeated: { bugType: "EDGE_CASE", description: "A header that occurs more than once." },
      Malformed: { bugType: "EDGE_CASE", description: "A header that a reader takes for absent." },
      Null: { bugType: "EDGE_CASE", description: "A header without a value is absent." },
      Origin: { bugType: "BASIC", description: "Where the record was first written." },
      Partition: {
        bugType: "BASIC",
        description: "The origin's partition modulo the target's count.",
      },
      EdgeOfRange: {
        bugType: "EDGE_CASE",
        description: "A value at the border of its range, or next to it.",
      },
      Hops: { bugType: "DENIAL_OF_SERVICE", description: "A record does not go round for ever." },
      Control: {
        bugType: "SECURITY",
        description: "Characters that would break a line of a log or a header of HTTP.",
      },
      Cut: { bugType: "ENCODING", description: "A text at its limit, or above." },
      Mistake: {
        bugType: "EDGE_CASE",
        description: "The mover was given a value that is not valid.",
      },
      History: {
        bugType: "BASIC",
        description: "What is appended, and what is left out when it grows.",
      },
      Budget: {
        bugType: "EDGE_CASE",
        description: "The size is at the budget, or one byte above.",
      },
      Dropped: {
        bugType: "BASIC",
        description: "Parts that were dropped by this or an earlier move.",
      },
      NeverDropped: { bugType: "BASIC", description: "A part that is large, and stays." },
    },
    testGroups: [
      { type: "Move", source: "5.5", tests: example() },
      {
        type: "Move",
        source: "by hand and by a transcription of section 5",
        tests: [
          ...carried(),
          ...everyHeader(),
          ...origins(),
          ...hops(),
          ...failures(),
          ...histories(),
          ...budgets(),
          ...truncations(),
        ],
      },
    ],
  };
}

/** @returns {Test[]} */
function example() {
  return [
    dead(
      "the example of 5.5",
      { record: EXAMPLE.record },
      {
        partition: 1,
        value: null,
        all: [
          ["ce_id", "7"],
          ["sluice-spec", "1"],
          ["sluice-group", "billing"],
          ["sluice-retry-count", "4"],
          ["sluice-origin-topic", "orders"],
          ["sluice-origin-partition", "3"],
          ["sluice-origin-offset", "42"],
          ["sluice-origin-timestamp", "1700000000000"],
          ["sluice-first-failed-at", "1700000000100"],
          ["sluice-failed-at", "1700000009000"],
          ["sluice-error-kind", "timeout"],
          ["sluice-error-class", "TimeoutError"],
          ["sluice-error-message", "no answer"],
          ["sluice-history", '[{"n":5,"at":"1700000009000","k":"timeout"}]'],
          ["sluice-dlq-reason", "retries-exhausted"],
          ["sluice-hops", "1"],
        ],
      },
      ["SLC-DLQ-002", "SLC-DLQ-004", "SLC-DLQ-005", "SLC-DLQ-006", "SLC-DLQ-010", "SLC-DLQ-012"],
      ["Example"],
    ),
    retry(
      "a retry with everything that there can be",
      {
        record: { headers: [["a", "1"]] },
        attempts: 2,
        error: { kind: "transient", class: "E", code: "c", message: "m", stack: "s" },
        writeStack: true,
        retryPolicy: "default@3",
        cluster: "kc-1",
        partitionCount: 12,
        leaderEpoch: 0,
      },
      {
        partition: 3,
        all: [
          ["a", "1"],
          ["sluice-spec", "1"],
          ["sluice-group", "billing"],
          ["sluice-retry-count", "2"],
          ["sluice-retry-at", "1700000069001"],
          ["sluice-retry-policy", "default@3"],
          ["sluice-origin-topic", "orders"],
          ["sluice-origin-partition", "3"],
          ["sluice-origin-offset", "42"],
          ["sluice-origin-timestamp", "1700000000000"],
          ["sluice-origin-cluster", "kc-1"],
          ["sluice-origin-partition-count", "12"],
          ["sluice-origin-leader-epoch", "0"],
          ["sluice-first-failed-at", "1700000000100"],
          ["sluice-failed-at", "1700000009000"],
          ["sluice-error-kind", "transient"],
          ["sluice-error-class", "E"],
          ["sluice-error-code", "c"],
          ["sluice-error-message", "m"],
          ["sluice-error-stack", "s"],
          ["sluice-history", '[{"n":2,"at":"1700000009000","k":"transient","c":"c"}]'],
          ["sluice-hops", "1"],
        ],
      },
      ["SLC-RTY-020", "SLC-RTY-021", "SLC-DLQ-006", "SLC-DLQ-010", "SLC-DLQ-014"],
      ["Example"],
    ),
  ];
}

/** @returns {Test[]} */
function carried() {
  const clause = ["SLC-DLQ-001"];
  /** @type {readonly Header[]} */
  const foreign = [
    ["b", "2"],
    ["a", raw("000000ff")],
    ["b", "1"],
    ["", "empty name"],
    ["\u00fc", raw("c328")],
    ["a", null],
    ["a", ""],
    ["b", "2"],
    ["Sluice-Hops", "63"],
    ["SLUICE-SPEC", "2"],
    ["__connect.errors.topic", "t"],
    ["kafka_dlt-original-partition", raw("00000007")],
  ];
  /** @type {readonly Header[]} */
  const traced = [
    ["tracestate", "A"],
    ["traceparent", "x"],
    ["X-Trace-ID", "a b"],
    ["traceparent", null],
    ["X-Trace-ID", raw("ff")],
  ];
  /** @type {readonly Header[]} */
  const identity = [
    ["sluice-message-id", ""],
    ["sluice-idempotency-key", raw("ff")],
    ["sluice-message-type", "t"],
    ["sluice-message-id", "m"],
    ["sluice-message-version", "-1"],
    ["sluice-message-id", null],
  ];
  return [
    ...[false, true].flatMap((trusted) => {
      const from = trusted ? "a trusted topic" : "a source topic";
      return [
        dead(
          `foreign headers in their order, with repeats: from ${from}`,
          { trusted, record: { headers: foreign } },
          { kept: foreign },
          clause,
          ["Kept", "Bytes", "Repeated"],
        ),
        retry(
          `foreign headers in a retry: from ${from}`,
          { trusted, record: { headers: foreign } },
          { kept: foreign },
          clause,
          ["Kept", "Bytes", "Repeated"],
        ),
        dead(
          `trace context, whatever its form: from ${from}`,
          { trusted, record: { headers: traced } },
          { kept: traced },
          ["SLC-ENV-017"],
          ["Kept", "Malformed", "Repeated"],
        ),
        dead(
          `identity, whatever its form: from ${from}`,
          { trusted, record: { headers: identity } },
          { kept: identity },
          ["SLC-ENV-016"],
          ["Kept", "Malformed", "Repeated"],
        ),
      ];
    }),
    .../** @type {const} */ ([
      ["no key, no value", null, null],
      ["an empty key, no value", "", null],
      ["no key, an empty value", null, ""],
      ["an empty key, an empty value", "", ""],
      ["bytes that are no text", raw("ff00fe"), raw("80")],
    ]).map(([comment, key, value]) =>
      dead(comment, { record: { key, value } }, { value }, clause, ["Bytes"]),
    ),
    retry(
      "a retry of a tombstone",
      { record: { key: "k", value: null } },
      { value: null },
      clause,
      ["Bytes"],
    ),
    .../** @type {const} */ ([
      [0, 1, 0],
      [3, 1, 0],
      [3, 2, 1],
      [3, 3, 0],
      [3, 4, 3],
      [3, 100, 3],
      [2_147_483_646, 10, 6],
      [2_147_483_646, I31, 2_147_483_646],
    ]).map(([partition, partitions, expected]) =>
      dead(
        `partition ${partition} of ${partitions}`,
        { record: { partition }, target: { topic: "dlq", partitions } },
        { partition: expected },
        ["SLC-DLQ-002"],
        ["Partition"],
      ),
    ),
    retry(
      "a retry goes to the same place",
      { record: { partition: 11 } },
      { partition: 3 },
      ["SLC-DLQ-002"],
      ["Partition"],
    ),
    dead(
      "the origin's partition, not the record's",
      { trusted: true, record: { headers: ORIGIN }, target: { topic: "dlq", partitions: 4 } },
      { partition: 3 },
      ["SLC-DLQ-002"],
      ["Partition", "Origin"],
    ),
    dead(
      "of a source topic the record's partition, not the forged one",
      { record: { headers: ORIGIN }, target: { topic: "dlq", partitions: 4 } },
      { partition: 3, headers: { "sluice-origin-partition": "3" } },
      ["SLC-DLQ-002", "SLC-SEC-001"],
      ["Partition", "Forged"],
    ),
    dead(
      "of an incomplete origin the record's partition",
      {
        trusted: true,
        record: { partition: 2, headers: ORIGIN.slice(1) },
        target: { topic: "dlq", partitions: 4 },
      },
      { partition: 2 },
      ["SLC-DLQ-002", "SLC-ENV-013"],
      ["Partition", "Origin"],
    ),
    dead(
      "a time of writing that is before all others",
      { now: "0" },
      {},
      ["SLC-DLQ-005"],
      ["EdgeOfRange"],
    ),
    dead(
      "times at their greatest",
      { now: MAX, failedAt: MAX, firstFailedAt: MAX, record: { offset: MAX, timestamp: MAX } },
      {
        headers: {
          "sluice-failed-at": MAX,
          "sluice-origin-offset": MAX,
          "sluice-origin-timestamp": MAX,
        },
      },
      ["SLC-DLQ-005", "SLC-ENV-014"],
      ["EdgeOfRange"],
    ),
  ];
}

/** @returns {Test[]} */
function everyHeader() {
  /** Of each defined header a value, and what a move from a trusted topic does with it alone. */
  const defined = /** @type {const} */ ([
    ["sluice-spec", "1", "replaced"],
    ["sluice-message-id", "m", "kept"],
    ["sluice-message-type", "t", "kept"],
    ["sluice-message-version", "1", "kept"],
    ["sluice-idempotency-key", "i", "kept"],
    ["sluice-group", "other", "replaced"],
    ["sluice-retry-count", "9", "replaced"],
    ["sluice-retry-at", "9", "replaced"],
    ["sluice-retry-policy", "p", "replaced"],
    ["sluice-origin-topic", "in", "replaced"],
    ["sluice-origin-partition", "0", "replaced"],
    ["sluice-origin-offset", "9", "replaced"],
    ["sluice-origin-timestamp", "9", "replaced"],
    ["sluice-origin-cluster", "c", "replaced"],
    ["sluice-origin-partition-count", "9", "replaced"],
    ["sluice-origin-leader-epoch", "9", "replaced"],
    ["sluice-first-failed-at", "9", "kept"],
    ["sluice-failed-at", "9", "replaced"],
    ["sluice-error-kind", "poison", "replaced"],
    ["sluice-error-class", "C", "replaced"],
    ["sluice-error-code", "C", "replaced"],
    ["sluice-error-message", "M", "replaced"],
    ["sluice-error-stack", "S", "replaced"],
    ["sluice-history", "[]", "replaced"],
    ["sluice-dlq-reason", "manual", "replaced"],
    ["sluice-replay-id", "r", "kept"],
    ["sluice-replay-count", "2", "kept"],
    ["sluice-replayed-at", "9", "kept"],
    ["sluice-replayed-from", "t/0/0", "kept"],
    ["sluice-hops", "9", "replaced"],
    ["sluice-truncated", "stack", "kept"],
  ]);
  const producers = [
    "sluice-message-id",
    "sluice-message-type",
    "sluice-message-version",
    "sluice-idempotency-key",
  ];
  const between = (/** @type {readonly Header[]} */ headers) =>
    /** @type {readonly Header[]} */ ([["a", "1"], ...headers, ["b", "2"]]);
  const later = [
    "sluice-later",
    "sluice-retry-later",
    "sluice-error-later",
    "sluice-replay",
    "sluice-replayer",
    "sluice-replay-later",
  ];
  const reserved = [
    "sluice-origin-later",
    "sluice-retry-later",
    "sluice-error-later",
    "sluice-replay",
    "sluice-replayer",
    "sluice-replay-later",
    "sluice-origin-",
    "sluice-error-",
  ];
  const free = [
    "sluice-later",
    "sluice-origin",
    "sluice-retry",
    "sluice-error",
    "sluice-spec2",
    "sluice-history-2",
    "sluice-hop",
    "sluice-truncated-by",
    "sluice-dlq",
    "sluice-",
  ];
  const whole = defined.map(([name, value]) => /** @type {Header} */ ([name, value]));
  return [
    ...defined.map(([name, value, what]) =>
      dead(
        `from a trusted topic, ${name} alone is ${what}`,
        { trusted: true, record: { headers: between([[name, value]]) } },
        { kept: between(what === "kept" ? [[name, value]] : []) },
        [trustedClause(name)],
        [what === "kept" ? "Kept" : "Replaced"],
      ),
    ),
    ...defined.map(([name, value]) =>
      dead(
        `from a source topic, ${name} is ${producers.includes(name) ? "kept" : "removed"}`,
        { record: { headers: between([[name, value]]) } },
        { kept: between(producers.includes(name) ? [[name, value]] : []) },
        [producers.includes(name) ? "SLC-ENV-016" : "SLC-SEC-001"],
        [producers.includes(name) ? "Kept" : "Forged"],
      ),
    ),
    retry(
      "all of them, from a trusted topic to a retry topic",
      { trusted: true, record: { headers: whole } },
      {
        headers: {
          "sluice-dlq-reason": undefined,
          "sluice-retry-policy": undefined,
          "sluice-first-failed-at": "9",
          "sluice-replay-count": "2",
          "sluice-origin-topic": "in",
          "sluice-truncated": "stack",
        },
      },
      ["SLC-ENV-003", "SLC-ENV-008", "SLC-DLQ-011"],
      ["Kept", "Replaced"],
    ),
    retry(
      "all of them, from a source topic to a retry topic",
      { record: { headers: whole } },
      {
        kept: whole.filter(([name]) => producers.includes(name)),
        headers: { "sluice-dlq-reason": undefined, "sluice-retry-policy": undefined },
      },
      ["SLC-SEC-001"],
      ["Forged"],
    ),
    dead(
      "every earlier value is removed, null and malformed ones too",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-group", "a"],
            ["sluice-hops", "1"],
            ["sluice-group", null],
            ["sluice-group", raw("ff")],
            ["x", "y"],
            ["sluice-hops", null],
          ],
        },
      },
      { kept: [["x", "y"]] },
      ["SLC-ENV-003"],
      ["Replaced", "Repeated"],
    ),
    dead(
      "from a source topic every value is removed, null ones too",
      {
        record: {
          headers: [
            ["sluice-hops", null],
            ["sluice-error-later", null],
            ["x", "y"],
            ["sluice-replay-id", "r"],
            ["sluice-replay-id", null],
          ],
        },
      },
      { kept: [["x", "y"]] },
      ["SLC-SEC-001"],
      ["Forged", "Repeated", "Null"],
    ),
    ...later.map((name) =>
      dead(
        `from a trusted topic, ${name} is carried along`,
        {
          trusted: true,
          record: {
            headers: between([
              [name, raw("ff")],
              [name, null],
            ]),
          },
        },
        {
          kept: between([
            [name, raw("ff")],
            [name, null],
          ]),
        },
        ["SLC-ENV-004"],
        ["OpenList", "Kept"],
      ),
    ),
    ...reserved.map((name) =>
      dead(
        `from a source topic, ${name} is removed`,
        { record: { headers: between([[name, "x"]]) } },
        { kept: between([]) },
        ["SLC-SEC-001"],
        ["Forged", "OpenList"],
      ),
    ),
    ...free.map((name) =>
      dead(
        `from a source topic, ${name} is carried along`,
        {
          record: {
            headers: between([
              [name, raw("ff")],
              [name, null],
            ]),
          },
        },
        {
          kept: between([
            [name, raw("ff")],
            [name, null],
          ]),
        },
        ["SLC-ENV-004", "SLC-SEC-001"],
        ["NotReserved", "Kept"],
      ),
    ),
    dead(
      "the time of the first failure: kept where it is",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-first-failed-at", "5"],
            ["a", "1"],
          ],
        },
      },
      {
        kept: [
          ["sluice-first-failed-at", "5"],
          ["a", "1"],
        ],
      },
      ["SLC-DLQ-011"],
      ["Kept"],
    ),
    dead(
      "the time of the first failure: kept with its repeats, since the last counts",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-first-failed-at", "x"],
            ["sluice-first-failed-at", "5"],
          ],
        },
      },
      {
        kept: [
          ["sluice-first-failed-at", "x"],
          ["sluice-first-failed-at", "5"],
        ],
      },
      ["SLC-DLQ-011", "SLC-ENV-002"],
      ["Kept", "Repeated"],
    ),
    dead(
      "the time of the first failure: replaced when the last is malformed",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-first-failed-at", "5"],
            ["sluice-first-failed-at", "05"],
          ],
        },
      },
      { kept: [], headers: { "sluice-first-failed-at": "1700000000100" } },
      ["SLC-DLQ-011", "SLC-ENV-003"],
      ["Replaced", "Malformed"],
    ),
    dead(
      "the time of the first failure: replaced when the last is null",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-first-failed-at", "5"],
            ["sluice-first-failed-at", null],
          ],
        },
      },
      { kept: [], headers: { "sluice-first-failed-at": "1700000000100" } },
      ["SLC-DLQ-011", "SLC-ENV-005"],
      ["Replaced", "Null"],
    ),
    dead(
      "headers of a replay are kept, malformed ones too",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-replay-count", "-1"],
            ["sluice-replay-id", ""],
            ["sluice-replay-count", "1"],
            ["sluice-replayed-from", null],
          ],
        },
      },
      {
        kept: [
          ["sluice-replay-count", "-1"],
          ["sluice-replay-id", ""],
          ["sluice-replay-count", "1"],
          ["sluice-replayed-from", null],
        ],
      },
      ["SLC-ENV-004"],
      ["Kept", "Malformed", "Repeated"],
    ),
    dead(
      "a retry's headers are not left on its dead letter",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-spec", "1"],
            ["sluice-retry-at", "5"],
            ["sluice-retry-policy", "p"],
          ],
        },
      },
      { headers: { "sluice-retry-at": undefined, "sluice-retry-policy": undefined } },
      ["SLC-ENV-003", "SLC-DLQ-010"],
      ["Replaced"],
    ),
    retry(
      "a dead letter's reason is not left on a retry",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-spec", "1"],
            ["sluice-dlq-reason", "manual"],
          ],
        },
      },
      { headers: { "sluice-dlq-reason": undefined } },
      ["SLC-ENV-003"],
      ["Replaced"],
    ),
    retry(
      "an earlier policy is not left when there is none now",
      { trusted: true, record: { headers: [["sluice-retry-policy", "old"]] } },
      { headers: { "sluice-retry-policy": undefined } },
      ["SLC-ENV-003"],
      ["Replaced"],
    ),
    retry(
      "the policy of now",
      { trusted: true, retryPolicy: "new", record: { headers: [["sluice-retry-policy", "old"]] } },
      { headers: { "sluice-retry-policy": "new" } },
      ["SLC-ENV-003"],
      ["Replaced"],
    ),
    dead(
      "an earlier class and code are not left when there are none now",
      {
        trusted: true,
        error: { class: null },
        record: {
          headers: [
            ["sluice-error-class", "C"],
            ["sluice-error-code", "C"],
          ],
        },
      },
      { headers: { "sluice-error-class": undefined, "sluice-error-code": undefined } },
      ["SLC-ENV-003"],
      ["Replaced"],
    ),
  ];
}

/** The clause that says what becomes of a header from a trusted topic. @param {string} name */
function trustedClause(name) {
  if (name.startsWith("sluice-origin-")) return "SLC-ENV-014";
  if (/^sluice-(message|idempotency)-/.test(name)) return "SLC-ENV-016";
  if (name === "sluice-first-failed-at") return "SLC-DLQ-011";
  if (name === "sluice-history") return "SLC-DLQ-013";
  if (name === "sluice-hops") return "SLC-DLQ-007";
  if (name === "sluice-truncated") return "SLC-DLQ-017";
  return name.startsWith("sluice-replay") ? "SLC-DLQ-010" : "SLC-ENV-003";
}

/** @returns {Test[]} */
function origins() {
  const keeps = ["SLC-ENV-008"];
  const writes = ["SLC-ENV-014"];
  const KNOWN = { cluster: "kc-9", partitionCount: 9, leaderEpoch: 9 };
  const here = {
    "sluice-origin-topic": "orders",
    "sluice-origin-partition": "3",
    "sluice-origin-offset": "42",
    "sluice-origin-timestamp": "1700000000000",
  };
  /** @type {readonly Header[]} */
  const mixed = [
    ["sluice-origin-cluster", ""],
    ["sluice-origin-topic", "a/b"],
    ...ORIGIN,
    ["a", "1"],
    ["sluice-origin-later", raw("ff")],
    ["sluice-origin-leader-epoch", "x"],
    ["sluice-origin-leader-epoch", null],
  ];
  return [
    dead(
      "a whole origin stays where it is",
      { trusted: true, record: { headers: [["a", "1"], ...ORIGIN.toReversed(), ["b", "2"]] } },
      { kept: [["a", "1"], ...ORIGIN.toReversed(), ["b", "2"]] },
      keeps,
      ["Origin", "Kept"],
    ),
    dead(
      "a whole origin stays with everything of its prefix: repeats, malformed companions, later ones",
      { trusted: true, record: { headers: mixed } },
      { kept: mixed },
      keeps,
      ["Origin", "Kept", "Malformed", "OpenList"],
    ),
    dead(
      "nothing is added to a whole origin",
      { trusted: true, ...KNOWN, record: { headers: ORIGIN } },
      {
        kept: ORIGIN,
        headers: {
          "sluice-origin-cluster": undefined,
          "sluice-origin-partition-count": undefined,
          "sluice-origin-leader-epoch": undefined,
        },
      },
      keeps,
      ["Origin", "Kept"],
    ),
    retry(
      "a whole origin of a retry that is tried again",
      { trusted: true, ...KNOWN, record: { headers: [["sluice-spec", "1"], ...ORIGIN] } },
      { kept: ORIGIN },
      keeps,
      ["Origin", "Kept"],
    ),
    dead(
      "a whole origin without a version",
      { trusted: true, record: { headers: ORIGIN } },
      { kept: ORIGIN },
      keeps,
      ["Origin", "Kept"],
    ),
    .../** @type {const} */ (["topic", "partition", "offset", "timestamp"]).map((part) =>
      dead(
        `an origin without its ${part} is replaced`,
        {
          trusted: true,
          ...KNOWN,
          record: { headers: ORIGIN.filter(([name]) => !name.endsWith(part)) },
        },
        { kept: [], headers: { ...here, "sluice-origin-cluster": "kc-9" } },
        [...writes, "SLC-ENV-013"],
        ["Origin", "Replaced"],
      ),
    ),
    .../** @type {const} */ ([
      ["sluice-origin-topic", "a/b"],
      ["sluice-origin-partition", "2147483647"],
      ["sluice-origin-offset", "9007199254740992"],
      ["sluice-origin-timestamp", "-1"],
      ["sluice-origin-offset", null],
    ]).map(([name, value]) =>
      dead(
        `an origin whose last ${name} is ${value} is replaced`,
        { trusted: true, record: { headers: [...ORIGIN, [name, value]] } },
        { kept: [], headers: here },
        [...writes, "SLC-ENV-013"],
        ["Origin", "Replaced", "Malformed"],
      ),
    ),
    dead(
      "with an incomplete origin goes everything of its prefix",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-origin-later", "x"],
            ["sluice-origin-topic", "in"],
            ["sluice-origin-cluster", "kc"],
            ["a", "1"],
          ],
        },
      },
      { kept: [["a", "1"]], headers: { ...here, "sluice-origin-cluster": undefined } },
      writes,
      ["Origin", "Replaced", "OpenList"],
    ),
    dead(
      "of a source topic a whole origin is forged",
      { ...KNOWN, record: { headers: mixed } },
      { kept: [["a", "1"]], headers: { ...here, "sluice-origin-partition-count": "9" } },
      [...writes, "SLC-SEC-001"],
      ["Origin", "Forged"],
    ),
    dead(
      "a record without a timestamp",
      { record: { timestamp: "-1" } },
      { headers: { "sluice-origin-timestamp": "0" } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "a timestamp of 0",
      { record: { timestamp: "0" } },
      { headers: { "sluice-origin-timestamp": "0" } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "a kept origin and a record without a timestamp",
      { trusted: true, record: { timestamp: "-1", headers: ORIGIN } },
      { headers: { "sluice-origin-timestamp": "9" } },
      keeps,
      ["Origin", "Kept"],
    ),
    .../** @type {const} */ ([
      [
        "the cluster alone",
        { cluster: "kc" },
        {
          "sluice-origin-cluster": "kc",
          "sluice-origin-partition-count": undefined,
          "sluice-origin-leader-epoch": undefined,
        },
      ],
      [
        "the count of partitions alone",
        { partitionCount: 1 },
        {
          "sluice-origin-cluster": undefined,
          "sluice-origin-partition-count": "1",
          "sluice-origin-leader-epoch": undefined,
        },
      ],
      ["a leader epoch of 0 is known", { leaderEpoch: 0 }, { "sluice-origin-leader-epoch": "0" }],
      [
        "all companions at their greatest",
        { cluster: "c".repeat(256), partitionCount: I31, leaderEpoch: I31 },
        {
          "sluice-origin-cluster": "c".repeat(256),
          "sluice-origin-partition-count": "2147483647",
          "sluice-origin-leader-epoch": "2147483647",
        },
      ],
    ]).map(([comment, change, headers]) => dead(comment, change, { headers }, writes, ["Origin"])),
    dead(
      "a cluster's id of 256 bytes",
      { cluster: "é".repeat(128) },
      { headers: { "sluice-origin-cluster": "é".repeat(128) } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "a cluster's id that is longer is not written, and never cut",
      { cluster: `${"é".repeat(128)}c` },
      { headers: { "sluice-origin-cluster": undefined } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "the least position",
      { record: { topic: ".", partition: 0, offset: "0", timestamp: "0" } },
      {
        partition: 0,
        headers: {
          "sluice-origin-topic": ".",
          "sluice-origin-partition": "0",
          "sluice-origin-offset": "0",
        },
      },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "the longest topic",
      { record: { topic: "t".repeat(249) } },
      { headers: { "sluice-origin-topic": "t".repeat(249) } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
  ];
}

/** @returns {Test[]} */
function hops() {
  const clause = ["SLC-DLQ-007"];
  const refused = { refused: "hop-limit" };
  const hop = (/** @type {string} */ value) => ({ headers: { "sluice-hops": value } });
  const with_ = (/** @type {readonly Value[]} */ ...values) => ({
    trusted: true,
    record: { headers: values.map((value) => /** @type {Header} */ (["sluice-hops", value])) },
  });
  /** @type {readonly (readonly [string, Change, string, boolean])[]} */
  const cases = [
    ["none", { trusted: true }, "1", true],
    ["0", with_("0"), "1", true],
    ["1", with_("1"), "2", true],
    ["62", with_("62"), "63", true],
    ["63", with_("63"), "64", true],
    ["64, the greatest", with_("64"), "64", false],
    ["65, which is malformed", with_("65"), "64", false],
    ["a leading zero", with_("01"), "64", false],
    ["empty", with_(""), "64", false],
    ["bytes", with_(raw("00000001")), "64", false],
    ["null", with_(null), "1", true],
    ["64 and then 2", with_("64", "2"), "3", true],
    ["2 and then 64", with_("2", "64"), "64", false],
    ["64 and then null", with_("64", null), "1", true],
    ["64 of a source topic", { ...with_("64"), trusted: false }, "1", true],
    ["a malformed one of a source topic", { ...with_("x"), trusted: false }, "1", true],
  ];
  return [
    ...cases.map(([comment, change, value]) =>
      dead(`hops of a dead letter: ${comment}`, change, hop(value), clause, ["Hops"]),
    ),
    ...cases.map(([comment, change, value, allowed]) =>
      retry(
        `hops of a retry: ${comment}`,
        change,
        allowed ? hop(value) : refused,
        allowed ? clause : ["SLC-RTY-024"],
        ["Hops"],
      ),
    ),
    retry(
      "the hop limit comes before the size",
      { ...with_("64"), maxBytes: 0 },
      refused,
      ["SLC-RTY-024", "SLC-DLQ-018"],
      ["Hops", "Budget"],
    ),
    dead(
      "the dead letter of a retry that was refused",
      { ...with_("64"), reason: "hop-limit" },
      { headers: { "sluice-dlq-reason": "hop-limit", "sluice-hops": "64" } },
      ["SLC-RTY-024"],
      ["Hops"],
    ),
  ];
}

/** @returns {Test[]} */
function failures() {
  const text = ["SLC-SEC-002", "SLC-ENV-010"];
  const cut = ["SLC-ENV-010"];
  const stack = ["SLC-SEC-004"];
  const says = (/** @type {string} */ name, /** @type {string | undefined} */ value) => ({
    headers: { [`sluice-error-${name}`]: value },
  });
  return [
    dead(
      "control characters in every text",
      {
        writeStack: true,
        error: {
          class: "A\u0000B",
          code: "C\u009fD",
          message: "a\r\nb\u2028c",
          stack: "at\tx\n\u0085at y",
        },
      },
      {
        headers: {
          "sluice-error-class": "A B",
          "sluice-error-code": "C D",
          "sluice-error-message": "a  b c",
          "sluice-error-stack": "at x  at y",
        },
      },
      ["SLC-SEC-002"],
      ["Control"],
    ),
    dead(
      "a header of HTTP cannot be smuggled in",
      { error: { message: "x\r\nSet-Cookie: a=b" } },
      says("message", "x  Set-Cookie: a=b"),
      ["SLC-SEC-002"],
      ["Control"],
    ),
    dead(
      "nothing but control characters",
      { error: { class: "\n", code: "\u0000" } },
      { headers: { "sluice-error-class": " ", "sluice-error-code": " " } },
      ["SLC-SEC-002"],
      ["Control"],
    ),
    dead(
      "a group is not replaced, only cut",
      { group: "a\tb" },
      { headers: { "sluice-group": "a\tb" } },
      ["SLC-SEC-002"],
      ["Control"],
    ),
    .../** @type {const} */ ([
      ["class", 256],
      ["code", 64],
      ["message", 1024],
      ["stack", 8192],
    ]).flatMap(([field, limit]) => [
      dead(
        `${field}: ${limit} bytes`,
        { writeStack: true, error: { [field]: "x".repeat(limit) } },
        says(field, "x".repeat(limit)),
        cut,
        ["Cut"],
      ),
      dead(
        `${field}: ${limit + 1} bytes`,
        { writeStack: true, error: { [field]: "x".repeat(limit + 1) } },
        says(field, `${"x".repeat(limit - 3)}…`),
        cut,
        ["Cut"],
      ),
      dead(
        `${field}: cut before four bytes`,
        { writeStack: true, error: { [field]: `${"x".repeat(limit - 6)}😀yyyy` } },
        says(field, `${"x".repeat(limit - 6)}…`),
        cut,
        ["Cut"],
      ),
      dead(
        `${field}: shorter by what is replaced`,
        { writeStack: true, error: { [field]: `${"x".repeat(limit - 1)}\u0085` } },
        says(field, `${"x".repeat(limit - 1)} `),
        text,
        ["Cut", "Control"],
      ),
    ]),
    dead(
      "a group of 1024 bytes",
      { group: "é".repeat(512) },
      { headers: { "sluice-group": "é".repeat(512) } },
      cut,
      ["Cut"],
    ),
    dead(
      "a group of 1025 bytes",
      { group: `${"é".repeat(512)}g` },
      { headers: { "sluice-group": `${"é".repeat(510)}…` } },
      cut,
      ["Cut"],
    ),
    retry(
      "a policy of 128 bytes",
      { retryPolicy: "é".repeat(64) },
      { headers: { "sluice-retry-policy": "é".repeat(64) } },
      cut,
      ["Cut"],
    ),
    retry(
      "a policy of 129 bytes",
      { retryPolicy: `${"é".repeat(64)}p` },
      { headers: { "sluice-retry-policy": `${"é".repeat(62)}…` } },
      cut,
      ["Cut"],
    ),
    ...[dead, retry].map((write) =>
      write(
        `every text above its limit: the headers of a ${write === dead ? "dead letter" : "retry"} stay within 16384 bytes`,
        {
          trusted: true,
          writeStack: true,
          group: "g".repeat(2000),
          ...(write === retry && { retryPolicy: "p".repeat(2000) }),
          error: {
            kind: "k".repeat(64),
            class: "c".repeat(9000),
            code: "d".repeat(9000),
            message: "m".repeat(9000),
            stack: "s".repeat(9000),
          },
          record: { topic: "t".repeat(249), headers: [["sluice-history", longestHistory()]] },
          cluster: "c".repeat(256),
          partitionCount: I31,
          leaderEpoch: I31,
        },
        { most: 16_384, headers: { "sluice-error-stack": `${"s".repeat(8189)}…` } },
        ["SLC-ENV-012", ...cut],
        ["Cut"],
      ),
    ),
    dead(
      "no class, no code",
      { error: { class: null, code: null } },
      { headers: { "sluice-error-class": undefined, "sluice-error-code": undefined } },
      ["SLC-DLQ-006"],
    ),
    dead(
      "an empty class and code are not written",
      { error: { class: "", code: "" } },
      {
        headers: {
          "sluice-error-class": undefined,
          "sluice-error-code": undefined,
          "sluice-history": HISTORY,
        },
      },
      ["SLC-DLQ-006"],
      ["EdgeOfRange"],
    ),
    dead(
      "an empty message is",
      { error: { message: "" } },
      says("message", ""),
      ["SLC-DLQ-006"],
      ["EdgeOfRange"],
    ),
    dead(
      "a stack that may not be written",
      { error: { stack: "at x" } },
      says("stack", undefined),
      stack,
    ),
    dead(
      "a stack that may be written",
      { writeStack: true, error: { stack: "at x" } },
      says("stack", "at x"),
      stack,
    ),
    dead(
      "an empty stack is not written",
      { writeStack: true, error: { stack: "" } },
      says("stack", undefined),
      stack,
      ["EdgeOfRange"],
    ),
    dead("no stack", { writeStack: true }, says("stack", undefined), stack),
    dead(
      "an earlier stack goes, although none may be written",
      { trusted: true, record: { headers: [["sluice-error-stack", "secret"]] } },
      says("stack", undefined),
      [...stack, "SLC-ENV-003"],
      ["Replaced"],
    ),
    dead(
      "an earlier stack is replaced",
      {
        trusted: true,
        writeStack: true,
        error: { stack: "new" },
        record: { headers: [["sluice-error-stack", "old"]] },
      },
      says("stack", "new"),
      [...stack, "SLC-ENV-003"],
      ["Replaced"],
    ),
    ...["permanent", "deserialization", "validation", "cancelled", "poison", "unknown"].map(
      (kind) =>
        dead(
          `the kind ${kind}`,
          { error: { kind } },
          {
            headers: {
              "sluice-error-kind": kind,
              "sluice-history": `[{"n":5,"at":"1700000009000","k":"${kind}"}]`,
            },
          },
          ["SLC-DLQ-006"],
        ),
    ),
    dead(
      "a kind of 64 characters that no list has is a token",
      { error: { kind: "k".repeat(64) } },
      { headers: { "sluice-error-kind": "k".repeat(64) } },
      ["SLC-DLQ-006"],
      ["OpenList"],
    ),
    ...["", "Timeout", "time out", "k".repeat(65), "zeitüberschreitung", "timeout\n"].map((kind) =>
      dead(
        `no token: the kind ${JSON.stringify(kind.slice(0, 20))}`,
        { error: { kind } },
        {
          headers: {
            "sluice-error-kind": "unknown",
            "sluice-history": '[{"n":5,"at":"1700000009000","k":"unknown"}]',
          },
        },
        ["SLC-DLQ-006"],
        ["Mistake"],
      ),
    ),
    ...["non-retryable", "deserialization", "expired", "replay-limit", "too-large", "manual"].map(
      (reason) =>
        dead(`the reason ${reason}`, { reason }, { headers: { "sluice-dlq-reason": reason } }, [
          "SLC-DLQ-012",
        ]),
    ),
    dead(
      "a reason that no list has is a token",
      { reason: "out-of-luck-2" },
      { headers: { "sluice-dlq-reason": "out-of-luck-2" } },
      ["SLC-DLQ-012"],
      ["OpenList"],
    ),
    ...["", "Because.", "r".repeat(65)].map((reason) =>
      dead(
        `no token: the reason ${JSON.stringify(reason.slice(0, 20))}`,
        { reason },
        { headers: { "sluice-dlq-reason": "manual" } },
        ["SLC-DLQ-012"],
        ["Mistake"],
      ),
    ),
    dead(
      "a dead letter after one attempt",
      { attempts: 1 },
      { headers: { "sluice-retry-count": "0" } },
      ["SLC-DLQ-004"],
      ["EdgeOfRange"],
    ),
    dead(
      "a dead letter after as many attempts as there can be",
      { attempts: I31 },
      { headers: { "sluice-retry-count": "2147483646" } },
      ["SLC-DLQ-004"],
      ["EdgeOfRange"],
    ),
    retry(
      "a retry after one attempt",
      { attempts: 1 },
      { headers: { "sluice-retry-count": "1" } },
      ["SLC-RTY-020"],
      ["EdgeOfRange"],
    ),
    retry(
      "a retry after as many attempts as there can be",
      { attempts: I31 },
      { headers: { "sluice-retry-count": "2147483647" } },
      ["SLC-RTY-020"],
      ["EdgeOfRange"],
    ),
    dead(
      "the count of before plays no part",
      { trusted: true, attempts: 3, record: { headers: [["sluice-retry-count", "7"]] } },
      { headers: { "sluice-retry-count": "2" } },
      ["SLC-DLQ-004"],
    ),
    retry(
      "a time of the next attempt at its greatest",
      { retryAt: MAX },
      { headers: { "sluice-retry-at": MAX } },
      ["SLC-RTY-021"],
      ["EdgeOfRange"],
    ),
    retry(
      "a time of the next attempt that has passed",
      { retryAt: "0" },
      { headers: { "sluice-retry-at": "0" } },
      ["SLC-RTY-021"],
      ["EdgeOfRange"],
    ),
  ];
}

/** Of ten entries, with every field at its longest. */
function longestHistory() {
  const entry = `{"n":${MAX},"at":"${MAX}","k":"${"k".repeat(64)}","c":"${"c".repeat(64)}"}`;
  return `[${Array.from({ length: 10 }, () => entry).join(",")}]`;
}

/** @returns {Test[]} */
function histories() {
  const appends = ["SLC-DLQ-013"];
  const codes = ["SLC-DLQ-014"];
  const limits = ["SLC-DLQ-015"];
  const entry = (/** @type {number} */ n) => `{"n":${n},"at":"9","k":"timeout"}`;
  const span = (/** @type {number} */ from, /** @type {number} */ to) =>
    Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));
  const now = HISTORY.slice(1, -1);
  const list = (/** @type {readonly string[]} */ ...items) => `[${items.join(",")}]`;
  const says = (/** @type {string} */ value) => ({ headers: { "sluice-history": value } });
  const after = (/** @type {readonly Value[]} */ ...values) => ({
    trusted: true,
    record: { headers: values.map((value) => /** @type {Header} */ (["sluice-history", value])) },
  });
  const mark = (/** @type {number} */ k) => `{"dropped":${k}}`;
  /** @type {readonly (readonly [string, string, string])[]} */
  const coded = [
    ["a code", "E42", "E42"],
    ["quotation mark and backslash", 'a"b\\c', "a_b_c"],
    [
      "every character that stays",
      " !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~",
      " !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~",
    ],
    ["DEL and U+0080", "a\u007fb\u0080c", "a_b_c"],
    ["a control character is an underscore here and a space in its header", "E\t4", "E_4"],
    ["a character of two bytes is one underscore", "é", "_"],
    ["a character of two UTF-16 units is one underscore", "a😀b", "a_b"],
    ["64 characters", "c".repeat(64), "c".repeat(64)],
    ["65 characters, without an ellipsis", "c".repeat(65), "c".repeat(64)],
    ["100 characters of two bytes", "é".repeat(100), "_".repeat(64)],
    ["64 characters of four bytes", "😀".repeat(64), "_".repeat(64)],
    ["a quotation mark at the cut", `${"c".repeat(63)}"d`, `${"c".repeat(63)}_`],
    ["a space", " ", " "],
  ];
  return [
    dead(
      "no history yet",
      { trusted: true, record: { headers: [["sluice-spec", "1"]] } },
      says(HISTORY),
      appends,
      ["History"],
    ),
    dead("one entry is appended", after(list(entry(1))), says(list(entry(1), now)), appends, [
      "History",
    ]),
    retry("of a retry too", after(list(entry(1))), says(list(entry(1), now)), appends, ["History"]),
    dead(
      "entries with codes are kept as they are",
      after('[{"n":1,"at":"0","k":"poison","c":"a, b]"}]'),
      says(`[{"n":1,"at":"0","k":"poison","c":"a, b]"},${now}]`),
      appends,
      ["History"],
    ),
    dead(
      "a code that looks like a mark",
      after('[{"n":1,"at":"0","k":"poison","c":"{dropped:3},{"}]'),
      says(`[{"n":1,"at":"0","k":"poison","c":"{dropped:3},{"},${now}]`),
      appends,
      ["History"],
    ),
    dead(
      "a forged history is not continued",
      { ...after(list(entry(1))), trusted: false },
      says(HISTORY),
      [...appends, "SLC-SEC-001"],
      ["History", "Forged"],
    ),
    dead(
      "a malformed history is not continued",
      after(`[${entry(1)}, ${entry(2)}]`),
      says(HISTORY),
      appends,
      ["History", "Malformed"],
    ),
    dead(
      "a history with an integer above the range is malformed",
      after('[{"n":9007199254740992,"at":"0","k":"timeout"}]'),
      says(HISTORY),
      [...appends, "SLC-CNV-001"],
      ["History", "Malformed"],
    ),
    dead("an empty history is malformed", after("[]"), says(HISTORY), appends, [
      "History",
      "Malformed",
    ]),
    dead(
      "a null history is absent",
      after(null),
      says(HISTORY),
      [...appends, "SLC-ENV-005"],
      ["History", "Null"],
    ),
    dead(
      "the last of two histories is continued",
      after(list(entry(1)), list(entry(2))),
      says(list(entry(2), now)),
      [...appends, "SLC-ENV-002"],
      ["History", "Repeated"],
    ),
    dead(
      "the last of two histories is malformed",
      after(list(entry(1)), "x"),
      says(HISTORY),
      [...appends, "SLC-ENV-002"],
      ["History", "Repeated"],
    ),
    dead("8 entries become 9", after(list(...span(1, 8))), says(list(...span(1, 8), now)), limits, [
      "History",
      "EdgeOfRange",
    ]),
    dead(
      "9 entries become 10",
      after(list(...span(1, 9))),
      says(list(...span(1, 9), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "10 entries become 11, so one is dropped",
      after(list(...span(1, 10))),
      says(list(entry(1), mark(1), ...span(3, 10), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "11 entries: a mover's mistake is put right",
      after(list(...span(1, 11))),
      says(list(entry(1), mark(2), ...span(4, 11), now)),
      limits,
      ["History"],
    ),
    dead(
      "30 entries",
      after(list(...span(1, 30))),
      says(list(entry(1), mark(21), ...span(23, 30), now)),
      limits,
      ["History"],
    ),
    dead(
      "a mark counts on",
      after(list(entry(1), mark(3), ...span(5, 13))),
      says(list(entry(1), mark(4), ...span(6, 13), now)),
      limits,
      ["History"],
    ),
    dead(
      "a mark and 12 entries",
      after(list(entry(1), mark(5), ...span(7, 17))),
      says(list(entry(1), mark(8), ...span(10, 17), now)),
      limits,
      ["History"],
    ),
    dead(
      "a mark is no entry: 9 of them become 10, and it stays",
      after(list(entry(1), mark(3), ...span(5, 12))),
      says(list(entry(1), mark(3), ...span(5, 12), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "a mark after the only entry",
      after(list(entry(1), mark(3))),
      says(list(entry(1), mark(3), now)),
      limits,
      ["History"],
    ),
    dead(
      "a mark of 0 stays",
      after(list(entry(1), mark(0), entry(2))),
      says(list(entry(1), mark(0), entry(2), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "a mark of 0 counts on",
      after(list(entry(1), mark(0), ...span(2, 10))),
      says(list(entry(1), mark(1), ...span(3, 10), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "a mark at its greatest counts no further",
      after(list(entry(1), mark(Number(MAX)), ...span(2, 10))),
      says(list(entry(1), mark(Number(MAX)), ...span(3, 10), now)),
      [...limits, "SLC-CNV-001"],
      ["History", "EdgeOfRange"],
    ),
    retry(
      "10 entries of a retry",
      after(list(...span(1, 10))),
      says(list(entry(1), mark(1), ...span(3, 10), now)),
      limits,
      ["History"],
    ),
    dead(
      "the entry has the time of the failure, not that of writing",
      { failedAt: "5", now: "7" },
      says('[{"n":5,"at":"5","k":"timeout"}]'),
      appends,
      ["History"],
    ),
    ...coded.map(([comment, code, c]) =>
      dead(
        `code in the history: ${comment}`,
        { error: { code } },
        says(`[{"n":5,"at":"1700000009000","k":"timeout","c":"${c}"}]`),
        codes,
        ["History"],
      ),
    ),
    dead("an empty code is none", { error: { code: "" } }, says(HISTORY), codes, [
      "History",
      "EdgeOfRange",
    ]),
  ];
}

/** A record that has everything that can be dropped. */
const LADEN = /** @type {const} */ ({
  trusted: false,
  writeStack: true,
  error: { message: `${"m".repeat(252)}éé${"m".repeat(300)}`, stack: "s".repeat(600) },
  record: {
    value: "v".repeat(900),
    headers: [
      ["small", "x"],
      ["big-1", "x".repeat(1100)],
      ["traceparent", "x".repeat(1200)],
      ["big-2", "x".repeat(1020)],
    ],
  },
});

/** @returns {Test[]} */
function budgets() {
  const clause = ["SLC-DLQ-016", "SLC-DLQ-017"];
  /** The size before each step, and what is dropped below it. */
  const steps = [
    ["everything fits", undefined],
    ["the stack goes", "stack"],
    ["the history goes", "stack,history"],
    ["the message is cut", "stack,history,message"],
    ["the first large header goes", "stack,history,message,headers"],
    ["the second large header goes", "stack,history,message,headers"],
    ["the value goes", "stack,history,message,headers,value"],
  ];
  /** @type {Test[]} */
  const tests = [];
  for (const write of [dead, retry]) {
    const name = write === dead ? "dead letter" : "retry";
    const sizes = seen(
      write === dead
        ? {}
        : {
            move: "retry",
            retryAt: "1700000069001",
            retryPolicy: null,
            target: { topic: "orders.retry", partitions: 4 },
          },
    );
    const last = write === dead ? steps.length - 1 : steps.length - 2;
    for (const [i, [comment = "", truncated]] of steps.slice(0, last + 1).entries()) {
      const bytes = sizes[i] ?? 0;
      tests.push(
        write(
          `${name} at its budget: ${comment}`,
          { ...LADEN, maxBytes: bytes },
          { truncated },
          clause,
          ["Budget", "Dropped"],
        ),
      );
      const next = steps[i + 1];
      const below =
        i < last && next !== undefined ? { truncated: next[1] } : { refused: "too-large" };
      tests.push(
        write(
          `${name} one byte above its budget: ${i < last ? next?.[0] : "it is refused"}`,
          { ...LADEN, maxBytes: bytes - 1 },
          below,
          i < last ? clause : ["SLC-DLQ-018"],
          ["Budget", "Dropped"],
        ),
      );
    }
  }
  return unique(tests);
}

/** The sizes that the model looks at when nothing ever fits. @param {Partial<Input>} change */
function seen(change) {
  /** @type {number[]} */
  const sizes = [];
  moved(
    {
      ...EXAMPLE,
      ...change,
      ...LADEN,
      error: { ...EXAMPLE.error, ...LADEN.error },
      record: { ...EXAMPLE.record, ...LADEN.record },
      maxBytes: -1,
    },
    (size) => sizes.push(size),
  );
  return sizes.filter((size, i) => size !== sizes[i - 1]);
}

/** The budget of one step is one byte below that of another now and then. @param {Test[]} tests */
function unique(tests) {
  const asked = new Set();
  return tests.filter(({ input }) => {
    const text = JSON.stringify(input);
    if (asked.has(text)) return false;
    asked.add(text);
    return true;
  });
}

/** @returns {Test[]} */
function truncations() {
  const order = ["SLC-DLQ-016"];
  const lists = ["SLC-DLQ-017"];
  const refusal = ["SLC-DLQ-018"];
  const plain = sizeOfPlain({});
  /** @param {readonly Header[]} headers */
  const from = (headers) => ({ trusted: true, record: { headers } });
  const STACK = { writeStack: true, error: { stack: "s".repeat(500) } };
  /** @type {(value: Value) => Header} */
  const truncated = (value) => ["sluice-truncated", value];
  const large = "x".repeat(2000);
  /** Room for all but what is large. @param {readonly Header[]} [headers] */
  const tight = (headers = []) => sizeOfPlain({ headers }) + 40;
  return [
    dead(
      "exactly its size, with nothing that could be dropped",
      { maxBytes: plain },
      { truncated: undefined },
      order,
      ["Budget"],
    ),
    dead(
      "one byte above: the history goes, which makes room enough",
      { maxBytes: plain - 1 },
      { truncated: "history", headers: { "sluice-history": undefined } },
      order,
      ["Budget", "Dropped"],
    ),
    dead("no room at all", { maxBytes: 0 }, { refused: "too-large" }, refusal, ["Budget"]),
    retry("no room at all for a retry", { maxBytes: 0 }, { refused: "too-large" }, refusal, [
      "Budget",
    ]),
    retry(
      "a retry keeps its value, whatever it takes",
      { record: { value: large }, maxBytes: 1000 },
      { refused: "too-large" },
      [...order, ...refusal],
      ["NeverDropped"],
    ),
    dead(
      "a dead letter gives it up",
      { record: { value: large }, maxBytes: 1000 },
      { value: null, truncated: "history,value" },
      order,
      ["Dropped"],
    ),
    dead(
      "the key is never dropped",
      { record: { key: large }, maxBytes: 1000 },
      { refused: "too-large" },
      [...order, ...refusal],
      ["NeverDropped"],
    ),
    dead(
      "a null value cannot be dropped",
      { record: { key: large, value: null }, maxBytes: 2000 },
      { refused: "too-large" },
      [...order, ...refusal],
      ["NeverDropped", "Null"],
    ),
    dead(
      "what is not there is not listed",
      { record: { value: large }, error: { message: "" }, maxBytes: 1000 },
      { truncated: "history,value" },
      lists,
      ["Dropped"],
    ),
    dead(
      "a short message is not cut, and not listed",
      { record: { value: large }, error: { message: "m".repeat(256) }, maxBytes: 1000 },
      { truncated: "history,value", headers: { "sluice-error-message": "m".repeat(256) } },
      [...order, ...lists],
      ["NeverDropped", "EdgeOfRange"],
    ),
    dead(
      "a message of 257 bytes is",
      { record: { value: large }, error: { message: "m".repeat(257) }, maxBytes: 1000 },
      {
        truncated: "history,message,value",
        headers: { "sluice-error-message": `${"m".repeat(253)}…` },
      },
      [...order, ...lists],
      ["Dropped", "EdgeOfRange"],
    ),
    dead(
      "a message is cut between code points",
      {
        record: { value: large },
        error: { message: `${"m".repeat(252)}😀${"m".repeat(100)}` },
        maxBytes: 1000,
      },
      {
        truncated: "history,message,value",
        headers: { "sluice-error-message": `${"m".repeat(252)}…` },
      },
      [...order, "SLC-ENV-010"],
      ["Dropped", "Cut"],
    ),
    dead(
      "a message that was cut to 1024 bytes is cut again",
      { record: { value: large }, error: { message: "é".repeat(600) }, maxBytes: 1000 },
      {
        truncated: "history,message,value",
        headers: { "sluice-error-message": `${"é".repeat(126)}…` },
      },
      [...order, "SLC-ENV-010"],
      ["Dropped", "Cut"],
    ),
    dead(
      "a header of 1024 bytes with its name stays",
      { record: { value: "v", headers: [["name", "x".repeat(1020)]] }, maxBytes: tight() },
      { refused: "too-large" },
      order,
      ["NeverDropped", "EdgeOfRange"],
    ),
    dead(
      "a header of 1025 bytes with its name goes",
      { record: { value: "v", headers: [["name", "x".repeat(1021)]] }, maxBytes: tight() },
      { kept: [], truncated: "history,headers", value: "v" },
      order,
      ["Dropped", "EdgeOfRange"],
    ),
    dead(
      "a null header with a long name",
      { record: { headers: [["n".repeat(1025), null]] }, maxBytes: tight() },
      { kept: [], truncated: "history,headers" },
      order,
      ["Dropped", "Null"],
    ),
    dead(
      "bytes of a name are counted",
      { record: { headers: [["é".repeat(512), "x"]] }, maxBytes: tight() },
      { kept: [], truncated: "history,headers" },
      order,
      ["Dropped", "EdgeOfRange"],
    ),
    dead(
      "large headers go in the order of the record, as many as must",
      {
        record: {
          headers: [
            ["c", large],
            ["s", "1"],
            ["a", large],
            ["b", large],
          ],
        },
        maxBytes: tight() + 2100,
      },
      {
        kept: [
          ["s", "1"],
          ["b", large],
        ],
        truncated: "history,headers",
      },
      order,
      ["Dropped"],
    ),
    dead(
      "the first large header is enough",
      {
        record: {
          headers: [
            ["c", large],
            ["a", large],
            ["b", large],
          ],
        },
        maxBytes: tight() + 4100,
      },
      {
        kept: [
          ["a", large],
          ["b", large],
        ],
        truncated: "history,headers",
      },
      order,
      ["Dropped"],
    ),
    dead(
      "repeats of a large header go one by one",
      {
        record: {
          headers: [
            ["a", large],
            ["a", large],
          ],
        },
        maxBytes: tight() + 2100,
      },
      { kept: [["a", large]], truncated: "history,headers" },
      order,
      ["Dropped", "Repeated"],
    ),
    ...[
      "traceparent",
      "tracestate",
      "X-Trace-ID",
      "id",
      "content-type",
      "ce_id",
      "ce_",
      "ce_later",
    ].map((name) =>
      dead(
        `never dropped: ${name}`,
        {
          record: {
            value: "v",
            headers: [
              [name, large],
              ["other", large],
            ],
          },
          maxBytes: tight() + 2100,
        },
        { kept: [[name, large]], truncated: "history,headers" },
        order,
        ["NeverDropped"],
      ),
    ),
    ...["Traceparent", "x-trace-id", "ID", "Content-Type", "ce-id", "CE_id"].map((name) =>
      dead(
        `dropped, since its name is another: ${name}`,
        {
          record: {
            value: "v",
            headers: [
              [name, large],
              ["other", large],
            ],
          },
          maxBytes: tight() + 2100,
        },
        { kept: [["other", large]], truncated: "history,headers" },
        order,
        ["Dropped"],
      ),
    ),
    dead(
      "never dropped: a Sluice header that is not defined",
      {
        ...from([
          ["sluice-later", large],
          ["other", large],
        ]),
        maxBytes: tight() + 2100,
      },
      { kept: [["sluice-later", large]], truncated: "history,headers" },
      [...order, "SLC-ENV-004"],
      ["NeverDropped", "OpenList"],
    ),
    dead(
      "never dropped: an identity of the producer",
      {
        ...from([
          ["sluice-idempotency-key", large],
          ["other", large],
        ]),
        maxBytes: tight() + 2100,
      },
      { kept: [["sluice-idempotency-key", large]], truncated: "history,headers" },
      [...order, "SLC-ENV-016"],
      ["NeverDropped"],
    ),
    dead(
      "an earlier list stays where it is when nothing is dropped",
      from([["a", "1"], truncated("value,stack"), ["b", "2"]]),
      { kept: [["a", "1"], truncated("value,stack"), ["b", "2"]] },
      lists,
      ["Kept"],
    ),
    dead(
      "a malformed list stays where it is when nothing is dropped",
      from([truncated("Stack"), ["b", "2"]]),
      { kept: [truncated("Stack"), ["b", "2"]] },
      lists,
      ["Kept", "Malformed"],
    ),
    dead(
      "several lists stay where they are when nothing is dropped",
      from([truncated("stack"), ["b", "2"], truncated(null)]),
      { kept: [truncated("stack"), ["b", "2"], truncated(null)] },
      lists,
      ["Kept", "Repeated", "Null"],
    ),
    dead(
      "a forged list is removed",
      { record: { headers: [truncated("value")] } },
      { kept: [], truncated: undefined },
      [...lists, "SLC-SEC-001"],
      ["Forged"],
    ),
    dead(
      "a forged list does not count",
      { ...STACK, record: { headers: [truncated("value")] }, maxBytes: tight() },
      { truncated: "stack" },
      [...lists, "SLC-SEC-001"],
      ["Forged", "Dropped"],
    ),
    .../** @type {const} */ ([
      ["the same part", "stack", "stack"],
      ["a later part", "value", "stack,value"],
      ["known parts in another order", "value,message", "stack,message,value"],
      ["all of them", "stack,history,message,headers,value", "stack,history,message,headers,value"],
      ["a part of a later version", "key", "stack,key"],
      ["a part twice, and one of a later version twice", "key,stack,key,stack", "stack,key"],
      [
        "parts of a later version in their order, after the known ones",
        "zeta,value,alpha",
        "stack,value,zeta,alpha",
      ],
    ]).map(([comment, earlier, all]) =>
      dead(
        `an earlier list with ${comment}`,
        { ...STACK, ...from([["a", "1"], truncated(earlier), ["b", "2"]]), maxBytes: tight() + 60 },
        {
          truncated: all,
          kept: [
            ["a", "1"],
            ["b", "2"],
          ],
        },
        lists,
        ["Dropped", ...(/key|zeta/.test(earlier) ? ["OpenList"] : [])],
      ),
    ),
    dead(
      "an earlier list that is malformed does not count",
      { ...STACK, ...from([truncated("value,")]), maxBytes: tight() },
      { truncated: "stack" },
      lists,
      ["Dropped", "Malformed"],
    ),
    dead(
      "an earlier list that is empty does not count",
      { ...STACK, ...from([truncated("")]), maxBytes: tight() },
      { truncated: "stack" },
      lists,
      ["Dropped", "Malformed"],
    ),
    dead(
      "an earlier list that is null does not count",
      { ...STACK, ...from([truncated("value"), truncated(null)]), maxBytes: tight() },
      { truncated: "stack", kept: [] },
      [...lists, "SLC-ENV-005"],
      ["Dropped", "Null"],
    ),
    dead(
      "the last of several lists counts, and none of them stays",
      {
        ...STACK,
        ...from([truncated("value"), ["a", "1"], truncated("headers")]),
        maxBytes: tight(),
      },
      { truncated: "stack,headers", kept: [["a", "1"]] },
      [...lists, "SLC-ENV-002"],
      ["Dropped", "Repeated"],
    ),
    dead(
      "an earlier list counts for the size where it stands",
      {
        ...from([truncated("value,a-part-of-a-later-version")]),
        maxBytes: sizeOfPlain({ headers: [truncated("value,a-part-of-a-later-version")] }, true),
      },
      { kept: [truncated("value,a-part-of-a-later-version")] },
      lists,
      ["Budget", "Kept"],
    ),
    dead(
      "the list itself counts for the size: a stack of no bytes leaves a longer record",
      { writeStack: true, error: { stack: "x" }, maxBytes: sizeOfPlain({}) + 18 },
      { truncated: "stack,history" },
      [...order, ...lists],
      ["Budget", "Dropped"],
    ),
    dead(
      "the list follows all other headers",
      { ...STACK, ...from(ORIGIN), maxBytes: tight(ORIGIN) },
      { headers: { "sluice-truncated": "stack" } },
      [...lists, "SLC-DLQ-010"],
      ["Dropped"],
    ),
    retry(
      "a retry may lose its stack",
      { ...STACK, maxBytes: tight() + 50 },
      { truncated: "stack", headers: { "sluice-retry-at": "1700000069001" } },
      order,
      ["Dropped"],
    ),
    dead(
      "nothing more is dropped than must be",
      { ...STACK, record: { value: large, headers: [["big", large]] }, maxBytes: tight() + 4100 },
      { truncated: "stack", value: large },
      order,
      ["Dropped"],
    ),
  ];
}

/**
 * The size of the dead letter of the example with other headers, when nothing is dropped.
 * @param {Partial<Source>} record
 * @param {boolean} [trusted]
 */
function sizeOfPlain(record, trusted = false) {
  const answer = moved({
    ...EXAMPLE,
    trusted,
    record: { ...EXAMPLE.record, headers: [], ...record },
  });
  if ("refused" in answer) throw new Error("the example is never refused");
  return sizeOf(answer.record);
}
