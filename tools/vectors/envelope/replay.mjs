// @ts-check
// Dead letters on their way back (section 10). Each case says by hand what it is about; the model
// fills in the rest of the record, and has to agree.
import { deepStrictEqual } from "node:assert/strict";
import { hexHeaders, hexOrNull, raw } from "./bytes.mjs";
import { replay as replayed } from "./replay-model.mjs";

/** @typedef {import("../vector-file.mjs").Draft} Draft */
/** @typedef {import("../vector-file.mjs").Test} Test */
/** @typedef {import("./bytes.mjs").Header} Header */
/** @typedef {import("./bytes.mjs").Value} Value */
/** @typedef {import("./move-model.mjs").Source} Source */
/** @typedef {import("./replay-model.mjs").Input} Input */
/** @typedef {import("./replay-model.mjs").Partitioner} Partitioner */

/** @typedef {Partial<Omit<Input, "record">> & { record?: Partial<Source> }} Change */
/**
 * @typedef {object} Says
 * @property {string} [refused]
 * @property {number} [partition]
 * @property {string} [topic]
 * @property {Record<string, string | undefined>} [headers] the last value of each
 * @property {readonly Header[]} [kept] all that precede `sluice-spec`
 * @property {readonly Header[]} [all]
 */

const MAX = "9007199254740991";
const I31 = 2_147_483_647;

/** @type {readonly Header[]} */
const ORIGIN = [
  ["sluice-origin-topic", "orders"],
  ["sluice-origin-partition", "3"],
  ["sluice-origin-offset", "42"],
  ["sluice-origin-timestamp", "1700000000000"],
];
const COUNT = /** @type {Header} */ (["sluice-origin-partition-count", "12"]);

/** @type {Input} */
const PLAN = {
  record: {
    topic: "orders.dlq",
    partition: 1,
    offset: "7",
    timestamp: "1700000009001",
    key: "order-42",
    value: "v",
    headers: [["sluice-spec", "1"], ...ORIGIN, COUNT, ["sluice-hops", "1"]],
  },
  replayId: "r-1",
  now: "1700000100000",
  maxReplays: 3,
  destination: null,
  destinations: [{ topic: "orders", partitions: 12, partitioner: "murmur2" }],
};

/**
 * @param {string} comment
 * @param {Change} change
 * @param {Says} says
 * @param {string[]} requirements
 * @param {string[]} [flags]
 * @returns {Test}
 */
function plan(comment, change, says, requirements, flags = []) {
  /** @type {Input} */
  const input = { ...PLAN, ...change, record: { ...PLAN.record, ...change.record } };
  const answer = replayed(input);
  judge(comment, answer, says);
  const asHex = (
    /** @type {{ key: Value, value: Value, headers: readonly Header[] }} */ record,
  ) => ({
    ...record,
    key: hexOrNull(record.key),
    value: hexOrNull(record.value),
    headers: hexHeaders(record.headers),
  });
  return {
    comment,
    flags,
    requirements,
    input: { ...input, record: asHex(input.record) },
    expect: "refused" in answer ? answer : { record: asHex(answer.record) },
    result: "refused" in answer ? "invalid" : "valid",
  };
}

/**
 * Throws when the model does not say what the case says.
 * @param {string} comment
 * @param {ReturnType<typeof replayed>} answer
 * @param {Says} says
 */
function judge(comment, answer, says) {
  if ("refused" in answer || says.refused !== undefined) {
    deepStrictEqual(answer, { refused: says.refused }, comment);
    return;
  }
  const { headers, partition, topic } = answer.record;
  for (const [name, expected] of Object.entries(says.headers ?? {})) {
    deepStrictEqual(
      headers.findLast(([other]) => other === name)?.[1],
      expected,
      `${comment}: ${name}`,
    );
  }
  const first = headers.findIndex(([name]) => name === "sluice-spec");
  if (says.kept) deepStrictEqual(headers.slice(0, first), says.kept, comment);
  if (says.all) deepStrictEqual(headers, says.all, comment);
  if (says.partition !== undefined) deepStrictEqual(partition, says.partition, comment);
  if (says.topic !== undefined) deepStrictEqual(topic, says.topic, comment);
}

