// @ts-check
// Texts, tokens and lists, what is UTF-8, and how much of it (1.2, 3.1).
import { ILL_FORMED, raw, WELL_FORMED } from "../bytes.mjs";
import { read } from "./case.mjs";
import { ABOVE, malformed, MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */

/** @returns {Test[]} */
export function texts() {
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
    read("a replay id of one character", [["sluice-replay-id", "!"]], { replayId: "!" }, form, [
      "EdgeOfRange",
    ]),
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
export function utf8() {
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
export function sizes() {
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
export function lists() {
  const name = "sluice-truncated";
  const form = ["SLC-ENV-006"];
  const refused = ["SLC-ENV-006", "SLC-ENV-020"];
  return [
    .../** @type {const} */ ([
      ["one part", "stack"],
      ["all parts", "stack,history,message,headers,value"],
      ["names of one character and of digits", "a,0,9-z,b"],
      ["a second name of 64 characters", `a,${"b".repeat(64)}`],
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
      ["a second name of 65 characters", `a,${"b".repeat(65)}`],
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
