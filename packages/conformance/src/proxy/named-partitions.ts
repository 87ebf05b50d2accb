import type { TopicPartition } from "./proxy.ts";

/**
 * Whether a decoded body names the topic, and the partition when one is given, anywhere in it.
 *
 * Kafka's messages say it in many words: `topics[].name` with `partitions[].partitionIndex`,
 * `topicData[].topicId` with `partitionData[].index`, `partitionIndexes` as bare numbers. They have in
 * common that the topic is a field beside the array of its partitions.
 */
export function names(
  body: Readonly<Record<string, unknown>>,
  wanted: TopicPartition,
  topicName: (id: string) => string | null,
): boolean {
  if (topicOf(body, topicName) === wanted.topic) {
    return wanted.partition === undefined || partitionsOf(body).has(wanted.partition);
  }
  return Object.values(body).some((value) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).some(
      (part) => isStruct(part) && names(part, wanted, topicName),
    ),
  );
}

const NAME_FIELDS = ["name", "topic", "topicName"] as const;
const PARTITION_ARRAYS = [
  "partitions",
  "partitionData",
  "partitionResponses",
  "partitionIndexes",
] as const;
const INDEX_FIELDS = ["partitionIndex", "partition", "index"] as const;

function topicOf(
  struct: Readonly<Record<string, unknown>>,
  topicName: (id: string) => string | null,
): string | null {
  for (const field of NAME_FIELDS) {
    const name = struct[field];
    if (typeof name === "string" && name !== "") return name;
  }
  const id = struct["topicId"];
  return typeof id === "string" ? topicName(id) : null;
}

function partitionsOf(struct: Readonly<Record<string, unknown>>): Set<number> {
  const found = new Set<number>();
  for (const array of PARTITION_ARRAYS) {
    const partitions = struct[array];
    if (!Array.isArray(partitions)) continue;
    for (const partition of partitions as unknown[]) {
      if (typeof partition === "number") found.add(partition);
      else if (isStruct(partition)) {
        for (const field of INDEX_FIELDS) {
          const index = partition[field];
          if (typeof index === "number") found.add(index);
        }
      }
    }
  }
  return found;
}

function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}