/** @returns {Draft} */
export function replay() {
  const source = "by hand and by a transcription of section 10";
  return {
    algorithm: "SLUICE-REPLAY-1",
    header: [
      "Where a dead letter is written again and with which headers, or why it is refused.",
      "Each case says by hand what it is about; a transcription of section 10 fills in the rest.",
      "Partitions by hash are those that Kafka's Java client, zlib and the C and Go clients gave.",
    ],
    notes: {
      Refused: { bugType: "SECURITY", description: "A dead letter that is not written again." },
      FirstReason: { bugType: "BASIC", description: "Two reasons hold, and the first counts." },
      EdgeOfRange: {
        bugType: "EDGE_CASE",
        description: "A value at the border of its range, or next to it.",
      },
      FailClosed: {
        bugType: "SECURITY",
        description: "A damaged counter counts as its greatest value.",
      },
      Repeated: { bugType: "EDGE_CASE", description: "The last value of a header counts." },
      Null: {
        bugType: "EDGE_CASE",
        description: "A header without a value is absent; a key that is empty is there.",
      },
      AllowList: {
        bugType: "SECURITY",
        description: "A header alone does not decide where a replay goes.",
      },
      Partition: { bugType: "BASIC", description: "Which partition a replay is written to." },
      Removed: {
        bugType: "BASIC",
        description: "A header of the failure, which a replay does not have.",
      },
      Replaced: { bugType: "BASIC", description: "A header that the replayer writes anew." },
      Kept: { bugType: "BASIC", description: "A header that stays where it is." },
      OpenList: {
        bugType: "COMPATIBILITY",
        description: "Something that a later version may define.",
      },
      Bytes: {
        bugType: "ENCODING",
        description: "Null, empty and bytes that are no text are carried along.",
      },
    },
    testGroups: [
      {
        type: "ReplayPlan",
        source,
        tests: [...refusals(), ...orders(), ...places(), ...headers()],
      },
    ],
  };
}

/** The headers of the plan, with one of them in place of its own. @param {string} name @param {Value[]} values */
const with_ = (name, ...values) => ({
  record: {
    headers: [
      ...PLAN.record.headers.filter(([other]) => other !== name),
      ...values.map((value) => /** @type {Header} */ ([name, value])),
    ],
  },
});

