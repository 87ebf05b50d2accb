import type { Model, PartitionModel } from "./model.ts";
import { offsetOf } from "./offset.ts";
import { at } from "./words.ts";

/**
 * What the broker or the witness itself got wrong: an acknowledged record that is not in the topic or
 * is there with another content. It says nothing about a subject, so it makes a case unknown, never
 * failed.
 */
export function substrateProblems(
  model: Model,
): readonly { readonly partition: PartitionModel; readonly detail: string }[] {
  if (!model.witnesses.has("topics")) return [];
  const problems: { partition: PartitionModel; detail: string }[] = [];
  for (const partition of model.partitions) {
    for (const record of partition.records.values()) {
      if (record.contradicted) {
        problems.push({
          partition,
          detail: `${partition.name}@${record.offset} does not hold what was acknowledged there`,
        });
        continue;
      }
      if (!record.produced || record.visible) continue;
      // Deleted by the script: the log starts above it.
      if (partition.range && record.offset < offsetOf(partition.range.start)) continue;
      problems.push({
        partition,
        detail: `${partition.name}@${record.offset}, acknowledged at ${at(model, record.produced.index)}, is not in the topic`,
      });
    }
  }
  return problems;
}
