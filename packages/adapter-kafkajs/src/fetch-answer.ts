import { PortError } from "@sluice/core";
import { keyOf } from "./assignment.ts";
import { ByteReader } from "./byte-reader.ts";
import type { RecordBatch } from "./record-batch.ts";
import { readBatches } from "./record-batch.ts";

/** What a broker answers to a fetch. */
export interface FetchAnswer {
  readonly errorCode: number;
  /** How long kafkajs must leave the broker alone (KIP-219), milliseconds. */
  readonly clientSideThrottleTime: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  /** Those that are aborted among what was fetched. */
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly batches: readonly RecordBatch[];
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Versions that added something to the answer. The first one here came with Kafka 0.11. */
const WITH_ABORTED_TRANSACTIONS = 4;
const WITH_LOG_START = 5;
const WITH_SESSION = 7;
const WITH_THROTTLING_BY_CLIENT = 8;
const WITH_READ_REPLICA = 11;

/**
 * Fetch answers of version 4 to 11, which is the last one that kafkajs asks for.
 * @throws PortError for another version and for batches that cannot be read
 * @throws what a codec throws
 */
export async function readFetchAnswer(payload: Buffer, version: number): Promise<FetchAnswer> {
  if (version < WITH_ABORTED_TRANSACTIONS || version > WITH_READ_REPLICA) {
    throw new PortError(
      `the broker speaks version ${version} of Fetch; this adapter needs Kafka 0.11 or newer`,
      { kind: "configuration", outcome: "failed" },
    );
  }
  const reader = new ByteReader(payload);
  const throttleMs = reader.int32();
  let errorCode = 0;
  if (version >= WITH_SESSION) {
    errorCode = reader.int16();
    reader.skip(SESSION_ID_BYTES);
  }
  const topics = reader.list(() => ({
    topicName: reader.string(),
    partitions: reader.list(() => readPartition(reader, version)),
  }));
  const responses = [];
  for (const { topicName, partitions: shares } of topics) {
    const partitions: FetchedPartition[] = [];
    for (const { records, ...share } of shares) {
      const batches = await readBatches(records, keyOf(topicName, share.partition));
      partitions.push({ ...share, batches });
    }
    responses.push({ topicName, partitions });
  }
  return {
    errorCode,
    clientSideThrottleTime: version >= WITH_THROTTLING_BY_CLIENT ? throttleMs : 0,
    responses,
  };
}

const SESSION_ID_BYTES = 4;
const OFFSET_BYTES = 8;
const BROKER_ID_BYTES = 4;

interface Share extends Omit<FetchedPartition, "batches"> {
  readonly records: Buffer;
}

function readPartition(reader: ByteReader, version: number): Share {
  const partition = reader.int32();
  const errorCode = reader.int16();
  // High watermark and last stable offset; then where the log begins.
  reader.skip(2 * OFFSET_BYTES + (version >= WITH_LOG_START ? OFFSET_BYTES : 0));
  const abortedTransactions = reader.list(() => ({
    producerId: reader.int64(),
    firstOffset: reader.int64(),
  }));
  if (version >= WITH_READ_REPLICA) reader.skip(BROKER_ID_BYTES);
  const records = reader.slice(reader.int32());
  return { partition, errorCode, abortedTransactions, records };
}
