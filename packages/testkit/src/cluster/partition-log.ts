import type { KafkaRecord, OutgoingRecord, TopicPartition } from "@sluice/core";

/**
 * A partition's log with everything that makes offsets other than a count: compaction gaps,
 * transaction markers, records of aborted transactions, a start moved by retention, truncation.
 */
export class PartitionLog implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** Log start offset. */
  low = 0;
  /** High watermark: everything appended is replicated. */
  end = 0;
  leaderEpoch = 0;
  /** First offset of a transaction that is still open. */
  #openFrom = Infinity;
  #entries: Entry[] = [];

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get lastStableOffset(): number {
    return Math.min(this.end, this.#openFrom);
  }

  append(record: OutgoingRecord, timestamp: number): KafkaRecord {
    const { topic, partition, leaderEpoch } = this;
    const { key, value, headers } = record;
    const offset = this.end++;
    const appended: KafkaRecord = {
      topic,
      partition,
      offset,
      leaderEpoch,
      timestamp: record.timestamp ?? timestamp,
      key,
      value,
      headers,
    };
    this.#entries.push({ offset, record: appended, committed: true });
    return appended;
  }

  /** A record of an aborted transaction and its marker: only a read_uncommitted reader sees it. */
  appendAborted(record: OutgoingRecord, timestamp: number): void {
    this.append(record, timestamp);
    this.#entries.at(-1)!.committed = false;
    this.appendMarker();
  }

  /** The end of a transaction: an offset without a record. */
  appendMarker(): void {
    this.#entries.push({ offset: this.end++, record: null, committed: false });
  }

  /** Offsets whose records compaction has removed. */
  skip(count: number): void {
    this.end += count;
  }

  /** Nothing from here on is stable until {@link endTransaction}. */
  beginTransaction(): void {
    this.#openFrom = Math.min(this.#openFrom, this.end);
  }

  endTransaction(): void {
    this.#openFrom = Infinity;
    this.appendMarker();
  }

  /** Retention. */
  deleteBefore(offset: number): void {
    this.low = Math.max(this.low, Math.min(offset, this.end));
    this.#entries = this.#entries.filter((entry) => entry.offset >= this.low);
  }

  /** Unclean election of a replica that lacks everything from `offset` on. */
  truncate(offset: number): void {
    this.leaderEpoch++;
    this.end = Math.max(this.low, Math.min(offset, this.end));
    this.#entries = this.#entries.filter((entry) => entry.offset < this.end);
  }

  /** Null when the position lies outside the log. */
  read(
    position: number,
    limit: number,
    isolation: "read_committed" | "read_uncommitted",
  ): { readonly records: readonly KafkaRecord[]; readonly nextPosition: number } | null {
    if (position < this.low || position > this.end) return null;
    const end = isolation === "read_committed" ? this.lastStableOffset : this.end;
    const records: KafkaRecord[] = [];
    const entries = this.#entries;
    for (let i = this.#indexOf(position); i < entries.length; i++) {
      const { offset, record, committed } = entries[i]!;
      if (offset >= end) break;
      if (records.length === limit) return { records, nextPosition: offset };
      if (record !== null && (committed || isolation === "read_uncommitted")) records.push(record);
    }
    return { records, nextPosition: Math.max(position, end) };
  }

  /** What a read_committed reader finds. */
  visible(): readonly KafkaRecord[] {
    return this.read(this.low, Infinity, "read_committed")!.records;
  }

  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Entry {
  readonly offset: number;
  /** Null for a marker. */
  readonly record: KafkaRecord | null;
  committed: boolean;
}