/** @returns {Test[]} */
function refusals() {
  const clause = ["SLC-RPL-001"];
  const allow = ["SLC-RPL-002", "SLC-RPL-001"];
  const refused = (/** @type {string} */ code) => ({ refused: code });
  const hop = (/** @type {string} */ value) => ({ headers: { "sluice-hops": value } });
  const replays = (/** @type {string} */ value) => ({ headers: { "sluice-replay-count": value } });
  const ELSEWHERE = {
    topic: "repair",
    partitions: 5,
    partitioner: /** @type {const} */ ("murmur2"),
  };
  const SAME = { topic: "orders", partitions: 12, partitioner: /** @type {const} */ ("murmur2") };
  return [
    .../** @type {const} */ ([
      ["version 2", "2"],
      ["version 0", "0"],
      ["a malformed version", "01"],
      ["an empty version", ""],
      ["a version that is no UTF-8", raw("ff")],
    ]).map(([comment, value]) =>
      plan(
        comment,
        with_("sluice-spec", value),
        refused("unsupported-version"),
        [...clause, "SLC-ENV-022"],
        ["Refused"],
      ),
    ),
    plan(
      "no version: written by no mover, but on the dead letter topic",
      with_("sluice-spec"),
      { headers: { "sluice-spec": "1" } },
      clause,
    ),
    plan(
      "a null version is none",
      with_("sluice-spec", null),
      { headers: { "sluice-spec": "1" } },
      [...clause, "SLC-ENV-005"],
      ["Null"],
    ),
    plan(
      "version 2 and then 1",
      with_("sluice-spec", "2", "1"),
      {},
      [...clause, "SLC-ENV-002"],
      ["Repeated"],
    ),
    ...["topic", "partition", "offset", "timestamp"].map((part) =>
      plan(
        `an origin without its ${part}`,
        with_(`sluice-origin-${part}`),
        refused("no-origin"),
        [...clause, "SLC-ENV-013"],
        ["Refused"],
      ),
    ),
    plan(
      "an origin with a malformed offset",
      with_("sluice-origin-offset", "-1"),
      refused("no-origin"),
      [...clause, "SLC-ENV-013"],
      ["Refused"],
    ),
    plan(
      "an origin whose last topic is null",
      with_("sluice-origin-topic", "orders", null),
      refused("no-origin"),
      [...clause, "SLC-ENV-005"],
      ["Refused", "Repeated", "Null"],
    ),
    plan("no headers at all", { record: { headers: [] } }, refused("no-origin"), clause, [
      "Refused",
    ]),
    plan(
      "no headers at all, but a destination",
      { destination: "orders", record: { headers: [] } },
      { topic: "orders", headers: { "sluice-replay-count": "1", "sluice-hops": "1" } },
      clause,
    ),
    plan(
      "the origin's topic is not on the list",
      { destinations: [ELSEWHERE] },
      refused("not-allowed"),
      allow,
      ["Refused", "AllowList"],
    ),
    plan("an empty list", { destinations: [] }, refused("not-allowed"), allow, [
      "Refused",
      "AllowList",
    ]),
    plan(
      "a destination that is not on the list, while the origin's topic is",
      { destination: "repair" },
      refused("not-allowed"),
      allow,
      ["Refused", "AllowList"],
    ),
    plan(
      "a destination that is on the list, while the origin's topic is not",
      { destination: "repair", destinations: [ELSEWHERE] },
      { topic: "repair" },
      allow,
      ["AllowList"],
    ),
    plan("a topic in other letters", { destination: "Orders" }, refused("not-allowed"), allow, [
      "Refused",
      "AllowList",
    ]),
    plan(
      "the beginning of a topic on the list",
      { destination: "order" },
      refused("not-allowed"),
      allow,
      ["Refused", "AllowList"],
    ),
    plan(
      "the second of the list",
      { destinations: [ELSEWHERE, SAME] },
      { topic: "orders", partition: 3 },
      allow,
      ["AllowList"],
    ),
    ...["value", "stack,value", "value,key", "stack,history,message,headers,value"].map((parts) =>
      plan(
        `what was dropped: ${parts}`,
        with_("sluice-truncated", parts),
        refused("value-dropped"),
        clause,
        ["Refused"],
      ),
    ),
    plan(
      "what was dropped: everything else",
      with_("sluice-truncated", "stack,history,message,headers"),
      { headers: { "sluice-truncated": "stack,history,message,headers" } },
      clause,
      ["Kept"],
    ),
    plan(
      "what was dropped: a part of a later version whose name begins with value",
      with_("sluice-truncated", "values,value-of"),
      {},
      clause,
      ["OpenList"],
    ),
    plan(
      "a malformed list does not count",
      with_("sluice-truncated", "value,"),
      { headers: { "sluice-truncated": "value," } },
      [...clause, "SLC-ENV-020"],
      ["Kept"],
    ),
    plan(
      "the last list counts: value",
      with_("sluice-truncated", "stack", "value"),
      refused("value-dropped"),
      [...clause, "SLC-ENV-002"],
      ["Refused", "Repeated"],
    ),
    plan(
      "the last list counts: null",
      with_("sluice-truncated", "value", null),
      {},
      [...clause, "SLC-ENV-005"],
      ["Repeated", "Null"],
    ),
    plan(
      "a null value that was not dropped is a tombstone",
      { record: { value: null } },
      { partition: 3 },
      clause,
      ["Bytes"],
    ),
    plan("never replayed before", { replayId: "first" }, replays("1"), ["SLC-RPL-008", ...clause]),
    plan(
      "one replay below the limit",
      with_("sluice-replay-count", "2"),
      replays("3"),
      ["SLC-RPL-008", ...clause],
      ["EdgeOfRange"],
    ),
    plan(
      "at the limit of replays",
      with_("sluice-replay-count", "3"),
      refused("replay-limit"),
      clause,
      ["Refused", "EdgeOfRange"],
    ),
    plan(
      "above the limit of replays",
      with_("sluice-replay-count", "4"),
      refused("replay-limit"),
      clause,
      ["Refused", "EdgeOfRange"],
    ),
    plan("a limit of 0 allows none", { maxReplays: 0 }, refused("replay-limit"), clause, [
      "Refused",
      "EdgeOfRange",
    ]),
    plan("a limit of 1 allows the first", { maxReplays: 1 }, replays("1"), clause, ["EdgeOfRange"]),
    plan(
      "the greatest limit, one below it",
      { maxReplays: I31, ...with_("sluice-replay-count", "2147483646") },
      replays("2147483647"),
      clause,
      ["EdgeOfRange"],
    ),
    plan(
      "the greatest limit, at it",
      { maxReplays: I31, ...with_("sluice-replay-count", "2147483647") },
      refused("replay-limit"),
      clause,
      ["Refused", "EdgeOfRange"],
    ),
    .../** @type {const} */ ([
      ["a leading zero", "01"],
      ["empty", ""],
      ["above its greatest value", "2147483648"],
      ["a minus", "-1"],
      ["no UTF-8", raw("80")],
    ]).map(([comment, value]) =>
      plan(
        `a malformed count of replays: ${comment}`,
        { maxReplays: I31, ...with_("sluice-replay-count", value) },
        refused("replay-limit"),
        [...clause, "SLC-ENV-007"],
        ["Refused", "FailClosed"],
      ),
    ),
    plan(
      "a null count of replays is 0",
      with_("sluice-replay-count", "9", null),
      replays("1"),
      [...clause, "SLC-ENV-005"],
      ["Repeated", "Null"],
    ),
    plan(
      "the last count of replays",
      with_("sluice-replay-count", "9", "1"),
      replays("2"),
      [...clause, "SLC-ENV-002"],
      ["Repeated"],
    ),
    plan(
      "63 hops",
      with_("sluice-hops", "63"),
      hop("64"),
      ["SLC-RPL-008", ...clause],
      ["EdgeOfRange"],
    ),
    plan("64 hops", with_("sluice-hops", "64"), refused("hop-limit"), clause, [
      "Refused",
      "EdgeOfRange",
    ]),
    .../** @type {const} */ ([
      ["65", "65"],
      ["a leading zero", "064"],
      ["empty", ""],
      ["an int of 4 bytes", raw("00000001")],
    ]).map(([comment, value]) =>
      plan(
        `malformed hops: ${comment}`,
        with_("sluice-hops", value),
        refused("hop-limit"),
        [...clause, "SLC-ENV-007"],
        ["Refused", "FailClosed"],
      ),
    ),
    plan("no hops", with_("sluice-hops"), hop("1"), ["SLC-RPL-008"]),
    plan(
      "null hops",
      with_("sluice-hops", "64", null),
      hop("1"),
      ["SLC-RPL-008", "SLC-ENV-005"],
      ["Repeated", "Null"],
    ),
  ];
}

