import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { Kafka, logLevel } from "kafkajs";
import { sharedCluster } from "../../adapter-suite/test/harness/shared-cluster.ts";
import type { LocalCluster } from "../src/cluster/local-cluster.ts";
import { decodeRecordBatches } from "../src/proxy/record-batch.ts";
import type { Frame } from "../src/proxy/proxy.ts";
import { eventually } from "./wire-kit.ts";

/** The raw client, as the adapter gets it; only what is used here. */
interface Client {
  connect(options: object, callback: (error: Error | null) => void): void;
  disconnect(callback: (error: Error | null) => void): void;
  on(event: string, listener: (argument: unknown) => void): void;
}
interface Consumer extends Client {
  subscribe(topics: string[]): void;
  consume(count: number, callback: (error: Error | null, messages: Message[]) => void): void;
  setDefaultConsumeTimeout(ms: number): void;
  commit(offsets: object[]): void;
}
interface Producer extends Client {
  produce(topic: string, partition: number, value: Buffer, key: string): void;
  flush(ms: number, callback: (error: Error | null) => void): void;
}
interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}
interface Rdkafka {
  KafkaConsumer: new (config: object, topicConfig: object) => Consumer;
  Producer: new (config: object, topicConfig: object) => Producer;
}

function load(): Rdkafka | null {
  try {
    const adapter = fileURLToPath(import.meta.resolve("@sluice/adapter-rdkafka/package.json"));
    return createRequire(adapter)("@confluentinc/kafka-javascript") as Rdkafka;
  } catch (error) {
    if (process.env["SLUICE_REQUIRE_RDKAFKA"] === "1") throw error;
    process.stderr.write(`NOT TESTED: frames of rdkafka: ${(error as Error).message}\n`);
    return null;
  }
}

const done = (call: (callback: (error: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));

const addon = load();

describe.skipIf(addon === null)("frames of rdkafka", () => {
  const { KafkaConsumer, Producer } = addon as Rdkafka;
  let cluster: LocalCluster;
  beforeAll(async () => {
    cluster = await sharedCluster();
  }, 120_000);

  test.each([
    ["classic", { "partition.assignment.strategy": "cooperative-sticky" }, [11, 12, 14]],
    ["consumer", { "group.protocol": "consumer" }, [68]],
  ] as const)(
    "every one decodes: %s group, idempotent producer",
    async (protocol, config, groupKeys) => {
      const topic = `${cluster.prefix}-${protocol}`;
      const admin = new Kafka({
        logLevel: logLevel.NOTHING,
        brokers: [...cluster.witnessBrokers],
      }).admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
      await admin.disconnect();

      const clientId = `rd-${protocol}`;
      const odd: string[] = [];
      const keys = new Set<number>();
      const commits: unknown[] = [];
      let produced = 0;
      const assignments: { topicId: string; partitions: number[] }[] = [];
      const off = cluster.proxy.onFrame((frame: Frame, stage) => {
        if (stage !== "arrived" || frame.clientId !== clientId) return;
        const { apiKey, apiVersion, direction, body, note } = frame;
        keys.add(apiKey);
        // librdkafka pads its Metadata request for all topics; anything else would be our mistake.
        const padded = apiKey === 3 && direction === "request" && note === "3 bytes left over";
        if (body === null || (note !== null && !padded)) {
          odd.push(`API ${apiKey} v${apiVersion} ${direction}: ${note}`);
        }
        if (apiKey === 8 && direction === "request") commits.push(body);
        if (apiKey === 0 && direction === "request") {
          const topics = body?.["topicData"] as { partitionData: { records: Buffer }[] }[];
          for (const { records } of topics.flatMap((t) => t.partitionData)) {
            for (const batch of decodeRecordBatches(records)) {
              expect(batch.producerId).toBeGreaterThanOrEqual(0n);
              produced += batch.records?.length ?? 0;
            }
          }
        }
        if (apiKey === 68 && direction === "response") {
          const assignment = body?.["assignment"] as { topicPartitions: typeof assignments } | null;
          assignments.push(...(assignment?.topicPartitions ?? []));
        }
      });

      const brokers = {
        "bootstrap.servers": cluster.clientBrokers.join(","),
        "client.id": clientId,
      };
      const producer = new Producer({ ...brokers, "enable.idempotence": true }, {});
      await done((callback) => producer.connect({}, callback));
      for (let i = 0; i < 20; i += 1) producer.produce(topic, i % 2, Buffer.from(`v${i}`), `k${i}`);
      await done((callback) => producer.flush(10_000, callback));
      await done((callback) => producer.disconnect(callback));

      const session =
        protocol === "classic" ? { "session.timeout.ms": 6000, "heartbeat.interval.ms": 200 } : {};
      const consumer = new KafkaConsumer(
        { ...brokers, ...config, ...session, "group.id": topic, "enable.auto.commit": false },
        { "auto.offset.reset": "earliest" },
      );
      consumer.on("event.error", () => {});
      await done((callback) => consumer.connect({}, callback));
      consumer.setDefaultConsumeTimeout(100);
      consumer.subscribe([topic]);
      const messages: Message[] = [];
      await eventually(async () => {
        await new Promise<void>((resolve) =>
          consumer.consume(100, (_, some) => {
            messages.push(...(some ?? []));
            resolve();
          }),
        );
        return messages.length >= 20 && (protocol === "consumer" || keys.has(12));
      }, 30_000);
      // Not commitSync: it blocks this process, and the proxy with it.
      consumer.commit([{ topic, partition: 0, offset: 10, metadata: "m" }]);
      await eventually(() => commits.length > 0);
      await done((callback) => consumer.disconnect(callback));
      await eventually(() => cluster.proxy.connections.every((c) => c.clientId !== clientId));
      off();

      expect(odd).toEqual([]);
      for (const key of [0, 1, 3, 8, 9, 10, 18, 22, ...groupKeys]) {
        expect(keys.has(key), `API key ${key}`).toBe(true);
      }
      expect(produced).toBe(20);
      expect(commits).toMatchObject([
        { groupId: topic, topics: [{ name: topic, partitions: [{ committedOffset: 10n }] }] },
      ]);
      if (protocol === "consumer") {
        const [assigned] = assignments;
        expect(cluster.proxy.topicName(assigned?.topicId as string)).toBe(topic);
        expect(assigned?.partitions.toSorted()).toEqual([0, 1]);
      }
    },
    60_000,
  );
});
