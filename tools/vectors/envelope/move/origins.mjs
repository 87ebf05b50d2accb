// @ts-check
// Which origin a moved record has (SLC-ENV-008, -014).
import { raw } from "../bytes.mjs";
import { dead, ORIGIN, retry } from "./case.mjs";
import { I31 } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */

/** @returns {Test[]} */
export function origins() {
  const keeps = ["SLC-ENV-008"];
  const writes = ["SLC-ENV-014"];
  const KNOWN = { cluster: "kc-9", partitionCount: 9, leaderEpoch: 9 };
  const here = {
    "sluice-origin-topic": "orders",
    "sluice-origin-partition": "3",
    "sluice-origin-offset": "42",
    "sluice-origin-timestamp": "1700000000000",
  };
  /** @type {readonly Header[]} */
  const mixed = [
    ["sluice-origin-cluster", ""],
    ["sluice-origin-topic", "a/b"],
    ...ORIGIN,
    ["a", "1"],
    ["sluice-origin-later", raw("ff")],
    ["sluice-origin-leader-epoch", "x"],
    ["sluice-origin-leader-epoch", null],
  ];
  return [
    dead(
      "a whole origin stays where it is",
      { trusted: true, record: { headers: [["a", "1"], ...ORIGIN.toReversed(), ["b", "2"]] } },
      { kept: [["a", "1"], ...ORIGIN.toReversed(), ["b", "2"]] },
      keeps,
      ["Origin", "Kept"],
    ),
    dead(
      "a whole origin stays with everything of its prefix: repeats, malformed companions, later ones",
      { trusted: true, record: { headers: mixed } },
      { kept: mixed },
      keeps,
      ["Origin", "Kept", "Malformed", "OpenList"],
    ),
    dead(
      "nothing is added to a whole origin",
      { trusted: true, ...KNOWN, record: { headers: ORIGIN } },
      {
        kept: ORIGIN,
        headers: {
          "sluice-origin-cluster": undefined,
          "sluice-origin-partition-count": undefined,
          "sluice-origin-leader-epoch": undefined,
        },
      },
      keeps,
      ["Origin", "Kept"],
    ),
    retry(
      "a whole origin of a retry that is tried again",
      { trusted: true, ...KNOWN, record: { headers: [["sluice-spec", "1"], ...ORIGIN] } },
      { kept: ORIGIN },
      keeps,
      ["Origin", "Kept"],
    ),
    dead(
      "a whole origin without a version",
      { trusted: true, record: { headers: ORIGIN } },
      { kept: ORIGIN },
      keeps,
      ["Origin", "Kept"],
    ),
    .../** @type {const} */ (["topic", "partition", "offset", "timestamp"]).map((part) =>
      dead(
        `an origin without its ${part} is replaced`,
        {
          trusted: true,
          ...KNOWN,
          record: { headers: ORIGIN.filter(([name]) => !name.endsWith(part)) },
        },
        { kept: [], headers: { ...here, "sluice-origin-cluster": "kc-9" } },
        [...writes, "SLC-ENV-013"],
        ["Origin", "Replaced"],
      ),
    ),
    .../** @type {const} */ ([
      ["sluice-origin-topic", "a/b"],
      ["sluice-origin-partition", "2147483647"],
      ["sluice-origin-offset", "9007199254740992"],
      ["sluice-origin-timestamp", "-1"],
      ["sluice-origin-offset", null],
    ]).map(([name, value]) =>
      dead(
        `an origin whose last ${name} is ${value} is replaced`,
        { trusted: true, record: { headers: [...ORIGIN, [name, value]] } },
        { kept: [], headers: here },
        [...writes, "SLC-ENV-013"],
        ["Origin", "Replaced", "Malformed"],
      ),
    ),
    dead(
      "with an incomplete origin goes everything of its prefix",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-origin-later", "x"],
            ["sluice-origin-topic", "in"],
            ["sluice-origin-cluster", "kc"],
            ["a", "1"],
          ],
        },
      },
      { kept: [["a", "1"]], headers: { ...here, "sluice-origin-cluster": undefined } },
      writes,
      ["Origin", "Replaced", "OpenList"],
    ),
    dead(
      "of a source topic a whole origin is forged",
      { ...KNOWN, record: { headers: mixed } },
      { kept: [["a", "1"]], headers: { ...here, "sluice-origin-partition-count": "9" } },
      [...writes, "SLC-SEC-001"],
      ["Origin", "Forged"],
    ),
    dead(
      "a record without a timestamp",
      { record: { timestamp: "-1" } },
      { headers: { "sluice-origin-timestamp": "0" } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "a timestamp of 0",
      { record: { timestamp: "0" } },
      { headers: { "sluice-origin-timestamp": "0" } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "a kept origin and a record without a timestamp",
      { trusted: true, record: { timestamp: "-1", headers: ORIGIN } },
      { headers: { "sluice-origin-timestamp": "9" } },
      keeps,
      ["Origin", "Kept"],
    ),
    .../** @type {const} */ ([
      [
        "the cluster alone",
        { cluster: "kc" },
        {
          "sluice-origin-cluster": "kc",
          "sluice-origin-partition-count": undefined,
          "sluice-origin-leader-epoch": undefined,
        },
      ],
      [
        "the count of partitions alone",
        { partitionCount: 1 },
        {
          "sluice-origin-cluster": undefined,
          "sluice-origin-partition-count": "1",
          "sluice-origin-leader-epoch": undefined,
        },
      ],
      ["a leader epoch of 0 is known", { leaderEpoch: 0 }, { "sluice-origin-leader-epoch": "0" }],
      [
        "all companions at their greatest",
        { cluster: "c".repeat(256), partitionCount: I31, leaderEpoch: I31 },
        {
          "sluice-origin-cluster": "c".repeat(256),
          "sluice-origin-partition-count": "2147483647",
          "sluice-origin-leader-epoch": "2147483647",
        },
      ],
    ]).map(([comment, change, headers]) => dead(comment, change, { headers }, writes, ["Origin"])),
    dead(
      "a cluster's id of 256 bytes",
      { cluster: "é".repeat(128) },
      { headers: { "sluice-origin-cluster": "é".repeat(128) } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "a cluster's id that is longer is not written, and never cut",
      { cluster: `${"é".repeat(128)}c` },
      { headers: { "sluice-origin-cluster": undefined } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "the least position",
      { record: { topic: ".", partition: 0, offset: "0", timestamp: "0" } },
      {
        partition: 0,
        headers: {
          "sluice-origin-topic": ".",
          "sluice-origin-partition": "0",
          "sluice-origin-offset": "0",
        },
      },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
    dead(
      "the longest topic",
      { record: { topic: "t".repeat(249) } },
      { headers: { "sluice-origin-topic": "t".repeat(249) } },
      writes,
      ["Origin", "EdgeOfRange"],
    ),
  ];
}