/** Every two reasons at once. @returns {Test[]} */
function orders() {
  /** @type {readonly (readonly [code: string, change: (headers: readonly Header[]) => readonly Header[]])[]} */
  const reasons = [
    ["unsupported-version", (headers) => [...headers, ["sluice-spec", "2"]]],
    ["no-origin", (headers) => [...headers, ["sluice-origin-topic", null]]],
    ["not-allowed", (headers) => headers],
    ["value-dropped", (headers) => [...headers, ["sluice-truncated", "value"]]],
    ["replay-limit", (headers) => [...headers, ["sluice-replay-count", "3"]]],
    ["hop-limit", (headers) => [...headers, ["sluice-hops", "64"]]],
  ];
  return reasons.flatMap(([first, change], i) =>
    reasons.slice(i + 1).map(([second, other]) =>
      plan(
        `${first} comes before ${second}`,
        {
          ...([first, second].includes("not-allowed") && { destinations: [] }),
          record: { headers: other(change(PLAN.record.headers)) },
        },
        { refused: first },
        ["SLC-RPL-001"],
        ["Refused", "FirstReason"],
      ),
    ),
  );
}

/** @returns {Test[]} */
function places() {
  const same = ["SLC-RPL-004"];
  const byKey = ["SLC-RPL-005"];
  const keyless = ["SLC-RPL-006"];
  const flags = ["Partition"];
  const to = (
    /** @type {string} */ topic,
    /** @type {number} */ partitions,
    /** @type {Partitioner} */ partitioner = "murmur2",
  ) => ({
    destinations: [{ topic, partitions, partitioner }],
  });
  const repair = (
    /** @type {number} */ partitions,
    /** @type {Partitioner} */ partitioner = "murmur2",
  ) => ({
    destination: "repair",
    ...to("repair", partitions, partitioner),
  });
  /** Keys with their partitions of 12, as other programs computed them. */
  const keys = /** @type {const} */ ([
    ["order-42", "order-42", { murmur2: 0, crc32: 10, "fnv1a-abs": 8, "fnv1a-mask": 8 }],
    [
      "a7d6506c, whose murmur2 is the least integer",
      raw("a7d6506c"),
      { murmur2: 0, crc32: 9, "fnv1a-abs": 8, "fnv1a-mask": 0 },
    ],
    [
      "three characters of three bytes",
      "日本語",
      { murmur2: 10, crc32: 1, "fnv1a-abs": 1, "fnv1a-mask": 7 },
    ],
    ["ff", raw("ff"), { murmur2: 3, crc32: 0, "fnv1a-abs": 2, "fnv1a-mask": 2 }],
    ["empty", "", { murmur2: 9, crc32: 0, "fnv1a-abs": 3, "fnv1a-mask": 5 }],
  ]);
  /** @type {(record?: Partial<Source>) => { record: Partial<Source> }} */
  const noOrigin = (record) => ({ record: { headers: [["sluice-spec", "1"]], ...record } });
  return [
    plan(
      "the same topic with as many partitions: the origin's partition, whatever the key's",
      {},
      { partition: 3 },
      same,
      flags,
    ),
    plan(
      "the same for a key that is null",
      { record: { key: null } },
      { partition: 3 },
      same,
      flags,
    ),
    plan(
      "the same when the topic is named",
      { destination: "orders" },
      { partition: 3 },
      same,
      flags,
    ),
    plan(
      "the same with another partitioner",
      to("orders", 12, "crc32"),
      { partition: 3 },
      same,
      flags,
    ),
    plan(
      "the last count of the origin's partitions",
      with_("sluice-origin-partition-count", "1", "12"),
      { partition: 3 },
      [...same, "SLC-ENV-002"],
      ["Partition", "Repeated"],
    ),
    plan(
      "the last of as many partitions",
      with_("sluice-origin-partition", "11"),
      { partition: 11 },
      same,
      ["Partition", "EdgeOfRange"],
    ),
    plan(
      "an origin's partition that its topic does not have: by the key",
      with_("sluice-origin-partition", "12"),
      { partition: 0 },
      [...same, ...byKey],
      ["Partition", "EdgeOfRange"],
    ),
    plan(
      "an origin's partition that its topic does not have, no key: modulo",
      { record: { key: null, ...with_("sluice-origin-partition", "20").record } },
      { partition: 8 },
      [...same, ...keyless],
      ["Partition", "EdgeOfRange"],
    ),
    plan(
      "a topic that the list has twice: the first counts",
      {
        destinations: [
          { topic: "orders", partitions: 6, partitioner: "crc32" },
          ...PLAN.destinations,
        ],
      },
      { partition: 4 },
      byKey,
      flags,
    ),
    plan("one partition more", to("orders", 13), {}, byKey, flags),
    plan("one partition less", to("orders", 11), {}, byKey, flags),
    plan("fewer than the origin's partition", to("orders", 3), { partition: 0 }, byKey, flags),
    plan("half as many", to("orders", 6), { partition: 0 }, byKey, flags),
    plan(
      "the count of then is not known",
      with_("sluice-origin-partition-count"),
      { partition: 0 },
      [...byKey, ...same],
      flags,
    ),
    plan(
      "the count of then is malformed",
      with_("sluice-origin-partition-count", "012"),
      { partition: 0 },
      [...byKey, "SLC-ENV-020"],
      flags,
    ),
    plan(
      "the count of then is null",
      with_("sluice-origin-partition-count", "12", null),
      { partition: 0 },
      [...byKey, "SLC-ENV-005"],
      ["Partition", "Null", "Repeated"],
    ),
    ...keys.flatMap(([name, key, partitions]) =>
      Object.entries(partitions).map(([partitioner, partition]) =>
        plan(
          `another topic with as many partitions: ${partitioner} of the key ${name}`,
          { ...repair(12, /** @type {Partitioner} */ (partitioner)), record: { key } },
          { partition, topic: "repair" },
          byKey,
          key === "" ? ["Partition", "Null"] : flags,
        ),
      ),
    ),
    plan(
      "another topic without an origin: by the key",
      { ...repair(12), ...noOrigin() },
      { partition: 0 },
      byKey,
      flags,
    ),
    plan(
      "without an origin the topic of the same name is any other",
      { destination: "orders", ...noOrigin({ headers: [["sluice-spec", "1"], COUNT] }) },
      { partition: 0 },
      byKey,
      flags,
    ),
    plan(
      "no key, another topic: the origin's partition",
      { ...repair(12), record: { key: null } },
      { partition: 3 },
      keyless,
      flags,
    ),
    plan(
      "no key, another topic with fewer partitions: modulo",
      { ...repair(2), record: { key: null } },
      { partition: 1 },
      keyless,
      flags,
    ),
    plan(
      "no key, the same topic with fewer partitions",
      { ...to("orders", 3), record: { key: null } },
      { partition: 0 },
      keyless,
      flags,
    ),
    plan(
      "no key, the same topic with more partitions",
      { ...to("orders", 24), record: { key: null } },
      { partition: 3 },
      keyless,
      flags,
    ),
    plan(
      "no key, the count of then is not known",
      { record: { key: null, ...with_("sluice-origin-partition-count").record } },
      { partition: 3 },
      keyless,
      flags,
    ),
    plan(
      "no key, no origin: the dead letter's partition",
      { ...repair(12), ...noOrigin({ key: null, partition: 5 }) },
      { partition: 5 },
      keyless,
      flags,
    ),
    plan(
      "no key, no origin: the dead letter's partition, modulo",
      { ...repair(4), ...noOrigin({ key: null, partition: 5 }) },
      { partition: 1 },
      keyless,
      flags,
    ),
    plan(
      "no key, an incomplete origin: the dead letter's partition",
      {
        ...repair(12),
        record: { key: null, partition: 5, ...with_("sluice-origin-topic").record },
      },
      { partition: 5 },
      [...keyless, "SLC-ENV-013"],
      flags,
    ),
    plan(
      "no key, the greatest of partitions",
      {
        ...repair(I31),
        record: { key: null, ...with_("sluice-origin-partition", "2147483646").record },
      },
      { partition: 2_147_483_646 },
      keyless,
      ["Partition", "EdgeOfRange"],
    ),
    plan("one partition only", { ...repair(1) }, { partition: 0 }, byKey, [
      "Partition",
      "EdgeOfRange",
    ]),
  ];
}

