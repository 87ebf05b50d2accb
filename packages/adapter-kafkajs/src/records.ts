import type { Headers, KafkaRecord } from "@sluice/core";
import { keyOf } from "./assignment.ts";
import { fromKafkajs } from "./headers.ts";
import type { DecodedRecord, FetchedPartition } from "./internals.ts";
import { toNumber } from "./offsets.ts";

export interface Fetched {
  readonly records: readonly KafkaRecord[];
  /** Next offset to fetch: past markers, aborted records and gaps, too. */
  readonly nextPosition: number;
}

/**
 * The records of one partition's share of a fetch answer that a reader from `position` may see.
 * @throws PortError for an offset that a number cannot hold
 */
export function readFetched(topic: string, fetched: FetchedPartition, position: number): Fetched {
  const { partition, messages } = fetched;
  const last = messages.at(-1);
  if (last === undefined) return { records: [], nextPosition: position };
  const where = keyOf(topic, partition);
  const isAborted = abortedFilter(fetched.abortedTransactions ?? []);
  const records: KafkaRecord[] = [];
  for (const message of messages) {
    // Every record is shown to the filter, also those before `position`: it follows the markers.
    if (isAborted(message) || message.isControlRecord) continue;
    const offset = toNumber(message.offset, where);
    // A batch is answered whole, from its first record on.
    if (offset >= position) records.push(new FetchedRecord(topic, partition, offset, message));
  }
  // Compaction leaves gaps at the end of a batch too: the batch, not its last record, says where
  // the next one begins.
  const { firstOffset, lastOffsetDelta } = last.batchContext;
  const endOfBatch = toNumber(firstOffset, where) + lastOffsetDelta;
  return { records, nextPosition: Math.max(position, endOfBatch + 1) };
}

class FetchedRecord implements KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly #message: DecodedRecord;
  #headers: Headers | undefined;

  constructor(topic: string, partition: number, offset: number, message: DecodedRecord) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.#message = message;
  }

  get key(): Uint8Array | null {
    return this.#message.key;
  }

  get value(): Uint8Array | null {
    return this.#message.value;
  }

  get timestamp(): number {
    return Number(this.#message.timestamp);
  }

  get leaderEpoch(): number {
    return this.#message.batchContext.partitionLeaderEpoch;
  }

  get headers(): Headers {
    return (this.#headers ??= fromKafkajs(this.#message.headers));
  }
}

const ABORT_MARKER = 0;

/**
 * Tells the records of aborted transactions. kafkajs has a filter of its own, which takes any record
 * with a key of four zero bytes for an abort marker.
 */
function abortedFilter(
  transactions: NonNullable<FetchedPartition["abortedTransactions"]>,
): (message: DecodedRecord) => boolean {
  if (transactions.length === 0) return never;
  const waiting = transactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => b.firstOffset - a.firstOffset);
  const aborted = new Set<string>();
  return ({ key, offset, isControlRecord, batchContext }) => {
    const at = Number(offset);
    for (let next = waiting.at(-1); next !== undefined && next.firstOffset <= at;) {
      aborted.add(next.producerId);
      waiting.pop();
      next = waiting.at(-1);
    }
    const { producerId, inTransaction } = batchContext;
    // A marker's key is its version and its type, two bytes each.
    if (isControlRecord) {
      if (key !== null && key.length >= 4 && key.readInt16BE(2) === ABORT_MARKER) {
        aborted.delete(producerId);
      }
      return false;
    }
    return inTransaction && aborted.has(producerId);
  };
}

function never(): boolean {
  return false;
}
