import type { Committed, TopicPartition } from "@sluice/core";
import { keyOf } from "./assignment.ts";
import type { Coordinator } from "./coordinator.ts";
import { errorOfCode } from "./errors.ts";
import type { ResponseOf } from "./internals.ts";
import { byTopic } from "./log-offsets.ts";
import { toNumber } from "./offsets.ts";

/**
 * What the group has committed for each partition, in order; null for nothing.
 * @throws NoAnswer, PortError
 */
export async function committedOffsets(
  coordinator: Coordinator,
  group: string,
  partitions: readonly TopicPartition[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<readonly (Committed | null)[]> {
  if (partitions.length === 0) return [];
  const topics = byTopic(partitions, ({ partition }) => ({ partition }));
  const args = { groupId: group, topics };
  const response = await coordinator.send("OffsetFetch", args, codeOf, timeoutMs, signal);
  if (response.errorCode !== 0) throw errorOfCode(response.errorCode, `group ${group}`);
  const found = new Map<string, Committed | null>();
  for (const { topic, partitions: answers } of response.responses) {
    for (const { partition, errorCode, offset, metadata } of answers) {
      const where = keyOf(topic, partition);
      if (errorCode !== 0) throw errorOfCode(errorCode, `${where}: reading what is committed`);
      // -1 is nothing; kafkajs itself, once, has stored -1 and -2 for "latest" and "earliest".
      const committed = offset.startsWith("-")
        ? null
        : {
            offset: toNumber(offset, `${where}, committed by group ${group}`),
            metadata: metadata ?? "",
          };
      found.set(where, committed);
    }
  }
  return partitions.map(({ topic, partition }) => found.get(keyOf(topic, partition)) ?? null);
}

function codeOf({ errorCode, responses }: ResponseOf<"OffsetFetch">): number {
  return errorCode !== 0 ? errorCode : (responses[0]?.partitions[0]?.errorCode ?? 0);
}
