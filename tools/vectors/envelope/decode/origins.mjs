// @ts-check
// Where a record was first written (3.4).
import { hex, raw } from "../bytes.mjs";
import { read } from "./case.mjs";
import { ABOVE, FROM, FROM_HEADERS, FROM_IDENTITY, identity, malformed, MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../bytes.mjs").Value} Value */

/** @returns {Test[]} */
export function origins() {
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
