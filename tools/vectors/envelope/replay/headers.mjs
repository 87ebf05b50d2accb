// @ts-check
// Which headers a replay has (10.2, 10.3).
import { raw } from "../bytes.mjs";
import { DEAD_LETTER } from "../example.mjs";
import { ORIGIN, plan } from "./case.mjs";
import { MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../bytes.mjs").Value} Value */

/** @returns {Test[]} */
export function headers() {
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
          headers: DEAD_LETTER,
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
