// @ts-check
// What a reader makes of a record's headers (section 3, 12.1, appendices A to C). Every expectation
// is written by hand: what a case says nothing about is as for a record without headers.
import { hex, ILL_FORMED, raw, WELL_FORMED } from "./bytes.mjs";
import { read } from "./decode-case.mjs";
import { stampTraceId } from "./trace-id.mjs";
import { trace } from "./trace-context.mjs";

/** @typedef {import("../vector-file.mjs").Draft} Draft */
/** @typedef {import("../vector-file.mjs").Test} Test */
/** @typedef {import("./bytes.mjs").Header} Header */
/** @typedef {import("./bytes.mjs").Value} Value */
/** @typedef {import("./decode-case.mjs").Found} Found */

/** 2^53 - 1, and the next integer. */
const MAX = "9007199254740991";
const ABOVE = "9007199254740992";

/** @returns {Draft} */
export function envelopeDecode() {
  const position = { topic: "orders", partition: 3, offset: "42", cluster: null, idHeader: false };
  const source = "by hand from section 3 and the appendices";
  const trusted = { ...position, trusted: true };
  const untrusted = { ...position, trusted: false };
  const group = (/** @type {object} */ params, /** @type {Test[]} */ tests) => ({
    type: "EnvelopeDecode",
    source,
    params: /** @type {Record<string, unknown>} */ (params),
    tests,
  });
  return {
    algorithm: "SLUICE-ENVELOPE-1",
    header: [
      "What the headers of a record say, and what is wrong with them.",
      "Expectations are written by hand from section 3, 12.1 and appendices A to C.",
    ],
    notes: {
      Absent: { bugType: "BASIC", description: "Nothing is there, and that is no error." },
      Accepted: { bugType: "BASIC", description: "A value of the form that the header has." },
      EdgeOfRange: {
        bugType: "EDGE_CASE",
        description: "A value at the border of its form, or next to it.",
      },
      NotAnInteger: {
        bugType: "NON_CANONICAL",
        description:
          "Parsers of many languages take this text for a number; the form does not allow it.",
      },
      FailClosed: {
        bugType: "SECURITY",
        description:
          "A damaged counter counts as its greatest value, or a record could go round for ever.",
      },
      Null: {
        bugType: "EDGE_CASE",
        description: "A header without a value is absent; an empty value is there.",
      },
      Repeated: {
        bugType: "EDGE_CASE",
        description: "The last value counts, also when it is null or malformed.",
      },
      Names: { bugType: "EDGE_CASE", description: "Names are compared byte by byte." },
      IllFormed: {
        bugType: "ENCODING",
        description: "Bytes that are not UTF-8, which no decoder may repair.",
      },
      WellFormed: { bugType: "ENCODING", description: "Bytes at the border of what is UTF-8." },
      Oversize: {
        bugType: "DENIAL_OF_SERVICE",
        description: "More than 8192 bytes are not looked at.",
      },
      Version: { bugType: "BASIC", description: "What the wire version makes of the record." },
      Incomplete: { bugType: "BASIC", description: "An origin is whole or not there." },
      Identity: { bugType: "BASIC", description: "Which of several identities counts." },
      OpenList: {
        bugType: "COMPATIBILITY",
        description: "A value that a later version may define.",
      },
      History: { bugType: "EDGE_CASE", description: "At the border of the grammar of C.4." },
      JsonButNotHistory: {
        bugType: "NON_CANONICAL",
        description: "A JSON parser accepts it, the grammar of C.4 does not.",
      },
      Forged: { bugType: "SECURITY", description: "A producer must not write this header." },
      NotReserved: {
        bugType: "EDGE_CASE",
        description: "Looks like a reserved name, but is none.",
      },
      Order: {
        bugType: "EDGE_CASE",
        description: "Anomalies are in the order of their bytes, each once.",
      },
      Trace: { bugType: "BASIC", description: "Trace context by the W3C's recommendation." },
      FutureVersion: {
        bugType: "COMPATIBILITY",
        description: "A traceparent of a version above 00.",
      },
      Shortened: { bugType: "EDGE_CASE", description: "A tracestate at or above 512 characters." },
      Stamp: { bugType: "BASIC", description: "A producer that writes X-Trace-ID." },
    },
    testGroups: [
      group(trusted, [
        ...basics(),
        ...dispositions(),
        ...integers(),
        ...counters(),
        ...texts(),
        ...utf8(),
        ...sizes(),
        ...lists(),
        ...histories(),
        ...origins(),
        ...identities(),
        ...trace(),
      ]),
      group(untrusted, forged()),
      {
        type: "StampTraceId",
        source: "by hand from 3.6",
        tests: stampTraceId(),
      },
    ],
  };
}

/** @param {string} name */
const malformed = (name) => ({ anomalies: [`malformed:${name}`] });

