// @ts-check
// The tables of 11.2, but for the dialect `sluice`, which section 3 reads.
import {
  anyText,
  attempts,
  count,
  countLessOne,
  int32Or,
  int64Or,
  offset,
  partition,
  text,
} from "./forms.mjs";

/**
 * @typedef {readonly [field: string, header: string, form: import("./forms.mjs").Form]} Row
 * @typedef {object} Dialect
 * @property {string} name
 * @property {"first" | "last"} origin which occurrence counts
 * @property {"first" | "last"} others
 * @property {readonly Row[]} rows the topic first
 */

/** @type {readonly Dialect[]} */
export const DIALECTS = [
  {
    name: "kip1191",
    origin: "last",
    others: "last",
    rows: [
      ["origin.topic", "__dlq.errors.topic", text],
      ["origin.partition", "__dlq.errors.partition", partition],
      ["origin.offset", "__dlq.errors.offset", offset],
      ["group", "__dlq.errors.group", text],
      ["retryCount", "__dlq.errors.delivery.count", countLessOne],
      ["error.message", "__dlq.errors.message", anyText],
    ],
  },
  {
    name: "connect",
    origin: "first",
    others: "last",
    rows: [
      ["origin.topic", "__connect.errors.topic", text],
      ["origin.partition", "__connect.errors.partition", partition],
      ["origin.offset", "__connect.errors.offset", offset],
      ["error.stage", "__connect.errors.stage", text],
      ["error.class", "__connect.errors.exception.class.name", text],
      ["error.message", "__connect.errors.exception.message", anyText],
      ["error.stack", "__connect.errors.exception.stacktrace", anyText],
    ],
  },
  {
    name: "streams",
    origin: "first",
    others: "last",
    rows: [
      ["origin.topic", "__streams.errors.topic", text],
      ["origin.partition", "__streams.errors.partition", partition],
      ["origin.offset", "__streams.errors.offset", offset],
      ["error.class", "__streams.errors.exception", text],
      ["error.message", "__streams.errors.message", anyText],
      ["error.stack", "__streams.errors.stacktrace", anyText],
    ],
  },
  {
    name: "spring",
    origin: "first",
    others: "last",
    rows: [
      ["origin.topic", "kafka_dlt-original-topic", text],
      ["origin.partition", "kafka_dlt-original-partition", int32Or(null)],
      ["origin.offset", "kafka_dlt-original-offset", int64Or(null)],
      ["origin.timestamp", "kafka_dlt-original-timestamp", int64Or(null)],
      ["group", "kafka_dlt-original-consumer-group", text],
      ["retryCount", "retry_topic-attempts", attempts],
      ["error.class", "kafka_dlt-exception-fqcn", text],
      ["error.message", "kafka_dlt-exception-message", anyText],
      ["error.stack", "kafka_dlt-exception-stacktrace", anyText],
      ["error.causeClass", "kafka_dlt-exception-cause-fqcn", text],
    ],
  },
  {
    name: "scs",
    origin: "first",
    others: "last",
    rows: [
      ["origin.topic", "x-original-topic", text],
      ["origin.partition", "x-original-partition", int32Or(partition)],
      ["origin.offset", "x-original-offset", int64Or(offset)],
      ["origin.timestamp", "x-original-timestamp", int64Or(offset)],
      ["error.class", "x-exception-fqcn", text],
      ["error.message", "x-exception-message", anyText],
      ["error.stack", "x-exception-stacktrace", anyText],
    ],
  },
  {
    name: "smallrye",
    origin: "last",
    others: "first",
    rows: [
      ["origin.topic", "dead-letter-topic", text],
      ["origin.partition", "dead-letter-partition", partition],
      ["origin.offset", "dead-letter-offset", offset],
      ["retryCount", "delayed-retry-count", count],
      ["error.class", "dead-letter-exception-class-name", text],
      ["error.message", "dead-letter-reason", anyText],
      ["error.causeClass", "dead-letter-cause-class-name", text],
      ["error.causeMessage", "dead-letter-cause", anyText],
    ],
  },
  {
    name: "karafka",
    origin: "last",
    others: "last",
    rows: [
      ["origin.topic", "source_topic", text],
      ["origin.partition", "source_partition", partition],
      ["origin.offset", "source_offset", offset],
      ["group", "source_consumer_group", text],
      ["retryCount", "source_attempts", countLessOne],
    ],
  },
];
