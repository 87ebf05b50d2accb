import { Kafka, logLevel, type Admin } from "kafkajs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  coordinatorOf,
  failCoordinator,
  failLeader,
  leaderOf,
  rollingRestart,
} from "../src/cluster/failover.ts";
import { startLocalCluster, type LocalCluster } from "../src/cluster/local-cluster.ts";
import { eventually } from "./wire-kit.ts";

// Three JVMs on two cores take about a minute: not for every run.
describe.runIf(process.env["SLUICE_LONG_TESTS"] === "1")("three nodes", () => {
  let cluster: LocalCluster;
  let admin: Admin;
  let topic: string;
  beforeAll(async () => {
    cluster = await startLocalCluster({ nodes: 3, sasl: false });
    const kafka = new Kafka({
      logLevel: logLevel.NOTHING,
      brokers: [...cluster.clientBrokers],
      retry: { retries: 20, initialRetryTime: 50, maxRetryTime: 500 },
    });
    admin = kafka.admin();
    await admin.connect();
    topic = `${cluster.prefix}-t`;
    await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 3 }] });
    await cluster.healthy(30_000);
  }, 120_000);
  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.close();
  });

  const told = async (): Promise<string[]> =>
    (await admin.describeCluster()).brokers.map((b) => `${b.host}:${b.port}`).toSorted();
  const inSync = (): Promise<void> =>
    eventually(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.every((p) => p.isr.length === 3) === true;
    }, 30_000);

  test("start together, each known at its proxy", async () => {
    expect(cluster.nodes).toEqual([1, 2, 3]);
    expect(cluster.can.failover).toBe(true);
    expect(await told()).toEqual(cluster.clientBrokers.toSorted());
  });

  test("go on without a killed leader, and have it back in sync", async () => {
    const { from, to } = await failLeader(cluster, topic, 0);
    expect(to.node).not.toBe(from.node);
    expect(to.epoch).toBeGreaterThan(from.epoch);
    expect(await leaderOf(cluster, topic, 0)).toEqual(to);
    await cluster.healthy(30_000);
    expect((await told()).length).toBe(2);
    await cluster.restart(from.node);
    await cluster.healthy(30_000);
    await inSync();
  }, 90_000);

  test("a group has another coordinator when its own is killed", async () => {
    const before = await coordinatorOf(cluster, "some-group");
    const { from, to } = await failCoordinator(cluster, "some-group");
    expect(from).toBe(before);
    expect(to).not.toBe(from);
    expect(await coordinatorOf(cluster, "some-group")).toBe(to);
    await cluster.restart(from);
    await cluster.healthy(30_000);
  }, 90_000);

  test("one whose disk is full is taken over, and catches up when it is healed", async () => {
    const { node } = await leaderOf(cluster, topic, 1);
    expect(await cluster.fillDisk(node)).toMatch(/^code [1-9]/);
    await cluster.healthy(30_000);
    expect((await leaderOf(cluster, topic, 1)).node).not.toBe(node);
    await cluster.freeDisk(node);
    await cluster.restart(node);
    await cluster.healthy(30_000);
    await inSync();
  }, 90_000);

  test("are restarted one after the other, never two at once", async () => {
    const back: number[] = [];
    const epochs: number[] = [];
    await rollingRestart(cluster, async (node) => {
      back.push(node);
      expect((await told()).length).toBe(3);
      epochs.push((await leaderOf(cluster, topic, 0)).epoch);
    });
    expect(back).toEqual([1, 2, 3]);
    expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
  }, 120_000);
});
