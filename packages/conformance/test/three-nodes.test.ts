import { Kafka, logLevel } from "kafkajs";
import { describe, expect, test } from "vitest";
import { startLocalCluster } from "../src/cluster/local-cluster.ts";
import { eventually } from "./wire-kit.ts";

// Three JVMs on two cores take about 15 s: not for every run.
describe.runIf(process.env["SLUICE_LONG_TESTS"] === "1")("three nodes", () => {
  test("start together, go on without a killed one, and have it back in sync", async () => {
    const cluster = await startLocalCluster({ nodes: 3, sasl: false });
    try {
      expect(cluster.nodes).toEqual([1, 2, 3]);
      const kafka = new Kafka({
        logLevel: logLevel.NOTHING,
        brokers: [...cluster.clientBrokers],
        retry: { retries: 20, initialRetryTime: 50, maxRetryTime: 500 },
      });
      const admin = kafka.admin();
      await admin.connect();
      const topic = `${cluster.prefix}-t`;
      await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 3 }] });
      const before = (await admin.describeCluster()).brokers.map((b) => `${b.host}:${b.port}`);
      expect(before.toSorted()).toEqual(cluster.clientBrokers.toSorted());
      await cluster.signal(3, "kill");
      await cluster.healthy(30_000);
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({
        topic,
        acks: -1,
        messages: [0, 1, 2].map((partition) => ({ partition, value: "x" })),
      });
      await producer.disconnect();
      await cluster.restart(3);
      await cluster.healthy(30_000);
      await eventually(async () => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        return topics[0]?.partitions.every((p) => p.isr.length === 3) === true;
      });
      await admin.disconnect();
    } finally {
      await cluster.close();
    }
  }, 120_000);
});
