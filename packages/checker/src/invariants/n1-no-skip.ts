import type { Invariant } from "../invariant.ts";
import type { Epoch, Handle, Member, Model, PartitionModel, RecordModel } from "../model.ts";
import { at, place } from "../words.ts";
import { commitHorizon, laneOf } from "./lanes.ts";
import { existing } from "./shown.ts";

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
    const occupied = new Map<Member, Occupied>();
    for (const epoch of finalEpochs(model)) {
      const { member, partition } = epoch;
      const until = endOf(member);
      let furthest: Handle | null = null;
      const begun = new Set<RecordModel>();
      const waitedFor = new Set<string | null>();
      for (const handle of epoch.handles) {
        if (handle.index >= until) break;
        const { record } = handle;
        if (!furthest || furthest.record.offset < record.offset) furthest = handle;
        begun.add(record);
        if (record.settled === Infinity) waitedFor.add(laneOf(model.case, handle.event.key));
      }
      if (!furthest) continue;
      const last = furthest;
      const horizon = commitHorizon(partition)(Infinity);
      for (const record of partition.duty) {
        if (!(record.offset < last.record.offset)) break;
        findings.examined();
        if (begun.has(record) || record.settled < Infinity || record.offset < horizon) continue;
        let busy = occupied.get(member);
        if (!busy) occupied.set(member, (busy = occupiedAtEnd(model, member)));
        const lane = laneOf(model.case, record.visible!.event.key);
        const waits = lane !== null && (busy.lanes.has(lane) || waitedFor.has(lane));
        if (waits || busy.handlers >= model.case.concurrency) continue;
        findings.violation(
          [last.index, model.quiesce, existing(record), existing(last.record)],
          () =>
            `${member.label} passed over ${place(record)}: it began ${place(last.record)} at ${at(model, last.index)} ` +
            `and never that one, which nobody settled either`,
        );
      }
    }
  },
};

interface Occupied {
  readonly handlers: number;
  readonly lanes: ReadonlySet<string | null>;
}

/** What a member was still running in the end. */
function occupiedAtEnd(model: Model, member: Member): Occupied {
  const until = endOf(member);
  const running = model.handles.filter(
    (handle) =>
      handle.member === member &&
      handle.index < until &&
      (!handle.finish || handle.finish.index > until),
  );
  const lanes = new Set(running.map(({ event }) => laneOf(model.case, event.key)));
  return { handlers: running.length, lanes };
}

/** From here on a member need not get on. */
function endOf({ stopping, killed, exited }: Member): number {
  return Math.min(stopping, killed, exited);
}

/** For each partition the last epoch to begin something, if its member still held it when all was quiet. */
function finalEpochs(model: Model): readonly Epoch[] {
  const last = new Map<PartitionModel, Epoch>();
  for (const epoch of model.epochs) last.set(epoch.partition, epoch);
  const passedOn = new Set<PartitionModel>();
  for (const member of model.members) {
    for (const { index, partitions } of member.assignments) {
      for (const partition of partitions) {
        const epoch = last.get(partition);
        if (epoch && epoch.member !== member && epoch.handles[0]!.index < index) {
          passedOn.add(partition);
        }
      }
    }
  }
  return [...last.values()].filter(
    ({ member, partition }) => endOf(member) >= model.quiesce && !passedOn.has(partition),
  );
}