/** @returns {Test[]} */
function basics() {
  const absent = ["SLC-ENV-005"];
  const last = ["SLC-ENV-002"];
  return [
    read("no headers at all", [], {}, ["SLC-ENV-011", "SLC-ENV-024"], ["Absent"]),
    read(
      "foreign headers, of any bytes",
      [
        ["", null],
        ["a", ""],
        ["a", raw("ff")],
        ["content-type", "text/plain"],
        ["spring", raw("000000ff")],
      ],
      {},
      ["SLC-CNV-002"],
      ["Absent"],
    ),
    read("a null value is absent", [["sluice-group", null]], {}, absent, ["Null"]),
    read(
      "a null counter is absent, not damaged",
      [
        ["sluice-hops", null],
        ["sluice-retry-count", null],
        ["sluice-replay-count", null],
      ],
      {},
      absent,
      ["Null"],
    ),
    read(
      "an empty value is there: of a message",
      [["sluice-error-message", ""]],
      { errorMessage: "" },
      absent,
      ["Null"],
    ),
    read(
      "an empty value is there: of a stack",
      [["sluice-error-stack", ""]],
      { errorStack: "" },
      absent,
      ["Null"],
    ),
    read(
      "the last of two values",
      [
        ["sluice-group", "a"],
        ["sluice-group", "b"],
      ],
      { group: "b", anomalies: ["repeated:sluice-group"] },
      last,
      ["Repeated"],
    ),
    read(
      "the last of three, with others in between",
      [
        ["sluice-hops", "1"],
        ["x", "y"],
        ["sluice-hops", "3"],
        ["sluice-group", "g"],
        ["sluice-hops", "2"],
      ],
      { hops: 2, group: "g", anomalies: ["repeated:sluice-hops"] },
      last,
      ["Repeated"],
    ),
    read(
      "the same value twice is repeated too",
      [
        ["sluice-hops", "1"],
        ["sluice-hops", "1"],
      ],
      { hops: 1, anomalies: ["repeated:sluice-hops"] },
      last,
      ["Repeated"],
    ),
    read(
      "a value and then null: absent",
      [
        ["sluice-group", "a"],
        ["sluice-group", null],
      ],
      { anomalies: ["repeated:sluice-group"] },
      [...last, ...absent],
      ["Repeated", "Null"],
    ),
    read(
      "a counter and then null: absent, so 0",
      [
        ["sluice-retry-count", "5"],
        ["sluice-retry-count", null],
      ],
      { anomalies: ["repeated:sluice-retry-count"] },
      [...last, ...absent],
      ["Repeated", "Null"],
    ),
    read(
      "null and then a value",
      [
        ["sluice-group", null],
        ["sluice-group", "b"],
      ],
      { group: "b", anomalies: ["repeated:sluice-group"] },
      [...last, ...absent],
      ["Repeated", "Null"],
    ),
    read(
      "null twice",
      [
        ["sluice-group", null],
        ["sluice-group", null],
      ],
      { anomalies: ["repeated:sluice-group"] },
      [...last, ...absent],
      ["Repeated", "Null"],
    ),
    read(
      "a good value and then a malformed one: absent",
      [
        ["sluice-failed-at", "1"],
        ["sluice-failed-at", "x"],
      ],
      { anomalies: ["malformed:sluice-failed-at", "repeated:sluice-failed-at"] },
      [...last, "SLC-ENV-020"],
      ["Repeated"],
    ),
    read(
      "a malformed value and then a good one",
      [
        ["sluice-failed-at", "x"],
        ["sluice-failed-at", "1"],
      ],
      { failedAt: "1", anomalies: ["repeated:sluice-failed-at"] },
      last,
      ["Repeated"],
    ),
    read(
      "a good counter and then a malformed one: its greatest",
      [
        ["sluice-hops", "1"],
        ["sluice-hops", ""],
      ],
      { hops: 64, anomalies: ["malformed:sluice-hops", "repeated:sluice-hops"] },
      [...last, "SLC-ENV-007"],
      ["Repeated", "FailClosed"],
    ),
    read(
      "names in capitals are foreign",
      [
        ["Sluice-Hops", "5"],
        ["SLUICE-GROUP", "g"],
        ["sluice-Retry-Count", "x"],
      ],
      {},
      ["SLC-ENV-001"],
      ["Names"],
    ),
    read(
      "names with something around are others",
      [
        ["sluice-hops ", "5"],
        [" sluice-group", "g"],
        ["sluice-retry-count\u0000", "x"],
        ["sluice_group", "h"],
      ],
      {},
      ["SLC-ENV-001"],
      ["Names"],
    ),
    read(
      "names that are not defined are not read, whatever they hold",
      [
        ["sluice-later", raw("ff")],
        ["sluice-later", null],
        ["sluice-", "x"],
        [`sluice-${"a".repeat(58)}`, "x"],
      ],
      {},
      ["SLC-ENV-004", "SLC-ENV-021"],
      ["Names", "OpenList"],
    ),
    read(
      "of a trusted topic, names that are reserved but not defined are no anomaly",
      [
        ["sluice-error-later", "x"],
        ["sluice-origin-later", "x"],
        ["sluice-retry-later", raw("ff")],
      ],
      {},
      ["SLC-SEC-001", "SLC-ENV-021"],
      ["Names", "OpenList"],
    ),
    read(
      "a retry with everything",
      [
        ["ce_type", "order.placed"],
        ["sluice-message-id", "m-1"],
        ["sluice-message-version", "3"],
        ["sluice-idempotency-key", "pay 7"],
        ["sluice-spec", "1"],
        ["sluice-group", "billing"],
        ["sluice-retry-count", "2"],
        ["sluice-retry-at", "1700000060000"],
        ["sluice-retry-policy", "default@3"],
        ["sluice-origin-topic", "orders"],
        ["sluice-origin-partition", "3"],
        ["sluice-origin-offset", "42"],
        ["sluice-origin-timestamp", "1700000000000"],
        ["sluice-origin-cluster", "kc-1"],
        ["sluice-origin-partition-count", "12"],
        ["sluice-origin-leader-epoch", "5"],
        ["sluice-first-failed-at", "1700000000100"],
        ["sluice-failed-at", "1700000009000"],
        ["sluice-error-kind", "timeout"],
        ["sluice-error-class", "TimeoutError"],
        ["sluice-error-code", "E42"],
        ["sluice-error-message", "no answer"],
        ["sluice-error-stack", "at x"],
        ["sluice-history", '[{"n":2,"at":"1700000009000","k":"timeout","c":"E42"}]'],
        ["sluice-replay-id", "r-1"],
        ["sluice-replay-count", "1"],
        ["sluice-replayed-at", "1699999999999"],
        ["sluice-replayed-from", "orders.dlq/1/7"],
        ["sluice-hops", "3"],
        ["sluice-truncated", "stack,message"],
        ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        ["tracestate", "a=1"],
      ],
      {
        disposition: "moved",
        wireVersion: "1",
        messageId: "m-1",
        messageIdSource: "sluice",
        messageType: "order.placed",
        messageVersion: "3",
        idempotencyKey: "pay 7",
        origin: {
          topic: "orders",
          partition: 3,
          offset: "42",
          timestamp: "1700000000000",
          cluster: "kc-1",
          partitionCount: 12,
          leaderEpoch: 5,
        },
        group: "billing",
        retryCount: 2,
        retryAt: "1700000060000",
        retryPolicy: "default@3",
        firstFailedAt: "1700000000100",
        failedAt: "1700000009000",
        errorKind: "timeout",
        errorClass: "TimeoutError",
        errorCode: "E42",
        errorMessage: "no answer",
        errorStack: "at x",
        history: [{ n: 2, at: "1700000009000", k: "timeout", c: "E42" }],
        replayId: "r-1",
        replayCount: 1,
        replayedAt: "1699999999999",
        replayedFrom: { topic: "orders.dlq", partition: 1, offset: "7" },
        hops: 3,
        truncated: ["stack", "message"],
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        tracestate: "a=1",
        traceId: "0af7651916cd43dd8448eb211c80319c",
      },
      ["SLC-ENV-006", "SLC-ENV-013", "SLC-DLQ-006", "SLC-RTY-020", "SLC-RTY-021"],
      ["Accepted"],
    ),
    read(
      "the example of 5.5",
      [
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
      {
        disposition: "moved",
        wireVersion: "1",
        messageIdSource: "origin",
        origin: { ...ORIGIN, timestamp: "1700000000000" },
        group: "billing",
        retryCount: 4,
        firstFailedAt: "1700000000100",
        failedAt: "1700000009000",
        errorKind: "timeout",
        errorClass: "TimeoutError",
        errorMessage: "no answer",
        history: [{ n: 5, at: "1700000009000", k: "timeout", c: null }],
        dlqReason: "retries-exhausted",
        hops: 1,
      },
      ["SLC-ENV-006", "SLC-ENV-013", "SLC-DLQ-006", "SLC-DLQ-012"],
      ["Accepted"],
      { topic: "orders.dlq", partition: 1, offset: "0" },
    ),
    read(
      "anomalies of all codes that a trusted topic can have, in the order of their bytes",
      [
        ["tracestate", "x"],
        ["sluice-replay-id", ""],
        ["sluice-origin-topic", "t"],
        ["sluice-origin-topic", "orders"],
        ["sluice-error-kind", "odd"],
        ["sluice-message-type", "b"],
        ["ce_type", "a"],
        ["ce_source", raw("ff")],
        ["X-Trace-ID", "a b"],
        ["sluice-failed-at", "-1"],
        ["traceparent", "0"],
      ],
      {
        messageType: "a",
        errorKind: "unknown",
        anomalies: [
          "conflict:sluice-message-type",
          "incomplete:sluice-origin",
          "malformed:X-Trace-ID",
          "malformed:ce_source",
          "malformed:sluice-failed-at",
          "malformed:sluice-replay-id",
          "malformed:traceparent",
          "repeated:sluice-origin-topic",
          "unknown-value:sluice-error-kind",
        ],
      },
      ["SLC-ENV-021", "SLC-ENV-018"],
      ["Order"],
    ),
  ];
}

/** @returns {Test[]} */
function dispositions() {
  const clause = ["SLC-ENV-022"];
  const flags = ["Version"];
  const UNSUPPORTED = { disposition: "unsupported" };
  const damaged = { ...UNSUPPORTED, ...malformed("sluice-spec") };
  /** @type {readonly (readonly [string, Value, Found])[]} */
  const values = [
    ["version 1", "1", { disposition: "moved", wireVersion: "1" }],
    ["version 2", "2", { ...UNSUPPORTED, wireVersion: "2" }],
    ["version 0", "0", { ...UNSUPPORTED, wireVersion: "0" }],
    ["version 10 is not 1", "10", { ...UNSUPPORTED, wireVersion: "10" }],
    ["the greatest version", MAX, { ...UNSUPPORTED, wireVersion: MAX }],
    ["a version above the range of integers", ABOVE, damaged],
    ["01", "01", damaged],
    ["1 with a space", "1 ", damaged],
    ["1.0", "1.0", damaged],
    ["an empty version", "", damaged],
    ["a version that is no UTF-8", raw("31ff"), damaged],
    ["a null version", null, {}],
  ];
  return [
    ...values.map(([comment, value, found]) =>
      read(comment, [["sluice-spec", value]], found, clause, flags),
    ),
    read(
      "2 and then 1",
      [
        ["sluice-spec", "2"],
        ["sluice-spec", "1"],
      ],
      { disposition: "moved", wireVersion: "1", anomalies: ["repeated:sluice-spec"] },
      [...clause, "SLC-ENV-002"],
      ["Version", "Repeated"],
    ),
    read(
      "1 and then 2",
      [
        ["sluice-spec", "1"],
        ["sluice-spec", "2"],
      ],
      { ...UNSUPPORTED, wireVersion: "2", anomalies: ["repeated:sluice-spec"] },
      [...clause, "SLC-ENV-002"],
      ["Version", "Repeated"],
    ),
    read(
      "2 and then null",
      [
        ["sluice-spec", "2"],
        ["sluice-spec", null],
      ],
      { anomalies: ["repeated:sluice-spec"] },
      [...clause, "SLC-ENV-005"],
      ["Version", "Repeated"],
    ),
    read(
      "no version, but other headers of a mover: fresh, and read",
      [
        ["sluice-hops", "3"],
        ["sluice-retry-count", "2"],
      ],
      { hops: 3, retryCount: 2 },
      clause,
      flags,
    ),
    read(
      "the rest of an unsupported record is read as ever",
      [
        ["sluice-spec", "2"],
        ["sluice-hops", "7"],
        ["sluice-group", "g"],
        ["sluice-failed-at", "x"],
      ],
      { ...UNSUPPORTED, wireVersion: "2", hops: 7, group: "g", ...malformed("sluice-failed-at") },
      clause,
      flags,
    ),
  ];
}

/** @returns {Test[]} */
function integers() {
  const form = ["SLC-ENV-006", "SLC-ENV-020"];
  const fields = /** @type {const} */ ({
    "sluice-message-version": "messageVersion",
    "sluice-retry-at": "retryAt",
    "sluice-first-failed-at": "firstFailedAt",
    "sluice-failed-at": "failedAt",
    "sluice-replayed-at": "replayedAt",
  });
  const notIntegers = /** @type {const} */ ([
    ["empty", ""],
    ["a leading zero", "01"],
    ["two zeros", "00"],
    ["a plus", "+1"],
    ["a minus", "-1"],
    ["minus zero", "-0"],
    ["a space before", " 1"],
    ["a space after", "1 "],
    ["a line feed after", "1\n"],
    ["a NUL after", "1\u0000"],
    ["a fraction", "1.0"],
    ["an exponent", "1e3"],
    ["hexadecimal", "0x1"],
    ["an underscore", "1_000"],
    ["a thousands separator", "1,000"],
    ["digits of another script", "\u0661\u0662"],
    ["full-width digits", "\uff11"],
    ["a superscript", "\u00b2"],
    ["a byte order mark before", "\ufeff1"],
    ["infinity", "Infinity"],
    ["a long of 64 bits", "9223372036854775807"],
    ["a long of 64 bits without sign", "18446744073709551615"],
    ["a date", "2023-11-14T22:13:20Z"],
    ["twenty digits", "1".repeat(20)],
  ]);
  return [
    ...Object.entries(fields).flatMap(([name, field]) => [
      ...["0", MAX].map((value) =>
        read(
          `${name}: ${value}`,
          [[name, value]],
          { [field]: value },
          ["SLC-ENV-006", "SLC-CNV-001"],
          ["EdgeOfRange"],
        ),
      ),
      read(
        `${name}: ${ABOVE}, one above the range`,
        [[name, ABOVE]],
        malformed(name),
        [...form, "SLC-CNV-001"],
        ["EdgeOfRange"],
      ),
      read(`${name}: a leading zero`, [[name, "00042"]], malformed(name), form, ["NotAnInteger"]),
    ]),
    ...notIntegers.map(([comment, value]) =>
      read(
        `a time, ${comment}`,
        [["sluice-failed-at", value]],
        malformed("sluice-failed-at"),
        form,
        ["NotAnInteger"],
      ),
    ),
    read(
      "a time of 8 bytes in binary",
      [["sluice-failed-at", raw("0000018bcfe56800")]],
      malformed("sluice-failed-at"),
      [...form, "SLC-ENV-019"],
      ["NotAnInteger"],
    ),
  ];
}

/** @returns {Test[]} */
function counters() {
  const closed = ["SLC-ENV-007"];
  const all = /** @type {const} */ ([
    ["sluice-retry-count", "retryCount", 2_147_483_647],
    ["sluice-replay-count", "replayCount", 2_147_483_647],
    ["sluice-hops", "hops", 64],
  ]);
  return all.flatMap(([name, field, greatest]) => [
    ...[0, 1, greatest - 1, greatest].map((count) =>
      read(
        `${name}: ${count}`,
        [[name, String(count)]],
        { [field]: count },
        ["SLC-ENV-006"],
        ["EdgeOfRange"],
      ),
    ),
    .../** @type {const} */ ([
      ["one above its greatest value", String(greatest + 1)],
      ["above the range of integers", ABOVE],
      ["a leading zero", "01"],
      ["a minus", "-1"],
      ["empty", ""],
      ["a word", "many"],
      ["no UTF-8", raw("ff")],
      ["an int of 4 bytes", raw("00000001")],
    ]).map(([comment, value]) =>
      read(
        `${name}: ${comment}`,
        [[name, value]],
        { [field]: greatest, ...malformed(name) },
        closed,
        ["FailClosed"],
      ),
    ),
  ]);
}

/** @returns {Test[]} */
function texts() {
  const form = ["SLC-ENV-006"];
  const refused = ["SLC-ENV-006", "SLC-ENV-020"];
  const fields = /** @type {const} */ ({
    "sluice-message-type": ["messageType", 256],
    "sluice-idempotency-key": ["idempotencyKey", 256],
    "sluice-group": ["group", 1024],
    "sluice-retry-policy": ["retryPolicy", 128],
    "sluice-error-class": ["errorClass", 256],
    "sluice-error-code": ["errorCode", 64],
  });
  return [
    ...Object.entries(fields).flatMap(([name, [field, limit]]) => [
      read(`${name}: one character`, [[name, " "]], { [field]: " " }, form, ["EdgeOfRange"]),
      read(
        `${name}: more than a writer may write`,
        [[name, "é".repeat(limit / 2) + "x"]],
        { [field]: "é".repeat(limit / 2) + "x" },
        form,
        ["EdgeOfRange"],
      ),
      read(`${name}: empty`, [[name, ""]], malformed(name), refused, ["EdgeOfRange", "Null"]),
    ]),
    read(
      "a message longer than a writer may write",
      [["sluice-error-message", "m".repeat(1025)]],
      { errorMessage: "m".repeat(1025) },
      form,
      ["EdgeOfRange"],
    ),
    read(
      "control characters are not replaced by a reader",
      [["sluice-error-message", "a\r\n\u0000\u2028b"]],
      { errorMessage: "a\r\n\u0000\u2028b" },
      form,
      ["Accepted"],
    ),
    ...[
      "transient",
      "permanent",
      "timeout",
      "deserialization",
      "validation",
      "cancelled",
      "poison",
      "unknown",
    ].map((kind) =>
      read(
        `the kind ${kind}`,
        [["sluice-error-kind", kind]],
        { errorKind: kind },
        ["SLC-REG-001"],
        ["Accepted"],
      ),
    ),
    .../** @type {const} */ ([
      ["a kind of a later version", "overload"],
      ["one character", "a"],
      ["digits and hyphens", "-0-9-"],
      ["64 characters", "k".repeat(64)],
    ]).map(([comment, kind]) =>
      read(
        `${comment}: unknown`,
        [["sluice-error-kind", kind]],
        { errorKind: "unknown", anomalies: ["unknown-value:sluice-error-kind"] },
        ["SLC-REG-001", "SLC-ENV-021"],
        ["OpenList"],
      ),
    ),
    .../** @type {const} */ ([
      ["in capitals", "Timeout"],
      ["empty", ""],
      ["with a space", "time out"],
      ["with an underscore", "time_out"],
      ["of 65 characters", "k".repeat(65)],
      ["with a comma", "timeout,poison"],
    ]).map(([comment, kind]) =>
      read(
        `a kind ${comment} is malformed, hence absent`,
        [["sluice-error-kind", kind]],
        malformed("sluice-error-kind"),
        [...refused, "SLC-REG-001"],
        ["EdgeOfRange"],
      ),
    ),
    read(
      "a reason",
      [["sluice-dlq-reason", "retries-exhausted"]],
      { dlqReason: "retries-exhausted" },
      form,
      ["Accepted"],
    ),
    read(
      "a reason of a later version is given on",
      [["sluice-dlq-reason", "out-of-luck-2"]],
      { dlqReason: "out-of-luck-2" },
      form,
      ["OpenList"],
    ),
    read(
      "a reason of 65 characters",
      [["sluice-dlq-reason", "r".repeat(65)]],
      malformed("sluice-dlq-reason"),
      refused,
      ["EdgeOfRange"],
    ),
    read(
      "a reason that is a sentence",
      [["sluice-dlq-reason", "Because."]],
      malformed("sluice-dlq-reason"),
      refused,
      ["EdgeOfRange"],
    ),
    read(
      "a replay id of 64 characters from ! to ~",
      [["sluice-replay-id", `!~${"r".repeat(62)}`]],
      { replayId: `!~${"r".repeat(62)}` },
      form,
      ["EdgeOfRange"],
    ),
    .../** @type {const} */ ([
      ["of 65", "r".repeat(65)],
      ["empty", ""],
      ["with a space", "r 1"],
      ["with DEL", "r\u007f"],
      ["beyond ASCII", "ré"],
    ]).map(([comment, id]) =>
      read(
        `a replay id ${comment}`,
        [["sluice-replay-id", id]],
        malformed("sluice-replay-id"),
        refused,
        ["EdgeOfRange"],
      ),
    ),
    read(
      "a position",
      [["sluice-replayed-from", "orders.dlq/0/0"]],
      { replayedFrom: { topic: "orders.dlq", partition: 0, offset: "0" } },
      form,
      ["Accepted"],
    ),
    read(
      "a position with all at their greatest",
      [["sluice-replayed-from", `${"t".repeat(249)}/2147483646/${MAX}`]],
      { replayedFrom: { topic: "t".repeat(249), partition: 2_147_483_646, offset: MAX } },
      form,
      ["EdgeOfRange"],
    ),
    .../** @type {const} */ ([
      ["whose partition is too great", "t/2147483647/0"],
      ["whose offset is too great", `t/0/${ABOVE}`],
      ["whose topic is too long", `${"t".repeat(250)}/0/0`],
      ["without a topic", "/0/0"],
      ["without an offset", "t/0"],
      ["with an empty offset", "t/0/"],
      ["with one part more", "t/0/0/0"],
      ["whose topic has a slash", "a/b/0/0"],
      ["with a leading zero", "t/00/0"],
      ["with a space", "t/0/0 "],
      ["with another separator", "t-0@0"],
      ["empty", ""],
    ]).map(([comment, value]) =>
      read(
        `a position ${comment}`,
        [["sluice-replayed-from", value]],
        malformed("sluice-replayed-from"),
        [...refused, ...(comment.includes("great") ? ["SLC-CNV-001"] : [])],
        ["EdgeOfRange"],
      ),
    ),
  ];
}

/** @returns {Test[]} */
function utf8() {
  const found = new TextDecoder("utf-8", { ignoreBOM: true });
  return [
    ...WELL_FORMED.map(([comment = "", bytes = ""]) =>
      read(
        `UTF-8: ${comment}`,
        [["sluice-error-message", raw(bytes)]],
        { errorMessage: found.decode(raw(bytes)) },
        ["SLC-ENV-019", "SLC-CNV-002"],
        ["WellFormed"],
      ),
    ),
    ...ILL_FORMED.map(([comment = "", bytes = ""]) =>
      read(
        `no UTF-8: ${comment}`,
        [["sluice-error-message", raw(bytes)]],
        malformed("sluice-error-message"),
        ["SLC-ENV-019", "SLC-CNV-002"],
        ["IllFormed"],
      ),
    ),
    read(
      "a group with a byte order mark is another group",
      [["sluice-group", "\ufeffg"]],
      { group: "\ufeffg" },
      ["SLC-ENV-019"],
      ["WellFormed"],
    ),
    read(
      "text is not normalised",
      [["sluice-group", "e\u0301"]],
      { group: "e\u0301" },
      ["SLC-ENV-019"],
      ["WellFormed"],
    ),
    ...[
      "sluice-group",
      "sluice-message-type",
      "sluice-error-class",
      "sluice-error-stack",
      "sluice-history",
      "sluice-truncated",
      "sluice-replayed-from",
      "sluice-error-kind",
      "sluice-dlq-reason",
    ].map((name) =>
      read(
        `${name}: no UTF-8`,
        [[name, raw("61c3")]],
        malformed(name),
        ["SLC-ENV-019", "SLC-ENV-020"],
        ["IllFormed"],
      ),
    ),
  ];
}

/** @returns {Test[]} */
function sizes() {
  const clause = ["SLC-SEC-003"];
  const flags = ["Oversize"];
  return [
    read(
      "a stack of 8192 bytes",
      [["sluice-error-stack", "s".repeat(8192)]],
      { errorStack: "s".repeat(8192) },
      clause,
      flags,
    ),
    read(
      "a stack of 8193 bytes",
      [["sluice-error-stack", "s".repeat(8193)]],
      malformed("sluice-error-stack"),
      clause,
      flags,
    ),
    read(
      "bytes are counted: 8193 of them in 2731 characters",
      [["sluice-error-message", "€".repeat(2731)]],
      malformed("sluice-error-message"),
      clause,
      flags,
    ),
    read(
      "8192 bytes in 4096 characters",
      [["sluice-group", "é".repeat(4096)]],
      { group: "é".repeat(4096) },
      clause,
      flags,
    ),
    read(
      "a counter of 8193 digits",
      [["sluice-hops", "1".repeat(8193)]],
      { hops: 64, ...malformed("sluice-hops") },
      [...clause, "SLC-ENV-007"],
      flags,
    ),
    read(
      "a list of 8193 bytes whose every name is in order",
      [["sluice-truncated", `${"s,".repeat(4096)}s`]],
      malformed("sluice-truncated"),
      clause,
      flags,
    ),
    read(
      "a ce_type of 8192 bytes",
      [["ce_type", "t".repeat(8192)]],
      { messageType: "t".repeat(8192) },
      clause,
      flags,
    ),
    read(
      "a ce_type of 8193 bytes",
      [
        ["ce_type", "t".repeat(8193)],
        ["sluice-message-type", "own"],
      ],
      { messageType: "own", ...malformed("ce_type") },
      clause,
      flags,
    ),
    read(
      "a ce_id of 8193 bytes",
      [
        ["ce_source", "/s"],
        ["ce_id", "i".repeat(8193)],
      ],
      malformed("ce_id"),
      [...clause, "SLC-ENV-011"],
      flags,
    ),
    read(
      "a header that is not interpreted may have any size",
      [
        ["sluice-later", "x".repeat(8193)],
        ["ce_subject", "x".repeat(8193)],
      ],
      {},
      clause,
      flags,
    ),
  ];
}

/** @returns {Test[]} */
function lists() {
  const name = "sluice-truncated";
  const form = ["SLC-ENV-006"];
  const refused = ["SLC-ENV-006", "SLC-ENV-020"];
  return [
    .../** @type {const} */ ([
      ["one part", "stack"],
      ["all parts", "stack,history,message,headers,value"],
      ["another order is kept", "value,stack"],
      ["parts of a later version", "key,stack,aura-2"],
      ["a name of 64 characters", "a".repeat(64)],
    ]).map(([comment, value]) =>
      read(`truncated: ${comment}`, [[name, value]], { truncated: value.split(",") }, form, [
        comment.includes("later") ? "OpenList" : "Accepted",
      ]),
    ),
    .../** @type {const} */ ([
      ["empty", ""],
      ["a comma at the end", "stack,"],
      ["a comma at the beginning", ",stack"],
      ["two commas", "stack,,value"],
      ["a space", "stack, value"],
      ["capitals", "Stack"],
      ["a name of 65 characters", "a".repeat(65)],
      ["JSON", '["stack"]'],
    ]).map(([comment, value]) =>
      read(`truncated: ${comment}`, [[name, value]], malformed(name), refused, ["EdgeOfRange"]),
    ),
  ];
}

/** @returns {Test[]} */
function histories() {
  const name = "sluice-history";
  const first = '{"n":1,"at":"0","k":"timeout"}';
  const entry = (/** @type {number} */ n) => ({ n, at: "0", k: "timeout", c: null });
  const many = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => i + 1);
  const text = (/** @type {number[]} */ ns) => ns.map((n) => `{"n":${n},"at":"0","k":"timeout"}`);
  const code = " !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~";
  /** @type {readonly (readonly [string, string, object[]])[]} */
  const accepted = [
    ["one entry", `[${first}]`, [entry(1)]],
    ["a code", '[{"n":1,"at":"0","k":"timeout","c":"E42"}]', [{ ...entry(1), c: "E42" }]],
    [
      "every kind of character of a code",
      `[{"n":1,"at":"0","k":"timeout","c":"${code}"}]`,
      [{ ...entry(1), c: code }],
    ],
    [
      "a code of 64 characters",
      `[{"n":1,"at":"0","k":"timeout","c":"${"c".repeat(64)}"}]`,
      [{ ...entry(1), c: "c".repeat(64) }],
    ],
    ["a code of spaces", '[{"n":1,"at":"0","k":"timeout","c":"  "}]', [{ ...entry(1), c: "  " }]],
    [
      "two entries, one with a code",
      `[${first},{"n":2,"at":"5","k":"poison","c":"x"}]`,
      [entry(1), { n: 2, at: "5", k: "poison", c: "x" }],
    ],
    ["a mark at the end", `[${first},{"dropped":3}]`, [entry(1), { dropped: 3 }]],
    ["a mark between", `[${first},{"dropped":3},${first}]`, [entry(1), { dropped: 3 }, entry(1)]],
    ["a mark of 0", `[${first},{"dropped":0}]`, [entry(1), { dropped: 0 }]],
    ["n 0", '[{"n":0,"at":"0","k":"timeout"}]', [entry(0)]],
    [
      "all at the greatest",
      `[{"n":${MAX},"at":"${MAX}","k":"timeout"},{"dropped":${MAX}}]`,
      [{ n: Number(MAX), at: MAX, k: "timeout", c: null }, { dropped: Number(MAX) }],
    ],
    [
      "a kind of a later version is given on",
      '[{"n":1,"at":"0","k":"overload"}]',
      [{ ...entry(1), k: "overload" }],
    ],
    [
      "a kind of 64 characters",
      `[{"n":1,"at":"0","k":"${"k".repeat(64)}"}]`,
      [{ ...entry(1), k: "k".repeat(64) }],
    ],
    [
      "11 entries: a mover's mistake, but well-formed",
      `[${text(many(11)).join()}]`,
      many(11).map(entry),
    ],
    [
      "the example of 5.3",
      '[{"n":5,"at":"1700000000000","k":"timeout","c":"E42"},{"dropped":3},{"n":2,"at":"1700000900000","k":"transient"}]',
      [
        { n: 5, at: "1700000000000", k: "timeout", c: "E42" },
        { dropped: 3 },
        { n: 2, at: "1700000900000", k: "transient", c: null },
      ],
    ],
  ];
  /** @type {readonly (readonly [string, string, "" | "json"])[]} */
  const refused = [
    ["empty", "", ""],
    ["no entry", "[]", "json"],
    ["no list", first, "json"],
    ["null", "null", "json"],
    ["a space after a comma", `[${first}, ${first}]`, "json"],
    ["a space after a colon", '[{"n": 1,"at":"0","k":"timeout"}]', "json"],
    ["a space before", ` [${first}]`, "json"],
    ["a line feed after", `[${first}]\n`, "json"],
    ["a mark first", `[{"dropped":1},${first}]`, "json"],
    ["a mark alone", '[{"dropped":1}]', "json"],
    ["two marks", `[${first},{"dropped":1},{"dropped":1}]`, "json"],
    ["two marks with an entry between", `[${first},{"dropped":1},${first},{"dropped":1}]`, "json"],
    ["a mark after the second entry", `[${first},${first},{"dropped":1}]`, "json"],
    ["a mark that is text", `[${first},{"dropped":"1"}]`, "json"],
    ["a mark above the range", `[${first},{"dropped":${ABOVE}}]`, "json"],
    ["fields in another order", '[{"at":"0","n":1,"k":"timeout"}]', "json"],
    ["no kind", '[{"n":1,"at":"0"}]', "json"],
    ["one field more", '[{"n":1,"at":"0","k":"timeout","c":"x","d":"y"}]', "json"],
    ["a field twice", '[{"n":1,"n":1,"at":"0","k":"timeout"}]', "json"],
    ["n as text", '[{"n":"1","at":"0","k":"timeout"}]', "json"],
    ["at as a number", '[{"n":1,"at":0,"k":"timeout"}]', "json"],
    ["n with a leading zero", '[{"n":01,"at":"0","k":"timeout"}]', ""],
    ["n below 0", '[{"n":-1,"at":"0","k":"timeout"}]', "json"],
    ["n with a fraction", '[{"n":1.0,"at":"0","k":"timeout"}]', "json"],
    ["n with an exponent", '[{"n":1e3,"at":"0","k":"timeout"}]', "json"],
    ["n above the range", `[{"n":${ABOVE},"at":"0","k":"timeout"}]`, "json"],
    ["at above the range", `[{"n":1,"at":"${ABOVE}","k":"timeout"}]`, "json"],
    ["at with a leading zero", '[{"n":1,"at":"00","k":"timeout"}]', "json"],
    ["at empty", '[{"n":1,"at":"","k":"timeout"}]', "json"],
    ["a kind in capitals", '[{"n":1,"at":"0","k":"Timeout"}]', "json"],
    ["a kind that is empty", '[{"n":1,"at":"0","k":""}]', "json"],
    ["a kind of 65 characters", `[{"n":1,"at":"0","k":"${"k".repeat(65)}"}]`, "json"],
    ["a name in capitals", '[{"N":1,"at":"0","k":"timeout"}]', "json"],
    ["an empty code", '[{"n":1,"at":"0","k":"timeout","c":""}]', "json"],
    ["a code of 65 characters", `[{"n":1,"at":"0","k":"timeout","c":"${"c".repeat(65)}"}]`, "json"],
    ["a code that is null", '[{"n":1,"at":"0","k":"timeout","c":null}]', "json"],
    ["a code with an escape", '[{"n":1,"at":"0","k":"timeout","c":"\\u0041"}]', "json"],
    ["a code with a backslash", '[{"n":1,"at":"0","k":"timeout","c":"\\\\"}]', "json"],
    ["a code with a quotation mark", '[{"n":1,"at":"0","k":"timeout","c":"""}]', ""],
    ["a code beyond ASCII", '[{"n":1,"at":"0","k":"timeout","c":"é"}]', "json"],
    ["a code with DEL", '[{"n":1,"at":"0","k":"timeout","c":"\u007f"}]', "json"],
    ["a code with a tab", '[{"n":1,"at":"0","k":"timeout","c":"\t"}]', ""],
    ["a key with an escape", '[{"\\u006e":1,"at":"0","k":"timeout"}]', "json"],
    ["a comma at the end", `[${first},]`, ""],
    ["no end", `[${first}`, ""],
    ["something after the end", `[${first}]x`, ""],
    ["two lists", `[${first}][${first}]`, ""],
    ["nested", `[[${first}]]`, "json"],
    ["other quotation marks", "[{'n':1,'at':'0','k':'timeout'}]", ""],
    ["a byte order mark", `\ufeff[${first}]`, ""],
  ];
  return [
    ...accepted.map(([comment, value, history]) =>
      read(
        `history: ${comment}`,
        [[name, value]],
        { history },
        ["SLC-ENV-006", "SLC-CNV-001"],
        ["History"],
      ),
    ),
    ...refused.map(([comment, value, json]) =>
      read(
        `history: ${comment}`,
        [[name, value]],
        malformed(name),
        ["SLC-ENV-006", "SLC-ENV-020"],
        [json === "json" ? "JsonButNotHistory" : "History"],
      ),
    ),
  ];
}

