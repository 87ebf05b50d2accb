// For users of Sluice.
export type {
  Header,
  Headers,
  KafkaRecord,
  OutgoingRecord,
  TopicPartition,
} from "./port/record.ts";
export type { Logger, LogFields } from "./port/logger.ts";
export { silentLogger } from "./port/logger.ts";
export { PortError } from "./port/errors.ts";
export type { Outcome, PortErrorKind, PortErrorOptions } from "./port/errors.ts";
export { ConfigurationError } from "./configuration-error.ts";
export type { Backoff, Jitter, Ratio, RetryConfig } from "./retry/retry-config.ts";
export type { ElapsedFrom, RetryableKind, RetryOverride, RetryRules } from "./retry/retry-rules.ts";
export { readEnvelope } from "./envelope/envelope.ts";
export type {
  Disposition,
  Envelope,
  MessageIdSource,
  ReadEnvelopeOptions,
} from "./envelope/envelope.ts";
export type { DroppedMark, History, HistoryEntry } from "./envelope/history.ts";
export type { Position } from "./envelope/forms.ts";
export type { Origin } from "./envelope/origin.ts";
export type { TraceContext } from "./envelope/trace-context.ts";
export { planReplay } from "./envelope/replay.ts";
export type { ReplayDestination, ReplayPlan, ReplayRequest } from "./envelope/replay.ts";
export { readDialects } from "./dialect/read-dialects.ts";
export type {
  DialectName,
  DialectReading,
  ForeignDeadLetter,
  ForeignError,
  ForeignOrigin,
  ReadDialectsOptions,
} from "./dialect/read-dialects.ts";
export { murmur2 } from "./partitioner/murmur2.ts";
export { partitionFor } from "./partitioner/partition-for.ts";
export type {
  ClientConfig,
  FetchConfig,
  ProducerConfig,
  Profile,
  OAuthToken,
  SaslConfig,
  TimeoutConfig,
  TlsConfig,
} from "./port/client-config.ts";

// For authors of adapters and runtimes.
export { checkInteger, checkObject, checkOneOf, checkString, show } from "./check-config.ts";
export { moveRecord } from "./envelope/move.ts";
export type {
  DeadLetterMove,
  Move,
  MoveError,
  MoveResult,
  Redact,
  RetryMove,
} from "./envelope/move.ts";
export { losesHeaders } from "./envelope/lossy.ts";
export { setAside } from "./envelope/set-aside.ts";
export { stampMessage } from "./envelope/message-id.ts";
export { stampTraceId } from "./envelope/trace-context.ts";
export { boundText, neutralise } from "./envelope/error-text.ts";
export { validateClientConfig } from "./port/resolved-client-config.ts";
export type { ResolvedClientConfig, ValidateOptions } from "./port/resolved-client-config.ts";
export { nearest } from "./nearest.ts";
export { MAX_DELAY_MS, validateRetryConfig } from "./retry/retry-config.ts";
export { policiesOf, validateRetryRules } from "./retry/retry-rules.ts";
export { isRetryable, RetryPolicy } from "./retry/retry-policy.ts";
export type { ExhaustedReason, FailedAttempt, RetryDecision } from "./retry/retry-policy.ts";
export type { Adapter } from "./port/adapter.ts";
export type { Caps, Codec } from "./port/caps.ts";
export type {
  AssignedPartition,
  Assignment,
  CommitOffset,
  CommitResult,
  Committed,
  ConsumerEvents,
  ConsumerPort,
  ConsumerPortOptions,
  EpochPartition,
  Revocation,
  Watermarks,
} from "./port/consumer-port.ts";
export type { ProducerPort, ProducerPortOptions, Sent } from "./port/producer-port.ts";
export type { AdminPort, NewTopic } from "./port/admin-port.ts";
export { ConsumerEngine } from "./engine/consumer-engine.ts";
export { validateBatchConfig } from "./engine/batches.ts";
export type { BatchConfig } from "./engine/batches.ts";
export type { Engine, EngineConfig, RateLimit } from "./engine/engine.ts";
export { validateRateLimit } from "./engine/engine-config.ts";
export { validateEarlyRelease } from "./engine/early-release.ts";
export type { EarlyRelease } from "./engine/early-release.ts";
export { validateConcurrency } from "./limit/adaptive-limit.ts";
export type { AdaptiveConcurrency } from "./limit/adaptive-limit.ts";
export type {
  AbortReason,
  DrainResult,
  EngineNotice,
  EngineSink,
  WorkToken,
} from "./engine/effects.ts";
export type { DeadLetterCause, ErrorInfo, ErrorKind, HandlerOutcome } from "./engine/outcome.ts";
export type {
  FrontierRecord,
  HeldPhase,
  PartitionExplanation,
  WaitReason,
} from "./engine/explanation.ts";
export type { CommitInFlight } from "./engine/commits.ts";
export type { EngineSnapshot, PartitionSnapshot, PauseReason } from "./engine/snapshot.ts";
export { CommitGate } from "./gate/commit-gate.ts";
export type { OffsetRanges } from "./gate/offset-ranges.ts";
export { decodeCommitMetadata } from "./metadata/decode-commit-metadata.ts";
export type {
  DecodedCommitMetadata,
  MetadataRejection,
} from "./metadata/decode-commit-metadata.ts";
export { encodeCommitMetadata } from "./metadata/encode-commit-metadata.ts";
export type {
  CommitMetadataInput,
  EncodedCommitMetadata,
} from "./metadata/encode-commit-metadata.ts";
export { LaneScheduler } from "./lane/lane-scheduler.ts";
export type { LaneConfig, Slot } from "./lane/lane-scheduler.ts";
