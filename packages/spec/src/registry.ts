/** Values of `sluice-error-kind`. The list is open: a reader takes another for `unknown` (SLC-REG-001). */
export const ERROR_KINDS = [
  "transient",
  "permanent",
  "timeout",
  "deserialization",
  "validation",
  "cancelled",
  "poison",
  "unknown",
] as const;
export type SpecErrorKind = (typeof ERROR_KINDS)[number];

/** Kinds that another attempt cannot help (SLC-RTY-003). */
export const NON_RETRYABLE_KINDS = [
  "permanent",
  "deserialization",
  "validation",
  "poison",
] as const;

/** Values of `sluice-dlq-reason`. The list is open. */
export const DLQ_REASONS = [
  "retries-exhausted",
  "non-retryable",
  "deserialization",
  "expired",
  "hop-limit",
  "replay-limit",
  "too-large",
  "manual",
  "blocked",
] as const;
export type DlqReason = (typeof DLQ_REASONS)[number];

/** Parts that a mover may drop, in the order in which it does (SLC-DLQ-016). The list is open. */
export const TRUNCATED_PARTS = ["stack", "history", "message", "headers", "value"] as const;
export type TruncatedPart = (typeof TRUNCATED_PARTS)[number];

/** What a reader finds in headers that are not as they should be (SLC-ENV-021). */
export const ANOMALY_CODES = [
  "malformed",
  "repeated",
  "forged",
  "incomplete",
  "unknown-value",
  "conflict",
] as const;
export type AnomalyCode = (typeof ANOMALY_CODES)[number];

/** Why a move is refused: SLC-RTY-024, SLC-DLQ-018. */
export const MOVE_REFUSALS = ["hop-limit", "too-large"] as const;
export type MoveRefusal = (typeof MOVE_REFUSALS)[number];

/** Why a replay is refused; the first that holds counts (SLC-RPL-001). */
export const REPLAY_REFUSALS = [
  "unsupported-version",
  "no-origin",
  "not-allowed",
  "value-dropped",
  "replay-limit",
  "hop-limit",
] as const;
export type ReplayRefusal = (typeof REPLAY_REFUSALS)[number];

/** Why commit metadata is rejected; the first that holds counts (SLC-CMD-008). */
export const METADATA_REJECTIONS = [
  "foreign",
  "too-long",
  "alphabet",
  "short",
  "checksum",
  "flags",
  "varint",
  "base",
  "runs",
  "bitmap",
  "overflow",
] as const;
export type MetadataRejection = (typeof METADATA_REJECTIONS)[number];

export const JITTERS = ["none", "full", "equal", "decorrelated"] as const;
export const BACKOFF_TYPES = ["fixed", "linear", "exponential"] as const;

/** Partitioners by name; a name fixes the hash and how it is folded into a partition (SLC-PRT). */
export const PARTITIONERS = ["murmur2", "crc32", "fnv1a-abs", "fnv1a-mask"] as const;
export type PartitionerName = (typeof PARTITIONERS)[number];
