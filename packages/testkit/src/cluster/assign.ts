import type { TopicPartition } from "@sluice/core";
import { keyOf } from "../partition-key.ts";

/**
 * As even as can be, and otherwise as before: nobody loses what it may keep. `rotation` moves who is
 * given the rest, so that a rebalance without a change of members can be made to move partitions.
 */
export function assign(
  members: readonly string[],
  partitions: readonly TopicPartition[],
  before: ReadonlyMap<string, readonly TopicPartition[]>,
  rotation: number,
): Map<string, TopicPartition[]> {
  const order = members.map((_, i) => members[(i + rotation) % members.length]!);
  const shares = new Map<string, TopicPartition[]>(order.map((member) => [member, []]));
  if (order.length === 0) return shares;
  const fair = Math.floor(partitions.length / order.length);
  let larger = partitions.length % order.length;
  const free = new Map(partitions.map((partition) => [keyOf(partition), partition]));
  for (const member of order) {
    const share = shares.get(member)!;
    for (const partition of before.get(member) ?? []) {
      const quota = fair + (larger > 0 ? 1 : 0);
      if (share.length >= quota) break;
      const key = keyOf(partition);
      if (free.delete(key)) share.push(partition);
    }
    if (share.length > fair) larger--;
  }
  for (const partition of free.values()) {
    const smallest = order.reduce((least, member) =>
      shares.get(member)!.length < shares.get(least)!.length ? member : least,
    );
    shares.get(smallest)!.push(partition);
  }
  return shares;
}
