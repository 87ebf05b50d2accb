export { createConsumer } from "./create-consumer.ts";
export { createProducer } from "./create-producer.ts";
export { stopOnSignals } from "./stop-on-signals.ts";
export { NonRetryableError, RetryableError } from "./errors.ts";

export type {
  Consumer,
  ConsumerEventMap,
  ConsumerOptions,
  ConsumerStats,
  ErrorKind,
  Handler,
  HandlerContext,
  HandlerResult,
  HealthReport,
  Outcome,
  RecordAt,
  StopResult,
} from "./consumer-options.ts";
export type { Message, Producer, ProducerOptions, SendResult } from "./producer-options.ts";
export type { StopOnSignalsOptions } from "./stop-on-signals.ts";

// What comes up in these signatures, so that nobody needs @sluice/core for it.
export { ConfigurationError, PortError, silentLogger } from "@sluice/core";
export type {
  Adapter,
  Backoff,
  Header,
  Headers,
  Jitter,
  KafkaRecord,
  Logger,
  LogFields,
  PortErrorKind,
  RetryConfig,
  TopicPartition,
} from "@sluice/core";
