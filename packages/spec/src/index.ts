export { SPEC_VERSION, WIRE_VERSION } from "./version.ts";
export { FOREIGN_HEADER, HEADER, HEADER_PREFIX, ORIGIN_HEADERS } from "./headers.ts";
export type { HeaderName } from "./headers.ts";
export { LIMIT } from "./limits.ts";
export {
  BACKOFF_TYPES,
  DLQ_REASONS,
  ERROR_KINDS,
  JITTERS,
  NON_RETRYABLE_KINDS,
  PARTITIONERS,
  TRUNCATED_PARTS,
} from "./registry.ts";
export type { DlqReason, PartitionerName, SpecErrorKind, TruncatedPart } from "./registry.ts";
