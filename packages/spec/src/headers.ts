/**
 * The headers that Sluice defines (SLC-ENV-001). Every value is UTF-8 text; integers are
 * `0|[1-9][0-9]{0,18}`, times are milliseconds since the Unix epoch. See SPEC.md section 3.
 */
export const HEADER = {
  /** Wire version of the writer; on every record that Sluice writes to a retry or dead letter topic. */
  spec: "sluice-spec",
  /** Stable identity of the message, 1 to 128 of `[!-~]`; written once, by the producer. */
  messageId: "sluice-message-id",
  messageType: "sluice-message-type",
  messageVersion: "sluice-message-version",
  idempotencyKey: "sluice-idempotency-key",
  /** Retries so far: attempts made, less one (SLC-DLQ-004). */
  retryCount: "sluice-retry-count",
  retryAt: "sluice-retry-at",
  retryPolicy: "sluice-retry-policy",
  /** Consumer group that wrote the record. */
  group: "sluice-group",
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
  /** Opt-in: a stack holds secrets. */
  errorStack: "sluice-error-stack",
  history: "sluice-history",
  dlqReason: "sluice-dlq-reason",
  replayId: "sluice-replay-id",
  replayCount: "sluice-replay-count",
  replayedAt: "sluice-replayed-at",
  replayedFrom: "sluice-replayed-from",
  hops: "sluice-hops",
  truncated: "sluice-truncated",
} as const;

export type HeaderName = (typeof HEADER)[keyof typeof HEADER];

/** Names that start so belong to Sluice; all others are foreign and are carried along untouched. */
export const HEADER_PREFIX = "sluice-";

/** Foreign headers that Sluice reads. It never changes them. */
export const FOREIGN_HEADER = {
  traceparent: "traceparent",
  tracestate: "tracestate",
  cloudEventId: "ce_id",
  cloudEventSource: "ce_source",
} as const;

/** The origin of a record that was moved: written by the first mover, all four or none (SLC-ENV-008). */
export const ORIGIN_HEADERS: readonly HeaderName[] = [
  HEADER.originTopic,
  HEADER.originPartition,
  HEADER.originOffset,
  HEADER.originTimestamp,
];
