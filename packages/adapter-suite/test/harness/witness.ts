import { randomBytes } from "node:crypto";
import type { LocalCluster } from "@sluice/conformance";
import type { Admin, IHeaders, Kafka as KafkaType, Message } from "kafkajs";
import kafkajs from "kafkajs";
import { awaitUntil } from "./await-until.ts";

const { Kafka, logLevel } = kafkajs;

/** Topics and groups as the broker has them, asked on WITNESS with plain kafkajs. */
export class Witness {
  readonly #cluster: LocalCluster;
  readonly #kafka: KafkaType;

  constructor(cluster: LocalCluster) {
    this.#cluster = cluster;
    this.#kafka = new Kafka({
      clientId: "witness",
      brokers: [...cluster.witnessBrokers],
      logLevel: logLevel.NOTHING,
    });
  }

  /** A name that nobody has used. */
  name(what: string): string {
    return `${this.#cluster.prefix}-${what}-${randomBytes(4).toString("hex")}`;
  }

  /** @param replicas by default one on every node */
  async topic(
    what: string,
    partitions = 1,
    config: Record<string, string> = {},
    replicas: number = this.#cluster.nodes.length,
  ): Promise<string> {
    const topic = this.name(what);
    await this.#create(topic, partitions, config, replicas);
    return topic;
  }

  /** Moves a partition with one replica to another node, and waits until that one leads it. */
  async moveTo(topic: string, partition: number, node: number): Promise<void> {
    await this.admin((admin) =>
      admin.alterPartitionReassignments({
        topics: [{ topic, partitionAssignment: [{ partition, replicas: [node] }] }],
      }),
    );
    await awaitUntil(
      `node ${node} to lead ${topic}-${partition}`,
      async () => (await this.leader(topic, partition)) === node,
    );
  }

  /** Creates a topic that was deleted; waits until the old one is gone. */
  async recreate(topic: string): Promise<void> {
    await awaitUntil(`the end of ${topic}`, async () => {
      const topics = await this.admin((admin) => admin.listTopics());
      return (
        !topics.includes(topic) && (await this.#create(topic, 1, {}, this.#cluster.nodes.length))
      );
    });
  }

  async #create(
    topic: string,
    partitions: number,
    config: object,
    replicationFactor: number,
  ): Promise<boolean> {
    return this.admin((admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic,
            numPartitions: partitions,
            replicationFactor,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      }),
    );
  }

  async produce(
    topic: string,
    values: readonly (string | Buffer | null | Message)[],
    partition = 0,
  ): Promise<void> {
    const producer = this.#kafka.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    try {
      await producer.send({
        topic,
        messages: values.map((value) =>
          value !== null && typeof value === "object" && !Buffer.isBuffer(value)
            ? { ...value, partition }
            : { value, partition },
        ),
      });
    } finally {
      await producer.disconnect();
    }
  }

  /** Produces in a transaction that is then committed or aborted. */
  async transact(
    topic: string,
    values: readonly (string | Message)[],
    end: "commit" | "abort",
    partition = 0,
  ): Promise<void> {
    const producer = this.#kafka.producer({
      transactionalId: this.name("tx"),
      maxInFlightRequests: 1,
      idempotent: true,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    try {
      const transaction = await producer.transaction();
      await transaction.send({
        topic,
        messages: values.map((value) =>
          typeof value === "string" ? { value, partition } : { ...value, partition },
        ),
      });
      await transaction[end]();
    } finally {
      await producer.disconnect();
    }
  }

  /** Everything in a partition, from its start to its end, read_uncommitted. */
  async content(topic: string, partition = 0): Promise<WitnessedRecord[]> {
    const { low, high } = await this.marks(topic, partition);
    const found: WitnessedRecord[] = [];
    if (low === high) return found;
    const consumer = this.#kafka.consumer({
      groupId: this.name("reader"),
      maxWaitTimeInMs: 100,
      readUncommitted: true,
    });
    await consumer.connect();
    try {
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
        consumer
          .run({
            autoCommit: false,
            eachBatch: ({ batch }) => {
              if (batch.partition !== partition) return Promise.resolve();
              for (const { offset, key, value, headers } of batch.messages) {
                found.push({
                  offset: Number(offset),
                  key: key?.toString() ?? null,
                  value: value?.toString() ?? null,
                  headers: headers ?? {},
                });
              }
              if (Number(batch.lastOffset()) >= high - 1) resolve();
              return Promise.resolve();
            },
          })
          .catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
    return found;
  }

  /** The node that leads a partition. */
  async leader(topic: string, partition: number): Promise<number> {
    const { topics } = await this.admin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition);
    if (found === undefined) throw new Error(`${topic}-${partition} does not exist`);
    return found.leader;
  }

  /** Deletes what is before `offset`, as retention does. */
  async deleteBefore(topic: string, offset: number, partition = 0): Promise<void> {
    await this.admin(async (admin) => {
      // kafkajs deletes only in topics whose metadata it happens to know.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({
        topic,
        partitions: [{ partition, offset: String(offset) }],
      });
    });
  }

  async marks(topic: string, partition = 0): Promise<{ low: number; high: number }> {
    const all = await this.admin((admin) => admin.fetchTopicOffsets(topic));
    const found = all.find((one) => one.partition === partition);
    if (found === undefined) throw new Error(`${topic}-${partition} does not exist`);
    return { low: Number(found.low), high: Number(found.high) };
  }

  async committed(
    group: string,
    topic: string,
    partition = 0,
  ): Promise<{ offset: string; metadata: string | null }> {
    const [found] = await this.admin((admin) =>
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    );
    const one = found?.partitions.find((at) => at.partition === partition);
    if (one === undefined)
      throw new Error(`group ${group} has no answer for ${topic}-${partition}`);
    return { offset: one.offset, metadata: one.metadata };
  }

  /** Stores a group's offset without joining it: kafkajs' own call would join, and has no metadata. */
  async setOffset(
    group: string,
    topic: string,
    offset: number | string,
    metadata: string,
    partition = 0,
  ): Promise<void> {
    await this.#withCoordinator(group, (coordinator) =>
      coordinator.offsetCommit({
        groupId: group,
        groupGenerationId: -1,
        memberId: "",
        topics: [{ topic, partitions: [{ partition, offset: String(offset), metadata }] }],
      }),
    );
  }

  /** Throws a member out of a classic group. */
  async evict(group: string, memberId: string): Promise<void> {
    await this.#withCoordinator(group, (coordinator) =>
      coordinator.leaveGroup({ groupId: group, memberId }),
    );
  }

  /** The members of a classic group, by client id. */
  async members(group: string): Promise<ReadonlyMap<string, string>> {
    const { groups } = await this.admin((admin) => admin.describeGroups([group]));
    return new Map(groups[0]?.members.map(({ clientId, memberId }) => [clientId, memberId]));
  }

  async #withCoordinator(
    group: string,
    use: (coordinator: RawCoordinator) => Promise<unknown>,
  ): Promise<void> {
    let cluster: RawCluster | null = null;
    const consumer = this.#kafka.consumer({
      groupId: group,
      partitionAssigners: [
        (given) => {
          cluster = given.cluster as unknown as RawCluster;
          return kafkajs.PartitionAssigners.roundRobin(given);
        },
      ],
    });
    await consumer.connect();
    try {
      const { addMultipleTargetTopics, findGroupCoordinator } = cluster as unknown as RawCluster;
      await addMultipleTargetTopics.call(cluster, []);
      await use(await findGroupCoordinator.call(cluster, { groupId: group }));
    } finally {
      await consumer.disconnect();
    }
  }

  async admin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  }
}

export interface WitnessedRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: IHeaders;
}

interface RawCluster {
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findGroupCoordinator(of: { readonly groupId: string }): Promise<RawCoordinator>;
}

interface RawCoordinator {
  offsetCommit(request: object): Promise<unknown>;
  leaveGroup(request: object): Promise<unknown>;
}
