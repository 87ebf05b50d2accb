import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Kafka, logLevel, type Admin } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLocalCluster, type LocalCluster } from "../src/cluster/local-cluster.ts";
import { saslUsers } from "../src/cluster/sasl-users.ts";
import { CLI, everythingIn, runCli, type Ended } from "./external-kit.ts";
import { eventually } from "./wire-kit.ts";

// Somebody's cluster, reached by SCRAM: `--brokers` with `--client-config`, as a user has it.
const THEIRS = "their-topic";
/** Of a run's names those of topics; the others are groups. */
const TOPIC = /\.(?:in|dlq)$/;
const { username, password } = saslUsers["scram-sha-512"];
let cluster: LocalCluster;
let admin: Admin;
let dir: string;
let args: string[];

beforeAll(async () => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: build the packages first`);
  cluster = await startLocalCluster();
  const kafka = new Kafka({ logLevel: logLevel.NOTHING, brokers: [...cluster.witnessBrokers] });
  admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: THEIRS, numPartitions: 1 }], waitForLeaders: true });
  await admin.setOffsets({
    groupId: "their-group",
    topic: THEIRS,
    partitions: [{ partition: 0, offset: "0" }],
  });
  dir = await mkdtemp(join(tmpdir(), "sluice-external-"));
  const config = join(dir, "client.properties");
  await writeFile(
    config,
    [
      "security.protocol=SASL_PLAINTEXT",
      "sasl.mechanism=SCRAM-SHA-512",
      `sasl.jaas.config=ScramLoginModule required username="${username}" password="\${env:SECRET}";`,
    ].join("\n"),
  );
  args = [
    ...["--brokers", cluster.saslBrokers.join(","), "--client-config", config],
    ...["--adapter", "kafkajs", "--out", join(dir, "report"), "--seed", "1"],
  ];
}, 120_000);
afterAll(async () => {
  await admin?.disconnect();
  await cluster?.close();
  if (dir !== undefined) await rm(dir, { recursive: true, force: true });
});

function run(more: readonly string[], during?: (pid: number) => void): Promise<Ended> {
  return runCli([...args, ...more], { env: { SECRET: password }, during });
}

async function theirsIsAsItWas(): Promise<void> {
  expect(await everythingIn(admin)).toEqual(["their-group", THEIRS].toSorted());
  expect(await admin.fetchTopicOffsets(THEIRS)).toMatchObject([{ low: "0", high: "0" }]);
  const [kept] = await admin.fetchOffsets({ groupId: "their-group", topics: [THEIRS] });
  expect(kept?.partitions).toMatchObject([{ partition: 0, offset: "0" }]);
}

test("a run leaves nothing behind, skips with reasons, and tells no secret", async () => {
  const { code, said } = await run(["--run", "core/hot-key", "--run", "net/commit-ack-lost"]);
  expect(said).toContain("cluster brokers has no proxy");
  expect(said).not.toContain(password);
  expect(code).toBe(0);
  await theirsIsAsItWas();
}, 120_000);

test("what is committed is polled there, so that P1 is judged, and violated", async () => {
  const good = await run(["--run", "core/hold-head"]);
  expect(good.said).toContain("1 passed");
  expect(good.code).toBe(0);
  const history = await readFile(
    join(dir, "report", "cases", "kafkajs", "core-hold-head", "history.jsonl"),
    "utf8",
  );
  expect(history).toContain('"type":"polled"');
  const subject = fileURLToPath(new URL("../dist/subjects/sluice-subject.js", import.meta.url));
  const mutant = [process.execPath, subject, "--mutant", "commits-highest"];
  const bad = await run(["--run", "core/hold-head", "--", ...mutant]);
  expect(bad.said).toMatch(/^ {2}P1 {2}/m);
  expect(bad.code).toBe(1);
  await theirsIsAsItWas();
}, 180_000);

test("Ctrl-C in the middle of a case leaves nothing behind", async () => {
  expect((await struck("SIGINT")).code).toBe(130);
  await theirsIsAsItWas();
}, 180_000);

test("what a killed run has left is told to the next, which leaves it alone", async () => {
  expect((await struck("SIGKILL")).code).toBe(null);
  const left = (await everythingIn(admin)).filter((name) => name.startsWith("sluice-"));
  expect(left.length).toBeGreaterThan(0);
  const [prefix = ""] = left[0]!.split(".");
  const { code, said } = await run(["--run", "core/start-position"]);
  expect(said).toMatch(new RegExp(`of other runs, named ${prefix}\\.\\*: if none`));
  expect(code).toBe(0);
  expect(await everythingIn(admin)).toEqual(["their-group", THEIRS, ...left].toSorted());
  // Its member has gone with it, or its session will end.
  const gone = async (): Promise<boolean> => {
    const topics = left.filter((name) => TOPIC.test(name));
    const groups = left.filter((name) => !TOPIC.test(name));
    await admin.deleteTopics({ topics }).catch(() => {});
    await admin.deleteGroups(groups).catch(() => {});
    return !(await everythingIn(admin)).some((name) => name.startsWith("sluice-"));
  };
  await eventually(gone, 60_000);
  await theirsIsAsItWas();
}, 240_000);

/** A run that gets a signal when its members are at work. */
async function struck(signal: NodeJS.Signals): Promise<Ended> {
  let sent = false;
  const ended = await run(["--run", "core/hot-key"], (pid) => {
    const working = async (): Promise<boolean> =>
      (await everythingIn(admin)).some((name) => name.startsWith("sluice-") && !TOPIC.test(name));
    void eventually(working, 60_000).then(() => {
      sent = true;
      process.kill(pid, signal);
    });
  });
  expect(sent).toBe(true);
  return ended;
}