/** The origin that the example of 5.5 has, but its timestamp. */
const ORIGIN = {
  topic: "orders",
  partition: 3,
  offset: "42",
  timestamp: "1",
  cluster: null,
  partitionCount: null,
  leaderEpoch: null,
};
/** Another one than the record's position, so that the message id tells which was taken. */
const FROM = { ...ORIGIN, topic: "in", partition: 7, offset: "8", timestamp: "9" };
/** @type {readonly Header[]} */
const FROM_HEADERS = [
  ["sluice-origin-topic", "in"],
  ["sluice-origin-partition", "7"],
  ["sluice-origin-offset", "8"],
  ["sluice-origin-timestamp", "9"],
];

/** @param {string} id @param {string} source @returns {Found} */
const identity = (id, source) => ({ messageId: id, messageIdSource: source, idempotencyKey: id });
const FROM_IDENTITY = identity(":in:7:8", "origin");

/** @returns {Test[]} */
function origins() {
  const clause = ["SLC-ENV-013"];
  const companion = ["SLC-ENV-006", "SLC-ENV-020"];
  const incomplete = { anomalies: ["incomplete:sluice-origin"] };
  const parts = ["topic", "partition", "offset", "timestamp"];
  const subsets = Array.from({ length: 14 }, (_, i) => i + 1).map((bits) =>
    parts.map((_, i) => (bits & (1 << i)) !== 0),
  );
  /** @param {string} part @param {Value} value @returns {readonly Header[]} */
  const but = (part, value) =>
    FROM_HEADERS.map(([name, other]) => [name, name === `sluice-origin-${part}` ? value : other]);
  return [
    read(
      "the four headers of an origin",
      FROM_HEADERS,
      { origin: FROM, ...FROM_IDENTITY },
      clause,
      ["Accepted"],
    ),
    read("in any order", FROM_HEADERS.toReversed(), { origin: FROM, ...FROM_IDENTITY }, clause, [
      "Accepted",
    ]),
    ...subsets.map((there) =>
      read(
        `nothing of an origin but ${parts.filter((_, i) => there[i]).join(", ")}`,
        FROM_HEADERS.filter((_, i) => there[i]),
        incomplete,
        clause,
        ["Incomplete"],
      ),
    ),
    .../** @type {const} */ ([
      ["topic", "a/b"],
      ["topic", ""],
      ["topic", "t".repeat(250)],
      ["topic", "ä"],
      ["topic", "a b"],
      ["topic", raw("ff")],
      ["partition", "2147483647"],
      ["partition", "-1"],
      ["partition", "07"],
      ["offset", ABOVE],
      ["offset", "-1"],
      ["timestamp", "-1"],
      ["timestamp", ABOVE],
    ]).map(([part, value]) =>
      read(
        `the origin's ${part} is malformed: ${typeof value === "string" ? JSON.stringify(value.slice(0, 16)) : hex(value)}`,
        but(part, value),
        { anomalies: ["incomplete:sluice-origin", `malformed:sluice-origin-${part}`] },
        [...clause, "SLC-ENV-020"],
        ["Incomplete", "EdgeOfRange"],
      ),
    ),
    read("one of the four is null", but("offset", null), incomplete, clause, [
      "Incomplete",
      "Null",
    ]),
    read(
      "all four are null: nothing is incomplete",
      FROM_HEADERS.map(([name]) => [name, null]),
      {},
      clause,
      ["Null"],
    ),
    read(
      "all four are malformed: nothing is there that could be incomplete",
      FROM_HEADERS.map(([name]) => [name, ""]),
      { anomalies: parts.map((part) => `malformed:sluice-origin-${part}`).toSorted() },
      clause,
      ["Incomplete"],
    ),
    read(
      "one is malformed, the others are not there",
      [["sluice-origin-offset", "x"]],
      malformed("sluice-origin-offset"),
      clause,
      ["Incomplete"],
    ),
    read(
      "the last of a part counts",
      [["sluice-origin-topic", "a/b"], ...FROM_HEADERS],
      { origin: FROM, ...FROM_IDENTITY, anomalies: ["repeated:sluice-origin-topic"] },
      [...clause, "SLC-ENV-002"],
      ["Repeated"],
    ),
    read(
      "a part whose last value is null",
      [...FROM_HEADERS, ["sluice-origin-topic", null]],
      { anomalies: ["incomplete:sluice-origin", "repeated:sluice-origin-topic"] },
      [...clause, "SLC-ENV-005"],
      ["Repeated", "Null"],
    ),
    read(
      "every part at its greatest",
      [
        ["sluice-origin-topic", `.-_aZ09${"t".repeat(242)}`],
        ["sluice-origin-partition", "2147483646"],
        ["sluice-origin-offset", MAX],
        ["sluice-origin-timestamp", MAX],
        ["sluice-origin-partition-count", "2147483647"],
        ["sluice-origin-leader-epoch", "2147483647"],
      ],
      {
        origin: {
          topic: `.-_aZ09${"t".repeat(242)}`,
          partition: 2_147_483_646,
          offset: MAX,
          timestamp: MAX,
          cluster: null,
          partitionCount: 2_147_483_647,
          leaderEpoch: 2_147_483_647,
        },
        ...identity(`:.-_aZ09${"t".repeat(242)}:2147483646:${MAX}`, "origin"),
      },
      [...clause, "SLC-CNV-001"],
      ["EdgeOfRange"],
    ),
    read(
      "every part at its least",
      [
        ["sluice-origin-topic", "."],
        ["sluice-origin-partition", "0"],
        ["sluice-origin-offset", "0"],
        ["sluice-origin-timestamp", "0"],
        ["sluice-origin-partition-count", "1"],
        ["sluice-origin-leader-epoch", "0"],
      ],
      {
        origin: {
          topic: ".",
          partition: 0,
          offset: "0",
          timestamp: "0",
          cluster: null,
          partitionCount: 1,
          leaderEpoch: 0,
        },
        ...identity(":.:0:0", "origin"),
      },
      clause,
      ["EdgeOfRange"],
    ),
    .../** @type {const} */ ([
      ["partition-count", "0"],
      ["partition-count", "2147483648"],
      ["partition-count", "012"],
      ["leader-epoch", "2147483648"],
      ["leader-epoch", "-1"],
      ["cluster", ""],
      ["cluster", raw("c3")],
    ]).map(([part, value]) =>
      read(
        `a malformed companion is absent by itself: ${part} ${typeof value === "string" ? JSON.stringify(value) : hex(value)}`,
        [...FROM_HEADERS, [`sluice-origin-${part}`, value]],
        { origin: FROM, ...FROM_IDENTITY, ...malformed(`sluice-origin-${part}`) },
        companion,
        ["EdgeOfRange"],
      ),
    ),
    read(
      "companions without an origin mean nothing",
      [
        ["sluice-origin-cluster", "kc"],
        ["sluice-origin-partition-count", "4"],
        ["sluice-origin-leader-epoch", "1"],
      ],
      {},
      clause,
      ["Incomplete"],
    ),
    read(
      "a companion without an origin may be malformed nevertheless",
      [["sluice-origin-partition-count", "0"]],
      malformed("sluice-origin-partition-count"),
      companion,
      ["Incomplete"],
    ),
    read(
      "companions do not make an origin whole",
      [
        ["sluice-origin-topic", "in"],
        ["sluice-origin-cluster", "kc"],
        ["sluice-origin-partition-count", "4"],
        ["sluice-origin-leader-epoch", "1"],
      ],
      incomplete,
      clause,
      ["Incomplete"],
    ),
  ];
}

