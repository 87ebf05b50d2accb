// @ts-check
// Values that were found before the generators were written, by other programs: Kafka's Java
// classes, the C and Go sources of other clients (partitioners) and a Python model (metadata).
import { readFileSync } from "node:fs";
import { deepStrictEqual } from "node:assert/strict";

/** @typedef {ReturnType<typeof import("./vector-file.mjs").vectorFile>} VectorFile */

/**
 * Throws when a file and the seeds that apply to it disagree, or none apply.
 * @param {string} name
 * @param {VectorFile} file
 */
export function checkSeeds(name, file) {
  if (name.startsWith("partitioner_")) checkPartitioner(name, file);
  if (name === "commit_metadata") checkMetadata(file);
}

/**
 * Partitioners as the seeds call them: the field of the hash and that of the partitions.
 * @type {Record<string, [hash: string, partitions: string]>}
 */
const SEED_NAMES = {
  murmur2: ["murmur2", "murmur2"],
  crc32: ["crc32", "crc32"],
  "fnv1a-abs": ["fnv1a", "fnv1aAbs"],
  "fnv1a-mask": ["fnv1a", "fnv1aMask"],
};

/**
 * @param {string} name
 * @param {VectorFile} file
 */
function checkPartitioner(name, file) {
  for (const { params, tests } of file.testGroups) {
    const { partitioner, counts } = /** @type {{ partitioner: string, counts: number[] }} */ (
      params
    );
    const [hashField, partitionField] = SEED_NAMES[partitioner] ?? ["", ""];
    const byKey = new Map(tests.map(({ input, expect }) => [input.key, expect]));
    for (const seed of seeds("partitioner-seeds.json")) {
      const expect = byKey.get(seed.key);
      const where = `${name}: key ${seed.key} of ${partitioner}`;
      if (expect === undefined) throw new Error(`${where} is missing`);
      const partitions = /** @type {number[]} */ (expect.partitions);
      deepStrictEqual(expect.hash, seed[hashField], where);
      counts.forEach((count, i) => {
        const partition = seed.partition[partitionField][count];
        // The seeds have other counts than the vectors; those that both have must agree.
        if (partition !== undefined)
          deepStrictEqual(partitions[i], partition, `${where}, ${count}`);
      });
    }
  }
}

/** Seeds of when offsets still had 63 bits; above 2^53 - 1 they are malformed now. */
const BEYOND_RANGE = new Set([5, 6, 20, 21]);

/** @param {VectorFile} file */
function checkMetadata(file) {
  const tests = file.testGroups
    .filter(({ type }) => type === "CommitMetadataDecode")
    .flatMap(({ tests }) => tests);
  for (const seed of seeds("commit-metadata-seeds.json")) {
    const beyond = BEYOND_RANGE.has(seed.tcId);
    const test = tests.find(
      ({ input }) =>
        input.metadata === seed.metadata &&
        (beyond || input.committedOffset === seed.committedOffset),
    );
    const where = `commit_metadata: seed ${seed.tcId} (${seed.comment})`;
    if (test === undefined) throw new Error(`${where} is missing`);
    const { settled, truncated, rejected } = test.expect;
    if (beyond) {
      deepStrictEqual(rejected, "varint", where);
      continue;
    }
    deepStrictEqual(rejected !== null, seed.result === "invalid", where);
    // The seeds name the last offset of a range, the operation the one after it.
    const ranges = seed.expect.completed.map((/** @type {[string, string]} */ [from, last]) => [
      from,
      String(BigInt(last) + 1n),
    ]);
    deepStrictEqual(
      { settled, truncated },
      { settled: ranges, truncated: seed.expect.truncated },
      where,
    );
  }
}

/** @param {string} name */
function seeds(name) {
  const text = readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
  return JSON.parse(text).testGroups[0].tests;
}
