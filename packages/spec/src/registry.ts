/** Values of `sluice-error-kind`. The list is open: a reader takes an unknown value for `unknown`. */
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
] as const;
export type DlqReason = (typeof DLQ_REASONS)[number];

/** Parts that a writer may have dropped, as listed in `sluice-truncated`. */
export const TRUNCATED_PARTS = ["stack", "history", "message", "headers", "value"] as const;
export type TruncatedPart = (typeof TRUNCATED_PARTS)[number];

export const JITTERS = ["none", "full", "equal", "decorrelated"] as const;
export const BACKOFF_TYPES = ["fixed", "linear", "exponential"] as const;

/** Partitioners by name; a name fixes the hash and how it is folded into a partition (SLC-PRT). */
export const PARTITIONERS = ["murmur2", "crc32", "fnv1a-abs", "fnv1a-mask"] as const;
export type PartitionerName = (typeof PARTITIONERS)[number];
