import { NEXT_READY, NONE, SLOT_ROW } from "./slot-rows.ts";
import type { SlotRows } from "./slot-rows.ts";

/** A partition's row. */
const ROW = 3;
const HEAD = 0;
const TAIL = 1;
const BLOCKED = 2;
/** Whether it is in its topic's ring; it may have become empty or blocked since. */
const LISTED = 3;
const RING_NEXT = 4;
const TOPIC = 5;

/** A topic's row: the ring of its partitions, and its own place in the ring of topics. */
const TOPIC_ROW = 2;
const FIRST = 0;
const LAST = 1;
const TOPIC_LISTED = 2;
const TOPIC_NEXT = 3;

/**
 * The records that may run, a queue for each partition. Topics take turns, and within a topic its
 * partitions do: neither a partition with a million ready records nor a topic with a thousand
 * partitions gets more than its share while others have any. What has nothing ready is in no ring
 * and costs nothing.
 */
export class ReadyPartitions {
  readonly #slots: SlotRows;
  #rows = new Int32Array(0);
  #topics = new Int32Array([NONE, NONE, 0, NONE]);
  #firstTopic = NONE;
  #lastTopic = NONE;

  constructor(slots: SlotRows) {
    this.#slots = slots;
  }

  /** Says which topic a partition belongs to; 0 unless said. Before its first record, and for good. */
  place(partition: number, topic: number): void {
    const at = this.#row(partition);
    this.#rows[at + TOPIC] = topic;
    if (topic << TOPIC_ROW >= this.#topics.length) this.#growTopics(topic);
  }

  add(partition: number, slot: number): void {
    const at = this.#row(partition);
    const rows = this.#rows;
    const next = this.#slots.rows;
    next[(slot << SLOT_ROW) + NEXT_READY] = NONE;
    if (rows[at + HEAD] === NONE) rows[at + HEAD] = slot;
    else next[(rows[at + TAIL]! << SLOT_ROW) + NEXT_READY] = slot;
    rows[at + TAIL] = slot;
    if (rows[at + LISTED] === 0 && rows[at + BLOCKED] === 0) this.#list(partition, at);
  }

  /** The next record in turn, removed; -1 when there is none. */
  take(): number {
    while (this.#firstTopic !== NONE) {
      const topic = this.#firstTopic;
      const slot = this.#takeOf(topic << TOPIC_ROW);
      this.#passTurn(topic);
      if (slot !== NONE) return slot;
    }
    return NONE;
  }

  /** The partition in turn, which has no other turn until `list` or `add`; -1 when there is none. */
  takePartition(): number {
    while (this.#firstTopic !== NONE) {
      const topic = this.#firstTopic;
      const partition = this.#takePartitionOf(topic << TOPIC_ROW);
      this.#passTurn(topic);
      if (partition !== NONE) return partition;
    }
    return NONE;
  }

  /** The partition has another turn, if it has something ready and is not blocked. */
  list(partition: number): void {
    const at = this.#row(partition);
    const rows = this.#rows;
    if (rows[at + HEAD] === NONE || rows[at + LISTED] === 1 || rows[at + BLOCKED] === 1) return;
    this.#list(partition, at);
  }

  /** The record that follows this one of the partition, the first for -1; -1 for none. */
  after(partition: number, slot: number): number {
    return slot === NONE ? this.#rows[(partition << ROW) + HEAD]! : this.#next(slot);
  }

  /** Removes the first `count` of a partition. */
  dropFirst(partition: number, count: number): void {
    const at = partition << ROW;
    let slot = this.#rows[at + HEAD]!;
    for (let dropped = 0; dropped < count; dropped++) slot = this.#next(slot);
    this.#rows[at + HEAD] = slot;
  }

  /** Removes the records of a partition that do not match. */
  retain(partition: number, matches: (slot: number) => boolean): void {
    const at = this.#row(partition);
    const rows = this.#rows;
    let slot = rows[at + HEAD]!;
    rows[at + HEAD] = NONE;
    while (slot !== NONE) {
      const next = this.#next(slot);
      if (matches(slot)) this.add(partition, slot);
      slot = next;
    }
  }

  block(partition: number): void {
    const at = this.#row(partition);
    this.#rows[at + BLOCKED] = 1;
  }

  unblock(partition: number): void {
    const at = this.#row(partition);
    this.#rows[at + BLOCKED] = 0;
    this.list(partition);
  }

  /** The next record in turn of one topic, removed; -1 when there is none. */
  #takeOf(topicAt: number): number {
    const partition = this.#takePartitionOf(topicAt);
    if (partition === NONE) return NONE;
    const at = partition << ROW;
    const slot = this.#rows[at + HEAD]!;
    const next = this.#next(slot);
    this.#rows[at + HEAD] = next;
    if (next !== NONE) this.#list(partition, at);
    return slot;
  }

