// @ts-check
import { deepStrictEqual } from "node:assert/strict";
import { damages } from "./damages.mjs";
import { emptyEntry, put, readDeadLetter } from "./model.mjs";
import { COMPLETE, EXPECTED, SLUICE, SLUICE_EXPECTED } from "./records.mjs";

/**
 * @typedef {string | Uint8Array | null} Value text stands for its UTF-8
 * @typedef {readonly [name: string, value: Value]} Header
 * @typedef {import("./model.mjs").Entry} Entry
 * @typedef {import("./model.mjs").Sluice} Sluice
 * @typedef {import("../vector-file.mjs").Test} Test
 *
 * @typedef {object} Case
 * @property {string} comment
 * @property {string[]} [flags]
 * @property {string[]} [requirements]
 * @property {readonly Header[]} headers
 * @property {boolean} [valueNull]
 * @property {Record<string, string>} [springNames]
 * @property {{ topic: string, partition: number, offset: string, timestamp: string }} [own] position
 *   and timestamp of the record
 * @property {Entry[]} dialects by hand, as are all that follow
 * @property {object} [origin] the record's own where it is not given
 * @property {string} [payload]
 * @property {string[]} [anomalies]
 */

/** The position of the records here, unless they say otherwise. */
const OWN = { topic: "orders.dlq", partition: 1, offset: "7", timestamp: "1700000009001" };
const ORIGIN = { topic: "orders", partition: 3, offset: "42", timestamp: null };
const TIMED = { ...ORIGIN, timestamp: "1700000000000" };

const REQUIREMENT = {
  sluice: "SLC-INT-007",
  kip1191: "SLC-INT-008",
  connect: "SLC-INT-009",
  streams: "SLC-INT-010",
  spring: "SLC-INT-011",
  scs: "SLC-INT-012",
  smallrye: "SLC-INT-013",
  karafka: "SLC-INT-014",
  plain: "SLC-INT-003",
};

/** @returns {import("../vector-file.mjs").Draft} */
export function deadLetterRead() {
  return {
    algorithm: "SLUICE-DEAD-LETTER-1",
    header: ["Names and values of headers are hexadecimal."],
    notes: {
      Complete: { bugType: "BASIC", description: "Every header that the dialect knows." },
      Absent: { bugType: "EDGE_CASE", description: "A header is missing." },
      Null: { bugType: "EDGE_CASE", description: "A header is there, with null for its value." },
      Malformed: { bugType: "DAMAGE", description: "A header has not the form of its dialect." },
      Repeated: {
        bugType: "EDGE_CASE",
        description: "A header occurs more than once; dialects differ in which one counts.",
      },
      Ambiguous: {
        bugType: "EDGE_CASE",
        description: "Bytes that look like another form; the dialect alone decides.",
      },
      Renamed: { bugType: "BASIC", description: "Spring's headers under other names." },
      Several: { bugType: "BASIC", description: "More than one dialect in one record." },
      Plain: { bugType: "BASIC", description: "No dialect is detected." },
      Payload: { bugType: "BASIC", description: "What a null value means." },
      Envelope: { bugType: "BASIC", description: "Headers of Sluice, by section 3." },
      Long: { bugType: "EDGE_CASE", description: "A value of more than 8192 bytes." },
    },
    testGroups: [
      group(AGREED, [
        ...Object.keys(COMPLETE).flatMap(everyField),
        ...repeats(),
        ...borders(),
        ...names(),
        ...several(),
        ...plain(),
        ...payloads(),
      ]),
      group("by hand, from section 3", sluice()),
    ],
  };
}

const AGREED = "by hand; a model of section 11 agrees";

/**
 * @param {string} source
 * @param {Test[]} tests
 */
function group(source, tests) {
  return { type: "DeadLetterRead", source, tests };
}

/**
 * A record of one foreign dialect, and what becomes of it when one header is missing, null or
 * damaged.
 * @param {string} dialect
 */
function everyField(dialect) {
  const complete = of(COMPLETE, dialect);
  const origin = of(EXPECTED, dialect).origin;
  const tests = [
    test({
      comment: `${dialect}: complete`,
      flags: ["Complete"],
      headers: complete,
      dialects: [of(EXPECTED, dialect)],
      origin: origin ?? OWN,
    }),
  ];
  for (const { field, header, malformed } of damages(dialect)) {
    const rest = complete.filter(([name]) => name !== header);
    const without = told(dialect, { [field]: null });
    const isTopic = field === "origin.topic";
    // Of the origin of a record, partition and offset are needed, the timestamp is not.
    const lost = isTopic || field === "origin.partition" || field === "origin.offset";
    const expected = lost
      ? OWN
      : field === "origin.timestamp"
        ? { ...TIMED, timestamp: null }
        : (origin ?? OWN);
    // Without what detects it, there is no dialect at all: see plain().
    if (!isTopic && header !== "source_offset") {
      tests.push(
        test({
          comment: `${dialect}: without ${header}`,
          flags: ["Absent"],
          headers: rest,
          dialects: [without],
          origin: expected,
        }),
      );
    }
    const noOrigin = told(dialect, isTopic ? { origin: null } : { [field]: null });
    tests.push(
      test({
        comment: `${dialect}: ${header} is null`,
        flags: ["Null"],
        headers: replaced(complete, header, null),
        dialects: [noOrigin],
        origin: expected,
      }),
    );
    for (const [how, value] of malformed) {
      tests.push(
        test({
          comment: `${dialect}: ${header} is ${how}`,
          flags: ["Malformed"],
          requirements: ["SLC-INT-005"],
          headers: replaced(complete, header, value),
          dialects: [noOrigin],
          origin: expected,
          anomalies: [`malformed:${header}`],
        }),
      );
    }
  }
  return tests;
}

