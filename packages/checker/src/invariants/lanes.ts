import type { CaseEvent } from "../history.ts";
import type { Epoch, Handle, Model, PartitionModel, RecordModel } from "../model.ts";
import type { Offset } from "../offset.ts";
import { isTerminalFailure } from "../build.ts";

/** Names the lane of a record within its partition; null when it shares order with nothing. */
export function laneOf(header: CaseEvent, key: string | null): string | null {
  switch (header.ordering) {
    case "key":
      return key === null ? null : `k${key}`;
    case "partition":
      return "p";
    case "none":
      return null;
  }
}

/** When `record` settled by work done in `epoch`; Infinity if it did not. */
export function settledInEpoch(model: Model, record: RecordModel, epoch: Epoch): number {
  let settled = Infinity;
  let first = Infinity;
  for (const handle of record.handles) {
    if (handle.epoch !== epoch) continue;
    first = Math.min(first, handle.index);
    if (handle.finish && settles(model, handle)) {
      settled = Math.min(settled, handle.finish.index);
    }
  }
  for (const divert of record.diverts) {
    if (divert.member === epoch.member && divert.index > first) {
      settled = Math.min(settled, divert.index);
    }
  }
  return settled;
}

function settles(model: Model, handle: Handle): boolean {
  const result = handle.finish?.event.result;
  if (result === "ok" || result === "skip") return true;
  // Without the wire the dead letter's acknowledgement has no time: its earliest possible one counts.
  return !model.witnesses.has("wire") && isTerminalFailure(handle, model.case);
}

/** The records of duty of each lane of a partition, by offset. */
export function lanesOf(header: CaseEvent, partition: PartitionModel): Map<string, RecordModel[]> {
  const lanes = new Map<string, RecordModel[]>();
  for (const record of partition.duty) {
    const lane = laneOf(header, record.visible!.event.key);
    if (lane === null) continue;
    const records = lanes.get(lane);
    if (records) records.push(record);
    else lanes.set(lane, [record]);
  }
  return lanes;
}

/**
 * The highest offset that anybody had asked to commit before an index: a subject may have started
 * there, and if something below it was not settled, P1 says so.
 */
export function commitHorizon(partition: PartitionModel): (index: number) => Offset {
  const points: { readonly index: number; readonly highest: Offset }[] = [];
  let highest: Offset = partition.start;
  const commits = [...partition.requests, ...partition.accepted].sort((a, b) => a.index - b.index);
  for (const { index, offset } of commits) {
    if (!(offset > highest)) continue;
    highest = offset;
    points.push({ index, highest });
  }
  return (index) => {
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (points[middle]!.index < index) low = middle + 1;
      else high = middle;
    }
    return points[low - 1]?.highest ?? partition.start;
  };
}
