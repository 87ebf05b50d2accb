import { PARTITIONERS } from "@sluice/spec";
import type { PartitionerName } from "@sluice/spec";
import { nearest } from "../nearest.ts";
import { crc32 } from "./crc32.ts";
import { fnv1a } from "./fnv1a.ts";
import { murmur2 } from "./murmur2.ts";

/**
 * The partition that a key belongs to (SLC-PRT). A null key belongs to none: null means "any
 * partition". An empty key is a key.
 *
 * - `murmur2`: Java's default, franz-go, kafkajs 2; librdkafka's `murmur2_random`
 * - `crc32`: librdkafka's default `consistent_random` for keys that are not empty
 * - `fnv1a-abs`: Sarama's default; librdkafka's `fnv1a_random`
 * - `fnv1a-mask`: Sarama's reference hash partitioner
 *
 * @param count all partitions of the topic, not only the available ones
 * @throws RangeError for an unknown algorithm or a count outside 1 to 2^31-1
 */
export function partitionFor(
  algorithm: PartitionerName,
  key: Uint8Array | null,
  count: number,
): number | null {
  if (!Number.isInteger(count) || count < 1 || count > 0x7fff_ffff) {
    throw new RangeError(`partition count must be an integer from 1 to 2^31-1, got ${count}`);
  }
  if (key === null) return null;
  const hash = hashFor(algorithm, key);
  switch (algorithm) {
    // That of crc32 has no sign.
    case "crc32":
    case "fnv1a-abs":
      // The sign is dropped after the remainder, so that -2^31 needs no 33rd bit.
      return Math.abs(hash % count);
    default:
      // A mask and not Math.abs: the two differ for every negative hash.
      return (hash & 0x7fff_ffff) % count;
  }
}

/**
 * The hash of a key before it is folded into a partition: signed, of `crc32` unsigned.
 * @throws RangeError for an unknown algorithm
 */
export function hashFor(algorithm: PartitionerName, key: Uint8Array): number {
  switch (algorithm) {
    case "murmur2":
      return murmur2(key);
    case "crc32":
      return crc32(key);
    case "fnv1a-abs":
    case "fnv1a-mask":
      return fnv1a(key);
    default: {
      const name: string = algorithm;
      const hint = nearest(name, PARTITIONERS);
      throw new RangeError(
        `unknown partitioner ${JSON.stringify(name)}` +
          (hint === null ? `; known: ${PARTITIONERS.join(", ")}` : `; did you mean ${hint}?`),
      );
    }
  }
}