/** @returns {Test[]} */
function identities() {
  const clause = ["SLC-ENV-011"];
  const flags = ["Identity"];
  const form = ["SLC-ENV-015", "SLC-ENV-011"];
  const type = ["SLC-ENV-023"];
  const key = ["SLC-ENV-024"];
  const KC1 = { cluster: "kc-1" };
  const ID = { idHeader: true };
  /** @type {readonly Header[]} */
  const event = [
    ["ce_source", "/shop"],
    ["ce_id", "7"],
  ];
  const EVENT = identity("/shop\n7", "cloudevents");
  return [
    read(
      "the position, with the cluster that the reader was told",
      [],
      identity("kc-1:orders:3:42", "position"),
      clause,
      flags,
      KC1,
    ),
    read(
      "the origin, with the cluster that the reader was told",
      FROM_HEADERS,
      { origin: FROM, ...identity("kc-1:in:7:8", "origin") },
      clause,
      flags,
      KC1,
    ),
    read(
      "the origin, with its own cluster",
      [...FROM_HEADERS, ["sluice-origin-cluster", "kc-2"]],
      { origin: { ...FROM, cluster: "kc-2" }, ...identity("kc-2:in:7:8", "origin") },
      clause,
      flags,
      KC1,
    ),
    read(
      "the origin's cluster without an origin is not the record's",
      [["sluice-origin-cluster", "kc-2"]],
      identity("kc-1:orders:3:42", "position"),
      clause,
      flags,
      KC1,
    ),
    read(
      "an incomplete origin is none",
      FROM_HEADERS.slice(1),
      { ...identity("kc-1:orders:3:42", "position"), anomalies: ["incomplete:sluice-origin"] },
      clause,
      flags,
      KC1,
    ),
    read(
      "the greatest position",
      [],
      identity(`:t:2147483646:${MAX}`, "position"),
      clause,
      ["EdgeOfRange"],
      { topic: "t", partition: 2_147_483_646, offset: MAX },
    ),
    read(
      "its own id comes first",
      [...event, ...FROM_HEADERS, ["id", "d"], ["sluice-message-id", "m"]],
      { origin: FROM, ...identity("m", "sluice") },
      clause,
      flags,
      ID,
    ),
    read(
      "then the id of a CloudEvent",
      [["id", "d"], ...FROM_HEADERS, ...event],
      { origin: FROM, ...EVENT },
      clause,
      flags,
      ID,
    ),
    read(
      "then the header id",
      [["id", "d"], ...FROM_HEADERS],
      { origin: FROM, ...identity("d", "debezium") },
      clause,
      flags,
      ID,
    ),
    read("then the origin", FROM_HEADERS, { origin: FROM, ...FROM_IDENTITY }, clause, flags, ID),
    read("the header id is not taken unless configured", [["id", "d"]], {}, clause, flags),
    read(
      "a malformed header id that is not configured is no anomaly",
      [["id", raw("ff")]],
      {},
      [...clause, "SLC-ENV-021"],
      flags,
    ),
    read("an empty header id", [["id", ""]], {}, clause, ["Identity", "Null"], ID),
    read("a null header id", [["id", null]], {}, clause, ["Identity", "Null"], ID),
    read(
      "a malformed header id",
      [["id", raw("ff")]],
      malformed("id"),
      [...clause, "SLC-ENV-019"],
      flags,
      ID,
    ),
    read(
      "a malformed header id is an anomaly also when it is not needed",
      [
        ["id", raw("ff")],
        ["sluice-message-id", "m"],
      ],
      { ...identity("m", "sluice"), ...malformed("id") },
      [...clause, "SLC-ENV-021"],
      flags,
      ID,
    ),
    read(
      "a header id of any text",
      [["id", " ü\n"]],
      identity(" ü\n", "debezium"),
      clause,
      flags,
      ID,
    ),
    read("a CloudEvent without a source", [["ce_id", "7"]], {}, clause, flags),
    read("a CloudEvent without an id", [["ce_source", "/shop"]], {}, clause, flags),
    read(
      "a CloudEvent with an empty source",
      [
        ["ce_source", ""],
        ["ce_id", "7"],
      ],
      {},
      clause,
      ["Identity", "Null"],
    ),
    read(
      "a CloudEvent with an empty id: the origin",
      [["ce_source", "/shop"], ["ce_id", ""], ...FROM_HEADERS],
      { origin: FROM, ...FROM_IDENTITY },
      clause,
      ["Identity", "Null"],
    ),
    read(
      "a CloudEvent with a null id",
      [
        ["ce_source", "/shop"],
        ["ce_id", null],
      ],
      {},
      clause,
      ["Identity", "Null"],
    ),
    read(
      "a CloudEvent whose id is no UTF-8",
      [
        ["ce_source", "/shop"],
        ["ce_id", raw("ff")],
      ],
      malformed("ce_id"),
      [...clause, "SLC-ENV-019"],
      flags,
    ),
    read(
      "a CloudEvent whose source is no UTF-8",
      [
        ["ce_source", raw("c080")],
        ["ce_id", "7"],
      ],
      malformed("ce_source"),
      [...clause, "SLC-ENV-019"],
      flags,
    ),
    read(
      "a CloudEvent's texts are taken as they are",
      [
        ["ce_id", " ü "],
        ["ce_source", "urn:x\ny"],
      ],
      identity("urn:x\ny\n ü ", "cloudevents"),
      clause,
      flags,
    ),
    read(
      "a byte order mark is part of an id",
      [
        ["ce_id", "\ufeff7"],
        ["ce_source", "\ufeff/s"],
      ],
      identity("\ufeff/s\n\ufeff7", "cloudevents"),
      clause,
      ["WellFormed"],
    ),
    read(
      "a malformed message id is passed over",
      [["sluice-message-id", ""], ...event],
      { ...EVENT, ...malformed("sluice-message-id") },
      [...form, "SLC-ENV-020"],
      flags,
    ),
    read(
      "a message id of 128 characters",
      [["sluice-message-id", `!~${"m".repeat(126)}`]],
      identity(`!~${"m".repeat(126)}`, "sluice"),
      form,
      ["EdgeOfRange"],
    ),
    .../** @type {const} */ ([
      ["of 129 characters", "m".repeat(129)],
      ["with a space", "m 1"],
      ["with a space at its end", "m "],
      ["with DEL", "m\u007f"],
      ["with a line feed", "m\n"],
      ["beyond ASCII", "m\u00fc"],
    ]).map(([comment, id]) =>
      read(
        `a message id ${comment}`,
        [["sluice-message-id", id]],
        malformed("sluice-message-id"),
        [...form, "SLC-ENV-020"],
        ["EdgeOfRange"],
      ),
    ),
    read(
      "an idempotency key besides a message id",
      [
        ["sluice-message-id", "m"],
        ["sluice-idempotency-key", "k"],
      ],
      { ...identity("m", "sluice"), idempotencyKey: "k" },
      key,
      flags,
    ),
    read(
      "a malformed idempotency key: the message id",
      [
        ["sluice-message-id", "m"],
        ["sluice-idempotency-key", ""],
      ],
      { ...identity("m", "sluice"), ...malformed("sluice-idempotency-key") },
      key,
      flags,
    ),
    read(
      "a null idempotency key: the message id",
      [...event, ["sluice-idempotency-key", null]],
      EVENT,
      key,
      ["Identity", "Null"],
    ),
    read(
      "an idempotency key of one byte order mark",
      [["sluice-idempotency-key", "\ufeff"]],
      { idempotencyKey: "\ufeff" },
      key,
      ["WellFormed"],
    ),
    read("a type", [["sluice-message-type", "a"]], { messageType: "a" }, type, flags),
    read("a CloudEvent's type", [["ce_type", "a"]], { messageType: "a" }, type, flags),
    read(
      "two types that are equal",
      [
        ["ce_type", "a"],
        ["sluice-message-type", "a"],
      ],
      { messageType: "a" },
      type,
      flags,
    ),
    read(
      "two types that differ",
      [
        ["ce_type", "a"],
        ["sluice-message-type", "b"],
      ],
      { messageType: "a", anomalies: ["conflict:sluice-message-type"] },
      type,
      flags,
    ),
    read(
      "two types that differ in case",
      [
        ["sluice-message-type", "A"],
        ["ce_type", "a"],
      ],
      { messageType: "a", anomalies: ["conflict:sluice-message-type"] },
      type,
      flags,
    ),
    read(
      "two types that look alike",
      [
        ["sluice-message-type", "\u00e9"],
        ["ce_type", "e\u0301"],
      ],
      { messageType: "e\u0301", anomalies: ["conflict:sluice-message-type"] },
      type,
      flags,
    ),
    read(
      "an empty CloudEvent's type is not there",
      [
        ["ce_type", ""],
        ["sluice-message-type", "b"],
      ],
      { messageType: "b" },
      type,
      ["Identity", "Null"],
    ),
    read("an empty CloudEvent's type alone", [["ce_type", ""]], {}, type, ["Identity", "Null"]),
    read(
      "a null CloudEvent's type",
      [
        ["ce_type", null],
        ["sluice-message-type", "b"],
      ],
      { messageType: "b" },
      type,
      ["Identity", "Null"],
    ),
    read(
      "a malformed CloudEvent's type is in conflict with nothing",
      [
        ["ce_type", raw("ff")],
        ["sluice-message-type", "b"],
      ],
      { messageType: "b", ...malformed("ce_type") },
      [...type, "SLC-ENV-020"],
      flags,
    ),
    read(
      "a malformed type is in conflict with nothing",
      [
        ["ce_type", "a"],
        ["sluice-message-type", ""],
      ],
      { messageType: "a", ...malformed("sluice-message-type") },
      [...type, "SLC-ENV-020"],
      flags,
    ),
    read(
      "the last of several types",
      [
        ["ce_type", "a"],
        ["ce_type", "b"],
        ["sluice-message-type", "b"],
      ],
      { messageType: "b" },
      type,
      ["Repeated"],
    ),
    read(
      "the last of several ids",
      [
        ["ce_id", "1"],
        ["ce_source", "/a"],
        ["ce_id", "2"],
        ["ce_source", "/b"],
      ],
      identity("/b\n2", "cloudevents"),
      clause,
      ["Repeated"],
    ),
    read(
      "an id whose last value is null",
      [...event, ["ce_id", null]],
      {},
      [...clause, "SLC-ENV-005"],
      ["Repeated", "Null"],
    ),
    read(
      "names of CloudEvents in capitals are others",
      [
        ["CE_ID", "7"],
        ["ce_source", "/shop"],
        ["Ce_Type", "a"],
        ["ID", "d"],
      ],
      {},
      clause,
      ["Names"],
      ID,
    ),
  ];
}

