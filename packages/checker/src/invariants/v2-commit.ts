import type { Invariant } from "../invariant.ts";
import type { AcceptedCommit, Model, PartitionModel } from "../model.ts";
import { at, place, seconds } from "../words.ts";
import { allGone, restedBy } from "./ends.ts";
import { accepted, course, existing, theEnd } from "./shown.ts";

/**
 * Only partitions that came to rest are judged; the others are V1's. A commit counts from when
 * it was asked for. One that only the commit log or a poll shows may be older than its reading, so it is never
 * called late.
 */
export const v2: Invariant = {
  id: "V2",
  rule: "Once its last record has settled, and no attempt is left, a partition is committed to its end in time.",
  needs: ["topics", ["wire", "commit-log", "polls"]],
  liveness: true,
  judge(model, findings) {
    const { commitMs } = model.case.limits;
    for (const partition of model.partitions) {
      const last = partition.duty.at(-1);
      const rested = restedBy(partition);
      if (!partition.workload || !last || rested === Infinity) continue;
      findings.examined();
      const from = Math.max(model.timeOf(rested), model.timeOf(model.quiesce));
      const end = reachedEnd(partition);
      const reached = timeOf(model, end);
      if (reached <= from + commitMs) continue;
      if (reached === Infinity && model.endTime < from + commitMs && !allGone(model)) {
        findings.inconclusive(
          `the run ended at ${at(model, model.events.length - 1)}, before the commit of ${partition.name} was due`,
        );
        continue;
      }
      const commit = end ?? partition.accepted.at(-1);
      const shown = [existing(last), ...course(last), ...(commit ? accepted(commit) : [])];
      findings.violation([...shown, ...theEnd(model, last.handles.at(-1)?.member)], () => {
        const state = commit ? `at ${commit.offset}` : "not committed at all";
        return (
          `${partition.name} was settled up to ${place(last)}, and nothing of it was being handled, at ${at(model, rested)}, but ` +
          (reached === Infinity
            ? `is ${state}; due was ${seconds(commitMs)} later`
            : `committed to its end only at ${seconds(reached - (model.events[0]?.t ?? 0))}`)
        );
      });
    }
  },
};

/** The commit that is the earliest known to lie behind the last record. */
function reachedEnd(partition: PartitionModel): AcceptedCommit | null {
  const last = partition.duty.at(-1)!;
  let reached: AcceptedCommit | null = null;
  for (const commit of partition.accepted) {
    if (!(commit.offset > last.offset)) continue;
    if (commit.member === null) return commit;
    reached ??= commit;
  }
  return reached;
}

function timeOf(model: Model, commit: AcceptedCommit | null): number {
  if (commit === null) return Infinity;
  return commit.member ? model.timeOf(commit.index) : -Infinity;
}
