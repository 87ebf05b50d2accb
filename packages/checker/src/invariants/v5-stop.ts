import type { Findings, Invariant } from "../invariant.ts";
import type { Member, Model, PartitionModel } from "../model.ts";
import { at, place, seconds } from "../words.ts";
import { settledInEpoch } from "./lanes.ts";

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
          findings.violation([stopping], () => `${asked} and never exited`);
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
        findings.violation([stopping, forced.index], () => `${asked} and reported a forced stop`);
      }
      judgeLeave(model, member, asked, findings);
      for (const partition of model.partitions) judgeLastCommit(model, member, partition, findings);
    }
  },
};

function judgeLeave(model: Model, member: Member, asked: string, findings: Findings): void {
  if (!model.witnesses.has("wire") || member.assignments.length === 0) return;
  const left = member.leaves.some((index) => index > member.stopping && index < member.exited);
  if (left) return;
  findings.violation(
    [member.stopping, member.exited],
    () => `${asked} and did not leave the group`,
  );
}

/**
 * The record that the last commit points to must not be one that this member had settled in its last
 * epoch: then it stopped one commit short. Settled by others, it may not have known.
 */
function judgeLastCommit(
  model: Model,
  member: Member,
  partition: PartitionModel,
  findings: Findings,
): void {
  if (!model.witnesses.has("wire") && !model.witnesses.has("commit-log")) return;
  const epoch = model.epochs.findLast(
    (candidate) => candidate.member === member && candidate.partition === partition,
  );
  const holds = member.assignments.at(-1)?.partitions.has(partition) ?? true;
  if (!epoch || !holds) return;
  const left = member.leaves.find((index) => index > member.stopping) ?? member.exited;
  let committed = partition.start;
  for (const commit of partition.accepted) {
    if (commit.index < member.exited && commit.offset > committed) committed = commit.offset;
  }
  const next = partition.duty.find((record) => !(record.offset < committed));
  if (!next) return;
  const settled = settledInEpoch(model, next, epoch);
  if (!(settled < left)) return;
  findings.violation(
    [settled, left],
    () =>
      `${member.label} stopped with ${partition.name} committed at ${committed}, although it had settled ${place(next)} at ${at(model, settled)}`,
  );
}
