import type { KafkaRecord } from "@sluice/core";
import type { AbortedTransaction, FetchedPartition } from "./fetch-answer.ts";
import type { RecordBatch } from "./record-batch.ts";
import { isAbort, readRecords } from "./record-batch.ts";

export interface Fetched {
  readonly records: readonly KafkaRecord[];
  /** Next offset to fetch: past markers, aborted records and gaps, too. */
  readonly nextPosition: number;
}

/**
 * The records of one partition's share of a fetch answer that a reader from `position` may see.
 * @throws PortError for a batch that is not what it says it is
 */
export function readFetched(
  topic: string,
  { partition, batches, abortedTransactions }: FetchedPartition,
  position: number,
): Fetched {
  const records: KafkaRecord[] = [];
  const isAborted = abortedFilter(abortedTransactions);
  let nextPosition = position;
  for (const batch of batches) {
    // Compaction leaves gaps at the end of a batch too: the batch, not its last record, says where
    // the next one begins.
    nextPosition = Math.max(nextPosition, batch.lastOffset + 1);
    // Every batch is shown to the filter, also those before `position`: it follows the markers.
    // A batch is answered whole, from its first record on.
    if (isAborted(batch) || batch.isControl) continue;
    readRecords(batch, topic, partition, position, records);
  }
  return { records, nextPosition };
}

/**
 * Tells the batches of aborted transactions. kafkajs has a filter of its own, which takes any record
 * with a key of four zero bytes for an abort marker.
 */
function abortedFilter(
  transactions: readonly AbortedTransaction[],
): (batch: RecordBatch) => boolean {
  if (transactions.length === 0) return never;
  const waiting = [...transactions].sort((a, b) => b.firstOffset - a.firstOffset);
  const aborted = new Set<number>();
  return (batch) => {
    const { producerId, lastOffset } = batch;
    for (let next = waiting.at(-1); next !== undefined && next.firstOffset <= lastOffset;) {
      aborted.add(next.producerId);
      waiting.pop();
      next = waiting.at(-1);
    }
    if (batch.isControl) {
      if (isAbort(batch)) aborted.delete(producerId);
      return false;
    }
    return batch.isTransactional && aborted.has(producerId);
  };
}

function never(): boolean {
  return false;
}
