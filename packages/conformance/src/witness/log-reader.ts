import type { ClientSecurity } from "../cluster/client-security.ts";
import { FetchClient } from "./fetch-client.ts";
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
          for (const batch of answer.batches) {
            for (const entry of visible(batch, answer.partition)) {
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
