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
/** A ring is known by its last, which names the first: to pass a turn is to call the first the last. */
const LAST = 0;
const TOPIC_LISTED = 1;
const TOPIC_NEXT = 2;

/**
 * The records that may run, a queue for each partition. Topics take turns, and within a topic its
 * partitions do: neither a partition with a million ready records nor a topic with a thousand
 * partitions gets more than its share while others have any. What has nothing ready is in no ring
 * and costs nothing.
 */
export class ReadyPartitions {
  readonly #slots: SlotRows;
  #rows = new Int32Array(0);
  #topics = new Int32Array([NONE, 0, NONE, 0]);
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
    while (this.#lastTopic !== NONE) {
      const topic = this.#topicInTurn;
      const partition = this.#partitionInTurn(topic);
      if (partition === NONE) continue;
      const at = partition << ROW;
      const slot = this.#rows[at + HEAD]!;
      const next = this.#next(slot);
      this.#rows[at + HEAD] = next;
      if (next === NONE) this.#dropPartition(topic);
      else this.#topics[(topic << TOPIC_ROW) + LAST] = partition;
      this.#passTurn(topic);
      return slot;
    }
    return NONE;
  }

  /** The partition in turn, which has no other turn until `list` or `add`; -1 when there is none. */
  takePartition(): number {
    while (this.#lastTopic !== NONE) {
      const topic = this.#topicInTurn;
      const partition = this.#partitionInTurn(topic);
      if (partition === NONE) continue;
      this.#dropPartition(topic);
      this.#passTurn(topic);
      return partition;
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

  get #topicInTurn(): number {
    return this.#topics[(this.#lastTopic << TOPIC_ROW) + TOPIC_NEXT]!;
  }

  /**
   * The first partition of the topic in turn that has anything; those before it leave the ring. If it
   * has none, -1, and the topic leaves its own.
   */
  #partitionInTurn(topic: number): number {
    const rows = this.#rows;
    const last = (topic << TOPIC_ROW) + LAST;
    while (this.#topics[last] !== NONE) {
      const partition = rows[(this.#topics[last]! << ROW) + RING_NEXT]!;
      const at = partition << ROW;
      if (rows[at + HEAD] !== NONE && rows[at + BLOCKED] === 0) return partition;
      this.#dropPartition(topic);
    }
    this.#dropTopic(topic);
    return NONE;
  }

  /** The topic in turn has had it. */
  #passTurn(topic: number): void {
    if (this.#topics[(topic << TOPIC_ROW) + LAST] === NONE) this.#dropTopic(topic);
    else this.#lastTopic = topic;
  }

  /** The first partition of the topic leaves its ring. */
  #dropPartition(topic: number): void {
    const rows = this.#rows;
    const topicAt = topic << TOPIC_ROW;
    const last = this.#topics[topicAt + LAST]!;
    const partition = rows[(last << ROW) + RING_NEXT]!;
    rows[(partition << ROW) + LISTED] = 0;
    rows[(last << ROW) + RING_NEXT] = rows[(partition << ROW) + RING_NEXT]!;
    if (partition === last) this.#topics[topicAt + LAST] = NONE;
  }

  /** The topic in turn leaves its ring. */
  #dropTopic(topic: number): void {
    const topics = this.#topics;
    const at = topic << TOPIC_ROW;
    topics[at + TOPIC_LISTED] = 0;
    topics[(this.#lastTopic << TOPIC_ROW) + TOPIC_NEXT] = topics[at + TOPIC_NEXT]!;
    if (topic === this.#lastTopic) this.#lastTopic = NONE;
  }

  /** Behind the others of its topic, and the topic behind the other topics if it was in no ring. */
  #list(partition: number, at: number): void {
    const rows = this.#rows;
    const topics = this.#topics;
    const topic = rows[at + TOPIC]!;
    const topicAt = topic << TOPIC_ROW;
    const last = topics[topicAt + LAST]!;
    const before = (last === NONE ? partition : last) << ROW;
    rows[at + LISTED] = 1;
    rows[at + RING_NEXT] = rows[before + RING_NEXT]!;
    rows[before + RING_NEXT] = partition;
    topics[topicAt + LAST] = partition;
    if (topics[topicAt + TOPIC_LISTED] === 0) this.#listTopic(topic, topicAt);
  }

  #listTopic(topic: number, at: number): void {
    const topics = this.#topics;
    const last = this.#lastTopic;
    const before = (last === NONE ? topic : last) << TOPIC_ROW;
    topics[at + TOPIC_LISTED] = 1;
    topics[at + TOPIC_NEXT] = topics[before + TOPIC_NEXT]!;
    topics[before + TOPIC_NEXT] = topic;
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
    for (let each = known; each < size; each++) topics[(each << TOPIC_ROW) + LAST] = NONE;
    this.#topics = topics;
  }
}
