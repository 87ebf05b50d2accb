import { PARTITIONERS } from "@sluice/spec";
import { hashFor, partitionFor } from "../partitioner/partition-for.ts";
import { integerOf, VectorInput } from "./input.ts";

/** Appendix D.2. */
export function partition(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const partitioner = fields.oneOf("partitioner", PARTITIONERS);
  const key = fields.bytesOrNull("key");
  const counts = fields.list("counts", (count, path) => integerOf(count, path, 1, 0x7fff_ffff));
  if (key === null) return { hash: null, partitions: null };
  return {
    hash: hashFor(partitioner, key),
    partitions: counts.map((count) => partitionFor(partitioner, key, count)),
  };
}
