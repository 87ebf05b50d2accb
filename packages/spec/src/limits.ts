/** Sizes in bytes of the encoded header value, unless the name says otherwise. */
export const LIMIT = {
  headerNameBytes: 64,
  /** Of the printable ASCII characters `!` to `~`. */
  messageIdBytes: 128,
  messageTypeBytes: 256,
  idempotencyKeyBytes: 256,
  retryPolicyBytes: 128,
  /** A longer group id is cut: Kafka allows 32767 bytes, and nobody has that much name. */
  groupBytes: 1024,
  clusterBytes: 256,
  errorClassBytes: 256,
  errorCodeBytes: 64,
  errorMessageBytes: 1024,
  errorStackBytes: 8192,
  replayIdBytes: 64,
  tokenBytes: 64,
  topicNameChars: 249,
  /** Any single header that is interpreted; a larger one is malformed (SLC-SEC-003). */
  headerValueBytes: 8192,
  /** All defined headers that a writer writes for one record, names and values (SLC-ENV-012). */
  headersBytes: 16_384,

  /** Of a header, an offset or a time: 2^53 - 1, which every language has exactly (SLC-CNV-001). */
  integer: 9_007_199_254_740_991,
  partition: 2_147_483_646,
  partitionCount: 2_147_483_647,
  leaderEpoch: 2_147_483_647,
  retryCount: 2_147_483_647,
  replayCount: 2_147_483_647,
  /** Moves of one record; beyond it, a retry is a dead letter for `hop-limit` (SLC-RTY-024). */
  hops: 64,
  /** Replays of one record unless configured (SLC-RPL-003). */
  replays: 3,

  /** Entries of `sluice-history`, the `dropped` mark not counted (SLC-DLQ-015). */
  historyEntries: 10,
  historyCodeChars: 64,

  /** What a message is cut to when the move does not fit (SLC-DLQ-016). */
  shortMessageBytes: 256,
  /** Name and value of a foreign header that a move may drop are longer than this together. */
  smallHeaderBytes: 1024,

  traceIdChars: 128,
  tracestateMembers: 32,
  /** Of a whole tracestate that is given on (SLC-ENV-027). */
  tracestateChars: 512,
  /** Members longer than this are the first to go when the whole is too long. */
  tracestateMemberChars: 128,
} as const;
