// @ts-check
// One record of each dialect with every header that the dialect knows, and what it says.

/** @typedef {import("./dead-letter-read.mjs").Header} Header */

const NO_ERROR = {
  kind: null,
  class: null,
  code: null,
  message: null,
  stack: null,
  stage: null,
  causeClass: null,
  causeMessage: null,
};

/** @type {Record<string, readonly Header[]>} */
export const COMPLETE = {
  kip1191: [
    ["__dlq.errors.topic", "orders"],
    ["__dlq.errors.partition", "3"],
    ["__dlq.errors.offset", "42"],
    ["__dlq.errors.group", "billing"],
    ["__dlq.errors.delivery.count", "5"],
    ["__dlq.errors.message", "no answer"],
  ],
  connect: [
    ["__connect.errors.topic", "orders"],
    ["__connect.errors.partition", "3"],
    ["__connect.errors.offset", "42"],
    ["__connect.errors.connector.name", "sink"],
    ["__connect.errors.task.id", "0"],
    ["__connect.errors.stage", "VALUE_CONVERTER"],
    ["__connect.errors.class.name", "org.apache.kafka.connect.json.JsonConverter"],
    ["__connect.errors.exception.class.name", "org.apache.kafka.connect.errors.DataException"],
    ["__connect.errors.exception.message", "no answer"],
    ["__connect.errors.exception.stacktrace", "DataException: no answer\n\tat A.b"],
  ],
  streams: [
    ["__streams.errors.topic", "orders"],
    ["__streams.errors.partition", "3"],
    ["__streams.errors.offset", "42"],
    ["__streams.errors.exception", "java.lang.RuntimeException"],
    ["__streams.errors.message", "no answer"],
    ["__streams.errors.stacktrace", "RuntimeException: no answer\n\tat A.b"],
  ],
  spring: [
    ["kafka_dlt-original-topic", "orders"],
    ["kafka_dlt-original-partition", Buffer.from("00000003", "hex")],
    ["kafka_dlt-original-offset", Buffer.from("000000000000002a", "hex")],
    ["kafka_dlt-original-timestamp", Buffer.from("0000018bcfe56800", "hex")],
    ["kafka_dlt-original-timestamp-type", "CreateTime"],
    ["kafka_dlt-original-consumer-group", "billing"],
    ["retry_topic-attempts", Buffer.from("00000005", "hex")],
    [
      "kafka_dlt-exception-fqcn",
      "org.springframework.kafka.listener.ListenerExecutionFailedException",
    ],
    ["kafka_dlt-exception-cause-fqcn", "java.util.concurrent.TimeoutException"],
    ["kafka_dlt-exception-message", "no answer"],
    ["kafka_dlt-exception-stacktrace", "ListenerExecutionFailedException: no answer\n\tat A.b"],
  ],
  scs: [
    ["x-original-topic", "orders"],
    ["x-original-partition", Buffer.from("00000003", "hex")],
    ["x-original-offset", Buffer.from("000000000000002a", "hex")],
    ["x-original-timestamp", Buffer.from("0000018bcfe56800", "hex")],
    ["x-original-timestamp-type", "CreateTime"],
    ["x-exception-fqcn", "java.lang.RuntimeException"],
    ["x-exception-message", "no answer"],
    ["x-exception-stacktrace", "RuntimeException: no answer\n\tat A.b"],
  ],
  smallrye: [
    ["dead-letter-topic", "orders"],
    ["dead-letter-partition", "3"],
    ["dead-letter-offset", "42"],
    ["delayed-retry-count", "4"],
    ["dead-letter-exception-class-name", "java.lang.RuntimeException"],
    ["dead-letter-reason", "no answer"],
    ["dead-letter-cause-class-name", "java.util.concurrent.TimeoutException"],
    ["dead-letter-cause", "timed out"],
  ],
  karafka: [
    ["source_topic", "orders"],
    ["source_partition", "3"],
    ["source_offset", "42"],
    ["source_consumer_group", "billing"],
    ["source_attempts", "5"],
    ["source_trace_id", "t-1"],
  ],
};