function repeats() {
  const newer = { topic: "orders.retry", partition: 8, offset: "99", timestamp: null };
  /** @type {readonly Header[]} */
  const connectAgain = [
    ["__connect.errors.topic", "orders.retry"],
    ["__connect.errors.partition", "8"],
    ["__connect.errors.offset", "99"],
    ["__connect.errors.stage", "TASK_PUT"],
    ["__connect.errors.exception.class.name", "java.io.IOException"],
    ["__connect.errors.exception.message", "second"],
    ["__connect.errors.exception.stacktrace", "java.io.IOException: second"],
  ];
  /** @type {readonly Header[]} */
  const springAgain = [
    ["kafka_dlt-original-topic", "orders.retry"],
    ["kafka_dlt-original-partition", int32(8)],
    ["kafka_dlt-original-offset", int64(99)],
    ["kafka_dlt-original-timestamp", int64(1_700_000_500_000)],
    ["kafka_dlt-original-consumer-group", "billing-retry"],
    ["retry_topic-attempts", int32(2)],
    ["kafka_dlt-exception-fqcn", "java.io.IOException"],
    ["kafka_dlt-exception-message", "second"],
    ["kafka_dlt-exception-stacktrace", "java.io.IOException: second"],
    ["kafka_dlt-exception-cause-fqcn", "java.net.SocketException"],
  ];
  /** @type {readonly Header[]} */
  const smallryeAgain = [
    ["dead-letter-topic", "orders.retry"],
    ["dead-letter-partition", "8"],
    ["dead-letter-offset", "99"],
    ["delayed-retry-count", "1"],
    ["dead-letter-exception-class-name", "java.io.IOException"],
    ["dead-letter-reason", "second"],
    ["dead-letter-cause-class-name", "java.net.SocketException"],
    ["dead-letter-cause", "reset"],
  ];
  const connect = told("connect", {
    hops: 2,
    "error.stage": "TASK_PUT",
    "error.class": "java.io.IOException",
    "error.message": "second",
    "error.stack": "java.io.IOException: second",
  });
  const spring = told("spring", {
    hops: 2,
    group: "billing-retry",
    retryCount: 1,
    "error.class": "java.io.IOException",
    "error.message": "second",
    "error.stack": "java.io.IOException: second",
    "error.causeClass": "java.net.SocketException",
  });
  const smallrye = told("smallrye", {
    hops: 2,
    retryCount: 1,
    "error.class": "java.io.IOException",
    "error.message": "second",
    "error.causeClass": "java.net.SocketException",
    "error.causeMessage": "reset",
  });
  const flags = ["Repeated"];
  return [
    test({
      comment: "connect, appended twice: origin first, error last",
      flags,
      headers: [...of(COMPLETE, "connect"), ...connectAgain],
      dialects: [connect],
      origin: ORIGIN,
    }),
    test({
      comment: "spring, appended twice: origin first, the others last",
      flags,
      headers: [...of(COMPLETE, "spring"), ...springAgain],
      dialects: [spring],
      origin: TIMED,
    }),
    test({
      comment: "smallrye, prepended twice: origin last, the others first",
      flags,
      headers: [...smallryeAgain, ...of(COMPLETE, "smallrye")],
      dialects: [smallrye],
      origin: ORIGIN,
    }),
    test({
      comment: "smallrye, appended by something in between: still origin last, the others first",
      flags,
      headers: [...of(COMPLETE, "smallrye"), ...smallryeAgain],
      dialects: [told("smallrye", { hops: 2, origin: newer })],
      origin: newer,
    }),
    ...["kip1191", "karafka"].map((dialect) => {
      const topic = header(dialect, "origin.topic");
      return test({
        comment: `${dialect}: the last topic counts, three times there`,
        flags,
        headers: [[topic, "first"], [topic, "second"], ...of(COMPLETE, dialect)],
        dialects: [told(dialect, { hops: 3 })],
        origin: ORIGIN,
      });
    }),
    ...["streams", "scs"].map((dialect) => {
      const topic = header(dialect, "origin.topic");
      const message = header(dialect, "error.message");
      return test({
        comment: `${dialect}: the first topic and the last message count`,
        flags,
        headers: [...of(COMPLETE, dialect), [topic, "later"], [message, "later message"]],
        dialects: [told(dialect, { hops: 2, "error.message": "later message" })],
        origin: of(EXPECTED, dialect).origin ?? OWN,
      });
    }),
    test({
      comment: "connect: the first topic is null, the second is not looked at",
      flags: ["Repeated", "Null"],
      headers: [["__connect.errors.topic", null], ...of(COMPLETE, "connect")],
      dialects: [told("connect", { hops: 2, origin: null })],
    }),
    test({
      comment: "connect: a second topic of null counts as a hop",
      flags: ["Repeated", "Null"],
      headers: [...of(COMPLETE, "connect"), ["__connect.errors.topic", null]],
      dialects: [told("connect", { hops: 2 })],
      origin: ORIGIN,
    }),
    test({
      comment: "connect: the last message is null, the first is not looked at",
      flags: ["Repeated", "Null"],
      headers: [...of(COMPLETE, "connect"), ["__connect.errors.exception.message", null]],
      dialects: [told("connect", { "error.message": null })],
      origin: ORIGIN,
    }),
    test({
      comment: "connect: the first partition is malformed, the second is not looked at",
      flags: ["Repeated", "Malformed"],
      requirements: ["SLC-INT-005"],
      headers: [["__connect.errors.partition", "x"], ...of(COMPLETE, "connect")],
      dialects: [told("connect", { "origin.partition": null })],
      anomalies: ["malformed:__connect.errors.partition"],
    }),
    test({
      comment: "connect: a second partition that is malformed is not looked at",
      flags: ["Repeated", "Malformed"],
      headers: [...of(COMPLETE, "connect"), ["__connect.errors.partition", "x"]],
      dialects: [told("connect", {})],
      origin: ORIGIN,
    }),
    test({
      comment: "smallrye: the first reason is malformed, the second is not looked at",
      flags: ["Repeated", "Malformed"],
      requirements: ["SLC-INT-005"],
      headers: [["dead-letter-reason", bytes("ff")], ...of(COMPLETE, "smallrye")],
      dialects: [told("smallrye", { "error.message": null })],
      origin: ORIGIN,
      anomalies: ["malformed:dead-letter-reason"],
    }),
    test({
      comment: "karafka: a first offset that is malformed is not looked at",
      flags: ["Repeated", "Malformed"],
      headers: [["source_offset", "-1"], ...of(COMPLETE, "karafka")],
      dialects: [told("karafka", {})],
      origin: ORIGIN,
    }),
    test({
      comment: "kip1191: the last of three counts is null",
      flags: ["Repeated", "Null"],
      headers: [
        ...of(COMPLETE, "kip1191"),
        ["__dlq.errors.delivery.count", "9"],
        ["__dlq.errors.delivery.count", null],
      ],
      dialects: [told("kip1191", { retryCount: null })],
      origin: ORIGIN,
    }),
  ];
}

