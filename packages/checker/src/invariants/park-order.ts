import type { Findings } from "../invariant.ts";
import type { Member, Model, RecordModel } from "../model.ts";
import { firstAfter } from "../search.ts";
import { at, place } from "../words.ts";
import { laneOf, laneWord } from "./lanes.ts";

/**
 * With the mode `park` the rest of a lane follows its head into the retry topic, and must lie there in its order: who
 * reads the retry topic knows no other.
 *
 * Judged within what one member parks between two assignments, by the offsets in the retry topic. After a fault it is
 * not: an acknowledgement that was lost makes the member park a record again, behind those that followed it.
 */
export function judgeParkOrder(model: Model, findings: Findings): void {
  if (model.case.retry.mode !== "park") return;
  const fault = model.events.findIndex(({ type }) => type === "fault");
  for (const lane of parkedLanes(model)) {
    lane.sort((a, b) => (a.to.offset < b.to.offset ? -1 : 1));
    for (const [i, later] of lane.entries()) {
      const earlier = lane[i - 1];
      if (!earlier || anew(earlier, later)) continue;
      findings.examined();
      if (!(later.record.offset < earlier.record.offset)) continue;
      if (fault !== -1 && fault < Math.max(earlier.index, later.index)) continue;
      findings.violation(
        [...evidenceOf(earlier), ...evidenceOf(later)],
        () =>
          `${later.member.label} parked ${place(later.record)} at ${place(later.to)}, acknowledged at ${at(model, later.index)}, ` +
          `behind ${place(earlier.record)} of the same ${laneWord(model.case)} at ${place(earlier.to)}`,
      );
    }
  }
}

interface Parked {
  readonly index: number;
  readonly member: Member;
  readonly record: RecordModel;
  readonly to: RecordModel;
}

/** What a member parked of one lane in one partition of a retry topic. */
function parkedLanes(model: Model): Iterable<Parked[]> {
  const lanes = new Map<string, Parked[]>();
  for (const partition of model.partitions) {
    for (const record of partition.records.values()) {
      const key = record.handles[0]?.event.key ?? record.visible?.event.key ?? null;
      const lane = laneOf(model.case, key);
      if (lane === null) continue;
      for (const { index, member, goesOn } of record.diverts) {
        if (!goesOn) continue;
        const name = [member.label, partition.name, goesOn.partition.name, lane].join("\0");
        const parked = { index, member, record, to: goesOn };
        const others = lanes.get(name);
        if (others) others.push(parked);
        else lanes.set(name, [parked]);
      }
    }
  }
  return lanes.values();
}

/** In between the partition may have come back, and with it what was parked before. */
function anew(earlier: Parked, later: Parked): boolean {
  const from = Math.min(earlier.index, later.index);
  const assigned = later.member.assignments.map(({ index }) => index);
  return firstAfter(assigned, from) < Math.max(earlier.index, later.index);
}

function evidenceOf({ index, record }: Parked): readonly number[] {
  return [record.visible?.index ?? Infinity, record.handles[0]?.index ?? Infinity, index];
}
