import type { AcceptedCommit, Model, PartitionModel } from "../model.ts";

/**
 * Index from which on nothing held back the commit of the partition's end: each record of duty had settled,
 * and each attempt at one had ended. Infinity when that never came; -1 without any record.
 *
 * Attempts count beyond the settling: an owner is given a partition whose last owner still runs a handler;
 * it begins the record itself; the old handler succeeds, which settles the record, though not for the
 * owner; the owner's attempts fail and are made again, and until they end it may not commit.
 */
export function restedBy(partition: PartitionModel): number {
  let latest = -1;
  for (const { settled } of partition.duty) latest = Math.max(latest, settled);
  // Also of records that retention has deleted meanwhile: their handlers hold the commit back as well.
  for (const { handles } of partition.records.values()) {
    for (const { finish, dropped, member } of handles) {
      const ended = Math.min(finish?.index ?? Infinity, dropped, member.killed, member.exited);
      latest = Math.max(latest, ended);
    }
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