function borders() {
  /** @type {[dialect: string, field: string, how: string, value: Value, told: string | number][]} */
  const good = [
    ["kip1191", "origin.partition", "0", "0", 0],
    ["kip1191", "origin.partition", "the greatest", "2147483646", 2_147_483_646],
    ["kip1191", "origin.offset", "0", "0", "0"],
    ["kip1191", "origin.offset", "the greatest", "9007199254740991", "9007199254740991"],
    ["kip1191", "retryCount", "1", "1", 0],
    ["kip1191", "retryCount", "the greatest", "2147483647", 2_147_483_646],
    ["kip1191", "error.message", "empty", "", ""],
    ["kip1191", "error.message", "a byte order mark and U+0000", bytes("efbbbf00"), "\ufeff\0"],
    ["kip1191", "origin.topic", "a topic id", "WZCk4b0wQ1WmcRdNbXhgIQ", "WZCk4b0wQ1WmcRdNbXhgIQ"],
    ["connect", "origin.partition", "the 4 bytes 31 32 33 34", "1234", 1234],
    ["connect", "origin.offset", "8 digits", "12345678", "12345678"],
    ["connect", "error.message", "not ASCII", "\u2028\ud83d\ude80", "\u2028\ud83d\ude80"],
    ["connect", "error.stage", "unknown to anybody", "LUNCH", "LUNCH"],
    ["connect", "origin.topic", "no name that Kafka takes", "a b/c", "a b/c"],
    ["streams", "origin.partition", "the greatest", "2147483646", 2_147_483_646],
    ["streams", "origin.offset", "the greatest", "9007199254740991", "9007199254740991"],
    ["streams", "error.message", "empty", "", ""],
    ["spring", "origin.partition", "the 4 bytes 31 32 33 34", "1234", 825_373_492],
    ["spring", "origin.partition", "0", int32(0), 0],
    ["spring", "origin.partition", "the greatest", int32(2_147_483_646), 2_147_483_646],
    ["spring", "origin.partition", "255, which is no UTF-8", bytes("000000ff"), 255],
    ["spring", "origin.offset", "0", int64(0), "0"],
    ["spring", "origin.offset", "the greatest", bytes("001fffffffffffff"), "9007199254740991"],
    ["spring", "origin.offset", "2^32", bytes("0000000100000000"), "4294967296"],
    ["spring", "origin.timestamp", "0", int64(0), "0"],
    ["spring", "retryCount", "1 in 4 bytes", int32(1), 0],
    ["spring", "retryCount", "the greatest in 4 bytes", int32(2_147_483_647), 2_147_483_646],
    ["spring", "retryCount", "1 in 1 byte", bytes("01"), 0],
    ["spring", "retryCount", "127 in 1 byte", bytes("7f"), 126],
    ["spring", "retryCount", "128 in 1 byte, unsigned", bytes("80"), 127],
    ["spring", "retryCount", "255 in 1 byte, unsigned", bytes("ff"), 254],
    ["spring", "retryCount", "the digit 3", "3", 50],
    ["scs", "origin.partition", "the 4 bytes 31 32 33 34", "1234", 825_373_492],
    ["scs", "origin.partition", "0 in 4 bytes", int32(0), 0],
    ["scs", "origin.partition", "the greatest in 4 bytes", int32(2_147_483_646), 2_147_483_646],
    ["scs", "origin.offset", "0 in 8 bytes", int64(0), "0"],
    ["scs", "origin.partition", "3 digits", "123", 123],
    ["scs", "origin.partition", "5 digits", "12345", 12_345],
    ["scs", "origin.partition", "8 digits", "12345678", 12_345_678],
    ["scs", "origin.partition", "the greatest as digits", "2147483646", 2_147_483_646],
    ["scs", "origin.offset", "4 digits", "1234", "1234"],
    ["scs", "origin.offset", "7 digits", "1234567", "1234567"],
    ["scs", "origin.offset", "9 digits", "123456789", "123456789"],
    ["scs", "origin.offset", "the greatest as digits", "9007199254740991", "9007199254740991"],
    [
      "scs",
      "origin.offset",
      "the greatest in 8 bytes",
      bytes("001fffffffffffff"),
      "9007199254740991",
    ],
    ["scs", "origin.timestamp", "13 digits", "1700000000001", "1700000000001"],
    ["scs", "origin.timestamp", "in 8 bytes", int64(1_700_000_000_002), "1700000000002"],
    ["smallrye", "retryCount", "0", "0", 0],
    ["smallrye", "retryCount", "the greatest", "2147483647", 2_147_483_647],
    ["smallrye", "error.causeMessage", "empty", "", ""],
    ["smallrye", "origin.partition", "the 4 bytes 31 32 33 34", "1234", 1234],
    ["karafka", "retryCount", "1", "1", 0],
    ["karafka", "retryCount", "the greatest", "2147483647", 2_147_483_646],
    ["karafka", "origin.offset", "8 digits", "12345678", "12345678"],
  ];
  const tests = good.map(([dialect, field, how, value, expected]) => {
    const entry = told(dialect, { [field]: expected });
    return test({
      comment: `${dialect}: ${header(dialect, field)} is ${how}`,
      flags: typeof value === "string" && /^\d{4,9}$/.test(value) ? ["Ambiguous"] : ["Complete"],
      headers: replaced(of(COMPLETE, dialect), header(dialect, field), value),
      dialects: [entry],
      origin: entry.origin ?? OWN,
    });
  });
  const stack = "x".repeat(20_000);
  tests.push(
    test({
      comment: "scs: 8 digits of an offset are a number beyond 2^53",
      flags: ["Ambiguous", "Malformed"],
      requirements: ["SLC-INT-001", "SLC-INT-005"],
      headers: replaced(of(COMPLETE, "scs"), "x-original-offset", "12345678"),
      dialects: [told("scs", { "origin.offset": null })],
      anomalies: ["malformed:x-original-offset"],
    }),
    test({
      comment: "connect: Spring's 4 bytes are no decimal number",
      flags: ["Ambiguous", "Malformed"],
      requirements: ["SLC-INT-001", "SLC-INT-005"],
      headers: replaced(of(COMPLETE, "connect"), "__connect.errors.partition", int32(3)),
      dialects: [told("connect", { "origin.partition": null })],
      anomalies: ["malformed:__connect.errors.partition"],
    }),
    test({
      comment: "connect: a stack of 20000 bytes",
      flags: ["Long"],
      headers: replaced(of(COMPLETE, "connect"), "__connect.errors.exception.stacktrace", stack),
      dialects: [told("connect", { "error.stack": stack })],
      origin: ORIGIN,
    }),
    test({
      comment: "connect: three headers are malformed, named in the order of their bytes",
      flags: ["Malformed"],
      requirements: ["SLC-INT-005"],
      headers: [
        ["__connect.errors.stage", ""],
        ["__connect.errors.offset", "?"],
        ["__connect.errors.topic", "orders"],
        ["__connect.errors.exception.class.name", bytes("80")],
      ],
      dialects: [
        { ...emptyEntry("connect"), origin: { ...ORIGIN, partition: null, offset: null }, hops: 1 },
      ],
      anomalies: [
        "malformed:__connect.errors.exception.class.name",
        "malformed:__connect.errors.offset",
        "malformed:__connect.errors.stage",
      ],
    }),
    test({
      comment: "spring: a malformed partition is told although the topic is null",
      flags: ["Malformed", "Null"],
      requirements: ["SLC-INT-005"],
      headers: [
        ["kafka_dlt-original-topic", null],
        ["kafka_dlt-original-partition", "3"],
      ],
      dialects: [{ ...emptyEntry("spring"), hops: 1 }],
      anomalies: ["malformed:kafka_dlt-original-partition"],
    }),
  );
  return tests;
}

