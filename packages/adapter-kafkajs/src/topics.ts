import { PortError } from "@sluice/core";
import { keyOf } from "./assignment.ts";
import { errorOfCode } from "./errors.ts";
import type { Broker, Cluster } from "./internals.ts";
import { call } from "./internals.ts";
import { Backoff, delay } from "./waiting.ts";

/** A topic that was created a moment ago is not yet known to every broker. */
const TOPIC_GRACE_MS = 2000;
const MAX_AGE_MS = 300_000;
const UNKNOWN_TOPIC = 3;

interface Known {
  /** Leader by partition; -1 for none. */
  readonly leaders: ReadonlyMap<number, number>;
  readonly askedAt: number;
}

/**
 * Partitions and leaders of topics, asked one topic at a time: kafkajs' own metadata is of all topics
 * at once, and one topic without a leader, or deleted, keeps it old for all the others.
 */
export class Topics {
  readonly #cluster: Cluster;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Known>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /**
   * @throws PortError of kind `configuration` when the topic does not exist; and what kafkajs throws
   */
  async partitions(topic: string): Promise<number> {
    return (await this.#ask(topic)).leaders.size;
  }

  /**
   * The broker that leads a partition.
   * @throws PortError of kind `configuration` when topic or partition do not exist: kafkajs would
   * take the record and drop it (T03)
   */
  async leader(topic: string, partition: number): Promise<Broker> {
    let known = this.#known.get(topic);
    if (known === undefined || performance.now() - known.askedAt > MAX_AGE_MS) {
      known = await this.#ask(topic);
    }
    if (!known.leaders.has(partition)) known = await this.#ask(topic);
    const nodeId = known.leaders.get(partition);
    const where = keyOf(topic, partition);
    if (nodeId === undefined) {
      throw new PortError(
        `${where}: topic ${topic} has ${known.leaders.size} partitions, 0 to ${known.leaders.size - 1}`,
        { kind: "configuration", outcome: "failed", code: UNKNOWN_TOPIC },
      );
    }
    if (nodeId < 0) {
      this.forget(topic);
      throw new PortError(`${where} has no leader`, { kind: "retriable", outcome: "failed" });
    }
    if (this.#cluster.brokerPool.brokers[nodeId] === undefined) {
      await this.#cluster.addMultipleTargetTopics([topic]);
    }
    return this.#cluster.findBroker({ nodeId });
  }

  /** The leader may have moved. */
  forget(topic: string): void {
    this.#known.delete(topic);
  }

  #ask(topic: string): Promise<Known> {
    let asking = this.#asking.get(topic);
    if (asking === undefined) {
      asking = this.#look(topic).finally(() => this.#asking.delete(topic));
      this.#asking.set(topic, asking);
    }
    return asking;
  }

  async #look(topic: string): Promise<Known> {
    const deadline = performance.now() + TOPIC_GRACE_MS;
    const backoff = new Backoff(50, 400);
    for (;;) {
      const broker = await this.#cluster.brokerPool.findConnectedBroker();
      const args = { topics: [topic], allowAutoTopicCreation: false };
      const { topicMetadata } = await call(broker, "Metadata", args);
      const found = topicMetadata.find((one) => one.topic === topic);
      const code = found?.topicErrorCode ?? UNKNOWN_TOPIC;
      if (found !== undefined && code === 0) {
        const leaders = new Map(
          found.partitionMetadata.map(({ partitionId, leader }) => [partitionId, leader]),
        );
        const known = { leaders, askedAt: performance.now() };
        this.#known.set(topic, known);
        return known;
      }
      if (code !== UNKNOWN_TOPIC) throw errorOfCode(code, `topic ${topic}`);
      if (performance.now() >= deadline) {
        this.#known.delete(topic);
        this.#cluster.targetTopics.delete(topic);
        throw new PortError(`topic ${topic} does not exist`, {
          kind: "configuration",
          outcome: "failed",
          code,
        });
      }
      await delay(backoff.next());
    }
  }
}
