import { BrokerClient } from "./broker-client.ts";
import type { ClientSecurity } from "./client-security.ts";
import { EnvironmentError } from "./environment-error.ts";
import { ask, findCoordinator, string, until } from "./health.ts";
import type { Coordinator, Endpoint } from "./health.ts";

/** What every name of a run begins with: rights can be given for it once and for all. */
export const NAMES = "sluice-";

const CREATE_TOPICS = 19;
const DESCRIBE_GROUPS = 15;
const METADATA = 3;
const TIMEOUT_MS = 4_000;

const TOPIC_AUTHORIZATION_FAILED = 29;
const NOT_CONTROLLER = 41;
const GROUP_AUTHORIZATION_FAILED = 30;
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
const REFUSED: ReadonlySet<number> = new Set([
  GROUP_AUTHORIZATION_FAILED,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
]);
const COORDINATOR_MS = 20_000;
/** What a broker says that does not tell who may do what. */
const UNTOLD = -(2 ** 31);

/** Kafka's `AclOperation`: numbers of bits. */
const OPERATIONS = { Read: 3, Write: 4, Delete: 6 } as const;
type Operation = keyof typeof OPERATIONS;

/**
 * Sees to it that the user may do what every case does. Only asks: nothing is made to find it out.
 *
 * @param prefix of the run's topics and groups
 * @throws EnvironmentError that names every right that is missing
 */
export async function checkRights(
  client: BrokerClient,
  prefix: string,
  security: ClientSecurity,
): Promise<void> {
  const topics = [
    ...(await mayNotCreate(client, `${prefix}.rights`)),
    ...without(["Read", "Write", "Delete"], await ofTopic(client, `${prefix}.rights`)),
  ];
  const groups = without(["Read", "Delete"], await ofGroup(client, `${prefix}.rights`, security));
  const missing = [
    ...(topics.length > 0 ? [`${topics.join(", ")} on topics`] : []),
    ...(groups.length > 0 ? [`${groups.join(", ")} on groups`] : []),
  ];
  if (missing.length === 0) return;
  const user = principalOf(security);
  const grant = (kind: "topic" | "group", operations: readonly string[]): string[] =>
    operations.length === 0
      ? []
      : [
          `  kafka-acls.sh --bootstrap-server … --add --allow-principal '${user ?? "User:…"}' ` +
            `${operations.map((operation) => `--operation ${operation}`).join(" ")} --${kind} ${NAMES} --resource-pattern-type prefixed`,
        ];
  throw new EnvironmentError(
    `${user ?? "The user of --brokers"} lacks rights on your cluster: ${missing.join("; ")} whose names begin with ${NAMES}.`,
    ["Give them, and run again:", ...grant("topic", topics), ...grant("group", groups)].join("\n"),
  );
}

/** Whether transactions may be written: the right to a transactional id is one of its own. */
export async function mayWriteTransactions(client: BrokerClient, prefix: string): Promise<boolean> {
  return (await coordinatorOf(client, "transaction", `${prefix}.rights`)) !== null;
}

/** As the broker knows the user; null where only it can tell: of a certificate, or of nobody. */
function principalOf({ sasl }: ClientSecurity): string | null {
  if (sasl === undefined) return null;
  return `User:${sasl.mechanism === "oauthbearer" ? sasl.principal : sasl.username}`;
}

function without(needed: readonly Operation[], granted: number): Operation[] {
  if (granted === UNTOLD) return [];
  return needed.filter((operation) => (granted & (1 << OPERATIONS[operation])) === 0);
}

/** @throws EnvironmentError with the broker's reason, when it is another than a missing right */
async function mayNotCreate(client: BrokerClient, topic: string): Promise<readonly "Create"[]> {
  const onePartition = Buffer.from([0, 0, 0, 1]);
  const defaultReplicas = Buffer.from([0xff, 0xff]);
  const none = Buffer.alloc(4);
  const timeoutMs = Buffer.from([0, 0, 0x0f, 0xa0]);
  const validateOnly = Buffer.from([1]);
  const body = Buffer.concat([
    ...[oneOf(string(topic)), onePartition, defaultReplicas, none, none],
    ...[timeoutMs, validateOnly],
  ]);
  const answer = await ask(client, CREATE_TOPICS, 4, body, TIMEOUT_MS);
  const [result] = answer["topics"] as readonly {
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }[];
  const code = result?.errorCode ?? 0;
  if (code === TOPIC_AUTHORIZATION_FAILED) return ["Create"];
  // Another broker would know; a topic that cannot be created will say so.
  if (code === 0 || code === NOT_CONTROLLER) return [];
  throw new EnvironmentError(
    `No topic ${topic} can be created on your cluster: ${result?.errorMessage ?? `error ${code}`}`,
    `Let it have topics whose names begin with ${NAMES}, of any number of partitions and its default replication.`,
  );
}

/** Bits of the operations that are granted; it need not exist. */
async function ofTopic(client: BrokerClient, topic: string): Promise<number> {
  const noCreation = Buffer.from([0]);
  const ofClusterToo = Buffer.from([0]);
  const ofTopics = Buffer.from([1]);
  const body = Buffer.concat([oneOf(string(topic)), noCreation, ofClusterToo, ofTopics]);
  const answer = await ask(client, METADATA, 8, body, TIMEOUT_MS);
  const [found] = answer["topics"] as readonly {
    readonly errorCode: number;
    readonly topicAuthorizedOperations: number;
  }[];
  if (found === undefined || found.errorCode === TOPIC_AUTHORIZATION_FAILED) return 0;
  return found.topicAuthorizedOperations;
}

/** As {@link ofTopic}; version 4 answers for groups that are not there. */
async function ofGroup(
  client: BrokerClient,
  group: string,
  security: ClientSecurity,
): Promise<number> {
  const at = await coordinatorOf(client, "group", group);
  if (at === null) return 0;
  const coordinator = await BrokerClient.connect(at.host, at.port, TIMEOUT_MS, security);
  try {
    const body = Buffer.concat([oneOf(string(group)), Buffer.from([1])]);
    const answer = await ask(coordinator, DESCRIBE_GROUPS, 4, body, TIMEOUT_MS);
    const [found] = answer["groups"] as readonly { readonly authorizedOperations: number }[];
    return found?.authorizedOperations ?? UNTOLD;
  } finally {
    coordinator.close();
  }
}

/** Null for who may not see the group or transactional id. A cluster that never had one takes a moment. */
async function coordinatorOf(
  client: BrokerClient,
  type: Coordinator,
  key: string,
): Promise<Endpoint | null> {
  let found: Endpoint | number = 0;
  await until(`the ${type} coordinator was not found`, COORDINATOR_MS, async () => {
    found = await findCoordinator(client, type, key);
    return typeof found === "number" && !REFUSED.has(found) ? `error ${found}` : null;
  });
  return typeof found === "number" ? null : found;
}

/** An array of one. */
function oneOf(element: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0, 1]), element]);
}