function names() {
  /** @type {readonly Header[]} */
  const older = of(COMPLETE, "spring").map(([name, value]) => [
    name.replace("kafka_dlt-", "kafka_"),
    value,
  ]);
  /** @type {readonly Header[]} */
  const delayed = of(COMPLETE, "smallrye").map(([name, value]) => [
    name.replace("dead-letter-", "delayed-retry-"),
    value,
  ]);
  const springNames = {
    "kafka_dlt-original-topic": "x-topic",
    "kafka_dlt-original-partition": "x-partition",
    "kafka_dlt-original-offset": "x-offset",
    "kafka_dlt-exception-message": "x-message",
    "retry_topic-attempts": "x-attempts",
  };
  /** @type {readonly Header[]} */
  const renamed = of(COMPLETE, "spring").map(([name, value]) => [
    Object.entries(springNames).find(([from]) => from === name)?.[1] ?? name,
    value,
  ]);
  return [
    test({
      comment: "spring: all of the older names",
      flags: ["Renamed"],
      headers: older,
      dialects: [told("spring", {})],
      origin: TIMED,
    }),
    test({
      comment: "spring: older names of the exception beside newer ones of the origin",
      flags: ["Renamed"],
      headers: of(COMPLETE, "spring").map(([name, value]) => [
        name.replace("kafka_dlt-exception-", "kafka_exception-"),
        value,
      ]),
      dialects: [told("spring", {})],
      origin: TIMED,
    }),
    test({
      comment: "spring: only the topic has its newer name",
      flags: ["Renamed"],
      headers: older.map(([name, value]) => [
        name.replace("kafka_original-topic", "kafka_dlt-original-topic"),
        value,
      ]),
      dialects: [told("spring", {})],
      origin: TIMED,
    }),
    test({
      comment: "spring: both names of everything: the newer ones count",
      flags: ["Renamed"],
      headers: [
        ...older
          .map(([name]) => /** @type {Header} */ ([name, "older"]))
          .filter(([name]) => name !== "retry_topic-attempts"),
        ...of(COMPLETE, "spring"),
      ],
      dialects: [told("spring", {})],
      origin: TIMED,
    }),
    test({
      comment: "spring: hops are of the name that is read",
      flags: ["Renamed", "Repeated"],
      headers: [
        ["kafka_original-topic", "older"],
        ["kafka_original-topic", "older"],
        ...of(COMPLETE, "spring"),
      ],
      dialects: [told("spring", {})],
      origin: TIMED,
    }),
    test({
      comment: "spring: the older topic twice",
      flags: ["Renamed", "Repeated"],
      headers: [...older, ["kafka_original-topic", "later"]],
      dialects: [told("spring", { hops: 2 })],
      origin: TIMED,
    }),
    test({
      comment: "spring: a newer header of null keeps the older one out",
      flags: ["Renamed", "Null"],
      headers: [
        ...older,
        ["kafka_dlt-original-partition", null],
        ["kafka_dlt-exception-message", null],
      ],
      dialects: [told("spring", { "origin.partition": null, "error.message": null })],
    }),
    test({
      comment: "spring: a newer header that is malformed keeps the older one out",
      flags: ["Renamed", "Malformed"],
      requirements: ["SLC-INT-005"],
      headers: [...older, ["kafka_dlt-original-offset", "42"]],
      dialects: [told("spring", { "origin.offset": null })],
      anomalies: ["malformed:kafka_dlt-original-offset"],
    }),
    test({
      comment: "spring: an older header that is malformed is named as it occurs",
      flags: ["Renamed", "Malformed"],
      requirements: ["SLC-INT-005"],
      headers: replaced(older, "kafka_original-offset", "42"),
      dialects: [told("spring", { "origin.offset": null })],
      anomalies: ["malformed:kafka_original-offset"],
    }),
    test({
      comment: "spring: renamed by its users",
      flags: ["Renamed"],
      headers: renamed,
      springNames,
      dialects: [told("spring", {})],
      origin: TIMED,
    }),
    test({
      comment: "spring: renamed, and the default names are there too",
      flags: ["Renamed"],
      headers: [
        ["kafka_dlt-original-topic", "other"],
        ["kafka_dlt-original-partition", "not looked at"],
        ["kafka_dlt-exception-message", "other"],
        ...renamed,
      ],
      springNames,
      dialects: [told("spring", {})],
      origin: TIMED,
    }),
    test({
      comment: "spring: an older name does not stand in for a renamed header",
      flags: ["Renamed"],
      headers: [
        ...renamed.filter(([name]) => name !== "x-partition"),
        ["kafka_original-partition", int32(3)],
      ],
      springNames,
      dialects: [told("spring", { "origin.partition": null })],
    }),
    test({
      comment: "spring: the default topic does not detect it when the topic was renamed",
      flags: ["Renamed", "Plain"],
      headers: of(COMPLETE, "spring"),
      springNames,
      dialects: [{ ...emptyEntry("plain"), origin: OWN }],
    }),
    test({
      comment: "spring: renamed and malformed, named as it occurs",
      flags: ["Renamed", "Malformed"],
      requirements: ["SLC-INT-005"],
      headers: replaced(renamed, "x-offset", "42"),
      springNames,
      dialects: [told("spring", { "origin.offset": null })],
      anomalies: ["malformed:x-offset"],
    }),
    test({
      comment: "spring: a header was renamed that the record does not have",
      flags: ["Renamed"],
      headers: of(COMPLETE, "spring"),
      springNames: { "kafka_dlt-exception-message": "x-message" },
      dialects: [told("spring", { "error.message": null })],
      origin: TIMED,
    }),
    test({
      comment: "spring: names in use are nothing to other dialects",
      flags: ["Renamed"],
      headers: of(COMPLETE, "scs"),
      springNames: { "x-original-topic": "y-topic" },
      dialects: [told("scs", {})],
      origin: TIMED,
    }),
    test({
      comment: "smallrye: the delayed retry's last attempt",
      flags: ["Renamed"],
      headers: delayed,
      dialects: [told("smallrye", {})],
      origin: ORIGIN,
    }),
    test({
      comment: "smallrye: both names of everything: those of the dead letter count",
      flags: ["Renamed"],
      headers: [
        ...delayed
          .map(([name]) => /** @type {Header} */ ([name, "9"]))
          .filter(([name]) => name !== "delayed-retry-count"),
        ...of(COMPLETE, "smallrye"),
      ],
      dialects: [told("smallrye", {})],
      origin: ORIGIN,
    }),
    test({
      comment: "smallrye: with the dead letter's topic, nothing is read from the delayed retry",
      flags: ["Renamed", "Absent"],
      headers: delayed.map(([name, value]) => [
        name === "delayed-retry-topic" ? "dead-letter-topic" : name,
        value,
      ]),
      dialects: [
        {
          ...emptyEntry("smallrye"),
          origin: { ...ORIGIN, partition: null, offset: null },
          hops: 1,
          retryCount: 4,
        },
      ],
    }),
    test({
      comment: "smallrye: a dead letter's topic of null still occurs",
      flags: ["Renamed", "Null"],
      headers: [["dead-letter-topic", null], ...delayed],
      dialects: [{ ...emptyEntry("smallrye"), hops: 1, retryCount: 4 }],
    }),
    test({
      comment: "smallrye: the delayed retry's partition is malformed",
      flags: ["Renamed", "Malformed"],
      requirements: ["SLC-INT-005"],
      headers: replaced(delayed, "delayed-retry-partition", "three"),
      dialects: [told("smallrye", { "origin.partition": null })],
      anomalies: ["malformed:delayed-retry-partition"],
    }),
    test({
      comment: "smallrye: delayed twice: origin last, the others first",
      flags: ["Renamed", "Repeated"],
      headers: [
        ["delayed-retry-topic", "orders.retry"],
        ["delayed-retry-count", "5"],
        ["delayed-retry-reason", "second"],
        ...delayed,
      ],
      dialects: [told("smallrye", { hops: 2, retryCount: 5, "error.message": "second" })],
      origin: ORIGIN,
    }),
  ];
}

