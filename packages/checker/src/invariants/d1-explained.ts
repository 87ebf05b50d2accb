import type { Invariant } from "../invariant.ts";
import type { Epoch, Model, PartitionModel, RecordModel } from "../model.ts";
import type { Offset } from "../offset.ts";
import { at, ending, place } from "../words.ts";
import { byLog, latestKnown } from "./committed.ts";
import type { Committed } from "./committed.ts";
import { Tenures } from "./ownership.ts";
import { attempt } from "./shown.ts";

/**
 * Within an epoch a record begins again only after a failed attempt. In a new epoch it may begin again
 * (the epoch change explains it) unless a commit beyond it was in force before the epoch was granted:
 * a member starts where the group has committed. For the same reason nothing is begun below the group's
 * first position.
 */
export const d1: Invariant = {
  id: "D1",
  rule: "A record begins again only after a failed attempt or because its partition was handed on.",
  needs: ["ledger"],
  liveness: false,
  judge(model, findings) {
    const floors = new Map<PartitionModel, Floor>();
    const tenures = model.witnesses.has("wire") ? new Tenures(model) : null;
    for (const partition of model.partitions) {
      for (const record of partition.records.values()) {
        findings.examined(record.handles.length);
        const [first] = record.handles;
        if (first && partition.workload && record.offset < partition.start) {
          findings.violation(
            [partition.startIndex, first.index],
            () =>
              `${first.member.label} began ${place(record)} at ${at(model, first.index)}, below ${partition.start}, where the group begins`,
          );
        }
        if (record.handles.length > 1) judge(partition, record);
      }
    }

    function judge(partition: PartitionModel, record: RecordModel): void {
      const seen = new Map<Epoch, number>();
      for (const [i, handle] of record.handles.entries()) {
        const { epoch } = handle;
        const previous = seen.get(epoch);
        seen.set(epoch, i);
        if (previous !== undefined) {
          const earlier = record.handles[previous]!;
          // A terminal failure that is tried again is T1's to tell.
          const result = earlier.finish?.event.result;
          const over = earlier.finish && earlier.finish.index < handle.index;
          if (over && result !== "ok" && result !== "skip") continue;
          findings.violation(
            [...attempt(earlier), handle.index],
            () =>
              `${handle.member.label} began ${place(record)} again in epoch ${epoch.claim} at ${at(model, handle.index)}: ` +
              `its handler begun at ${at(model, earlier.index)} had ${over ? ending(model, earlier) : "not finished"}`,
          );
        } else if (seen.size > 1) {
          const grant = tenures?.earliestGrant(epoch);
          if (!grant) continue;
          let floor = floors.get(partition);
          if (!floor) floors.set(partition, (floor = committedFloor(model, partition)));
          const committed = floor(grant.index);
          if (committed === null || !(committed.lowest > record.offset)) continue;
          const before = attempt(record.handles[0]!);
          findings.violation(
            [...before, committed.asked, committed.known, grant.index, handle.index],
            () =>
              `${handle.member.label} began ${place(record)} again at ${at(model, handle.index)}, although ${committed.lowest} was ` +
              `committed before it was given ${partition.name} at ${at(model, grant.index)}`,
          );
        }
      }
    }
  },
};

type Floor = (index: number) => (Committed & { readonly lowest: Offset }) | null;

/**
 * The lowest committed offset that a member granted the partition at an index can have found: the
 * one known to be in force by then, or any that came later. Null when none was known.
 */
function committedFloor(model: Model, partition: PartitionModel): Floor {
  const entries = byLog(model, partition);
  const latest = latestKnown(entries);
  const lowest: Offset[] = [];
  for (let i = entries.length - 1; i >= 0; i -= 1) {
    const { offset } = entries[i]!;
    const later = lowest[i + 1];
    lowest[i] = later !== undefined && later < offset ? later : offset;
  }
  return (index) => {
    const position = latest(index);
    return position === -1 ? null : { ...entries[position]!, lowest: lowest[position]! };
  };
}
