// @ts-check
// What is refused, and for which reason first (10.1).
import { raw } from "../bytes.mjs";
import { plan, PLAN, with_ } from "./case.mjs";
import { I31 } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */

/** @returns {Test[]} */
export function refusals() {
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
export function orders() {
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