function several() {
  const sluiceEntry = told("sluice", {});
  const sluice = { entry: sluiceEntry, anomalies: [], valueDropped: false };
  const everything = [
    ...of(COMPLETE, "karafka"),
    ...of(COMPLETE, "smallrye"),
    ...of(COMPLETE, "scs"),
    ...of(COMPLETE, "spring"),
    ...of(COMPLETE, "streams"),
    ...of(COMPLETE, "connect"),
    ...of(COMPLETE, "kip1191"),
  ];
  const foreign = ["kip1191", "connect", "streams", "spring", "scs", "smallrye", "karafka"].map(
    (dialect) => told(dialect, {}),
  );
  const flags = ["Several"];
  const requirements = ["SLC-INT-002", "SLC-INT-004"];
  return [
    test(
      {
        comment: "all of them, in the order of the table",
        flags,
        requirements,
        headers: [...everything, ...SLUICE],
        dialects: [sluiceEntry, ...foreign],
        origin: TIMED,
      },
      sluice,
    ),
    test({
      comment: "all but Sluice",
      flags,
      requirements,
      headers: everything,
      dialects: foreign,
      origin: ORIGIN,
    }),
    test({
      comment: "Connect's dead letter, set aside again by Spring",
      flags,
      requirements,
      headers: [
        ...of(COMPLETE, "connect"),
        ...replaced(of(COMPLETE, "spring"), "kafka_dlt-original-topic", "connect.dlq"),
      ],
      dialects: [told("connect", {}), told("spring", { "origin.topic": "connect.dlq" })],
      origin: ORIGIN,
    }),
    test({
      comment: "the first dialect has no offset, so that the second tells the origin",
      flags,
      requirements,
      headers: [
        ...without(of(COMPLETE, "connect"), "__connect.errors.offset"),
        ...of(COMPLETE, "spring"),
      ],
      dialects: [told("connect", { "origin.offset": null }), told("spring", {})],
      origin: TIMED,
    }),
    test({
      comment: "the first dialect has no topic, so that the second tells the origin",
      flags,
      requirements,
      headers: [
        ...without(of(COMPLETE, "connect"), "__connect.errors.topic"),
        ...of(COMPLETE, "karafka"),
      ],
      dialects: [told("connect", { origin: null, hops: 0 }), told("karafka", {})],
      origin: ORIGIN,
    }),
    test({
      comment: "a timestamp is not needed to tell the origin",
      flags,
      requirements,
      headers: [
        ...of(COMPLETE, "streams"),
        ...replaced(of(COMPLETE, "spring"), "kafka_dlt-original-topic", "other"),
      ],
      dialects: [told("streams", {}), told("spring", { "origin.topic": "other" })],
      origin: ORIGIN,
    }),
    test({
      comment: "nobody tells partition and offset: its own position",
      flags,
      requirements,
      headers: [
        ["__connect.errors.topic", "a"],
        ["x-original-topic", "b"],
        ["x-original-partition", int32(1)],
      ],
      dialects: [
        {
          ...emptyEntry("connect"),
          origin: { topic: "a", partition: null, offset: null, timestamp: null },
          hops: 1,
        },
        {
          ...emptyEntry("scs"),
          origin: { topic: "b", partition: 1, offset: null, timestamp: null },
          hops: 1,
        },
      ],
    }),
    test(
      {
        comment: "Sluice's origin is incomplete, Connect's is not",
        flags,
        requirements,
        headers: [...without(SLUICE, "sluice-origin-offset"), ...of(COMPLETE, "connect")],
        dialects: [told("sluice", { origin: null }), told("connect", {})],
        origin: ORIGIN,
        anomalies: ["incomplete:sluice-origin"],
      },
      {
        entry: told("sluice", { origin: null }),
        anomalies: ["incomplete:sluice-origin"],
        valueDropped: false,
      },
    ),
    test({
      comment: "connect is detected by its stage alone",
      flags: ["Absent"],
      requirements: ["SLC-INT-002"],
      headers: [["__connect.errors.stage", "TRANSFORMATION"]],
      dialects: [
        { ...emptyEntry("connect"), error: { ...emptyEntry("").error, stage: "TRANSFORMATION" } },
      ],
    }),
    test({
      comment: "connect is detected by a stage of null",
      flags: ["Null"],
      requirements: ["SLC-INT-002"],
      headers: [["__connect.errors.stage", null]],
      dialects: [emptyEntry("connect")],
    }),
    test({
      comment: "the 4 bytes 31 32 33 34 in Spring's dialect and in Connect's",
      flags: ["Several", "Ambiguous"],
      requirements: ["SLC-INT-001"],
      headers: [
        ...replaced(of(COMPLETE, "connect"), "__connect.errors.partition", "1234"),
        ...replaced(of(COMPLETE, "spring"), "kafka_dlt-original-partition", "1234"),
      ],
      dialects: [
        told("connect", { "origin.partition": 1234 }),
        told("spring", { "origin.partition": 825_373_492 }),
      ],
      origin: { ...ORIGIN, partition: 1234 },
    }),
  ];
}

