import type { AcceptedCommit, Model, PartitionModel } from "../model.ts";

/** Index at which the last record of duty settled; Infinity when one never did; -1 without any. */
export function settledBy(partition: PartitionModel): number {
  let latest = -1;
  for (const record of partition.duty) {
    if (record.settled > latest) latest = record.settled;
    if (latest === Infinity) break;
  }
  return latest;
}

/** The commit in force at the end: by the log's own order where it was read, else by requests. */
export function committedAtEnd(partition: PartitionModel): AcceptedCommit | null {
  const entry = partition.log.at(-1);
  if (!entry) return partition.accepted.at(-1) ?? null;
  return {
    offset: entry.offset,
    index: entry.request?.index ?? entry.index,
    known: entry.index,
    member: entry.request?.member ?? null,
  };
}

/** Nobody is left who could still do something. */
export function allGone(model: Model): boolean {
  return model.members.every((member) => member.exited < Infinity || member.killed < Infinity);
}
