import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AclOperationTypes as Operation,
  AclPermissionTypes,
  AclResourceTypes as Resource,
  Kafka,
  logLevel,
  ResourcePatternTypes,
  type Admin,
} from "kafkajs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLocalCluster, type LocalCluster } from "../src/cluster/local-cluster.ts";
import { CLI, everythingIn, runCli, type Ended } from "./external-kit.ts";

// Somebody's cluster with real ACLs: what a user without a right is told, and which rights suffice.
const PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";

const TOPIC_RIGHTS = [Operation.CREATE, Operation.READ, Operation.WRITE, Operation.DELETE];
const GROUP_RIGHTS = [Operation.READ, Operation.DELETE];

/** Users, and what each lacks. */
const LACKING = [
  ["no-create", Operation.CREATE, "Create on topics"],
  ["no-read", Operation.READ, "Read on topics"],
  ["no-write", Operation.WRITE, "Write on topics"],
  ["no-delete", Operation.DELETE, "Delete on topics"],
] as const;
const LACKING_OF_GROUPS = [
  ["no-group-read", Operation.READ, "Read on groups"],
  ["no-group-delete", Operation.DELETE, "Delete on groups"],
] as const;
const USERS = [...LACKING, ...LACKING_OF_GROUPS].map(([user]) => user as string);
const ALL = [...USERS, "enough", "with-transactions", "nobody"];

let cluster: LocalCluster;
let admin: Admin;
let dir: string;

beforeAll(async () => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: build the packages first`);
  cluster = await startLocalCluster({
    properties: {
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      // Who comes in without a login: the brokers themselves, and this test.
      "super.users": "User:ANONYMOUS",
      "listener.name.sasl.plain.sasl.jaas.config": `${PLAIN} required ${ALL.map((user) => `user_${user}="${passwordOf(user)}"`).join(" ")};`,
    },
  });
  const kafka = new Kafka({ logLevel: logLevel.NOTHING, brokers: [...cluster.witnessBrokers] });
  admin = kafka.admin();
  await admin.connect();
  const rights = (user: string, resource: Resource, operations: readonly Operation[]) =>
    operations.map((operation) => ({
      resourceType: resource,
      resourceName: "sluice-",
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      principal: `User:${user}`,
      host: "*",
      operation,
      permissionType: AclPermissionTypes.ALLOW,
    }));
  const but = (all: readonly Operation[], lacking: Operation): Operation[] =>
    all.filter((operation) => operation !== lacking);
  await admin.createAcls({
    acl: [
      ...LACKING.flatMap(([user, lacking]) => [
        ...rights(user, Resource.TOPIC, but(TOPIC_RIGHTS, lacking)),
        ...rights(user, Resource.GROUP, GROUP_RIGHTS),
      ]),
      ...LACKING_OF_GROUPS.flatMap(([user, lacking]) => [
        ...rights(user, Resource.TOPIC, TOPIC_RIGHTS),
        ...rights(user, Resource.GROUP, but(GROUP_RIGHTS, lacking)),
      ]),
      ...["enough", "with-transactions"].flatMap((user) => [
        ...rights(user, Resource.TOPIC, TOPIC_RIGHTS),
        ...rights(user, Resource.GROUP, GROUP_RIGHTS),
      ]),
      ...rights("with-transactions", Resource.TRANSACTIONAL_ID, [Operation.WRITE]),
    ],
  });
  dir = await mkdtemp(join(tmpdir(), "sluice-rights-"));
}, 120_000);
afterAll(async () => {
  await admin?.disconnect();
  await cluster?.close();
  if (dir !== undefined) await rm(dir, { recursive: true, force: true });
});

describe("a user without a right", () => {
  test.each([...LACKING, ...LACKING_OF_GROUPS])("%s is told which", async (user, _, lacking) => {
    const { code, said } = await run(user, ["--run", "core/hot-key"]);
    expect(said).toContain(
      `User:${user} lacks rights on your cluster: ${lacking} whose names begin with sluice-.`,
    );
    // How to give it, and nothing that it has.
    const [operation = "", , what = ""] = lacking.split(" ");
    expect(said.match(/--operation \w+/g)).toEqual([`--operation ${operation}`]);
    expect(said).toContain(`--${what.slice(0, -1)} sluice- --resource-pattern-type prefixed`);
    expect(code).toBe(4);
    // Before any work: no case was begun.
    expect(said).not.toContain("core/hot-key");
    expect(said).not.toContain(passwordOf(user));
    expect(await everythingIn(admin)).toEqual([]);
  });

  test("who has none is told all of them at once", async () => {
    const { code, said } = await run("nobody", ["--run", "core/hot-key"]);
    expect(said).toContain("Create, Read, Write, Delete on topics; Read, Delete on groups");
    expect(code).toBe(4);
  });
});

test("rights to topics and groups of its names suffice, and what needs transactions is skipped", async () => {
  const cases = ["core/hold-head", "core/start-position", "retry/poison"];
  const { code, said } = await run("enough", [
    ...cases.flatMap((id) => ["--run", id]),
    ...["--run", "core/sparse-offsets"],
  ]);
  expect(said).toContain("no right to transactional ids that begin with sluice-");
  expect(said).toMatch(/^3 passed, 1 skipped/m);
  expect(code).toBe(0);
  expect(await everythingIn(admin)).toEqual([]);
}, 180_000);

test("with a right to transactional ids nothing is skipped for it", async () => {
  const { code, said } = await run("with-transactions", ["--run", "core/sparse-offsets"]);
  expect(said).toContain("1 passed");
  expect(code).toBe(0);
  expect(await everythingIn(admin)).toEqual([]);
}, 120_000);

function passwordOf(user: string): string {
  return `secret-of-${user}`;
}

async function run(user: string, more: readonly string[]): Promise<Ended> {
  const config = join(dir, `${user}.properties`);
  await writeFile(
    config,
    [
      "security.protocol=SASL_PLAINTEXT",
      "sasl.mechanism=PLAIN",
      `sasl.jaas.config=PlainLoginModule required username="${user}" password="${passwordOf(user)}";`,
    ].join("\n"),
  );
  return runCli([
    ...["--brokers", cluster.saslBrokers.join(","), "--client-config", config],
    ...["--adapter", "kafkajs", "--out", join(dir, user), "--seed", "1", ...more],
  ]);
}
