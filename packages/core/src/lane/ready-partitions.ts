const NONE = -1;

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
  /** By slot: the next ready one of the same partition. */
  #next = new Int32Array(64);
  #rows = new Int32Array(0);
  #topics = new Int32Array([NONE, NONE, 0, NONE]);
  #firstTopic = NONE;
  #lastTopic = NONE;

  /** Says which topic a partition belongs to; 0 unless said. Before its first record, and for good. */
  place(partition: number, topic: number): void {
    const at = this.#row(partition);
    this.#rows[at + TOPIC] = topic;
    if (topic << TOPIC_ROW >= this.#topics.length) this.#growTopics(topic);
  }

  /** Makes room for slots below `slots`. */
  reserve(slots: number): void {
    const next = new Int32Array(slots);
    next.set(this.#next);
    this.#next = next;
  }

  add(partition: number, slot: number): void {
    const at = this.#row(partition);
    const rows = this.#rows;
    this.#next[slot] = NONE;
    if (rows[at + HEAD] === NONE) rows[at + HEAD] = slot;
    else this.#next[rows[at + TAIL]!] = slot;
    rows[at + TAIL] = slot;
    if (rows[at + LISTED] === 0 && rows[at + BLOCKED] === 0) this.#list(partition, at);
  }

  /** The next record in turn, removed; -1 when there is none. */
  take(): number {
    const topics = this.#topics;
    while (this.#firstTopic !== NONE) {
      const topic = this.#firstTopic;
      const at = topic << TOPIC_ROW;
      const slot = this.#takeOf(at);
      const next = topics[at + TOPIC_NEXT]!;
      if (topics[at + FIRST] === NONE) {
        this.#firstTopic = next;
        topics[at + TOPIC_LISTED] = 0;
      } else if (next !== NONE) {
        this.#firstTopic = next;
        this.#appendTopic(topic, at);
      }
      if (slot !== NONE) return slot;
    }
    return NONE;
  }

  /** Removes the records of a partition that do not match. */
  retain(partition: number, matches: (slot: number) => boolean): void {
    const at = this.#row(partition);
    const rows = this.#rows;
    let slot = rows[at + HEAD]!;
    rows[at + HEAD] = NONE;
    while (slot !== NONE) {
      const next = this.#next[slot]!;
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
    if (this.#rows[at + HEAD] !== NONE && this.#rows[at + LISTED] === 0) this.#list(partition, at);
  }

  /** The next record in turn of one topic, removed; -1 when there is none. */
  #takeOf(topicAt: number): number {
    const rows = this.#rows;
    const topics = this.#topics;
    for (;;) {
      const partition = topics[topicAt + FIRST]!;
      if (partition === NONE) return NONE;
      const at = partition << ROW;
      topics[topicAt + FIRST] = rows[at + RING_NEXT]!;
      rows[at + LISTED] = 0;
      const slot = rows[at + HEAD]!;
      if (slot === NONE || rows[at + BLOCKED] === 1) continue;
      const next = this.#next[slot]!;
      rows[at + HEAD] = next;
      if (next !== NONE) this.#list(partition, at);
      return slot;
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
