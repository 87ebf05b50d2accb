/** A partition of a topic, the unit of assignment and of offset commits. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Record headers in log order, repeats included. A null value is not an empty one; what a client
 * cannot keep apart is declared in {@link Caps}.
 */
export type Headers = readonly Header[];
export type Header = readonly [name: string, value: Uint8Array | null];

/**
 * A record as read from a topic. Implementations may be classes with lazy getters: read a field
 * once and keep it. Key and value are the client's own buffers and are never written to.
 */
export interface KafkaRecord extends TopicPartition {
  /** Safe integer, 0 to 2^53-1. */
  readonly offset: number;
  /** Epoch of the leader that appended the record, where the client shows it. */
  readonly leaderEpoch?: number;
  /** Milliseconds since the Unix epoch, as the broker stored it. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  /**
   * Bytes of key, value and headers, where a client knows that at little cost, of headers perhaps
   * an estimate. Otherwise a budget counts key and value alone.
   */
  readonly size?: number;
}

/** A record to be written. The partition is always explicit: clients never choose it. */
export interface OutgoingRecord extends TopicPartition {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  /** Milliseconds since the Unix epoch; the client's clock when absent. */
  readonly timestamp?: number;
}