const ORIGIN = { topic: "orders", partition: 3, offset: "42", timestamp: null };
const TIMED = { ...ORIGIN, timestamp: "1700000000000" };

/** @type {Record<string, import("./model.mjs").Entry>} */
export const EXPECTED = {
  kip1191: {
    dialect: "kip1191",
    origin: ORIGIN,
    hops: 1,
    group: "billing",
    retryCount: 4,
    reason: null,
    error: { ...NO_ERROR, message: "no answer" },
  },
  connect: {
    dialect: "connect",
    origin: ORIGIN,
    hops: 1,
    group: null,
    retryCount: null,
    reason: null,
    error: {
      ...NO_ERROR,
      class: "org.apache.kafka.connect.errors.DataException",
      message: "no answer",
      stack: "DataException: no answer\n\tat A.b",
      stage: "VALUE_CONVERTER",
    },
  },
  streams: {
    dialect: "streams",
    origin: ORIGIN,
    hops: 1,
    group: null,
    retryCount: null,
    reason: null,
    error: {
      ...NO_ERROR,
      class: "java.lang.RuntimeException",
      message: "no answer",
      stack: "RuntimeException: no answer\n\tat A.b",
    },
  },
  spring: {
    dialect: "spring",
    origin: TIMED,
    hops: 1,
    group: "billing",
    retryCount: 4,
    reason: null,
    error: {
      ...NO_ERROR,
      class: "org.springframework.kafka.listener.ListenerExecutionFailedException",
      message: "no answer",
      stack: "ListenerExecutionFailedException: no answer\n\tat A.b",
      causeClass: "java.util.concurrent.TimeoutException",
    },
  },
  scs: {
    dialect: "scs",
    origin: TIMED,
    hops: 1,
    group: null,
    retryCount: null,
    reason: null,
    error: {
      ...NO_ERROR,
      class: "java.lang.RuntimeException",
      message: "no answer",
      stack: "RuntimeException: no answer\n\tat A.b",
    },
  },
  smallrye: {
    dialect: "smallrye",
    origin: ORIGIN,
    hops: 1,
    group: null,
    retryCount: 4,
    reason: null,
    error: {
      ...NO_ERROR,
      class: "java.lang.RuntimeException",
      message: "no answer",
      causeClass: "java.util.concurrent.TimeoutException",
      causeMessage: "timed out",
    },
  },
  karafka: {
    dialect: "karafka",
    origin: ORIGIN,
    hops: 1,
    group: "billing",
    retryCount: 4,
    reason: null,
    error: NO_ERROR,
  },
};

/** @type {readonly Header[]} */
export const SLUICE = [
  ["sluice-spec", "1"],
  ["sluice-group", "billing"],
  ["sluice-retry-count", "4"],
  ["sluice-origin-topic", "orders"],
  ["sluice-origin-partition", "3"],
  ["sluice-origin-offset", "42"],
  ["sluice-origin-timestamp", "1700000000000"],
  ["sluice-first-failed-at", "1700000000100"],
  ["sluice-failed-at", "1700000009000"],
  ["sluice-error-kind", "timeout"],
  ["sluice-error-class", "TimeoutError"],
  ["sluice-error-code", "E42"],
  ["sluice-error-message", "no answer"],
  ["sluice-error-stack", "TimeoutError: no answer at a.ts:1"],
  ["sluice-history", '[{"n":5,"at":"1700000009000","k":"timeout","c":"E42"}]'],
  ["sluice-dlq-reason", "retries-exhausted"],
  ["sluice-hops", "1"],
];

/** @type {import("./model.mjs").Entry} */
export const SLUICE_EXPECTED = {
  dialect: "sluice",
  origin: TIMED,
  hops: 1,
  group: "billing",
  retryCount: 4,
  reason: "retries-exhausted",
  error: {
    ...NO_ERROR,
    kind: "timeout",
    class: "TimeoutError",
    code: "E42",
    message: "no answer",
    stack: "TimeoutError: no answer at a.ts:1",
  },
};
