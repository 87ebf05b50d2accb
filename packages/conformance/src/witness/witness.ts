import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import type { Admin, KafkaConfig, Producer, SASLOptions } from "kafkajs";
import type { ClientSecurity, SaslCredentials } from "../cluster/client-security.ts";
import { EnvironmentError } from "../cluster/environment-error.ts";
import type { WorkloadRecord } from "../runner/workload.ts";
import type { StoredCommit } from "./commit-log.ts";
import { CommitLog } from "./commit-log.ts";
import type { CommitPoll } from "./commit-polls.ts";
import { CommitPolls } from "./commit-polls.ts";
import type { LogEntry } from "./log-reader.ts";
import { readLog } from "./log-reader.ts";
import { patchKafkajs } from "./patch-kafkajs.ts";

export interface LogRange {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface ProducedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly record: WorkloadRecord;
}

const TOPIC_READY_MS = 10_000;
/** A session of the suite's members is 6 s; a KIP-848 group of somebody's cluster may have 45. */
const REMOVED_MS = 60_000;

/**
 * The runner's own view of the cluster, on the WITNESS listener: no fault between subject and broker
 * can blind it. One for a run.
 */
export class Witness {
  readonly #brokers: readonly string[];
  readonly #security: ClientSecurity;
  readonly #admin: Admin;
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  #commitLog: CommitLog | null = null;
  readonly #commitListeners = new Map<string, (commit: StoredCommit) => void>();

