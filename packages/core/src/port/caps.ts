/**
 * What a client can do, told truthfully and printed in the conformance matrix. A difference that is
 * not declared here is a defect of the adapter.
 */
export interface Caps {
  /** npm name and version of the wrapped client, e.g. `kafkajs 2.2.4`. */
  readonly client: string;
  /** How partitions move: everything at each rebalance, only what moves, or KIP-848. */
  readonly rebalance: "eager" | "cooperative" | "consumer";
  readonly staticMembership: boolean;
  /** The order among headers of different names survives reading and writing. */
  readonly headerOrder: boolean;
  /** An empty header value can be read and written as empty, not null. */
  readonly emptyHeader: boolean;
  /** A null header value can be read and written as null, not empty. */
  readonly nullHeader: boolean;
  /** Offset commits carry a leader epoch. */
  readonly commitLeaderEpoch: boolean;
  /** Largest commit metadata in bytes that the client can store. */
  readonly commitMetadataBytes: number;
  /** Compression codecs that can be read without further set-up. */
  readonly codecs: readonly Codec[];
  /**
   * Set when the client leaves the group by itself if it is not polled for this long (milliseconds,
   * `max.poll.interval.ms`). A blocked event loop is not rescued by any adapter.
   */
  readonly pollWatchdogMs?: number;
}

export type Codec = "none" | "gzip" | "snappy" | "lz4" | "zstd";
