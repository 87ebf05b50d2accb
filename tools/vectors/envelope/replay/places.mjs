// @ts-check
// Which partition a replay is written to (SLC-RPL-004 to -006).
import { raw } from "../bytes.mjs";
import { COUNT, plan, PLAN, with_ } from "./case.mjs";
import { I31 } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../move/model.mjs").Source} Source */
/** @typedef {import("./model.mjs").Partitioner} Partitioner */

/** @returns {Test[]} */
export function places() {
  const same = ["SLC-RPL-004"];
  const byKey = ["SLC-RPL-005"];
  const keyless = ["SLC-RPL-006"];
  const flags = ["Partition"];
  const to = (
    /** @type {string} */ topic,
    /** @type {number} */ partitions,
    /** @type {Partitioner} */ partitioner = "murmur2",
  ) => ({
    destinations: [{ topic, partitions, partitioner }],
  });
  const repair = (
    /** @type {number} */ partitions,
    /** @type {Partitioner} */ partitioner = "murmur2",
  ) => ({
    destination: "repair",
    ...to("repair", partitions, partitioner),
  });
  /** Keys with their partitions of 12, as other programs computed them. */
  const keys = /** @type {const} */ ([
    ["order-42", "order-42", { murmur2: 0, crc32: 10, "fnv1a-abs": 8, "fnv1a-mask": 8 }],
    [
      "a7d6506c, whose murmur2 is the least integer",
      raw("a7d6506c"),
      { murmur2: 0, crc32: 9, "fnv1a-abs": 8, "fnv1a-mask": 0 },
    ],
    [
      "three characters of three bytes",
      "日本語",
      { murmur2: 10, crc32: 1, "fnv1a-abs": 1, "fnv1a-mask": 7 },
    ],
    ["ff", raw("ff"), { murmur2: 3, crc32: 0, "fnv1a-abs": 2, "fnv1a-mask": 2 }],
    ["empty", "", { murmur2: 9, crc32: 0, "fnv1a-abs": 3, "fnv1a-mask": 5 }],
  ]);
  /** @type {(record?: Partial<Source>) => { record: Partial<Source> }} */
  const noOrigin = (record) => ({ record: { headers: [["sluice-spec", "1"]], ...record } });
  return [
    plan(
      "the same topic with as many partitions: the origin's partition, whatever the key's",
      {},
      { partition: 3 },
      same,
      flags,
    ),
    plan(
      "the same for a key that is null",
      { record: { key: null } },
      { partition: 3 },
      same,
      flags,
    ),
    plan(
      "the same when the topic is named",
      { destination: "orders" },
      { partition: 3 },
      same,
      flags,
    ),
    plan(
      "the same with another partitioner",
      to("orders", 12, "crc32"),
      { partition: 3 },
      same,
      flags,
    ),
    plan(
      "the last count of the origin's partitions",
      with_("sluice-origin-partition-count", "1", "12"),
      { partition: 3 },
      [...same, "SLC-ENV-002"],
      ["Partition", "Repeated"],
    ),
    plan(
      "the last of as many partitions",
      with_("sluice-origin-partition", "11"),
      { partition: 11 },
      same,
      ["Partition", "EdgeOfRange"],
    ),
    plan(
      "an origin's partition that its topic does not have: by the key",
      with_("sluice-origin-partition", "12"),
      { partition: 0 },
      [...same, ...byKey],
      ["Partition", "EdgeOfRange"],
    ),
    plan(
      "an origin's partition that its topic does not have, no key: modulo",
      { record: { key: null, ...with_("sluice-origin-partition", "20").record } },
      { partition: 8 },
      [...same, ...keyless],
      ["Partition", "EdgeOfRange"],
    ),
    plan(
      "a topic that the list has twice: the first counts",
      {
        destinations: [
          { topic: "orders", partitions: 6, partitioner: "crc32" },
          ...PLAN.destinations,
        ],
      },
      { partition: 4 },
      byKey,
      flags,
    ),
    plan("one partition more", to("orders", 13), {}, byKey, flags),
    plan("one partition less", to("orders", 11), {}, byKey, flags),
    plan("fewer than the origin's partition", to("orders", 3), { partition: 0 }, byKey, flags),
    plan("half as many", to("orders", 6), { partition: 0 }, byKey, flags),
    plan(
      "the count of then is not known",
      with_("sluice-origin-partition-count"),
      { partition: 0 },
      [...byKey, ...same],
      flags,
    ),
    plan(
      "the count of then is malformed",
      with_("sluice-origin-partition-count", "012"),
      { partition: 0 },
      [...byKey, "SLC-ENV-020"],
      flags,
    ),
    plan(
      "the count of then is null",
      with_("sluice-origin-partition-count", "12", null),
      { partition: 0 },
      [...byKey, "SLC-ENV-005"],
      ["Partition", "Null", "Repeated"],
    ),
    ...keys.flatMap(([name, key, partitions]) =>
      Object.entries(partitions).map(([partitioner, partition]) =>
        plan(
          `another topic with as many partitions: ${partitioner} of the key ${name}`,
          { ...repair(12, /** @type {Partitioner} */ (partitioner)), record: { key } },
          { partition, topic: "repair" },
          byKey,
          key === "" ? ["Partition", "Null"] : flags,
        ),
      ),
    ),
    plan(
      "another topic without an origin: by the key",
      { ...repair(12), ...noOrigin() },
      { partition: 0 },
      byKey,
      flags,
    ),
    plan(
      "without an origin the topic of the same name is any other",
      { destination: "orders", ...noOrigin({ headers: [["sluice-spec", "1"], COUNT] }) },
      { partition: 0 },
      byKey,
      flags,
    ),
    plan(
      "no key, another topic: the origin's partition",
      { ...repair(12), record: { key: null } },
      { partition: 3 },
      keyless,
      flags,
    ),
    plan(
      "no key, another topic with fewer partitions: modulo",
      { ...repair(2), record: { key: null } },
      { partition: 1 },
      keyless,
      flags,
    ),
    plan(
      "no key, the same topic with fewer partitions",
      { ...to("orders", 3), record: { key: null } },
      { partition: 0 },
      keyless,
      flags,
    ),
    plan(
      "no key, the same topic with more partitions",
      { ...to("orders", 24), record: { key: null } },
      { partition: 3 },
      keyless,
      flags,
    ),
    plan(
      "no key, the count of then is not known",
      { record: { key: null, ...with_("sluice-origin-partition-count").record } },
      { partition: 3 },
      keyless,
      flags,
    ),
    plan(
      "no key, no origin: the dead letter's partition",
      { ...repair(12), ...noOrigin({ key: null, partition: 5 }) },
      { partition: 5 },
      keyless,
      flags,
    ),
    plan(
      "no key, no origin: the dead letter's partition, modulo",
      { ...repair(4), ...noOrigin({ key: null, partition: 5 }) },
      { partition: 1 },
      keyless,
      flags,
    ),
    plan(
      "no key, an incomplete origin: the dead letter's partition",
      {
        ...repair(12),
        record: { key: null, partition: 5, ...with_("sluice-origin-topic").record },
      },
      { partition: 5 },
      [...keyless, "SLC-ENV-013"],
      flags,
    ),
    plan(
      "no key, the greatest of partitions",
      {
        ...repair(I31),
        record: { key: null, ...with_("sluice-origin-partition", "2147483646").record },
      },
      { partition: 2_147_483_646 },
      keyless,
      ["Partition", "EdgeOfRange"],
    ),
    plan("one partition only", { ...repair(1) }, { partition: 0 }, byKey, [
      "Partition",
      "EdgeOfRange",
    ]),
  ];
}