  constructor(brokers: readonly string[], security: ClientSecurity = {}) {
    patchKafkajs();
    this.#brokers = brokers;
    this.#security = security;
    const kafka = (this.#kafka = new Kafka({
      clientId: "sluice-witness",
      brokers: [...brokers],
      ...kafkajsOptions(security),
      connectionTimeout: 3_000,
      requestTimeout: 10_000,
      retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000 },
      logLevel: logLevel.NOTHING,
    }));
    this.#admin = kafka.admin();
    // Idempotent: a workload record must not be doubled by the runner itself.
    this.#producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  }

  /** @throws Error when no broker answers */
  async connect(options: { readonly commitLog: boolean }): Promise<void> {
    await this.#admin.connect();
    await this.#producer.connect();
    if (!options.commitLog) return;
    // The coordinator's topic exists from the first question on.
    await this.#admin.describeGroups(["sluice-witness"]);
    const partitions = (await this.#partitionsOf("__consumer_offsets")).length;
    this.#commitLog = new CommitLog(this.#brokers, partitions, (commit) =>
      this.#commitListeners.get(commit.group)?.(commit),
    );
  }

  /** From the first commit of the group that the log still holds. */
  onCommit(group: string, listener: (commit: StoredCommit) => void): () => void {
    this.#commitListeners.set(group, listener);
    return () => this.#commitListeners.delete(group);
  }

  /** Polls what a group has committed, with a connection of its own. @throws Error when no broker answers */
  async pollCommits(
    of: { readonly group: string; readonly topic: string; readonly everyMs: number },
    onPoll: (poll: CommitPoll) => void,
  ): Promise<{ close(): Promise<void> }> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const polls = new CommitPolls(admin, of, onPoll);
    return {
      close: async () => {
        try {
          await polls.close();
        } finally {
          await admin.disconnect();
        }
      },
    };
  }

  /** Resolves when everything is read that the commit log holds now. @throws Error at the deadline */
  async commitLogCaughtUp(timeoutMs: number): Promise<void> {
    const log = this.#commitLog;
    if (log === null) return;
    const ends = await this.logRanges("__consumer_offsets");
    const deadline = performance.now() + timeoutMs;
    while (ends.some((range) => log.position(range.partition) < range.end)) {
      if (performance.now() > deadline) {
        throw new Error(`the commit log could not be read to its end within ${timeoutMs} ms`);
      }
      await sleep(20);
    }
  }

  /** Resolves when the brokers know the topic and who leads its partitions. */
  async createTopic(topic: string, partitions: number): Promise<void> {
    await this.#admin.createTopics({
      // kafkajs' own wait fails when the broker has not heard of the topic from the controller yet.
      waitForLeaders: false,
      topics: [
        {
          topic,
          numPartitions: partitions,
          // What a subject's producer compresses is stored plain: the witness reads every byte.
          configEntries: [{ name: "compression.type", value: "uncompressed" }],
        },
      ],
    });
    await this.#ready(topic, partitions);
  }

  /** Resolves when the brokers know who leads the new partitions. */
  async addPartitions(topic: string, partitions: number): Promise<void> {
    await this.#admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
    await this.#ready(topic, partitions);
    // The producer would go on with the partitions that it knows.
    await this.#producer.disconnect();
    await this.#producer.connect();
  }

  async #ready(topic: string, partitions: number): Promise<void> {
    const deadline = performance.now() + TOPIC_READY_MS;
    for (;;) {
      const found = await this.#partitionsOf(topic).catch(() => []);
      if (found.length === partitions && found.every(({ leader }) => leader >= 0)) return;
      if (performance.now() > deadline) {
        throw new Error(`topic ${topic} has no leaders within ${TOPIC_READY_MS} ms`);
      }
      await sleep(20);
    }
  }

  /** Resolves when every in-sync replica has every record. Offsets follow the order given. */
  async produce(topic: string, records: readonly WorkloadRecord[]): Promise<ProducedRecord[]> {
    return await produceWith(this.#producer, topic, records);
  }

  /** One transaction after the other. The answer leaves aborted records out. */
  async produceTransactions(
    topic: string,
    transactions: readonly {
      readonly records: readonly WorkloadRecord[];
      readonly abort: boolean;
    }[],
  ): Promise<ProducedRecord[]> {
    const producer = this.#kafka.producer({
      transactionalId: `${topic}-transactions`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    const produced: ProducedRecord[] = [];
    await producer.connect();
    try {
      for (const { records, abort } of transactions) {
        const transaction = await producer.transaction();
        const written = await produceWith(transaction, topic, records);
        await (abort ? transaction.abort() : transaction.commit());
        if (!abort) produced.push(...written);
      }
    } finally {
      await producer.disconnect();
    }
    return produced;
  }

  async logRanges(topic: string): Promise<LogRange[]> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    return offsets
      .map(({ partition, low, high }) => ({
        partition,
        start: Number(low),
        end: Number(high),
      }))
      .sort((a, b) => a.partition - b.partition);
  }

  /** What a read_committed reader sees of the topic from these offsets to its end now. */
  async read(topic: string, ranges: readonly LogRange[], timeoutMs: number): Promise<LogEntry[]> {
    const leaders = await this.#leadersOf(topic);
    return await readLog(
      topic,
      new Map(ranges.map(({ partition, start, end }) => [partition, [start, end]])),
      (partition) => leaders.get(partition) ?? (this.#brokers[0] as string),
      this.#security,
      timeoutMs,
    );
  }

  /** Moves the log's start: what lies before is gone for every reader. */
  async deleteRecordsBefore(topic: string, partition: number, offset: number): Promise<void> {
    await this.#admin.deleteTopicRecords({
      topic,
      partitions: [{ partition, offset: String(offset) }],
    });
  }

  /** Commits for a group that has no members. */
  async setCommitted(
    group: string,
    topic: string,
    offsets: ReadonlyMap<number, number>,
  ): Promise<void> {
    await this.#admin.setOffsets({
      groupId: group,
      topic,
      partitions: [...offsets].map(([partition, offset]) => ({
        partition,
        offset: String(offset),
      })),
    });
  }

  /** What the group has committed, -1 for nothing. */
  async committed(group: string, topic: string): Promise<Map<number, number>> {
    const [found] = await this.#admin.fetchOffsets({ groupId: group, topics: [topic] });
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  /** Topics and groups whose names begin so. */
  async named(pattern: RegExp): Promise<string[]> {
    const [topics, { groups }] = await Promise.all([
      this.#admin.listTopics(),
      this.#admin.listGroups(),
    ]);
    return [...topics, ...groups.map(({ groupId }) => groupId)].filter((name) =>
      pattern.test(name),
    );
  }

  /**
   * Removes what cases have created; what is gone already is fine. Only at the end of a run: a
   * kafkajs client goes on asking for every topic it has ever named, and fails when one is gone.
   *
   * @throws EnvironmentError naming what is left after a minute: members that do not go, or a right
   *   that is missing
   */
  async remove(topics: readonly string[], groups: readonly string[]): Promise<void> {
    // A member that was killed is one until its session has ended.
    const deadline = performance.now() + REMOVED_MS;
    for (;;) {
      await this.#admin.deleteTopics({ topics: [...topics], timeout: 10_000 }).catch(() => {});
      await this.#admin.deleteGroups([...groups]).catch(() => {});
      const [left, { groups: all }] = await Promise.all([
        this.#admin.listTopics(),
        this.#admin.listGroups(),
      ]);
      const names = new Set([...left, ...all.map(({ groupId }) => groupId)]);
      const stay = [...new Set([...topics, ...groups])].filter((name) => names.has(name));
      if (stay.length === 0) return;
      if (performance.now() > deadline) {
        throw new EnvironmentError(
          `The run could not remove all that it has made: ${stay.join(", ")}.`,
          "Delete these topics and groups, and give the user of --brokers the right to do so.",
        );
      }
      await sleep(200);
    }
  }

  async close(): Promise<void> {
    await this.#commitLog?.close();
    await Promise.allSettled([this.#admin.disconnect(), this.#producer.disconnect()]);
  }

  async #partitionsOf(topic: string): Promise<readonly { partitionId: number; leader: number }[]> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions ?? [];
  }

  async #leadersOf(topic: string): Promise<Map<number, string>> {
    const [partitions, { brokers }] = await Promise.all([
      this.#partitionsOf(topic),
      this.#admin.describeCluster(),
    ]);
    const address = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`]));
    return new Map(
      partitions.flatMap(({ partitionId, leader }) => {
        const broker = address.get(leader);
        return broker === undefined ? [] : [[partitionId, broker] as const];
      }),
    );
  }
}

function kafkajsOptions({ tls, sasl }: ClientSecurity): Pick<KafkaConfig, "ssl" | "sasl"> {
  return {
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
  };
}

function saslOptions(sasl: SaslCredentials): SASLOptions {
  if (sasl.mechanism !== "oauthbearer") return { ...sasl };
  return {
    mechanism: "oauthbearer",
    oauthBearerProvider: () => Promise.resolve({ value: sasl.token }),
  };
}

async function produceWith(
  producer: Pick<Producer, "send">,
  topic: string,
  records: readonly WorkloadRecord[],
): Promise<ProducedRecord[]> {
  const byPartition = new Map<number, WorkloadRecord[]>();
  for (const record of records) {
    const list = byPartition.get(record.partition);
    if (list === undefined) byPartition.set(record.partition, [record]);
    else list.push(record);
  }
  const produced: ProducedRecord[] = [];
  for (const [partition, list] of byPartition) {
    for (const batch of batchesOf(list)) {
      const [result] = await producer.send({
        topic,
        acks: -1,
        messages: batch.map(({ key, value, headers }) => ({
          key,
          value,
          partition,
          ...(headers === undefined ? {} : { headers: grouped(headers) }),
        })),
      });
      if (result?.errorCode !== 0 || result.baseOffset === undefined) {
        throw new Error(`the workload for ${topic}-${partition} was not acknowledged`);
      }
      const base = Number(result.baseOffset);
      batch.forEach((record, i) => produced.push({ partition, offset: base + i, record }));
    }
  }
  return produced;
}

/** Of values together: well below what a broker takes as one batch (`message.max.bytes`). */
const BATCH_BYTES = 512 * 1024;

function batchesOf(records: readonly WorkloadRecord[]): WorkloadRecord[][] {
  const batches: WorkloadRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const bytes = record.value?.length ?? 0;
    if (batches.length === 0 || bytes > room) {
      batches.push([]);
      room = BATCH_BYTES;
    }
    batches.at(-1)!.push(record);
    room -= bytes;
  }
  return batches;
}

/** kafkajs wants repeats of a name as an array. */
function grouped(headers: NonNullable<WorkloadRecord["headers"]>): Record<string, Buffer[]> {
  const byName: Record<string, Buffer[]> = {};
  for (const [name, value] of headers) (byName[name] ??= []).push(value);
  return byName;
}
