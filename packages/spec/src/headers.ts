/**
 * The headers that Sluice defines (SLC-ENV-001), in the order of Appendix A, which is the order in
 * which a mover writes them (SLC-DLQ-010). Every value is UTF-8 text; integers are
 * `0|[1-9][0-9]{0,18}`, times are milliseconds since the Unix epoch.
 */
export const HEADER = {
  /** Wire version of the mover; on every record that Sluice has moved. */
  spec: "sluice-spec",
  /** Stable identity of the message, 1 to 128 of `[!-~]`; written once, by the producer. */
  messageId: "sluice-message-id",
  messageType: "sluice-message-type",
  messageVersion: "sluice-message-version",
  idempotencyKey: "sluice-idempotency-key",
  /** Consumer group that moved the record. */
  group: "sluice-group",
  /** Retries so far: of a dead letter, attempts made less one (SLC-DLQ-004). */
  retryCount: "sluice-retry-count",
  retryAt: "sluice-retry-at",
  retryPolicy: "sluice-retry-policy",
  originTopic: "sluice-origin-topic",
  originPartition: "sluice-origin-partition",
  originOffset: "sluice-origin-offset",
  originTimestamp: "sluice-origin-timestamp",
  originCluster: "sluice-origin-cluster",
  originPartitionCount: "sluice-origin-partition-count",
  originLeaderEpoch: "sluice-origin-leader-epoch",
  firstFailedAt: "sluice-first-failed-at",
  failedAt: "sluice-failed-at",
  errorKind: "sluice-error-kind",
  errorClass: "sluice-error-class",
  errorCode: "sluice-error-code",
  errorMessage: "sluice-error-message",
  /** Opt-in: a stack holds secrets (SLC-SEC-004). */
  errorStack: "sluice-error-stack",
  history: "sluice-history",
  dlqReason: "sluice-dlq-reason",
  replayId: "sluice-replay-id",
  replayCount: "sluice-replay-count",
  replayedAt: "sluice-replayed-at",
  replayedFrom: "sluice-replayed-from",
  /** Moves so far (SLC-DLQ-007). */
  hops: "sluice-hops",
  /** Parts that a mover had to drop, see `TRUNCATED_PARTS` (SLC-DLQ-017). */
  truncated: "sluice-truncated",
} as const;

export type HeaderName = (typeof HEADER)[keyof typeof HEADER];

/** Names that start so belong to Sluice; all others are foreign and are carried along untouched. */
export const HEADER_PREFIX = "sluice-";

/** Foreign headers that Sluice reads or keeps whatever their size. */
export const FOREIGN_HEADER = {
  traceparent: "traceparent",
  tracestate: "tracestate",
  /** An older convention; written exactly so (SLC-ENV-028). */
  traceId: "X-Trace-ID",
  cloudEventId: "ce_id",
  cloudEventSource: "ce_source",
  cloudEventType: "ce_type",
  /** Debezium's outbox; read only when configured (SLC-ENV-011). */
  id: "id",
  contentType: "content-type",
} as const;

/** CloudEvents attributes. */
export const CLOUD_EVENT_PREFIX = "ce_";

/** Foreign headers that a move never drops, beside those of {@link CLOUD_EVENT_PREFIX} (SLC-DLQ-016). */
export const NEVER_DROPPED_HEADERS: readonly string[] = [
  FOREIGN_HEADER.traceparent,
  FOREIGN_HEADER.tracestate,
  FOREIGN_HEADER.traceId,
  FOREIGN_HEADER.id,
  FOREIGN_HEADER.contentType,
];

/** Everything that says where a record was first written begins so, later additions included. */
export const ORIGIN_PREFIX = "sluice-origin-";

/** The origin of a moved record: written by the first mover, all four or none (SLC-ENV-013). */
export const ORIGIN_HEADERS: readonly HeaderName[] = [
  HEADER.originTopic,
  HEADER.originPartition,
  HEADER.originOffset,
  HEADER.originTimestamp,
];

/**
 * What only movers and replayers may write: names that begin with one of the prefixes, and the
 * names listed. Of a source topic they are forged (SLC-SEC-001).
 */
export const RESERVED_PREFIXES: readonly string[] = [
  ORIGIN_PREFIX,
  "sluice-retry-",
  "sluice-replay",
  "sluice-error-",
];
export const RESERVED_HEADERS: readonly HeaderName[] = [
  HEADER.spec,
  HEADER.group,
  HEADER.firstFailedAt,
  HEADER.failedAt,
  HEADER.history,
  HEADER.dlqReason,
  HEADER.hops,
  HEADER.truncated,
];

/** What a replayer removes, so that the attempts begin anew (SLC-RPL-010). */
export const REPLAY_REMOVES: readonly HeaderName[] = [
  HEADER.group,
  HEADER.retryCount,
  HEADER.retryAt,
  HEADER.retryPolicy,
  HEADER.failedAt,
  HEADER.errorKind,
  HEADER.errorClass,
  HEADER.errorCode,
  HEADER.errorMessage,
  HEADER.errorStack,
  HEADER.dlqReason,
];
