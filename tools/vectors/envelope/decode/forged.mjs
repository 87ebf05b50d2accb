// @ts-check
// What only movers may write, from a source topic (SLC-SEC-001).
import { raw } from "../bytes.mjs";
import { read } from "./case.mjs";
import { FROM_HEADERS, identity } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */

/** @returns {Test[]} */
export function forged() {
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
