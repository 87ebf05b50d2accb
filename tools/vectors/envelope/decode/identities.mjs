// @ts-check
// Which message it is, and of which type (3.5).
import { raw } from "../bytes.mjs";
import { read } from "./case.mjs";
import { FROM, FROM_HEADERS, FROM_IDENTITY, identity, malformed, MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */

/** @returns {Test[]} */
export function identities() {
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
    read("the least position", [], identity(":.:0:0", "position"), clause, ["EdgeOfRange"], {
      topic: ".",
      partition: 0,
      offset: "0",
    }),
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
