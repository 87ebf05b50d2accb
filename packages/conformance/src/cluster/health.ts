import { setTimeout as sleep } from "node:timers/promises";
import { ByteReader } from "../proxy/byte-reader.ts";
import { decodeResponse } from "../proxy/schema-interpreter.ts";
import { BrokerClient } from "./broker-client.ts";
import type { ClientSecurity } from "./client-security.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** What it takes to be let in there; nothing where there is no such field. */
  readonly security?: ClientSecurity;
}

/** Of `host:port` or `[host]:port`. */
export function endpointOf(address: string): Endpoint {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
}

const ASK_TIMEOUT_MS = 2_000;
const POLL_MS = 50;

/**
 * Why the cluster cannot serve a case now, or null when it can: every one of `nodes` is registered,
 * every partition has a leader among them and its replicas on them in sync, the coordinators are found
 * and that of groups answers. With no `nodes` given any leader will do.
 */
export async function unhealthy(
  endpoints: readonly Endpoint[],
  nodes: readonly number[],
  coordinators: readonly Coordinator[] = ["group", "transaction"],
): Promise<string | null> {
  let coordinatorAnswers = false;
  for (const { host, port, security } of endpoints) {
    try {
      const client = await BrokerClient.connect(host, port, ASK_TIMEOUT_MS, security);
      try {
        const reason =
          badMetadata(await askMetadata(client, ASK_TIMEOUT_MS), nodes) ??
          (await badCoordinators(client, coordinators));
        if (reason !== null) return `${host}:${port}: ${reason}`;
        coordinatorAnswers ||= await isLoadedCoordinator(client, HEALTH_GROUP);
      } finally {
        client.close();
      }
    } catch (error) {
      return `${host}:${port}: ${reasonOf(error)}`;
    }
  }
  return coordinatorAnswers ? null : "no node answers as the group's coordinator";
}

/** The nodes that the broker knows of, at their addresses on the listener that was asked. */
export async function readNodes(
  client: BrokerClient,
  timeoutMs: number,
): Promise<(Endpoint & { readonly node: number })[]> {
  const { brokers } = await askMetadata(client, timeoutMs);
  return brokers.map(({ nodeId, host, port }) => ({ node: nodeId, host, port }));
}

export interface Leader {
  /** -1 while there is none. */
  readonly node: number;
  /** Grows with every election. */
  readonly epoch: number;
}

/** By partition; empty when the broker does not know the topic. */
export async function readLeaders(
  client: BrokerClient,
  topic: string,
  timeoutMs: number,
): Promise<Map<number, Leader>> {
  const { topics } = await askMetadata(client, timeoutMs);
  const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
  return new Map(
    partitions.map(({ partitionIndex, leaderId, leaderEpoch }) => [
      partitionIndex,
      { node: leaderId, epoch: leaderEpoch },
    ]),
  );
}

export type Coordinator = "group" | "transaction";

/** Its node at its address on the listener that was asked, or the number of Kafka's error. */
export async function findCoordinator(
  client: BrokerClient,
  type: Coordinator,
  key: string,
): Promise<(Endpoint & { readonly node: number }) | number> {
  const body = Buffer.concat([string(key), Buffer.from([type === "group" ? 0 : 1])]);
  const found = await ask(client, FIND_COORDINATOR, 2, body, ASK_TIMEOUT_MS);
  const { errorCode, nodeId, host, port } = found as {
    errorCode: number;
    nodeId: number;
    host: string;
    port: number;
  };
  if (errorCode !== 0) return errorCode;
  return { node: nodeId, host, port };
}

/** False for a node that is not the coordinator, or one that is still reading the commit log. */
export async function isLoadedCoordinator(client: BrokerClient, group: string): Promise<boolean> {
  const noTopics = Buffer.from([0, 0, 0, 0]);
  const body = Buffer.concat([string(group), noTopics]);
  const answer = await ask(client, OFFSET_FETCH, 5, body, ASK_TIMEOUT_MS);
  return answer["errorCode"] === 0;
}

