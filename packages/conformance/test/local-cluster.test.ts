import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CompressionTypes, Kafka, logLevel, type SASLOptions } from "kafkajs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectExternalCluster } from "../src/cluster/external-cluster.ts";
import { coordinatorOf, failCoordinator, failLeader, leaderOf } from "../src/cluster/failover.ts";
import { refusal } from "../src/cluster/health.ts";
import { startLocalCluster, type LocalCluster } from "../src/cluster/local-cluster.ts";
import { pickCluster } from "../src/cluster/pick-cluster.ts";
import { saslUsers } from "../src/cluster/sasl-users.ts";
import { decodeAssignment } from "../src/proxy/consumer-protocol.ts";
import { decodeCommitLogRecord, type CommitLogRecord } from "../src/proxy/commit-log.ts";
import type { Frame } from "../src/proxy/proxy.ts";
import { decodeRecordBatches } from "../src/proxy/record-batch.ts";
import { eventually } from "./wire-kit.ts";

let cluster: LocalCluster;
let folder: string;
beforeAll(async () => {
  cluster = await startLocalCluster();
  folder = dataFolder(cluster.log(1));
}, 120_000);
afterAll(() => cluster?.close());
afterEach(() => cluster.proxy.removeAllRules());

let names = 0;
const fresh = (what: string): string => `${cluster.prefix}-${what}-${(names += 1)}`;
const quiet = { logLevel: logLevel.NOTHING };
const through = (clientId: string): Kafka =>
  new Kafka({ ...quiet, clientId, brokers: [...cluster.clientBrokers] });
const direct = (): Kafka =>
  new Kafka({ ...quiet, clientId: "witness", brokers: [...cluster.witnessBrokers] });

async function createTopic(partitions = 1): Promise<string> {
  const topic = fresh("topic");
  const admin = direct().admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic, numPartitions: partitions }],
    waitForLeaders: true,
  });
  await admin.disconnect();
  return topic;
}

/** Everything in `__consumer_offsets` so far. */
async function commitLog(): Promise<CommitLogRecord[]> {
  const admin = direct().admin();
  await admin.connect();
  const [end] = await admin.fetchTopicOffsets("__consumer_offsets");
  await admin.disconnect();
  const consumer = direct().consumer({ groupId: fresh("reader"), maxWaitTimeInMs: 100 });
  const records: CommitLogRecord[] = [];
  let last = -1n;
  await consumer.connect();
  await consumer.subscribe({ topic: "__consumer_offsets", fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      records.push(decodeCommitLogRecord(message.key as Buffer, message.value));
      last = BigInt(message.offset);
    },
  });
  await eventually(() => last >= BigInt(end?.high ?? 0) - 1n, 20_000);
  await consumer.disconnect();
  return records;
}

