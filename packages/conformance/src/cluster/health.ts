import { setTimeout as sleep } from "node:timers/promises";
import { BrokerClient } from "./broker-client.ts";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const ASK_TIMEOUT_MS = 2_000;
const POLL_MS = 50;

/**
 * Why the cluster cannot serve a case now, or null when it can: every node is registered, every
 * partition has a leader and its running replicas in sync, group and transaction coordinators answer.
 */
export async function unhealthy(
  endpoints: readonly Endpoint[],
  nodes: readonly number[],
): Promise<string | null> {
  let coordinator: string | null = null;
  for (const endpoint of endpoints) {
    const where = `${endpoint.host}:${endpoint.port}`;
    try {
      const client = await BrokerClient.connect(endpoint.host, endpoint.port, ASK_TIMEOUT_MS);
      try {
        const metadata = readMetadata(
          await client.request(3, 8, METADATA_ALL_TOPICS, ASK_TIMEOUT_MS),
        );
        const reason = badMetadata(metadata, nodes);
        if (reason !== null) return `${where}: ${reason}`;
        for (const [type, what] of [
          [0, "group"],
          [1, "transaction"],
        ] as const) {
          const error = await coordinatorError(client, type);
          if (error !== 0) coordinator = `${where}: the ${what} coordinator answers error ${error}`;
        }
      } finally {
        client.close();
      }
    } catch (error) {
      return `${where}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return coordinator;
}

/** Polls `reason` until it is null. @throws Error that names the last reason after `timeoutMs`. */
export async function until(
  what: string,
  timeoutMs: number,
  reason: () => Promise<string | null>,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const why = await reason();
    if (why === null) return;
    if (performance.now() > deadline) throw new Error(`${what} within ${timeoutMs} ms: ${why}`);
    await sleep(POLL_MS);
  }
}

interface Metadata {
  readonly brokers: readonly number[];
  readonly partitions: readonly {
    readonly name: string;
    readonly leader: number;
    readonly replicas: readonly number[];
    readonly isr: readonly number[];
  }[];
}

function badMetadata(metadata: Metadata, nodes: readonly number[]): string | null {
  const missing = nodes.filter((node) => !metadata.brokers.includes(node));
  if (missing.length > 0) return `node ${missing.join(", ")} is not registered`;
  for (const { name, leader, replicas, isr } of metadata.partitions) {
    if (leader < 0) return `${name} has no leader`;
    const behind = replicas.filter((node) => nodes.includes(node) && !isr.includes(node));
    if (behind.length > 0) return `${name}: replica ${behind.join(", ")} is not in sync`;
  }
  return null;
}

/** Metadata v8: null topics (all), no auto-creation, no authorized operations. */
const METADATA_ALL_TOPICS = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0]);

function readMetadata(body: Buffer): Metadata {
  const reader = new Reader(body);
  reader.int32();
  const brokers = reader.array(() => {
    const node = reader.int32();
    reader.string();
    reader.int32();
    reader.string();
    return node;
  });
  reader.string();
  reader.int32();
  const partitions = reader.array(() => {
    reader.int16();
    const topic = reader.string();
    reader.int8();
    const found = reader.array(() => {
      reader.int16();
      const index = reader.int32();
      const leader = reader.int32();
      reader.int32();
      const replicas = reader.array(() => reader.int32());
      const isr = reader.array(() => reader.int32());
      reader.array(() => reader.int32());
      return { name: `${topic}-${index}`, leader, replicas, isr };
    });
    reader.int32();
    return found;
  });
  return { brokers, partitions: partitions.flat() };
}

/** FindCoordinator v2; asking also makes the broker create the internal topic. */
async function coordinatorError(client: BrokerClient, type: 0 | 1): Promise<number> {
  const key = Buffer.from("sluice-health");
  const length = Buffer.alloc(2);
  length.writeInt16BE(key.length);
  const answer = await client.request(
    10,
    2,
    Buffer.concat([length, key, Buffer.from([type])]),
    ASK_TIMEOUT_MS,
  );
  return answer.readInt16BE(4);
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  int8(): number {
    return this.#bytes.readInt8((this.#at += 1) - 1);
  }
  int16(): number {
    return this.#bytes.readInt16BE((this.#at += 2) - 2);
  }
  int32(): number {
    return this.#bytes.readInt32BE((this.#at += 4) - 4);
  }
  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#bytes.toString("utf8", this.#at, (this.#at += length));
  }
  array<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, item);
  }
}