function plain() {
  const entry = { ...emptyEntry("plain"), origin: OWN };
  /** @type {[comment: string, headers: readonly Header[]][]} */
  const records = [
    ["no headers", []],
    [
      "headers of an application",
      [
        ["content-type", "application/json"],
        ["id", "7"],
      ],
    ],
    [
      "an event of CloudEvents",
      [
        ["ce_id", "7"],
        ["ce_source", "/orders"],
        ["ce_type", ""],
      ],
    ],
    ["a trace context that is malformed: nobody reads it here", [["traceparent", "00-0-0-00"]]],
    [
      "Connect without topic and stage",
      without(without(of(COMPLETE, "connect"), "__connect.errors.topic"), "__connect.errors.stage"),
    ],
    ["Kafka Streams without the topic", without(of(COMPLETE, "streams"), "__streams.errors.topic")],
    ["a share group without the topic", without(of(COMPLETE, "kip1191"), "__dlq.errors.topic")],
    ["Spring without the topic", without(of(COMPLETE, "spring"), "kafka_dlt-original-topic")],
    ["Spring Cloud Stream without the topic", without(of(COMPLETE, "scs"), "x-original-topic")],
    ["SmallRye without the topic", without(of(COMPLETE, "smallrye"), "dead-letter-topic")],
    ["Karafka without the topic", without(of(COMPLETE, "karafka"), "source_topic")],
    ["Karafka without the offset", without(of(COMPLETE, "karafka"), "source_offset")],
    [
      "a topic of the application's own",
      [
        ["source_topic", "orders"],
        ["source_partition", "3"],
      ],
    ],
    ["Sluice without sluice-spec", without(SLUICE, "sluice-spec")],
    [
      "Sluice's headers in capitals",
      [
        ["Sluice-Spec", "1"],
        ["Sluice-Origin-Topic", "orders"],
      ],
    ],
    [
      "Spring's headers in capitals",
      [
        ["KAFKA_DLT-ORIGINAL-TOPIC", "orders"],
        ["X-Original-Topic", "orders"],
      ],
    ],
    [
      "names that go on",
      [
        ["__connect.errors.topics", "a"],
        ["dead-letter-topic ", "b"],
        ["sluice-spec-2", "1"],
      ],
    ],
    [
      "names that are cut",
      [
        ["__dlq.errors.topi", "a"],
        ["x-original-topi", "b"],
        ["", "c"],
      ],
    ],
    ["a draft of share groups with one underscore", [["_dlq.errors.topic", "orders"]]],
    [
      "Java objects, which are not read",
      [
        ["springDeserializerExceptionValue", bytes("aced0005737200")],
        ["kafka_exception-message", "x"],
      ],
    ],
    [
      "NServiceBus",
      [
        ["NServiceBus.FailedQ", "orders"],
        ["NServiceBus.ExceptionInfo.Message", "x"],
      ],
    ],
    [
      "MassTransit",
      [
        ["MT-Fault-Message", "x"],
        ["MT-Reason", "fault"],
      ],
    ],
  ];
  return [
    ...records.map(([comment, headers]) =>
      test({
        comment: `plain: ${comment}`,
        flags: ["Plain"],
        requirements: comment.startsWith("Java") ? ["SLC-INT-006"] : [],
        headers,
        dialects: [entry],
      }),
    ),
    test({
      comment: "plain: without a timestamp",
      flags: ["Plain"],
      headers: [],
      own: { ...OWN, timestamp: "-1" },
      dialects: [{ ...entry, origin: { ...OWN, timestamp: null } }],
      origin: { ...OWN, timestamp: null },
    }),
    ...[
      { topic: "a", partition: 0, offset: "0", timestamp: "0" },
      {
        topic: "a._-Z9",
        partition: 2_147_483_646,
        offset: "9007199254740991",
        timestamp: "9007199254740991",
      },
    ].map((own) =>
      test({
        comment: `plain: at ${own.topic}-${own.partition}@${own.offset}`,
        flags: ["Plain"],
        headers: [],
        own,
        dialects: [{ ...entry, origin: own }],
        origin: own,
      }),
    ),
    test({
      comment: "its own position without a timestamp, of a dialect without an origin",
      flags: ["Absent"],
      requirements: ["SLC-INT-004"],
      headers: [["__connect.errors.stage", "TASK_PUT"]],
      own: { ...OWN, timestamp: "-1" },
      dialects: [
        { ...emptyEntry("connect"), error: { ...emptyEntry("").error, stage: "TASK_PUT" } },
      ],
      origin: { ...OWN, timestamp: null },
    }),
  ];
}

function payloads() {
  const entry = { ...emptyEntry("plain"), origin: OWN };
  const flags = ["Payload"];
  const valueNull = true;
  const sluice = told("sluice", {});
  /** @param {boolean} valueDropped @param {string[]} anomalies */
  const reading = (valueDropped, ...anomalies) => ({ entry: sluice, anomalies, valueDropped });
  /** @param {Value} value @returns {readonly Header[]} */
  const truncated = (value) => [...SLUICE, ["sluice-truncated", value]];
  return [
    test({
      comment: "plain, and the value is null",
      flags,
      headers: [],
      valueNull,
      dialects: [entry],
      payload: "null",
    }),
    test({
      comment: "connect, and the value is null",
      flags,
      headers: of(COMPLETE, "connect"),
      valueNull,
      dialects: [told("connect", {})],
      origin: ORIGIN,
      payload: "null",
    }),
    test({
      comment: "a share group, and the value is null",
      flags,
      headers: of(COMPLETE, "kip1191"),
      valueNull,
      dialects: [told("kip1191", {})],
      origin: ORIGIN,
      payload: "unknown",
    }),
    test({
      comment: "a share group whose topic is null, and the value is null",
      flags,
      headers: [["__dlq.errors.topic", null]],
      valueNull,
      dialects: [{ ...emptyEntry("kip1191"), hops: 1 }],
      payload: "unknown",
    }),
    test({
      comment: "a share group and Connect, and the value is null",
      flags,
      headers: [...of(COMPLETE, "connect"), ...of(COMPLETE, "kip1191")],
      valueNull,
      dialects: [told("kip1191", {}), told("connect", {})],
      origin: ORIGIN,
      payload: "unknown",
    }),
    test(
      {
        comment: "Sluice, and the value is null",
        flags,
        headers: SLUICE,
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "null",
      },
      reading(false),
    ),
    test(
      {
        comment: "Sluice dropped the value",
        flags,
        headers: truncated("value"),
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "dropped",
      },
      reading(true),
    ),
    test(
      {
        comment: "Sluice dropped everything",
        flags,
        headers: truncated("stack,history,message,headers,value"),
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "dropped",
      },
      reading(true),
    ),
    test(
      {
        comment: "Sluice dropped the value and what only a later version knows",
        flags,
        headers: truncated("value,brand-new"),
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "dropped",
      },
      reading(true),
    ),
    test(
      {
        comment: "Sluice dropped a stack",
        flags,
        headers: truncated("stack"),
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "null",
      },
      reading(false),
    ),
    test(
      {
        comment: "Sluice dropped something whose name begins with value",
        flags,
        headers: truncated("stack,value-schema,values"),
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "null",
      },
      reading(false),
    ),
    test(
      {
        comment: "sluice-truncated is malformed",
        flags: ["Payload", "Malformed"],
        headers: truncated("stack,,value"),
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "null",
        anomalies: ["malformed:sluice-truncated"],
      },
      reading(false, "malformed:sluice-truncated"),
    ),
    test(
      {
        comment: "sluice-truncated has a space",
        flags: ["Payload", "Malformed"],
        headers: truncated("stack, value"),
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "null",
        anomalies: ["malformed:sluice-truncated"],
      },
      reading(false, "malformed:sluice-truncated"),
    ),
    test(
      {
        comment: "sluice-truncated twice: the last one counts",
        flags: ["Payload", "Repeated"],
        headers: [["sluice-truncated", "value"], ...truncated("stack")],
        valueNull,
        dialects: [sluice],
        origin: TIMED,
        payload: "null",
        anomalies: ["repeated:sluice-truncated"],
      },
      reading(false, "repeated:sluice-truncated"),
    ),
    test(
      {
        comment: "sluice-truncated lists the value, which is there",
        flags,
        headers: truncated("value"),
        dialects: [sluice],
        origin: TIMED,
        payload: "present",
      },
      reading(true),
    ),
    test(
      {
        comment: "Sluice dropped the value of a share group's dead letter",
        flags: ["Payload", "Several"],
        headers: [...of(COMPLETE, "kip1191"), ...truncated("value")],
        valueNull,
        dialects: [sluice, told("kip1191", {})],
        origin: TIMED,
        payload: "dropped",
      },
      reading(true),
    ),
    test(
      {
        comment: "Sluice did not drop the value of a share group's dead letter",
        flags: ["Payload", "Several"],
        headers: [...of(COMPLETE, "kip1191"), ...SLUICE],
        valueNull,
        dialects: [sluice, told("kip1191", {})],
        origin: TIMED,
        payload: "unknown",
      },
      reading(false),
    ),
    test({
      comment: "sluice-truncated without sluice-spec says nothing",
      flags: ["Payload", "Plain"],
      headers: [["sluice-truncated", "value"]],
      valueNull,
      dialects: [entry],
      payload: "null",
    }),
    test({
      comment: "a share group's other headers without the topic say nothing",
      flags: ["Payload", "Plain"],
      headers: [["__dlq.errors.offset", "42"]],
      valueNull,
      dialects: [entry],
      payload: "null",
    }),
  ];
}