describe("a local cluster", () => {
  test("clients that come through the proxy are told the proxy's addresses, witnesses the direct ones", async () => {
    const seen: Frame[] = [];
    const off = cluster.proxy.onFrame((frame, stage) => {
      if (stage === "forwarded") seen.push(frame);
    });
    const admin = through("c1").admin();
    await admin.connect();
    const told = (await admin.describeCluster()).brokers.map((b) => `${b.host}:${b.port}`);
    await admin.disconnect();
    off();
    expect(told).toEqual(cluster.clientBrokers);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((frame) => frame.clientId === "c1" && frame.node === 1)).toBe(true);

    const witness = direct().admin();
    await witness.connect();
    const direct_ = (await witness.describeCluster()).brokers.map((b) => `${b.host}:${b.port}`);
    await witness.disconnect();
    expect(direct_).toEqual(cluster.witnessBrokers);
  });

  test("every frame of a producing and consuming kafkajs client decodes without a note", async () => {
    const topic = await createTopic(2);
    const frames: {
      key: number;
      version: number;
      direction: string;
      note: unknown;
      body: unknown;
    }[] = [];
    const assigned: unknown[] = [];
    const produced: string[] = [];
    const off = cluster.proxy.onFrame((frame, stage) => {
      if (stage !== "arrived") return;
      const { apiKey: key, apiVersion: version, direction, body, note } = frame;
      frames.push({ key, version, direction, body: body !== null, note });
      if (key === 14 && direction === "response") {
        for (const { topic, partitions } of decodeAssignment(body?.["assignment"] as Buffer)) {
          assigned.push({ topic, partitions: partitions.toSorted((a, b) => a - b) });
        }
      }
      if (key === 0 && direction === "request") {
        const topics = body?.["topicData"] as { partitionData: { records: Buffer }[] }[];
        for (const { records } of topics.flatMap((data) => data.partitionData)) {
          for (const batch of decodeRecordBatches(records)) {
            for (const r of batch.records ?? []) produced.push(`${r.key}=${r.value} ${r.headers}`);
          }
        }
      }
    });
    const producer = through("p1").producer({ idempotent: true });
    await producer.connect();
    await producer.send({
      topic,
      messages: [{ key: "k", value: "v", partition: 0, headers: { h: "1" } }],
    });
    await producer.send({
      topic,
      compression: CompressionTypes.GZIP,
      messages: [{ key: "k2", value: "v2", partition: 1 }],
    });
    await producer.disconnect();
    const consumer = through("m1").consumer({
      groupId: fresh("group"),
      heartbeatInterval: 50,
      maxWaitTimeInMs: 100,
    });
    let consumed = 0;
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommitThreshold: 1, eachMessage: async () => void (consumed += 1) });
    await eventually(() => consumed === 2 && frames.some((f) => f.key === 12), 20_000);
    await consumer.disconnect();
    off();
    const bad = frames.filter((f) => !f.body || f.note !== null);
    expect(bad).toEqual([]);
    const keys = new Set(frames.map((f) => f.key));
    for (const key of [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 18, 22]) {
      expect(keys.has(key), `API key ${key}`).toBe(true);
    }
    expect(produced).toEqual(["k=v h,1", "k2=v2 "]);
    expect(assigned).toEqual([{ topic, partitions: [0, 1] }]);
  });

  test("a commit whose answer is lost is in the commit log although its client saw it fail", async () => {
    const topic = await createTopic();
    const group = fresh("group");
    const retry = { retries: 1, initialRetryTime: 50 };
    const consumer = through("m1").consumer({ groupId: group, maxWaitTimeInMs: 100, retry });
    await consumer.connect();
    await consumer.subscribe({ topic });
    let joined = false;
    consumer.on("consumer.group_join", () => (joined = true));
    await consumer.run({ autoCommit: false, eachMessage: async () => {} });
    await eventually(() => joined, 20_000);
    const rule = cluster.proxy.addRule({
      name: "commit answer lost",
      match: {
        apiKeys: [8],
        direction: "response",
        clientId: "m1",
        where: (frame) => frame.request?.body?.["groupId"] === group,
      },
      act: { type: "reset" },
    });
    await expect(consumer.commitOffsets([{ topic, partition: 0, offset: "42" }])).rejects.toThrow(
      /ECONNRESET|[Cc]onnection/,
    );
    await rule.acting();
    rule.remove();
    await consumer.disconnect();
    const commits = (await commitLog()).filter((r) => r.kind === "commit" && r.group === group);
    expect(commits.length).toBeGreaterThan(0);
    expect(commits[0]).toMatchObject({ topic, partition: 0, commit: { offset: 42n } });
  });

  test("a broker that was killed refuses connections, and is soon back with its data", async () => {
    const topic = await createTopic();
    const producer = direct().producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: "kept" }] });
    await producer.disconnect();
    await cluster.signal(1, "kill");
    const gone = await connectExternalCluster([...cluster.clientBrokers]).catch((e: unknown) => e);
    expect(String(gone)).toContain("ECONNREFUSED");
    await cluster.restart(1);
    await cluster.healthy(10_000);
    const admin = through("c2").admin();
    await admin.connect();
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ high: "1" }]);
    await admin.disconnect();
  });

  test("a broker that was asked to end does so, a frozen one answers again when thawed", async () => {
    await cluster.signal(1, "term");
    await expect(cluster.healthy(200)).rejects.toThrow("no broker is running");
    await expect(cluster.signal(1, "kill")).rejects.toThrow("node 1 is not running");
    await cluster.restart(1);
    await cluster.healthy(10_000);
    await cluster.freeze(1);
    await expect(cluster.healthy(500)).rejects.toThrow("nothing has answered yet");
    await cluster.thaw(1);
    await cluster.healthy(10_000);
    expect(cluster.log(1)).toContain("Kafka Server started");
  });

  test("a broker that dies of itself refuses connections, too", async () => {
    const [host = "", port] = (cluster.clientBrokers[0] as string).split(":");
    const closed = (): Promise<string | null> => refusal({ host, port: Number(port) });
    expect(await closed()).toBeNull();
    const command = `${folder}/node-1.properties`;
    const pid = Number(execFileSync("pgrep", ["-f", command], { encoding: "utf8" }).trim());
    process.kill(pid, "SIGKILL");
    await eventually(async () => (await closed())?.includes("ECONNREFUSED") === true);
    await cluster.restart(1);
    await cluster.healthy(10_000);
  });

  test("a broker whose disk is full ends, cannot start, and is back with its data once healed", async () => {
    const topic = await createTopic();
    const producer = direct().producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: "kept" }] });
    await producer.disconnect();
    expect(await cluster.fillDisk(1)).toMatch(/^code [1-9]/);
    expect(cluster.log(1)).toContain("File too large");
    const gone = await connectExternalCluster([...cluster.clientBrokers]).catch((e: unknown) => e);
    expect(String(gone)).toContain("ECONNREFUSED");
    await expect(cluster.restart(1)).rejects.toThrow(/node 1 ended with code [1-9]/);
    await cluster.freeDisk(1);
    await cluster.restart(1);
    await cluster.healthy(10_000);
    const admin = through("c3").admin();
    await admin.connect();
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ high: "1" }]);
    await admin.disconnect();
  });

  test("one node knows its leaders and coordinators, and refuses a failover", async () => {
    const topic = await createTopic(2);
    expect(await leaderOf(cluster, topic, 1)).toEqual({ node: 1, epoch: 0 });
    expect(await coordinatorOf(cluster, fresh("group"))).toBe(1);
    expect(cluster.can.failover).toBe(false);
    await expect(failLeader(cluster, topic, 1)).rejects.toThrow("needs three nodes");
    await expect(failCoordinator(cluster, "g")).rejects.toThrow("needs three nodes");
    await cluster.healthy(1_000);
  });

  test("its brokers answer as somebody's own cluster, without proxy and faults", async () => {
    const log: string[] = [];
    const theirs = await pickCluster({
      brokers: [...cluster.witnessBrokers],
      log: (line) => log.push(line),
    });
    expect(theirs.kind).toBe("brokers");
    expect(log).toEqual([theirs.reason]);
    expect(theirs.nodes).toEqual([1]);
    expect(theirs.can).toEqual({
      proxy: false,
      brokerFaults: false,
      failover: false,
      diskFull: false,
      commitLog: false,
      transactions: true,
      sasl: false,
    });
    await theirs.healthy(10_000);
    await expect(theirs.signal(1, "kill")).rejects.toThrow("not ours to harm");
    await theirs.close();
  });
});

