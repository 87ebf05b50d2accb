import type { Findings, Invariant } from "../invariant.ts";
import type { Epoch, Member, Model, PartitionModel } from "../model.ts";
import { firstAfter, firstWhere } from "../search.ts";
import { at, place, seconds } from "../words.ts";
import { coursesOf, horizonOver } from "./lanes.ts";
import type { Horizon } from "./lanes.ts";
import { attempt, existing, theEnd } from "./shown.ts";

/**
 * A graceful stop: the process exits with 0 in time and without force, leaves the group where the wire
 * can show it, and has committed all that it had settled in front of its first unsettled record.
 */
export const v5: Invariant = {
  id: "V5",
  rule: "A stopped member drains, commits what it settled, leaves and exits with 0 in time.",
  needs: ["ledger"],
  liveness: true,
  judge(model, findings) {
    let epochs: Map<Member, Map<PartitionModel, Epoch>> | null = null;
    const horizons = new Map<PartitionModel, Horizon>();
    const horizonOf = (partition: PartitionModel): Horizon => {
      let horizon = horizons.get(partition);
      if (!horizon) {
        horizons.set(partition, (horizon = horizonOver(partition, partition.accepted)));
      }
      return horizon;
    };
    for (const member of model.members) {
      if (member.stopping === Infinity) continue;
      findings.examined();
      const { stopping, exited } = member;
      const asked = `${member.label} was asked to stop at ${at(model, stopping)}`;
      const stop = member.events.find(({ index }) => index === stopping)!.event;
      const limit = Math.max(model.case.limits.stopMs, stop.deadlineMs ?? 0);
      if (exited === Infinity) {
        if (member.killed === Infinity && model.endTime < stop.t + limit) {
          findings.inconclusive(`${asked}; the run ended before it was due to exit`);
        } else {
          findings.violation(
            [stopping, ...theEnd(model, member)],
            () => `${asked} and never exited`,
          );
        }
        continue;
      }
      const exit = member.events.find(({ index }) => index === exited)!.event;
      if (exit.t > stop.t + limit) {
        findings.violation(
          [stopping, exited],
          () => `${asked} and took ${seconds(exit.t - stop.t)}; allowed are ${seconds(limit)}`,
        );
      }
      if ((exit.code ?? null) !== 0) {
        findings.violation(
          [stopping, exited],
          () => `${asked} and ended with ${exit.signal ?? `code ${exit.code ?? "unknown"}`}`,
        );
      }
      const forced = member.events.find(({ event }) => event.forced === true);
      if (forced) {
        findings.violation(
          [stopping, forced.index, exited],
          () => `${asked} and reported a forced stop`,
        );
      }
      judgeLeave(model, member, asked, findings);
      epochs ??= lastEpochs(model);
      for (const epoch of epochs.get(member)?.values() ?? []) {
        judgeLastCommit(model, epoch, horizonOf(epoch.partition), findings);
      }
    }
  },
};

function judgeLeave(model: Model, member: Member, asked: string, findings: Findings): void {
  if (!model.witnesses.has("wire") || member.assignments.length === 0) return;
  const left = member.leaves.some((index) => index > member.stopping && index < member.exited);
  if (left) return;
  findings.violation(
    [member.assignments.at(-1)!.index, member.stopping, member.exited],
    () => `${asked} and did not leave the group`,
  );
}

/**
 * The record that the last commit points to must not be one that this member had settled in its last
 * epoch: then it stopped one commit short. Settled by others, it may not have known.
 */
function judgeLastCommit(
  model: Model,
  epoch: Epoch,
  committedBefore: Horizon,
  findings: Findings,
): void {
  if (!model.witnesses.has("wire") && !model.witnesses.has("commit-log")) return;
  const { member, partition } = epoch;
  const holds = member.assignments.at(-1)?.partitions.has(partition) ?? true;
  if (!holds) return;
  const left = Math.min(firstAfter(member.leaves, member.stopping), member.exited);
  const committed = committedBefore(member.exited);
  const next = partition.duty[firstWhere(partition.duty, ({ offset }) => !(offset < committed))];
  const begun = next && coursesOf(model, epoch).get(next);
  if (!begun || !(begun.settled < left)) return;
  const { settled } = begun;
  findings.violation(
    [
      existing(next),
      begun.first.index,
      ...attempt(begun.last),
      settled,
      member.stopping,
      left,
      member.exited,
    ],
    () =>
      `${member.label} stopped with ${partition.name} committed at ${committed}, although it had settled ${place(next)} at ${at(model, settled)}`,
  );
}

function lastEpochs(model: Model): Map<Member, Map<PartitionModel, Epoch>> {
  const last = new Map<Member, Map<PartitionModel, Epoch>>();
  for (const epoch of model.epochs) {
    let ofMember = last.get(epoch.member);
    if (!ofMember) last.set(epoch.member, (ofMember = new Map()));
    ofMember.set(epoch.partition, epoch);
  }
  return last;
}
