/** Sizes in bytes of the encoded header value, unless the name says otherwise. */
export const LIMIT = {
  headerNameBytes: 64,
  messageIdBytes: 128,
  messageTypeBytes: 256,
  idempotencyKeyBytes: 256,
  retryPolicyBytes: 128,
  /** A longer group id is cut: Kafka allows 32767 bytes, and nobody has that much name. */
  groupBytes: 1024,
  errorClassBytes: 256,
  errorCodeBytes: 64,
  errorMessageBytes: 1024,
  errorStackBytes: 8192,
  historyBytes: 2048,
  replayIdBytes: 64,
  /** Any single Sluice header; a larger one counts as absent. */
  headerValueBytes: 8192,
  /** All Sluice headers of one record, names and values. */
  headersBytes: 16_384,
  topicNameChars: 249,
  /** Republications of one record; beyond it, it is a dead letter for `hop-limit`. */
  hops: 64,
  retryCount: 2_147_483_647,
  tracestateMembers: 32,
  /** Of a whole tracestate; W3C asks for at least 512 to be carried. */
  tracestateChars: 512,
} as const;
