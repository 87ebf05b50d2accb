import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { createConsumer, createProducer } from "@sluice/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { SECURITY_KINDS, type Access } from "../src/cluster/client-security.ts";
import { connectExternalCluster } from "../src/cluster/external-cluster.ts";
import { startLocalCluster, type LocalCluster } from "../src/cluster/local-cluster.ts";
import { clientConfigOf } from "../src/subjects/client-config.ts";
import { Witness } from "../src/witness/witness.ts";
import { eventually } from "./wire-kit.ts";

let cluster: LocalCluster;
let witness: Witness;
beforeAll(async () => {
  cluster = await startLocalCluster({ tls: true });
  witness = new Witness(cluster.witnessBrokers);
  await witness.connect({ commitLog: false });
}, 120_000);
afterAll(async () => {
  await witness?.close();
  await cluster?.close();
});
afterEach(() => cluster.proxy.removeAllRules());

const way = (kind: (typeof SECURITY_KINDS)[number]): Access => cluster.ways.get(kind) as Access;
let names = 0;
const fresh = (what: string): string => `${cluster.prefix}-${what}-${(names += 1)}`;

const adapters = {
  kafkajs: async () => (await import("@sluice/adapter-kafkajs")).kafkajs,
  rdkafka: async () => (await import("@sluice/adapter-rdkafka")).rdkafka,
};
const present: (keyof typeof adapters)[] = ["kafkajs"];
try {
  const adapter = fileURLToPath(import.meta.resolve("@sluice/adapter-rdkafka/package.json"));
  createRequire(adapter)("@confluentinc/kafka-javascript");
  present.push("rdkafka");
} catch (error) {
  if (process.env["SLUICE_REQUIRE_RDKAFKA"] === "1") throw error;
}

describe.each(present)("%s", (name) => {
  test.each(SECURITY_KINDS)("produces and consumes by %s, every frame readable", async (kind) => {
    const create = await adapters[name]();
    const { brokers, security } = way(kind);
    const clientId = fresh(`${name}-client`);
    const adapter = create({ brokers, clientId, ...clientConfigOf(security) });
    const topic = fresh("topic");
    await witness.createTopic(topic, 1);
    const keys = new Set<number>();
    let unread = 0;
    const off = cluster.proxy.onFrame((frame, stage) => {
      if (stage !== "arrived" || !frame.clientId?.startsWith(clientId)) return;
      keys.add(frame.apiKey);
      if (frame.body === null) unread += 1;
    });
    const producer = createProducer({ adapter });
    await producer.connect();
    await producer.send({ topic, key: "k", value: kind });
    await producer.close();
    const got: string[] = [];
    const consumer = createConsumer({
      adapter,
      group: fresh("group"),
      topics: [topic],
      startAt: "earliest",
      commitIntervalMs: 50,
      retry: { maxAttempts: Infinity },
      handler: (record) => void got.push(Buffer.from(record.value ?? []).toString()),
    });
    await consumer.start();
    await eventually(() => got.length === 1 && keys.has(8), 20_000);
    await consumer.stop();
    off();
    expect(got).toEqual([kind]);
    expect(unread).toBe(0);
    // Produce, Fetch, OffsetCommit, JoinGroup: what rules are written for.
    for (const key of [0, 1, 8, 11]) expect(keys.has(key), `API key ${key}`).toBe(true);
  });

  test.each(["tls", "mtls"] as const)("has its connection reset inside %s", async (kind) => {
    const create = await adapters[name]();
    const { brokers, security } = way(kind);
    const clientId = fresh(`${name}-client`);
    const adapter = create({ brokers, clientId, ...clientConfigOf(security) });
    const topic = fresh("topic");
    await witness.createTopic(topic, 1);
    const rule = cluster.proxy.addRule({
      name: "produce answer lost",
      match: {
        apiKeys: [0],
        direction: "response",
        clientId: (id) => id?.startsWith(clientId) === true,
      },
      act: { type: "reset" },
      times: 1,
    });
    const producer = createProducer({ adapter });
    await producer.connect();
    await producer.send({ topic, key: "k", value: "once" });
    await producer.close();
    expect(rule.acted).toBe(1);
    // The first try was written, its answer lost: an idempotent producer writes it once.
    expect(await witness.logRanges(topic)).toEqual([{ partition: 0, start: 0, end: 1 }]);
  });
});

describe("the runner itself", () => {
  test.each(SECURITY_KINDS)("comes in by %s, and reads what is there", async (kind) => {
    const { brokers, security } = way(kind);
    const theirs = await connectExternalCluster(brokers, security);
    await theirs.healthy(10_000);
    expect(theirs.reason).not.toMatch(/password|BEGIN|eyJ/);
    const own = new Witness(theirs.witnessBrokers, theirs.witnessSecurity);
    await own.connect({ commitLog: false });
    const topic = fresh("topic");
    await own.createTopic(topic, 2);
    await own.produce(topic, [{ partition: 1, key: Buffer.from("k"), value: Buffer.from("v") }]);
    const read = await own.read(topic, await own.logRanges(topic), 10_000);
    expect(read.map(({ partition, value }) => [partition, String(value)])).toEqual([[1, "v"]]);
    await own.remove([topic], []);
    await own.close();
    await theirs.close();
  });

  test("says why it is not let in, and no secret", async () => {
    const tls = way("tls").security.tls;
    const refused = [
      [way("plain"), { sasl: { mechanism: "plain", username: "plain-user", password: "wr0ng" } }],
      [
        way("scram-512"),
        { sasl: { mechanism: "scram-sha-512", username: "scram512-user", password: "wr0ng" } },
      ],
      [
        way("oauthbearer"),
        { sasl: { mechanism: "oauthbearer", token: "wr0ng", principal: "p", expiresAtMs: 0 } },
      ],
      [way("tls"), { tls: {} }],
      [way("mtls"), tls === undefined ? {} : { tls }],
    ] as const;
    for (const [{ brokers }, security] of refused) {
      const problem = await connectExternalCluster(brokers, security).catch(String);
      expect(problem).toMatch(/No Kafka broker answers/);
      expect(problem).toContain(brokers[0]);
      expect(problem).not.toContain("wr0ng");
    }
  });
});
