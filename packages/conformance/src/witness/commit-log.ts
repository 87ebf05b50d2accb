import { FetchClient } from "./fetch-client.ts";
import { decodeCommitLogRecord } from "../proxy/commit-log.ts";
import type { WireRecord } from "../proxy/record-batch.ts";
import { nextOffset } from "./log-reader.ts";

/** One offset commit as the group coordinator has stored it. */
export interface StoredCommit {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** Null for a tombstone: the commit was deleted. */
  readonly offset: string | null;
  readonly metadata: string | null;
  /** Offset in `__consumer_offsets`: the order in which the coordinator applied commits. */
  readonly seq: number;
}

const TOPIC = "__consumer_offsets";
const WAIT_MS = 200;
const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_MS = 100;

/**
 * Follows the group coordinator's own log. It needs no group and no client state, so a broker that
 * dies costs it nothing but a reconnect: it goes on at the offset where it was.
 */
export class CommitLog {
  readonly #brokers: readonly string[];
  readonly #onCommit: (commit: StoredCommit) => void;
  readonly #next = new Map<number, number>();
  readonly #done: Promise<void>;
  #client: FetchClient | null = null;
  #closed = false;

  /**
   * @param brokers WITNESS addresses; with several, each is asked in turn for what it leads
   * @param partitions partition count of `__consumer_offsets`, which exists already
   */
  constructor(
    brokers: readonly string[],
    partitions: number,
    onCommit: (commit: StoredCommit) => void,
  ) {
    this.#brokers = brokers;
    this.#onCommit = onCommit;
    for (let p = 0; p < partitions; p++) this.#next.set(p, 0);
    this.#done = this.#follow();
  }

  /** First offset of a partition of the log that has not been read yet. */
  position(partition: number): number {
    return this.#next.get(partition) ?? 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#client?.close();
    await this.#done;
  }

  async #follow(): Promise<void> {
    for (let turn = 0; !this.#closed; turn++) {
      const broker = this.#brokers[turn % this.#brokers.length] as string;
      try {
        this.#client = await FetchClient.connect(broker, CONNECT_TIMEOUT_MS, {});
        await this.#read(this.#client);
      } catch {
        // The broker is away: its return is waited for by whoever ordered the fault.
        if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      } finally {
        this.#client?.close();
        this.#client = null;
      }
    }
  }

  /** Reads until a connection ends or another broker must be asked. */
  async #read(client: FetchClient): Promise<void> {
    while (!this.#closed) {
      const answers = await client.fetch(TOPIC, this.#next, WAIT_MS);
      for (const { partition, batches } of answers) {
        for (const batch of batches) {
          const from = this.position(partition);
          if (!batch.control) {
            for (const record of batch.records ?? []) {
              if (Number(record.offset) >= from) this.#take(record);
            }
          }
          this.#next.set(partition, Math.max(from, nextOffset(batch)));
        }
      }
      if (answers.some((answer) => answer.error !== 0)) throw new Error("not the leader of all");
    }
  }

  #take(record: WireRecord): void {
    const commit = storedCommit(record);
    if (commit !== null) this.#onCommit(commit);
  }
}

/** Null for the coordinator's other records (group metadata and assignments). */
export function storedCommit({ key, value, offset }: WireRecord): StoredCommit | null {
  if (key === null) return null;
  const record = decodeCommitLogRecord(key, value);
  if (record.kind !== "commit") return null;
  return {
    group: record.group,
    topic: record.topic,
    partition: record.partition,
    offset: record.commit?.offset.toString() ?? null,
    metadata: record.commit?.metadata ?? null,
    seq: Number(offset),
  };
}
