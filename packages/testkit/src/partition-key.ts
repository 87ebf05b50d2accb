import type { TopicPartition } from "@sluice/core";

/** `orders-0`; names a partition in maps and messages. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
