import type { EpochPartition, TopicPartition } from "@sluice/core";

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** For a message: `orders-0, orders-1`. */
export function listOf(partitions: readonly TopicPartition[]): string {
  return partitions.length === 0 ? "nothing" : partitions.map(keyOf).join(", ");
}

/** Without what an adapter's objects may carry beside. */
export function plain(
  partitions: readonly EpochPartition[],
): { topic: string; partition: number; epoch: number }[] {
  return partitions.map(({ topic, partition, epoch }) => ({ topic, partition, epoch }));
}
