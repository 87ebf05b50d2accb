// @ts-check
// Names, repeats, nulls, anomalies and the wire version (3.1 to 3.3).
import { raw } from "../bytes.mjs";
import { DEAD_LETTER } from "../example.mjs";
import { read } from "./case.mjs";
import { ABOVE, malformed, MAX, ORIGIN } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Value} Value */
/** @typedef {import("./case.mjs").Found} Found */

/** @returns {Test[]} */
export function basics() {
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
      DEAD_LETTER,
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
export function dispositions() {
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