/** @returns {Test[]} */
function forged() {
  const clause = ["SLC-SEC-001"];
  const flags = ["Forged"];
  /** A value that is well-formed, by header. */
  const reserved = {
    "sluice-spec": "1",
    "sluice-group": "g",
    "sluice-retry-count": "5",
    "sluice-retry-at": "253402300799999",
    "sluice-retry-policy": "p",
    "sluice-origin-topic": "admin",
    "sluice-origin-partition": "1",
    "sluice-origin-offset": "1",
    "sluice-origin-timestamp": "1",
    "sluice-origin-cluster": "c",
    "sluice-origin-partition-count": "1",
    "sluice-origin-leader-epoch": "1",
    "sluice-first-failed-at": "1",
    "sluice-failed-at": "1",
    "sluice-error-kind": "poison",
    "sluice-error-class": "C",
    "sluice-error-code": "C",
    "sluice-error-message": "m",
    "sluice-error-stack": "s",
    "sluice-history": '[{"n":1,"at":"0","k":"timeout"}]',
    "sluice-dlq-reason": "manual",
    "sluice-replay-id": "r",
    "sluice-replay-count": "3",
    "sluice-replayed-at": "1",
    "sluice-replayed-from": "t/0/0",
    "sluice-hops": "64",
    "sluice-truncated": "value",
  };
  const anomaly = (/** @type {string} */ name) => ({ anomalies: [`forged:${name}`] });
  const undefined_ = [
    "sluice-origin-later",
    "sluice-origin-",
    "sluice-retry-later",
    "sluice-retry-",
    "sluice-replay",
    "sluice-replay-later",
    "sluice-replayer",
    "sluice-error-later",
    "sluice-error-",
  ];
  const free = [
    "sluice-origin",
    "sluice-retry",
    "sluice-error",
    "sluice-spec2",
    "sluice-specs",
    "sluice-group-id",
    "sluice-first-failed",
    "sluice-failed-at-all",
    "sluice-history-2",
    "sluice-dlq-reasons",
    "sluice-dlq",
    "sluice-hop",
    "sluice-truncated-by",
    "sluice-later",
    "sluice-",
    "sluice",
    "Sluice-Spec",
    "SLUICE-RETRY-COUNT",
    "xsluice-hops",
  ];
  /** @type {readonly Header[]} */
  const whole = Object.entries(reserved);
  return [
    read("no headers", [], {}, clause, ["Absent"]),
    ...Object.entries(reserved).map(([name, value]) =>
      read(`forged ${name}`, [[name, value]], anomaly(name), clause, flags),
    ),
    read(
      "all of them at once",
      whole,
      { anomalies: whole.map(([name]) => `forged:${name}`).toSorted() },
      clause,
      ["Forged", "Order"],
    ),
    ...undefined_.map((name) =>
      read(`forged by its prefix: ${name}`, [[name, "x"]], anomaly(name), clause, flags),
    ),
    ...free.map((name) =>
      read(`not reserved: ${name}`, [[name, "9"]], {}, clause, ["NotReserved"]),
    ),
    read(
      "a version that is not supported is forged, so the record is fresh",
      [["sluice-spec", "2"]],
      anomaly("sluice-spec"),
      [...clause, "SLC-ENV-022"],
      ["Forged", "Version"],
    ),
    read(
      "a malformed version is forged, so the record is fresh",
      [["sluice-spec", "x"]],
      anomaly("sluice-spec"),
      [...clause, "SLC-ENV-022"],
      ["Forged", "Version"],
    ),
    read(
      "a malformed counter is forged, so it is 0",
      [
        ["sluice-hops", ""],
        ["sluice-retry-count", raw("ff")],
        ["sluice-replay-count", "-1"],
      ],
      {
        anomalies: [
          "forged:sluice-hops",
          "forged:sluice-replay-count",
          "forged:sluice-retry-count",
        ],
      },
      [...clause, "SLC-ENV-007"],
      flags,
    ),
    read(
      "an unknown kind is forged and nothing else",
      [["sluice-error-kind", "odd"]],
      anomaly("sluice-error-kind"),
      [...clause, "SLC-REG-001"],
      flags,
    ),
    read(
      "a whole origin is forged: the position counts",
      FROM_HEADERS,
      {
        anomalies: [
          "forged:sluice-origin-offset",
          "forged:sluice-origin-partition",
          "forged:sluice-origin-timestamp",
          "forged:sluice-origin-topic",
        ],
      },
      [...clause, "SLC-ENV-011"],
      flags,
    ),
    read(
      "half an origin is forged, not incomplete",
      FROM_HEADERS.slice(2),
      { anomalies: ["forged:sluice-origin-offset", "forged:sluice-origin-timestamp"] },
      [...clause, "SLC-ENV-013"],
      flags,
    ),
    read(
      "a repeated one is forged, not repeated",
      [
        ["sluice-hops", "1"],
        ["sluice-hops", "2"],
      ],
      anomaly("sluice-hops"),
      clause,
      ["Forged", "Repeated"],
    ),
    read(
      "a value and then null is not forged, but repeated",
      [
        ["sluice-hops", "2"],
        ["sluice-hops", null],
      ],
      { anomalies: ["repeated:sluice-hops"] },
      clause,
      ["Forged", "Repeated", "Null"],
    ),
    read(
      "null and then a value is forged",
      [
        ["sluice-hops", null],
        ["sluice-hops", "2"],
      ],
      anomaly("sluice-hops"),
      clause,
      ["Forged", "Repeated", "Null"],
    ),
    read(
      "an oversized one is forged, not malformed",
      [["sluice-error-stack", "s".repeat(8193)]],
      anomaly("sluice-error-stack"),
      [...clause, "SLC-SEC-003"],
      ["Forged", "Oversize"],
    ),
    read("an empty one is forged", [["sluice-group", ""]], anomaly("sluice-group"), clause, [
      "Forged",
      "Null",
    ]),
    read(
      "a null one is just absent",
      [
        ["sluice-spec", null],
        ["sluice-error-later", null],
      ],
      {},
      clause,
      ["Forged", "Null"],
    ),
    read(
      "the four of a producer are read",
      [
        ["sluice-message-id", "m"],
        ["sluice-message-type", "t"],
        ["sluice-message-version", "2"],
        ["sluice-idempotency-key", "k"],
      ],
      {
        messageId: "m",
        messageIdSource: "sluice",
        messageType: "t",
        messageVersion: "2",
        idempotencyKey: "k",
      },
      clause,
      ["NotReserved"],
    ),
    read(
      "those of a producer can be malformed or repeated",
      [
        ["sluice-message-id", ""],
        ["sluice-message-version", "1"],
        ["sluice-message-version", "-1"],
      ],
      {
        anomalies: [
          "malformed:sluice-message-id",
          "malformed:sluice-message-version",
          "repeated:sluice-message-version",
        ],
      },
      [...clause, "SLC-ENV-021"],
      ["NotReserved", "Repeated"],
    ),
    read(
      "CloudEvents and trace context are read as ever",
      [
        ["ce_source", "/s"],
        ["ce_id", "1"],
        ["ce_type", "t"],
        ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
      ],
      {
        ...identity("/s\n1", "cloudevents"),
        messageType: "t",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        traceId: "0af7651916cd43dd8448eb211c80319c",
      },
      [...clause, "SLC-ENV-028"],
      ["NotReserved"],
    ),
    read(
      "names in the order of their UTF-8, which is not that of UTF-16",
      [
        ["sluice-error-\u{1f600}", "x"],
        ["sluice-error-\uffee", "x"],
        ["sluice-error-b", "x"],
        ["sluice-error-\u{10000}", "x"],
        ["sluice-error-B", "x"],
        ["sluice-error-\u00e9", "x"],
      ],
      {
        anomalies: [
          "forged:sluice-error-B",
          "forged:sluice-error-b",
          "forged:sluice-error-\u00e9",
          "forged:sluice-error-\uffee",
          "forged:sluice-error-\u{10000}",
          "forged:sluice-error-\u{1f600}",
        ],
      },
      [...clause, "SLC-ENV-021"],
      ["Forged", "Order"],
    ),
    read(
      "anomalies of several codes, in the order of their bytes",
      [
        ["traceparent", ""],
        ["sluice-spec", "1"],
        ["sluice-message-type", "a"],
        ["sluice-message-id", "m"],
        ["sluice-message-id", "m"],
        ["ce_type", "b"],
        ["ce_id", raw("ff")],
      ],
      {
        ...identity("m", "sluice"),
        messageType: "b",
        anomalies: [
          "conflict:sluice-message-type",
          "forged:sluice-spec",
          "malformed:ce_id",
          "malformed:traceparent",
          "repeated:sluice-message-id",
        ],
      },
      ["SLC-ENV-021"],
      ["Order"],
    ),
  ];
}
