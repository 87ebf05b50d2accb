import { BrokerClient } from "../cluster/broker-client.ts";
import type { ClientSecurity } from "../cluster/client-security.ts";
import { endpointOf } from "../cluster/health.ts";
import { ByteReader } from "../proxy/byte-reader.ts";
import { decodeRecordBatches } from "../proxy/record-batch.ts";
import type { RecordBatch } from "../proxy/record-batch.ts";
import { decodeResponse } from "../proxy/schema-interpreter.ts";

export interface FetchedPartition {
  readonly partition: number;
  /** Kafka's error code; 0 is none. */
  readonly error: number;
  readonly batches: readonly RecordBatch[];
  /** Transactions in this part of the log that were aborted. */
  readonly aborted: readonly AbortedTransaction[];
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** What the broker may take to answer beyond the wait that was asked for. */
const GRACE_MS = 5_000;

/**
 * A Fetch connection of the witness's own, without a group: what the log holds, byte for byte. The
 * client libraries lose what has to be judged here (kafkajs: order among headers, empty against
 * null) and a reader in a group is thrown about by the very broker faults it should watch.
 *
 * Speaks Fetch version 4 (isolation level, no topic ids): the oldest that Kafka 4 accepts.
 */
export class FetchClient {
  readonly #client: BrokerClient;

  /** @throws Error when the broker does not accept a connection */
  static async connect(
    broker: string,
    timeoutMs: number,
    security: ClientSecurity,
  ): Promise<FetchClient> {
    const { host, port } = endpointOf(broker);
    return new FetchClient(await BrokerClient.connect(host, port, timeoutMs, security));
  }

  private constructor(client: BrokerClient) {
    this.#client = client;
  }

  /**
   * One answer of the broker: what it has from these offsets on, waiting up to `maxWaitMs` for
   * something, records of aborted transactions among it.
   *
   * @throws Error when the connection ends or the answer is overdue
   */
  async fetch(
    topic: string,
    from: ReadonlyMap<number, number>,
    maxWaitMs: number,
  ): Promise<FetchedPartition[]> {
    const body = fetchRequest(topic, from, maxWaitMs);
    return decodeAnswer(await this.#client.request(FETCH, VERSION, body, maxWaitMs + GRACE_MS));
  }

  close(): void {
    this.#client.close();
  }
}

const FETCH = 1;
const VERSION = 4;
const READ_COMMITTED = 1;
const MAX_BYTES = 8 * 1024 * 1024;

function fetchRequest(topic: string, from: ReadonlyMap<number, number>, maxWaitMs: number): Buffer {
  const name = Buffer.from(topic);
  const bytes = Buffer.alloc(17 + 4 + 2 + name.length + 4 + 16 * from.size);
  let at = bytes.writeInt32BE(-1, 0); // replica id: a client
  at = bytes.writeInt32BE(maxWaitMs, at);
  at = bytes.writeInt32BE(1, at); // min bytes
  at = bytes.writeInt32BE(MAX_BYTES, at);
  at = bytes.writeInt8(READ_COMMITTED, at);
  at = bytes.writeInt32BE(1, at); // one topic
  at = bytes.writeInt16BE(name.length, at);
  at += name.copy(bytes, at);
  at = bytes.writeInt32BE(from.size, at);
  for (const [partition, offset] of from) {
    at = bytes.writeInt32BE(partition, at);
    at = bytes.writeBigInt64BE(BigInt(offset), at);
    at = bytes.writeInt32BE(MAX_BYTES, at);
  }
  return bytes;
}

function decodeAnswer(bytes: Buffer): FetchedPartition[] {
  const answer = decodeResponse(FETCH, VERSION, new ByteReader(bytes))?.fields as unknown as Answer;
  return answer.responses.flatMap(({ partitions }) =>
    partitions.map(({ partitionIndex, errorCode, records, abortedTransactions }) => ({
      partition: partitionIndex,
      error: errorCode,
      batches: records === null ? [] : decodeRecordBatches(records),
      aborted: abortedTransactions ?? [],
    })),
  );
}

interface Answer {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly errorCode: number;
      readonly records: Buffer | null;
      readonly abortedTransactions: readonly AbortedTransaction[] | null;
    }[];
  }[];
}
