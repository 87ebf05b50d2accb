import { randomBytes } from "node:crypto";
import { BrokerClient } from "./broker-client.ts";
import type { ClientSecurity } from "./client-security.ts";
import type { Cluster } from "./cluster.ts";
import { EnvironmentError } from "./environment-error.ts";
import { readNodes, reasonOf, unhealthy, until } from "./health.ts";
import type { Endpoint } from "./health.ts";
import { checkRights, mayWriteTransactions, NAMES } from "./rights.ts";

/** All addresses are asked at once, each for a connection and then for an answer. */
const ASK_TIMEOUT_MS = 4_000;

/** Somebody's own cluster: subjects and runner talk to it directly, and nothing in it is harmed. */
export interface ExternalCluster extends Cluster {
  readonly kind: "brokers";
}

/**
 * Connects to a running cluster. No proxy is before it, its brokers are not ours to kill, and its
 * commit log is not read: cases that need those are skipped.
 *
 * @param brokers host:port each; `[::1]:9092` for IPv6
 * @param security nothing for plaintext without login
 * @throws EnvironmentError within 10 s when no address is answered by a broker, naming each one
 *   with its reason, or when the user has not the rights that every case needs, naming each.
 */
export async function connectExternalCluster(
  brokers: readonly string[],
  security: ClientSecurity = {},
): Promise<ExternalCluster> {
  const endpoints = brokers.map((address) => ({ ...parseAddress(address), security }));
  const answers = await Promise.all(
    endpoints.map((endpoint) =>
      askNodes(endpoint).then(
        (nodes) => ({ nodes, reason: null }),
        (error: unknown) => ({ nodes: null, reason: reasonOf(error) }),
      ),
    ),
  );
  const nodes = answers.find((answer) => answer.nodes !== null)?.nodes;
  if (!nodes) {
    const each = brokers.map((broker, i) => `  ${broker}: ${answers[i]?.reason ?? "unknown"}`);
    throw new EnvironmentError(
      `No Kafka broker answers at ${brokers.length === 1 ? "the address" : "any of the addresses"}:\n` +
        each.join("\n"),
      "Start the cluster, or correct --brokers; without it a local Kafka is started.",
    );
  }
  const prefix = `${NAMES}${randomBytes(3).toString("hex")}`;
  const transactions = await rightsOf({ ...nodes[0]!, security }, prefix);
  return new TheirCluster(brokers, security, nodes, prefix, transactions);
}

type Node = Endpoint & { readonly node: number };

class TheirCluster implements ExternalCluster {
  readonly kind = "brokers";
  readonly reason: string;
  readonly kafkaVersion = "unknown";
  readonly can: Cluster["can"];
  readonly nodes: readonly number[];
  readonly clientBrokers: readonly string[];
  readonly clientSecurity: ClientSecurity;
  readonly witnessBrokers: readonly string[];
  readonly witnessSecurity: ClientSecurity;
  readonly saslBrokers: readonly string[] = [];
  readonly prefix: string;
  readonly #nodes: readonly Node[];

  constructor(
    brokers: readonly string[],
    security: ClientSecurity,
    nodes: readonly Node[],
    prefix: string,
    transactions: boolean,
  ) {
    this.reason = `--brokers ${brokers.join(",")}: your cluster of ${nodes.length} node(s), without proxy and faults`;
    this.nodes = nodes.map(({ node }) => node);
    this.prefix = prefix;
    this.can = {
      proxy: false,
      brokerFaults: false,
      failover: false,
      diskFull: false,
      commitLog: false,
      transactions,
      sasl: false,
    };
    this.clientBrokers = brokers;
    this.clientSecurity = security;
    this.witnessBrokers = brokers;
    this.witnessSecurity = security;
    this.#nodes = nodes.map((node) => ({ ...node, security }));
  }

  signal(): Promise<void> {
    return refuse();
  }
  freeze(): Promise<void> {
    return refuse();
  }
  thaw(): Promise<void> {
    return refuse();
  }
  restart(): Promise<void> {
    return refuse();
  }
  fillDisk(): Promise<never> {
    return refuse();
  }
  freeDisk(): Promise<void> {
    return refuse();
  }
  /** Under-replicated partitions are none of our business in a cluster that is not ours. */
  async healthy(timeoutMs: number): Promise<void> {
    await until("the cluster did not become healthy", timeoutMs, () =>
      unhealthy(this.#nodes, [], ["group"]),
    );
  }
  log(): string {
    return "(the log of your broker is not read)";
  }
  async close(): Promise<void> {}
}

function refuse(): Promise<never> {
  return Promise.reject(new Error("a cluster given by --brokers is not ours to harm"));
}

async function askNodes({ host, port, security }: Endpoint): Promise<readonly Node[]> {
  const client = await BrokerClient.connect(host, port, ASK_TIMEOUT_MS, security);
  try {
    return await readNodes(client, ASK_TIMEOUT_MS);
  } finally {
    client.close();
  }
}

/** Whether transactions may be written; the rest is needed. @throws EnvironmentError */
async function rightsOf({ host, port, security = {} }: Endpoint, prefix: string): Promise<boolean> {
  const client = await BrokerClient.connect(host, port, ASK_TIMEOUT_MS, security);
  try {
    await checkRights(client, prefix, security);
    return await mayWriteTransactions(client, prefix);
  } finally {
    client.close();
  }
}

function parseAddress(address: string): Endpoint {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) {
    throw new EnvironmentError(
      `"${address}" is not the address of a broker.`,
      "Give brokers as host:port, several separated by commas.",
    );
  }
  return { host, port };
}
