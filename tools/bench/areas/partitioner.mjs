// @ts-check
// The partition of a key by murmur2 as Java has it, against the two packages of npm that do the same.
import { createRequire } from "node:module";
import { murmur2 } from "../../../packages/core/dist/index.js";

export const title = "Partitioner: the partition of a key, by murmur2";
const RUNS = 100_000;
const KEYS = 1_000;
const PARTITIONS = 12;

const require = createRequire(import.meta.url);
/** @type {(key: Buffer) => number} */
const kafkajs = require("kafkajs/src/producer/partitioners/default/murmur2.js");
/** @type {{ partition: (key: Buffer, partitions: number) => number }} */
const npm = require("murmur2-partitioner");

/** @param {number} hash */
const partitionOf = (hash) => (hash & 0x7fffffff) % PARTITIONS;

/** @type {readonly import("../lib/area.ts").Variant[]} */
export const variants = [13, 36].flatMap((length) => {
  const ours = `sluice, ${length} bytes`;
  return [
    variant(ours, length, (key) => partitionOf(murmur2(key))),
    variant(`kafkajs, ${length} bytes`, length, (key) => partitionOf(kafkajs(key)), ours),
    variant(
      `murmur2-partitioner, ${length} bytes`,
      length,
      (key) => npm.partition(key, PARTITIONS),
      ours,
    ),
  ];
});

/**
 * @param {string} name @param {number} length
 * @param {(key: Buffer) => number} partition
 * @param {string} [base]
 * @returns {import("../lib/area.ts").Variant}
 */
function variant(name, length, partition, base) {
  return {
    name,
    ...(base !== undefined && { base }),
    make: () => {
      const keys = Array.from({ length: KEYS }, (_, i) => Buffer.from(`k${i}`.padEnd(length, "x")));
      for (const key of keys) {
        if (partition(key) !== partitionOf(murmur2(key))) throw new Error(`${key}: another one`);
      }
      return () => {
        let sum = 0;
        for (let run = 0; run < RUNS; run++) {
          sum += partition(/** @type {Buffer} */ (keys[run % KEYS]));
        }
        if (!(sum >= 0)) throw new Error("no partition");
        return RUNS;
      };
    },
  };
}