/** Expectations of this dialect are by hand alone. */
function sluice() {
  /**
   * @param {string} comment
   * @param {readonly Header[]} headers
   * @param {Record<string, unknown>} patch
   * @param {string[]} anomalies
   */
  const one = (comment, headers, patch, ...anomalies) => {
    const entry = told("sluice", patch);
    const malformed = anomalies.some((anomaly) => anomaly.startsWith("malformed"));
    return test(
      {
        comment: `sluice: ${comment}`,
        flags: malformed ? ["Envelope", "Malformed"] : ["Envelope"],
        headers,
        dialects: [entry],
        origin: entry.origin ?? OWN,
        anomalies,
      },
      { entry, anomalies, valueDropped: false },
    );
  };
  /** @param {string} name @param {Value} value */
  const set = (name, value) => replaced(SLUICE, name, value);
  /** @param {string} name */
  const no = (name) => without(SLUICE, name);
  /** @param {...Header} headers @returns {readonly Header[]} */
  const and = (...headers) => [...SLUICE, ...headers];
  const late = { ...TIMED, offset: "43" };
  return [
    one("complete", SLUICE, {}),
    one("nothing but sluice-spec", [["sluice-spec", "1"]], {
      origin: null,
      hops: 0,
      group: null,
      retryCount: 0,
      reason: null,
      error: { ...emptyEntry("").error, kind: "unknown" },
    }),
    one("sluice-spec is null: detected all the same", set("sluice-spec", null), {}),
    one("sluice-spec of another version", set("sluice-spec", "2"), {}),
    one("sluice-spec is no integer", set("sluice-spec", "1.0"), {}, "malformed:sluice-spec"),
    one("sluice-spec is empty", set("sluice-spec", ""), {}, "malformed:sluice-spec"),
    one("sluice-spec twice", and(["sluice-spec", "1"]), {}, "repeated:sluice-spec"),
    one("without a group", no("sluice-group"), { group: null }),
    one("a group of null", set("sluice-group", null), { group: null }),
    one("an empty group", set("sluice-group", ""), { group: null }, "malformed:sluice-group"),
    one(
      "a group that is not UTF-8",
      set("sluice-group", bytes("c328")),
      { group: null },
      "malformed:sluice-group",
    ),
    one(
      "two groups: the last counts",
      and(["sluice-group", "late"]),
      { group: "late" },
      "repeated:sluice-group",
    ),
    one(
      "two groups, the last null",
      and(["sluice-group", null]),
      { group: null },
      "repeated:sluice-group",
    ),
    one("without a retry count", no("sluice-retry-count"), { retryCount: 0 }),
    one("a retry count of null", set("sluice-retry-count", null), { retryCount: 0 }),
    one("the greatest retry count", set("sluice-retry-count", "2147483647"), {
      retryCount: 2_147_483_647,
    }),
    one(
      "a retry count above the greatest",
      set("sluice-retry-count", "2147483648"),
      { retryCount: 2_147_483_647 },
      "malformed:sluice-retry-count",
    ),
    one(
      "a retry count with a leading zero",
      set("sluice-retry-count", "04"),
      { retryCount: 2_147_483_647 },
      "malformed:sluice-retry-count",
    ),
    one(
      "a negative retry count",
      set("sluice-retry-count", "-1"),
      { retryCount: 2_147_483_647 },
      "malformed:sluice-retry-count",
    ),
    one(
      "an empty retry count",
      set("sluice-retry-count", ""),
      { retryCount: 2_147_483_647 },
      "malformed:sluice-retry-count",
    ),
    one(
      "a retry count in 4 bytes, as Spring has it",
      set("sluice-retry-count", int32(4)),
      { retryCount: 2_147_483_647 },
      "malformed:sluice-retry-count",
    ),
    one(
      "without an origin",
      SLUICE.filter(([name]) => !name.startsWith("sluice-origin-")),
      { origin: null, hops: 0 },
    ),
    one(
      "an origin without its topic",
      no("sluice-origin-topic"),
      { origin: null, hops: 0 },
      "incomplete:sluice-origin",
    ),
    one(
      "an origin without its partition",
      no("sluice-origin-partition"),
      { origin: null },
      "incomplete:sluice-origin",
    ),
    one(
      "an origin without its offset",
      no("sluice-origin-offset"),
      { origin: null },
      "incomplete:sluice-origin",
    ),
    one(
      "an origin without its timestamp",
      no("sluice-origin-timestamp"),
      { origin: null },
      "incomplete:sluice-origin",
    ),
    one(
      "an origin whose topic is null",
      set("sluice-origin-topic", null),
      { origin: null },
      "incomplete:sluice-origin",
    ),
    one(
      "an origin with a topic that Kafka would not take",
      set("sluice-origin-topic", "a/b"),
      { origin: null },
      "incomplete:sluice-origin",
      "malformed:sluice-origin-topic",
    ),
    one(
      "an origin with a partition above the greatest",
      set("sluice-origin-partition", "2147483647"),
      { origin: null },
      "incomplete:sluice-origin",
      "malformed:sluice-origin-partition",
    ),
    one(
      "an origin with an offset of 2^53",
      set("sluice-origin-offset", "9007199254740992"),
      { origin: null },
      "incomplete:sluice-origin",
      "malformed:sluice-origin-offset",
    ),
    one(
      "an origin with the offset of Spring",
      set("sluice-origin-offset", int64(42)),
      { origin: null },
      "incomplete:sluice-origin",
      "malformed:sluice-origin-offset",
    ),
    one(
      "an origin with the greatest numbers",
      replaced(
        set("sluice-origin-partition", "2147483646"),
        "sluice-origin-offset",
        "9007199254740991",
      ),
      { origin: { ...TIMED, partition: 2_147_483_646, offset: "9007199254740991" } },
    ),
    one(
      "two topics of origin: two hops, the last counts",
      and(["sluice-origin-topic", "payments"]),
      { hops: 2, origin: { ...TIMED, topic: "payments" } },
      "repeated:sluice-origin-topic",
    ),
    one(
      "two topics of origin, the last null",
      and(["sluice-origin-topic", null]),
      { hops: 2, origin: null },
      "incomplete:sluice-origin",
      "repeated:sluice-origin-topic",
    ),
    one(
      "two offsets of origin: the last counts",
      and(["sluice-origin-offset", "43"]),
      { origin: late },
      "repeated:sluice-origin-offset",
    ),
    one("sluice-hops is not the number of hops told here", set("sluice-hops", "9"), { hops: 1 }),
    one("sluice-hops above the greatest", set("sluice-hops", "65"), {}, "malformed:sluice-hops"),
    one("a reason that only a later version knows", set("sluice-dlq-reason", "brand-new"), {
      reason: "brand-new",
    }),
    one(
      "a reason that is no token",
      set("sluice-dlq-reason", "Retries Exhausted"),
      { reason: null },
      "malformed:sluice-dlq-reason",
    ),
    one("without a reason", no("sluice-dlq-reason"), { reason: null }),
    one("without a kind", no("sluice-error-kind"), { "error.kind": "unknown" }),
    one("a kind of null", set("sluice-error-kind", null), { "error.kind": "unknown" }),
    one("a kind that says unknown", set("sluice-error-kind", "unknown"), {
      "error.kind": "unknown",
    }),
    one(
      "a kind that only a later version knows",
      set("sluice-error-kind", "brand-new"),
      { "error.kind": "unknown" },
      "unknown-value:sluice-error-kind",
    ),
    one(
      "a kind in capitals",
      set("sluice-error-kind", "TIMEOUT"),
      { "error.kind": "unknown" },
      "malformed:sluice-error-kind",
    ),
    one("without a class", no("sluice-error-class"), { "error.class": null }),
    one(
      "an empty class",
      set("sluice-error-class", ""),
      { "error.class": null },
      "malformed:sluice-error-class",
    ),
    one("without a code", no("sluice-error-code"), { "error.code": null }),
    one("an empty message", set("sluice-error-message", ""), { "error.message": "" }),
    one(
      "a message that is not UTF-8",
      set("sluice-error-message", bytes("6e6f20ff")),
      { "error.message": null },
      "malformed:sluice-error-message",
    ),
    one("an empty stack", set("sluice-error-stack", ""), { "error.stack": "" }),
    one("a stack of 8192 bytes", set("sluice-error-stack", "s".repeat(8192)), {
      "error.stack": "s".repeat(8192),
    }),
    one(
      "a stack of 8193 bytes",
      set("sluice-error-stack", "s".repeat(8193)),
      { "error.stack": null },
      "malformed:sluice-error-stack",
    ),
    one("a history that is malformed", set("sluice-history", "[]"), {}, "malformed:sluice-history"),
    one(
      "a retry: it has no reason",
      [
        ...no("sluice-dlq-reason"),
        ["sluice-retry-at", "1700000019000"],
        ["sluice-retry-policy", "slow"],
      ],
      { reason: null },
    ),
    one(
      "headers that a source topic's record could have forged are trusted here",
      and(
        ["sluice-replay-id", "r-1"],
        ["sluice-replay-count", "2"],
        ["sluice-replayed-at", "1700000010000"],
        ["sluice-replayed-from", "orders.dlq/1/7"],
        ["sluice-retry-at", "253402300799000"],
        ["sluice-origin-cluster", "elsewhere"],
        ["sluice-error-hint", "not defined"],
      ),
      {},
    ),
    one(
      "a companion of the origin that is malformed",
      and(["sluice-origin-cluster", ""], ["sluice-origin-partition-count", "0"]),
      {},
      "malformed:sluice-origin-cluster",
      "malformed:sluice-origin-partition-count",
    ),
    one(
      "a trace context that is malformed",
      and(["traceparent", "00-0-0-00"]),
      {},
      "malformed:traceparent",
    ),
    one(
      "two types that differ",
      and(["ce_type", "a"], ["sluice-message-type", "b"]),
      {},
      "conflict:sluice-message-type",
    ),
    one("the header id is not asked for", and(["id", bytes("ff")]), {}),
    one(
      "Java objects beside it, which are not read",
      and(["springDeserializerExceptionKey", bytes("aced0005")]),
      {},
    ),
    one(
      "many anomalies, in the order of their bytes",
      [
        ...set("sluice-error-kind", "brand-new"),
        ["sluice-hops", "x"],
        ["sluice-origin-topic", null],
      ],
      { hops: 2, origin: null, "error.kind": "unknown" },
      "incomplete:sluice-origin",
      "malformed:sluice-hops",
      "repeated:sluice-hops",
      "repeated:sluice-origin-topic",
      "unknown-value:sluice-error-kind",
    ),
  ];
}

