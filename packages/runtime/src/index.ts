export { createConsumer } from "./create-consumer.ts";
export { createProducer } from "./create-producer.ts";
export { stopOnSignals } from "./stop-on-signals.ts";
export { NonRetryableError, RetryableError } from "./errors.ts";

export type {
  BatchConsumerOptions,
  BatchContext,
  BatchEntry,
  BatchHandler,
  BatchOptions,
  BatchResult,
  Consumer,
  ConsumerEventMap,
  ConsumerOptions,
  ConsumerStats,
  DeadLetterOptions,
  ErrorKind,
  Handler,
  HandlerContext,
  HandlerResult,
  HealthReport,
  IdentityOptions,
  Outcome,
  RecordAt,
  RecordOutcome,
  StopResult,
} from "./consumer-options.ts";
export type { Message, Producer, ProducerOptions, SendResult } from "./producer-options.ts";
export type { StopOnSignalsOptions } from "./stop-on-signals.ts";

// What comes up in these signatures, so that nobody needs @sluice/core for it.
export { ConfigurationError, PortError, silentLogger } from "@sluice/core";
export type {
  AdaptiveConcurrency,
  Adapter,
  EarlyRelease,
  Backoff,
  DroppedMark,
  Envelope,
  Header,
  Headers,
  History,
  HistoryEntry,
  Jitter,
  KafkaRecord,
  Logger,
  LogFields,
  FrontierRecord,
  PartitionExplanation,
  Origin,
  PortErrorKind,
  RetryConfig,
  RetryOverride,
  RetryRules,
  TopicPartition,
  TraceContext,
} from "@sluice/core";
