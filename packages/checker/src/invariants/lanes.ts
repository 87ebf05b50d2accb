import type { CaseEvent } from "../history.ts";
import type { Divert, Epoch, Handle, Model, PartitionModel, RecordModel } from "../model.ts";
import type { Offset } from "../offset.ts";
import { isTerminalFailure } from "../build.ts";
import { firstWhere } from "../search.ts";

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

/** For messages: what the records of a lane have in common. */
export function laneWord({ ordering }: CaseEvent): string {
  return ordering === "partition" ? "partition" : "key";
}

/** What an epoch did to each record that it began. */
export interface Course {
  readonly first: Handle;
  last: Handle;
  /** Index at which its lane could go on by work done in this epoch; Infinity if it could not. */
  settled: number;
}

export function coursesOf(model: Model, epoch: Epoch): ReadonlyMap<RecordModel, Course> {
  const courses = new Map<RecordModel, Course>();
  for (const handle of epoch.handles) {
    const { record } = handle;
    let course = courses.get(record);
    if (!course) {
      courses.set(record, (course = { first: handle, last: handle, settled: Infinity }));
      const { diverts } = record;
      for (
        let i = firstWhere(diverts, ({ index }) => index > handle.index);
        i < diverts.length;
        i += 1
      ) {
        if (diverts[i]!.member !== epoch.member) continue;
        course.settled = orderEnds(model, diverts[i]!);
        break;
      }
    }
    course.last = handle;
    if (handle.finish && settles(model, handle)) {
      course.settled = Math.min(course.settled, handle.finish.index);
    }
  }
  return courses;
}

/**
 * Index from which on the lane of a diverted record may go on. In a retry topic it waits on: only with the
 * mode `release` its lane does not wait for it there.
 */
function orderEnds(model: Model, divert: Divert): number {
  const released = model.case.retry.mode === "release";
  let settled = divert.index;
  let next = divert.goesOn;
  for (let hops = 0; next && !released; hops += 1) {
    const [onward] = next.diverts;
    const done = next.settledBy ? next.settled : Infinity;
    if (!onward || done < onward.index || hops === MAX_HOPS) return done;
    settled = onward.index;
    next = onward.goesOn;
  }
  return settled;
}

/** More than a writer may make (SLC-RTY-024): a chain that is longer has a circle. */
const MAX_HOPS = 100;

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
export function commitHorizon(partition: PartitionModel): Horizon {
  const commits = [...partition.requests, ...partition.accepted];
  return horizonOver(
    partition,
    commits.sort((a, b) => a.index - b.index),
  );
}

/** The highest offset of what came before an index; the group's first position without any. */
export type Horizon = (index: number) => Offset;

/** @param commits in the order of their indices */
export function horizonOver(
  partition: PartitionModel,
  commits: readonly { readonly index: number; readonly offset: Offset }[],
): Horizon {
  const points: { readonly index: number; readonly highest: Offset }[] = [];
  let highest: Offset = partition.start;
  for (const { index, offset } of commits) {
    if (!(offset > highest)) continue;
    highest = offset;
    points.push({ index, highest });
  }
  return (index) => {
    const later = firstWhere(points, (point) => point.index >= index);
    return points[later - 1]?.highest ?? partition.start;
  };
}