/** @returns {Test[]} */
function headers() {
  const between = (/** @type {readonly Header[]} */ some) =>
    /** @type {readonly Header[]} */ ([["a", "1"], ...ORIGIN, ...some, ["b", "2"]]);
  const gone = [
    "sluice-group",
    "sluice-retry-count",
    "sluice-retry-at",
    "sluice-retry-policy",
    "sluice-failed-at",
    "sluice-error-kind",
    "sluice-error-class",
    "sluice-error-code",
    "sluice-error-message",
    "sluice-error-stack",
    "sluice-dlq-reason",
  ];
  const stays = /** @type {readonly (readonly [string, Value])[]} */ ([
    ["sluice-message-id", "m"],
    ["sluice-message-id", ""],
    ["sluice-message-type", "t"],
    ["sluice-message-version", "x"],
    ["sluice-idempotency-key", raw("ff")],
    ["sluice-origin-cluster", "kc"],
    ["sluice-origin-leader-epoch", "x"],
    ["sluice-origin-later", "x"],
    ["sluice-first-failed-at", "9"],
    ["sluice-first-failed-at", "x"],
    ["sluice-history", '[{"n":1,"at":"0","k":"timeout"}]'],
    ["sluice-history", "[]"],
    ["sluice-truncated", "stack"],
    ["sluice-later", raw("00ff")],
    ["sluice-retry-later", "x"],
    ["sluice-error-later", "x"],
    ["sluice-replay-later", null],
    ["sluice-replayer", ""],
    ["Sluice-Group", "x"],
    ["traceparent", "x"],
    ["X-Trace-ID", null],
    ["ce_type", ""],
    ["id", raw("80")],
    ["", "x"],
  ]);
  const replaced = [
    "sluice-spec",
    "sluice-replay-id",
    "sluice-replay-count",
    "sluice-replayed-at",
    "sluice-replayed-from",
    "sluice-hops",
  ];
  return [
    plan(
      "the dead letter of 5.5",
      {
        record: {
          value: null,
          key: "k1",
          headers: [
            ["ce_id", "7"],
            ["sluice-spec", "1"],
            ["sluice-group", "billing"],
            ["sluice-retry-count", "4"],
            ...ORIGIN,
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
      },
      {
        all: [
          ["ce_id", "7"],
          ...ORIGIN,
          ["sluice-first-failed-at", "1700000000100"],
          ["sluice-history", '[{"n":5,"at":"1700000009000","k":"timeout"}]'],
          ["sluice-spec", "1"],
          ["sluice-replay-id", "r-1"],
          ["sluice-replay-count", "1"],
          ["sluice-replayed-at", "1700000100000"],
          ["sluice-replayed-from", "orders.dlq/1/7"],
          ["sluice-hops", "2"],
        ],
      },
      ["SLC-RPL-007", "SLC-RPL-008", "SLC-RPL-010", "SLC-DLQ-010"],
      ["Kept", "Removed", "Replaced"],
    ),
    ...gone.map((name) =>
      plan(
        `removed, with its repeats: ${name}`,
        {
          record: {
            headers: between([
              [name, "1"],
              [name, null],
              ["c", "3"],
              [name, raw("ff")],
            ]),
          },
        },
        { kept: between([["c", "3"]]) },
        ["SLC-RPL-010"],
        ["Removed", "Repeated"],
      ),
    ),
    ...stays.map(([name, value]) =>
      plan(
        `kept in its place: ${name === "" ? "an empty name" : name}, ${value === null ? "null" : value === "" ? "empty" : typeof value === "string" ? value : "bytes"}`,
        {
          record: {
            headers: between([
              [name, value],
              [name, value],
            ]),
          },
        },
        {
          kept: between([
            [name, value],
            [name, value],
          ]),
        },
        ["SLC-RPL-007"],
        ["Kept", ...(name.includes("later") || name === "sluice-replayer" ? ["OpenList"] : [])],
      ),
    ),
    ...replaced.map((name) =>
      plan(
        `replaced, with its repeats: ${name}`,
        {
          record: {
            headers: between([
              [name, raw("ff")],
              [name, null],
              ["c", "3"],
              [name, "1"],
            ]),
          },
        },
        { kept: between([["c", "3"]]) },
        ["SLC-RPL-008", "SLC-ENV-003"],
        ["Replaced", "Repeated"],
      ),
    ),
    plan(
      "headers in their order, with repeats, nulls and bytes",
      {
        record: {
          headers: [
            ["b", "2"],
            ...ORIGIN.toReversed(),
            ["a", null],
            ["b", raw("c328")],
            ["a", ""],
            ["b", "2"],
          ],
        },
      },
      {
        kept: [
          ["b", "2"],
          ...ORIGIN.toReversed(),
          ["a", null],
          ["b", raw("c328")],
          ["a", ""],
          ["b", "2"],
        ],
      },
      ["SLC-RPL-007"],
      ["Kept", "Bytes", "Repeated"],
    ),
    .../** @type {const} */ ([
      ["an empty key, an empty value", "", ""],
      ["no key, no value", null, null],
      ["bytes that are no text", raw("ff00"), raw("80")],
    ]).map(([comment, key, value]) =>
      plan(comment, { record: { key, value } }, { partition: 3 }, ["SLC-RPL-007"], ["Bytes"]),
    ),
    plan(
      "a replay of a replay: its own headers replace the earlier",
      {
        replayId: "r-2",
        record: {
          offset: "8",
          headers: [
            ...ORIGIN,
            ["sluice-spec", "1"],
            ["sluice-replay-id", "r-1"],
            ["sluice-replay-count", "1"],
            ["sluice-replayed-at", "5"],
            ["sluice-replayed-from", "orders.dlq/1/7"],
            ["sluice-hops", "3"],
          ],
        },
      },
      {
        kept: ORIGIN,
        headers: {
          "sluice-replay-id": "r-2",
          "sluice-replay-count": "2",
          "sluice-replayed-at": "1700000100000",
          "sluice-replayed-from": "orders.dlq/1/8",
          "sluice-hops": "4",
        },
      },
      ["SLC-RPL-008"],
      ["Replaced"],
    ),
    plan(
      "the greatest position and time",
      {
        now: MAX,
        replayId: `!~${"r".repeat(62)}`,
        record: { topic: "t".repeat(249), partition: 2_147_483_646, offset: MAX, timestamp: "-1" },
      },
      {
        headers: {
          "sluice-replayed-at": MAX,
          "sluice-replayed-from": `${"t".repeat(249)}/2147483646/${MAX}`,
          "sluice-replay-id": `!~${"r".repeat(62)}`,
        },
      },
      ["SLC-RPL-008", "SLC-DLQ-005"],
      ["EdgeOfRange"],
    ),
    plan(
      "to the dead letter topic itself, when the list has it",
      {
        destination: "orders.dlq",
        destinations: [{ topic: "orders.dlq", partitions: 12, partitioner: "murmur2" }],
      },
      { topic: "orders.dlq", partition: 0 },
      ["SLC-RPL-002", "SLC-RPL-005"],
      ["AllowList"],
    ),
  ];
}
