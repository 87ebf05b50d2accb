import type { Invariant } from "../invariant.ts";
import type { Epoch, Handle, Member, Model, PartitionModel } from "../model.ts";
import { at, place } from "../words.ts";
import { commitHorizon, laneOf } from "./lanes.ts";

/**
 * Judged in the epoch that holds a partition in the quiesce phase, because an epoch that is cut short
 * may rightly leave records queued. There, every record before one that was begun is begun too or
 * settled by somebody, unless it still has a reason to wait: its lane is busy, or the member runs as
 * many handlers as it may.
 */
export const n1: Invariant = {
  id: "N1",
  rule: "No record is passed over: what lies before a begun record is begun or settled as well.",
  needs: ["ledger", "topics"],
  liveness: true,
  judge(model, findings) {
    for (const partition of model.partitions) {
      const epoch = finalEpoch(model, partition);
      if (!epoch) continue;
      const { member } = epoch;
      const until = Math.min(member.stopping, member.killed, member.exited);
      const begun = epoch.handles.filter(({ index }) => index < until);
      const furthest = begun.reduce<Handle | null>(
        (most, handle) => (most && most.record.offset > handle.record.offset ? most : handle),
        null,
      );
      if (!furthest) continue;
      let running: readonly Handle[] | null = null;
      const records = new Set(begun.map(({ record }) => record));
      const horizon = commitHorizon(partition)(Infinity);
      for (const record of partition.duty) {
        if (!(record.offset < furthest.record.offset)) break;
        findings.examined();
        if (records.has(record) || record.settled < Infinity) continue;
        if (record.offset < horizon) continue;
        const lane = laneOf(model.case, record.visible!.event.key);
        running ??= runningAt(model, member, until);
        const waits =
          running.length >= model.case.concurrency ||
          (lane !== null &&
            (running.some((other) => laneOf(model.case, other.event.key) === lane) ||
              begun.some(
                (other) =>
                  other.record.settled === Infinity && laneOf(model.case, other.event.key) === lane,
              )));
        if (waits) continue;
        findings.violation(
          [furthest.index],
          () =>
            `${member.label} passed over ${place(record)}: it began ${furthest.record.offset} at ${at(model, furthest.index)} ` +
            `and never ${record.offset}, which nobody settled`,
        );
      }
    }
  },
};

function runningAt(model: Model, member: Member, index: number): readonly Handle[] {
  return model.handles.filter(
    (handle) =>
      handle.member === member &&
      handle.index < index &&
      (!handle.finish || handle.finish.index > index),
  );
}

/** The last epoch to begin something, if its member still held the partition when all was quiet. */
function finalEpoch(model: Model, partition: PartitionModel): Epoch | null {
  const epoch = model.epochs.findLast((candidate) => candidate.partition === partition);
  if (!epoch) return null;
  const { member } = epoch;
  if (Math.min(member.stopping, member.killed, member.exited) < model.quiesce) return null;
  const first = epoch.handles[0]!.index;
  const passedOn = model.members.some((other) =>
    other.assignments.some(
      ({ index, partitions }) => index > first && partitions.has(partition) && other !== member,
    ),
  );
  return passedOn ? null : epoch;
}
