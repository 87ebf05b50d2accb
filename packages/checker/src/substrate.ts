import type { Model, PartitionModel } from "./model.ts";
import { offsetOf } from "./offset.ts";
import type { Offset } from "./offset.ts";
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
      if (partition.range && record.offset < offsetOf(partition.range.event.start)) continue;
      problems.push({
        partition,
        detail: `${partition.name}@${record.offset}, acknowledged at ${at(model, record.produced.index)}, is not in the topic`,
      });
    }
  }
  return problems;
}

/**
 * Where two witnesses of the same thing contradict each other, one of them is blind, and nothing can be
 * concluded from what it did not see: a commit log that lacks what the broker was seen to accept.
 */
export function witnessProblems(model: Model): readonly string[] {
  const problems = model.blind.map(
    (witness) => `the witness ${witness} saw nothing of what others saw`,
  );
  if (!model.witnesses.has("commit-log")) return problems;
  for (const partition of model.partitions) {
    const logged = new Map<Offset, number>();
    for (const { offset } of partition.log) logged.set(offset, (logged.get(offset) ?? 0) + 1);
    for (const request of partition.requests) {
      if (request.error !== 0) continue;
      const left = logged.get(request.offset) ?? 0;
      logged.set(request.offset, left - 1);
      if (left > 0) continue;
      problems.push(
        `the commit log lacks ${partition.name} ${request.offset}, accepted at ${at(model, request.answered)}`,
      );
    }
  }
  return problems;
}
