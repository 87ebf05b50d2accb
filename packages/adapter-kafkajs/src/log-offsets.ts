import type { TopicPartition, Watermarks } from "@sluice/core";
import { PortError } from "@sluice/core";
import { keyOf } from "./assignment.ts";
import { errorOfCode, toPortError } from "./errors.ts";
import type { Cluster } from "./internals.ts";
import { call } from "./internals.ts";
import { toNumber } from "./offsets.ts";
import { Backoff, delay } from "./waiting.ts";

const EARLIEST = "-2";
const LATEST = "-1";

/**
 * Start and end of each partition's log, in order. The end is the last stable offset for
 * `isolation` 1 (read_committed), else the high watermark. Leaders that move are asked again.
 * @throws PortError after `timeoutMs`, or at once for what no waiting mends
 */
export async function logOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  isolation: 0 | 1,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Watermarks[]> {
  if (partitions.length === 0) return [];
  const deadline = performance.now() + timeoutMs;
  const backoff = new Backoff(50, 500);
  for (;;) {
    try {
      const [low, end] = await Promise.all([
        ask(cluster, partitions, isolation, EARLIEST),
        ask(cluster, partitions, isolation, LATEST),
      ]);
      return partitions.map(({ topic, partition }) => ({
        topic,
        partition,
        low: one(low, topic, partition),
        end: one(end, topic, partition),
      }));
    } catch (thrown) {
      const error = toPortError(thrown, "asking for log offsets", "failed");
      const left = deadline - performance.now();
      if (error.kind !== "retriable" || left <= 0 || signal?.aborted === true) throw error;
      await cluster.refreshMetadata().catch(() => {});
      await delay(Math.min(left, backoff.next()), signal);
    }
  }
}

async function ask(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  isolationLevel: 0 | 1,
  timestamp: string,
): Promise<Map<string, number>> {
  const offsets = new Map<string, number>();
  const asked = [...byLeader(cluster, partitions)].map(async ([nodeId, own]) => {
    const broker = await cluster.findBroker({ nodeId });
    const topics = byTopic(own, ({ partition }) => ({ partition, timestamp }));
    const { responses } = await call(broker, "ListOffsets", { isolationLevel, topics });
    for (const { topic, partitions: answers } of responses) {
      for (const { partition, errorCode, offset } of answers) {
        const where = keyOf(topic, partition);
        if (errorCode !== 0) throw errorOfCode(errorCode, `${where}: asking for log offsets`);
        offsets.set(where, toNumber(offset, where));
      }
    }
  });
  await Promise.all(asked);
  return offsets;
}

function byLeader(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): Map<number, TopicPartition[]> {
  const leaders = new Map<number, TopicPartition[]>();
  for (const at of partitions) {
    const known = cluster.findTopicPartitionMetadata(at.topic);
    const leader = known.find(({ partitionId }) => partitionId === at.partition)?.leader ?? -1;
    if (leader < 0) {
      throw new PortError(`${keyOf(at.topic, at.partition)} has no leader`, {
        kind: "retriable",
        outcome: "failed",
      });
    }
    const own = leaders.get(leader);
    if (own === undefined) leaders.set(leader, [at]);
    else own.push(at);
  }
  return leaders;
}

function one(offsets: ReadonlyMap<string, number>, topic: string, partition: number): number {
  const offset = offsets.get(keyOf(topic, partition));
  if (offset !== undefined) return offset;
  throw new PortError(`${keyOf(topic, partition)}: the broker did not say its log offsets`, {
    kind: "retriable",
    outcome: "failed",
  });
}

/** Groups partitions as Kafka's requests want them. */
export function byTopic<T extends TopicPartition, P>(
  partitions: readonly T[],
  shape: (of: T) => P,
): { readonly topic: string; readonly partitions: P[] }[] {
  const topics = new Map<string, P[]>();
  for (const of of partitions) {
    const own = topics.get(of.topic);
    if (own === undefined) topics.set(of.topic, [shape(of)]);
    else own.push(shape(of));
  }
  return [...topics].map(([topic, own]) => ({ topic, partitions: own }));
}
