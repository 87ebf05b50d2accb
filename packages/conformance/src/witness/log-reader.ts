import type { ClientSecurity } from "../cluster/client-security.ts";
import { FetchClient } from "./fetch-client.ts";
import type { AbortedTransaction } from "./fetch-client.ts";
import type { RecordBatch, WireRecord } from "../proxy/record-batch.ts";

export interface LogEntry {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** In the order of the log, repeats included, null and empty kept apart. */
  readonly headers: WireRecord["headers"];
}

const WAIT_MS = 250;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Everything a read_committed reader may see of a topic between two offsets of each partition.
 * All partitions are read from `leaderOf`'s broker.
 *
 * @throws Error naming what is missing when it does not get there in time
 */
export async function readLog(
  topic: string,
  ranges: ReadonlyMap<number, readonly [from: number, to: number]>,
  leaderOf: (partition: number) => string,
  security: ClientSecurity,
  timeoutMs: number,
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  const byBroker = groupBy([...ranges.keys()], leaderOf);
  const deadline = performance.now() + timeoutMs;
  for (const [broker, partitions] of byBroker) {
    const client = await FetchClient.connect(broker, CONNECT_TIMEOUT_MS, security);
    try {
      const at = new Map<number, number>();
      for (const partition of partitions) {
        const [from, to] = ranges.get(partition) as readonly [number, number];
        if (from < to) at.set(partition, from);
      }
      while (at.size > 0) {
        if (performance.now() > deadline) {
          const missing = [...at].map(([p, offset]) => `${topic}-${p}@${offset}`).join(", ");
          throw new Error(`the log could not be read within ${timeoutMs} ms: missing ${missing}`);
        }
        for (const answer of await client.fetch(topic, at, WAIT_MS)) {
          if (answer.error !== 0) {
            throw new Error(`Fetch of ${topic}-${answer.partition}: Kafka error ${answer.error}`);
          }
          const [, to] = ranges.get(answer.partition) as readonly [number, number];
          let from = at.get(answer.partition) ?? to;
          const committed = new Set(withoutAborted(answer.batches, answer.aborted));
          for (const batch of answer.batches) {
            for (const entry of committed.has(batch) ? visible(batch, answer.partition) : []) {
              if (entry.offset >= from && entry.offset < to) entries.push(entry);
            }
            from = Math.max(from, nextOffset(batch));
          }
          if (from >= to) at.delete(answer.partition);
          else at.set(answer.partition, from);
        }
      }
    } finally {
      client.close();
    }
  }
  return entries;
}

/**
 * The broker names the aborted transactions of an answer and leaves it to the reader to drop them: from
 * the first offset of one, its producer's batches are aborted until that producer's abort marker.
 */
export function withoutAborted(
  batches: readonly RecordBatch[],
  aborted: readonly AbortedTransaction[],
): RecordBatch[] {
  const coming = aborted.toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const open = new Set<bigint>();
  return batches.filter((batch) => {
    while (coming[0] !== undefined && coming[0].firstOffset < nextOffset(batch)) {
      open.add((coming.shift() as AbortedTransaction).producerId);
    }
    if (batch.control) {
      if (isAbort(batch)) open.delete(batch.producerId);
      return true;
    }
    return !(batch.transactional && open.has(batch.producerId));
  });
}

/** The key of a marker: a version and a type, 0 for abort and 1 for commit, both int16. */
function isAbort({ records }: RecordBatch): boolean {
  const key = records?.[0]?.key;
  return key?.length === 4 && key.readInt16BE(2) === 0;
}

/** A batch's records, markers of transactions left out. @throws Error for an unknown compression */
function visible(batch: RecordBatch, partition: number): LogEntry[] {
  if (batch.records === null) throw new Error(batch.undecodable ?? "records cannot be decoded");
  if (batch.control) return [];
  return batch.records.map((record) => ({
    partition,
    offset: Number(record.offset),
    timestamp: Number(record.timestamp),
    key: record.key,
    value: record.value,
    headers: record.headers,
  }));
}

/** First offset after the batch. */
export function nextOffset(batch: RecordBatch): number {
  return Number(batch.records?.at(-1)?.offset ?? batch.baseOffset) + 1;
}

function groupBy(items: readonly number[], key: (item: number) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
