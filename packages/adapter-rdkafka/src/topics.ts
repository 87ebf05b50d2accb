import { call, type NativeAdmin, type TopicDescription } from "./client.ts";
import { ERR } from "./errors.ts";

/**
 * Partition count of each topic in order, null for one that does not exist. Asked through the admin
 * API: a producer's own metadata request would create the topic on a broker that allows it.
 * @throws NativeError
 */
export async function topicPartitions(
  admin: NativeAdmin,
  topics: readonly string[],
  timeoutMs: number,
): Promise<(number | null)[]> {
  if (topics.length === 0) return [];
  const found = await call<readonly TopicDescription[]>((done) =>
    admin.describeTopics([...new Set(topics)], { timeout: timeoutMs }, done),
  );
  const counts = new Map(
    found.map(({ name, partitions, error }) => {
      if (error === undefined) return [name, partitions.length];
      if (error.code === ERR.unknownTopicOrPartition) return [name, null];
      throw error;
    }),
  );
  return topics.map((topic) => counts.get(topic) ?? null);
}