describe("the SASL listener", () => {
  const users = Object.values(saslUsers);
  const client = (mechanism: string, username: string, password: string): Kafka =>
    new Kafka({
      ...quiet,
      brokers: [...cluster.saslBrokers],
      sasl: { mechanism, username, password } as SASLOptions,
      retry: { retries: 0 },
    });

  test.each(users)(
    "lets $username in with $mechanism",
    async ({ mechanism, username, password }) => {
      const admin = client(mechanism, username, password).admin();
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      expect(brokers.map((b) => `${b.host}:${b.port}`)).toEqual(cluster.saslBrokers);
      await admin.disconnect();
    },
  );

  test.each(users)("refuses $username with a wrong password ($mechanism)", async (user) => {
    const admin = client(user.mechanism, user.username, "wrong").admin();
    await expect(admin.connect()).rejects.toThrow(/authentication failed|invalid credentials/i);
    await admin.disconnect();
  });
});

/** Brokers say where their data lies. */
function dataFolder(log: string): string {
  return /(\/[^\s=,()]*sluice-kafka-\w+)/.exec(log)?.[1] ?? "the log names no data folder";
}

describe("ending", () => {
  test("no broker and no data outlive a runner that was killed", async () => {
    const loader = new URL("./killed-runner/typescript.mjs", import.meta.url);
    const script = new URL("./killed-runner/runner.ts", import.meta.url);
    const runner = spawn(
      process.execPath,
      ["--no-warnings", "--import", loader.href, fileURLToPath(script)],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NODE_OPTIONS: "" } },
    );
    const [line] = (await once(createInterface({ input: runner.stdout }), "line")) as [string];
    const { log, witness } = JSON.parse(line) as { log: string; witness: string[] };
    const data = dataFolder(log);
    expect(existsSync(data)).toBe(true);
    expect((await connectExternalCluster(witness)).nodes).toEqual([1]);
    const exited = once(runner, "exit");
    runner.kill("SIGKILL");
    await exited;
    await eventually(() => !existsSync(data));
    // The folder goes when the last broker has.
    const gone = await connectExternalCluster(witness).catch((error: unknown) => error);
    expect(String(gone)).toContain("ECONNREFUSED");
  }, 60_000);

  test("close leaves no process, no port and no folder, and may be called again", async () => {
    const own = await startLocalCluster({ sasl: false });
    const ports = [...own.clientBrokers, ...own.witnessBrokers];
    const dir = dataFolder(own.log(1));
    expect(existsSync(dir)).toBe(true);
    expect(own.can.sasl).toBe(false);
    await Promise.all([own.close(), own.close()]);
    await own.close();
    expect(existsSync(dir)).toBe(false);
    const gone = await connectExternalCluster(ports).catch((error: unknown) => error);
    for (const port of ports) expect(String(gone)).toContain(`${port}: connect ECONNREFUSED`);
  }, 60_000);

  test("a start that is given up leaves nothing", async () => {
    const abort = new AbortController();
    const starting = startLocalCluster({ signal: abort.signal });
    setTimeout(() => abort.abort(new Error("changed my mind")), 300);
    await expect(starting).rejects.toThrow("changed my mind");
  });

  test("a broker that cannot start is told with the end of its log", async () => {
    const broken = startLocalCluster({ properties: { "log.segment.bytes": "nonsense" } });
    await expect(broken).rejects.toThrow(/Invalid value nonsense/);
  });
});
