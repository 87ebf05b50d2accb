import type { Invariant } from "../invariant.ts";
import type { Model, PartitionModel } from "../model.ts";
import { at, seconds } from "../words.ts";
import { allGone, settledBy } from "./ends.ts";

/**
 * Only partitions whose records all settled are judged; the others are V1's. A commit counts from when
 * it was asked for. One that only the commit log shows may be older than its reading, so it is never
 * called late.
 */
export const v2: Invariant = {
  id: "V2",
  rule: "Once its last record has settled, a partition is committed to its end in time.",
  needs: ["topics", ["wire", "commit-log"]],
  liveness: true,
  judge(model, findings) {
    const { commitMs } = model.case.limits;
    for (const partition of model.partitions) {
      const last = partition.duty.at(-1);
      const settled = settledBy(partition);
      if (!partition.workload || !last || settled === Infinity) continue;
      findings.examined();
      const from = Math.max(model.timeOf(settled), model.timeOf(model.quiesce));
      const reached = reachedEnd(model, partition);
      if (reached <= from + commitMs) continue;
      if (reached === Infinity && model.endTime < from + commitMs && !allGone(model)) {
        findings.inconclusive(
          `the run ended at ${at(model, model.events.length - 1)}, before the commit of ${partition.name} was due`,
        );
        continue;
      }
      const commit = partition.accepted.at(-1);
      findings.violation([settled, commit?.index ?? Infinity], () => {
        const state = commit ? `at ${commit.offset}` : "not committed at all";
        return (
          `${partition.name} was settled up to ${last.offset} at ${at(model, settled)}, but ` +
          (reached === Infinity
            ? `is ${state}; due was ${seconds(commitMs)} later`
            : `committed to its end only at ${seconds(reached - (model.events[0]?.t ?? 0))}`)
        );
      });
    }
  },
};

/** Time of the first commit behind the last record; Infinity when there was none. */
function reachedEnd(model: Model, partition: PartitionModel): number {
  const last = partition.duty.at(-1)!;
  let reached = Infinity;
  for (const commit of partition.accepted) {
    if (!(commit.offset > last.offset)) continue;
    reached = Math.min(reached, commit.member ? model.timeOf(commit.index) : -Infinity);
  }
  return reached;
}