/**
 * @param {Case} one
 * @param {Sluice | null} sluice what section 3 says, by hand
 * @returns {Test}
 */
function test(one, sluice = null) {
  const input = {
    ...(one.own ?? OWN),
    headers: one.headers.map(
      ([name, value]) => /** @type {const} */ ([hex(name), value === null ? null : hex(value)]),
    ),
    valueNull: one.valueNull ?? false,
    springNames: one.springNames ?? {},
  };
  const expect = {
    dialects: one.dialects,
    origin: one.origin ?? OWN,
    payload: one.payload ?? "present",
    anomalies: one.anomalies ?? [],
  };
  deepStrictEqual(readDeadLetter(input, sluice), expect, `dead_letter_read: ${one.comment}`);
  const own = one.dialects.map(({ dialect }) => of(REQUIREMENT, dialect));
  return {
    comment: one.comment,
    flags: one.flags ?? [],
    requirements: [...new Set([...own, "SLC-INT-004", ...(one.requirements ?? [])])].toSorted(),
    input,
    expect,
    result: expect.anomalies.length > 0 ? "invalid" : "valid",
  };
}

/**
 * What the complete record of a dialect says, but for some fields.
 * @param {string} dialect
 * @param {Record<string, unknown>} patch by path
 * @returns {Entry}
 */
function told(dialect, patch) {
  const entry = structuredClone(dialect === "sluice" ? SLUICE_EXPECTED : of(EXPECTED, dialect));
  for (const [path, value] of Object.entries(patch)) put(entry, path, value);
  return entry;
}

/**
 * The header in which a dialect tells a field.
 * @param {string} dialect
 * @param {string} field
 */
function header(dialect, field) {
  const found = damages(dialect).find((one) => one.field === field);
  if (found === undefined) throw new Error(`${dialect} has no ${field}`);
  return found.header;
}

/**
 * @param {readonly Header[]} headers
 * @param {string} name
 * @param {Value} value
 * @returns {readonly Header[]}
 */
function replaced(headers, name, value) {
  if (!headers.some(([one]) => one === name)) throw new Error(`no header ${name}`);
  return headers.map((header) => (header[0] === name ? [name, value] : header));
}

/**
 * @param {readonly Header[]} headers
 * @param {string} name
 */
function without(headers, name) {
  if (!headers.some(([one]) => one === name)) throw new Error(`no header ${name}`);
  return headers.filter(([one]) => one !== name);
}

/**
 * @template T
 * @param {Record<string, T>} record
 * @param {string} name
 * @returns {T}
 */
function of(record, name) {
  const value = record[name];
  if (value === undefined) throw new Error(`nothing for ${name}`);
  return value;
}

/** @param {string | Uint8Array} value */
function hex(value) {
  return Buffer.from(value).toString("hex");
}

/** @param {string} hexadecimal */
function bytes(hexadecimal) {
  return Buffer.from(hexadecimal, "hex");
}

/** @param {number} value */
function int32(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

/** @param {number} value */
function int64(value) {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return buffer;
}
