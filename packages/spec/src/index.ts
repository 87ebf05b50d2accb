export { SPEC_VERSION, WIRE_VERSION } from "./version.ts";
export {
  CLOUD_EVENT_PREFIX,
  FOREIGN_HEADER,
  HEADER,
  HEADER_PREFIX,
  NEVER_DROPPED_HEADERS,
  ORIGIN_HEADERS,
  ORIGIN_PREFIX,
  REPLAY_REMOVES,
  RESERVED_HEADERS,
  RESERVED_PREFIXES,
} from "./headers.ts";
export type { HeaderName } from "./headers.ts";
export { LIMIT } from "./limits.ts";
export {
  ANOMALY_CODES,
  BACKOFF_TYPES,
  DLQ_REASONS,
  ERROR_KINDS,
  JITTERS,
  METADATA_REJECTIONS,
  MOVE_REFUSALS,
  NON_RETRYABLE_KINDS,
  PARTITIONERS,
  REPLAY_REFUSALS,
  TRUNCATED_PARTS,
} from "./registry.ts";
export type {
  AnomalyCode,
  DlqReason,
  MetadataRejection,
  MoveRefusal,
  PartitionerName,
  ReplayRefusal,
  SpecErrorKind,
  TruncatedPart,
} from "./registry.ts";