/** Null when the broker answers at all. */
export async function silence({ host, port, security }: Endpoint): Promise<string | null> {
  try {
    const client = await BrokerClient.connect(host, port, ASK_TIMEOUT_MS, security);
    try {
      await client.request(API_VERSIONS, 0, Buffer.alloc(0), ASK_TIMEOUT_MS);
      return null;
    } finally {
      client.close();
    }
  } catch (error) {
    return `${host}:${port}: ${reasonOf(error)}`;
  }
}

/** Null when something accepts connections. */
export async function refusal({ host, port }: Endpoint): Promise<string | null> {
  try {
    (await BrokerClient.connect(host, port, ASK_TIMEOUT_MS)).close();
    return null;
  } catch (error) {
    return `${host}:${port}: ${reasonOf(error)}`;
  }
}

/** Polls `reason` until it is null. @throws Error after `timeoutMs` that names the last reason. */
export async function until(
  what: string,
  timeoutMs: number,
  reason: () => Promise<string | null>,
  signal?: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const deadline = performance.now() + timeoutMs;
  // One question may take longer than is left for all of them.
  const late = sleep(timeoutMs, "late" as const, { signal: over.signal });
  late.catch(() => {});
  let last = "nothing has answered yet";
  try {
    for (;;) {
      signal?.throwIfAborted();
      const why = await Promise.race([reason(), late]);
      if (why === null) return;
      if (why !== "late") last = why;
      if (why === "late" || performance.now() >= deadline) {
        throw new Error(`${what} within ${timeoutMs} ms: ${last}`);
      }
      await sleep(POLL_MS);
    }
  } finally {
    over.abort();
  }
}

/** What went wrong, in words; connecting to a name fails once for each of its addresses. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

const METADATA = 3;
const OFFSET_FETCH = 9;
const FIND_COORDINATOR = 10;
const API_VERSIONS = 18;
/** Any group is some coordinator's; with one partition of `__consumer_offsets` they all share it. */
const HEALTH_GROUP = "sluice-health";

interface Metadata {
  readonly brokers: readonly {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
  }[];
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly leaderId: number;
      readonly leaderEpoch: number;
      readonly replicaNodes: readonly number[];
      readonly isrNodes: readonly number[];
    }[];
  }[];
}

/** Version 8, the last before flexible ones: null topics (all), no creation, no authorization. */
async function askMetadata(client: BrokerClient, timeoutMs: number): Promise<Metadata> {
  const body = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0]);
  return (await ask(client, METADATA, 8, body, timeoutMs)) as unknown as Metadata;
}

function badMetadata(metadata: Metadata, nodes: readonly number[]): string | null {
  const known = metadata.brokers.map((broker) => broker.nodeId);
  const missing = nodes.filter((node) => !known.includes(node));
  if (missing.length > 0) return `node ${missing.join(", ")} is not registered`;
  for (const topic of metadata.topics) {
    for (const { partitionIndex, leaderId, replicaNodes, isrNodes } of topic.partitions) {
      const name = `${topic.name}-${partitionIndex}`;
      if (leaderId < 0) return `${name} has no leader`;
      // For a while after its death the others still name the old one.
      if (nodes.length > 0 && !nodes.includes(leaderId)) {
        return `${name} is led by node ${leaderId}, which is not running`;
      }
      const behind = replicaNodes.filter((n) => nodes.includes(n) && !isrNodes.includes(n));
      if (behind.length > 0) return `${name}: replica ${behind.join(", ")} is not in sync`;
    }
  }
  return null;
}

/** Asking for a coordinator also makes the broker create the internal topic behind it. */
async function badCoordinators(
  client: BrokerClient,
  types: readonly Coordinator[],
): Promise<string | null> {
  for (const type of types) {
    const found = await findCoordinator(client, type, HEALTH_GROUP);
    if (typeof found === "number") return `the ${type} coordinator is not found (error ${found})`;
  }
  return null;
}

export async function ask(
  client: BrokerClient,
  apiKey: number,
  version: number,
  body: Buffer,
  timeoutMs: number,
): Promise<Record<string, unknown>> {
  const answer = await client.request(apiKey, version, body, timeoutMs);
  const message = decodeResponse(apiKey, version, new ByteReader(answer));
  if (message === null) throw new Error(`no schema for API ${apiKey} version ${version}`);
  return message.fields;
}

export function string(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeInt16BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}