  /** The next partition in turn of one topic, out of its ring; -1 when there is none. */
  #takePartitionOf(topicAt: number): number {
    const rows = this.#rows;
    const topics = this.#topics;
    for (;;) {
      const partition = topics[topicAt + FIRST]!;
      if (partition === NONE) return NONE;
      const at = partition << ROW;
      topics[topicAt + FIRST] = rows[at + RING_NEXT]!;
      rows[at + LISTED] = 0;
      if (rows[at + HEAD] !== NONE && rows[at + BLOCKED] === 0) return partition;
    }
  }

  /** The first topic has had its turn. */
  #passTurn(topic: number): void {
    const topics = this.#topics;
    const at = topic << TOPIC_ROW;
    const next = topics[at + TOPIC_NEXT]!;
    if (topics[at + FIRST] === NONE) {
      this.#firstTopic = next;
      topics[at + TOPIC_LISTED] = 0;
    } else if (next !== NONE) {
      this.#firstTopic = next;
      this.#appendTopic(topic, at);
    }
  }

  /** Behind the others of its topic, and the topic behind the other topics if it was in no ring. */
  #list(partition: number, at: number): void {
    const rows = this.#rows;
    const topics = this.#topics;
    const topic = rows[at + TOPIC]!;
    const topicAt = topic << TOPIC_ROW;
    rows[at + LISTED] = 1;
    rows[at + RING_NEXT] = NONE;
    if (topics[topicAt + FIRST] === NONE) topics[topicAt + FIRST] = partition;
    else rows[(topics[topicAt + LAST]! << ROW) + RING_NEXT] = partition;
    topics[topicAt + LAST] = partition;
    if (topics[topicAt + TOPIC_LISTED] === 1) return;
    topics[topicAt + TOPIC_LISTED] = 1;
    if (this.#firstTopic === NONE) {
      topics[topicAt + TOPIC_NEXT] = NONE;
      this.#firstTopic = topic;
      this.#lastTopic = topic;
    } else {
      this.#appendTopic(topic, topicAt);
    }
  }

  /** Behind the other topics, of which there are some. */
  #appendTopic(topic: number, at: number): void {
    this.#topics[at + TOPIC_NEXT] = NONE;
    this.#topics[(this.#lastTopic << TOPIC_ROW) + TOPIC_NEXT] = topic;
    this.#lastTopic = topic;
  }

  #next(slot: number): number {
    return this.#slots.rows[(slot << SLOT_ROW) + NEXT_READY]!;
  }

  /** Makes the row if need be: read `#rows` after this. */
  #row(partition: number): number {
    const at = partition << ROW;
    if (at >= this.#rows.length) this.#grow(partition);
    return at;
  }

  #grow(partition: number): void {
    const known = this.#rows.length >> ROW;
    const size = Math.max(16, known * 2, partition + 1);
    const rows = new Int32Array(size << ROW);
    rows.set(this.#rows);
    for (let each = known; each < size; each++) rows[(each << ROW) + HEAD] = NONE;
    this.#rows = rows;
  }

  #growTopics(topic: number): void {
    const known = this.#topics.length >> TOPIC_ROW;
    const size = Math.max(known * 2, topic + 1);
    const topics = new Int32Array(size << TOPIC_ROW);
    topics.set(this.#topics);
    for (let each = known; each < size; each++) topics[(each << TOPIC_ROW) + FIRST] = NONE;
    this.#topics = topics;
  }
}
