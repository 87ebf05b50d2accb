// @ts-check
// The worked example, and what every move carries along (5.1).
import { raw } from "../bytes.mjs";
import { DEAD_LETTER } from "../example.mjs";
import { dead, EXAMPLE, ORIGIN, retry } from "./case.mjs";
import { I31, MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */

/** @returns {Test[]} */
export function example() {
  return [
    dead(
      "the example of 5.5",
      { record: EXAMPLE.record },
      {
        partition: 1,
        value: null,
        all: DEAD_LETTER,
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
export function carried() {
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
