// @ts-check
// Cost of reading an envelope and of writing a dead letter, against the Kafka binding of the
// `cloudevents` SDK, and of reading others' dead letters.
import { CloudEvent, Kafka } from "cloudevents";
import { moveRecord, readDialects, readEnvelope } from "../../../packages/core/dist/index.js";
import { checked } from "../lib/checked.mjs";

export const title = "Envelope: headers of a record";

/**
 * @typedef {import("../../../packages/core/dist/index.js").KafkaRecord} KafkaRecord
 * @typedef {Parameters<typeof moveRecord>[0]} Move
 */

const bytes = (/** @type {string} */ text) => Buffer.from(text);
const place = { topic: "orders", partition: 3, offset: 42, timestamp: 1_700_000_000_000 };
const payload = { key: bytes("order-1234567"), value: Buffer.alloc(300, 0x61) };
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/** As a service sends it that knows nothing of Sluice. @type {KafkaRecord} */
const plain = {
  ...place,
  ...payload,
  headers: [
    ["content-type", bytes("application/octet-stream")],
    ["traceparent", bytes(traceparent)],
    ["x-tenant", bytes("acme")],
  ],
};

/** What the SDK would make of the same: an event of the attributes that it has to have. */
const event = new CloudEvent({
  id: "6f1b4b0e-3a1e-4a0b-9d75-0f1c3a6b2d11",
  source: "/orders",
  type: "com.example.order.placed",
  time: "2026-11-21T12:00:00.000Z",
  datacontenttype: "application/octet-stream",
  traceparent,
  partitionkey: "order-1234567",
  data: payload.value,
});
/** The SDK writes attributes that are not there as undefined, which no client takes.
 * @param {any} message @returns {[string, Buffer][]} */
const toHeaders = (message) =>
  Object.entries(message.headers).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, Buffer.from(String(text))]],
  );
/** @param {readonly [string, Buffer][]} headers */
const fromHeaders = (headers) => {
  /** @type {Record<string, string>} */
  const texts = {};
  for (const [name, value] of headers) texts[name] = value.toString();
  return texts;
};
const eventHeaders = toHeaders(Kafka.binary(event));
const eventMessage = { ...Kafka.binary(event), headers: fromHeaders(eventHeaders) };
/** @type {KafkaRecord} */
const cloudEventRecord = { ...place, ...payload, headers: eventHeaders };

/** @param {KafkaRecord} record @param {boolean} trusted @returns {Extract<Move, { move: "dead-letter" }>} */
const failure = (record, trusted) => ({
  move: "dead-letter",
  record,
  trusted,
  group: "billing",
  attempts: 5,
  error: {
    kind: "timeout",
    class: "TimeoutError",
    code: "E42",
    message: "no answer from the ledger within 5000 ms",
    stack: "TimeoutError: no answer\n    at charge (file:///srv/charge.js:10:5)",
  },
  writeStack: true,
  reason: "retries-exhausted",
  firstFailedAt: 1_700_000_000_100,
  failedAt: 1_700_000_009_000,
  now: 1_700_000_009_001,
  cluster: "MkU3OEVBNTcwNTJENDM2Qg",
  partitionCount: 12,
  leaderEpoch: 7,
  target: { topic: "orders.dlq", partitions: 12 },
  maxBytes: 1_000_000,
});

/** All the headers there are: moved to a retry topic, moved again, replayed. */
/** @type {KafkaRecord} */
const identified = {
  ...plain,
  headers: [
    ...plain.headers,
    ["sluice-message-id", bytes("018bcfe5-6800-7000-8000-000000000001")],
    ["sluice-message-type", bytes("order.placed")],
    ["sluice-message-version", bytes("3")],
    ["sluice-idempotency-key", bytes("order-1234567/placed")],
  ],
};
const once = /** @type {KafkaRecord} */ (
  moveRecord({
    ...failure(identified, false),
    move: "retry",
    retryAt: 1_700_000_010_000,
    retryPolicy: "standard",
  }).record
);
/** @type {KafkaRecord} */
const moved = {
  ...place,
  ...once,
  topic: "orders.retry",
  offset: 7,
  headers: [
    ...once.headers,
    ["sluice-replay-id", bytes("replay-2026-11-21")],
    ["sluice-replay-count", bytes("1")],
    ["sluice-replayed-at", bytes("1700000020000")],
    ["sluice-replayed-from", bytes("orders.dlq/3/7")],
    ["sluice-truncated", bytes("stack")],
  ],
};
/** @type {KafkaRecord} */
const deadLetter = { ...moved, ...moveRecord(failure(moved, true)).record, offset: 9 };
/** @type {KafkaRecord} */
const connectLetter = {
  ...plain,
  headers: [
    ...plain.headers,
    ...Object.entries({
      topic: "orders",
      partition: "3",
      offset: "42",
      "connector.name": "sink",
      "task.id": "0",
      stage: "TASK_PUT",
      "class.name": "org.example.Sink",
      "exception.class.name": "java.io.IOException",
      "exception.message": "no answer",
      "exception.stacktrace": "java.io.IOException: no answer\n\tat org.example.Sink.put",
    }).map(([name, text]) => /** @type {const} */ ([`__connect.errors.${name}`, bytes(text)])),
  ],
};

/** Runs a number of times, and checks one answer; `base` is what a ratio is against. */
export const variants = checked([
  {
    name: "cloudevents: toEvent, headers from bytes",
    runs: 5_000,
    run: () => Kafka.toEvent({ ...eventMessage, headers: fromHeaders(eventHeaders) }),
    check: ({ id }) => id === event.id,
  },
  {
    name: "cloudevents: toEvent, headers already text",
    runs: 5_000,
    run: () => Kafka.toEvent(eventMessage),
    check: ({ id }) => id === event.id,
  },
  {
    name: "readEnvelope: plain, 3 foreign headers",
    base: "cloudevents: toEvent, headers from bytes",
    runs: 25_000,
    run: () => readEnvelope(plain, { trusted: false }),
    check: ({ messageId, traceId }) => messageId === ":orders:3:42" && traceId !== null,
  },
  {
    name: "readEnvelope: the same CloudEvent",
    base: "cloudevents: toEvent, headers from bytes",
    runs: 12_500,
    run: () => readEnvelope(cloudEventRecord, { trusted: false }),
    check: ({ messageId }) => messageId === `/orders\n${event.id}`,
  },
  {
    name: "readEnvelope: moved, all headers",
    base: "cloudevents: toEvent, headers from bytes",
    runs: 5_000,
    run: () => readEnvelope(moved, { trusted: true }),
    check: ({ origin, anomalies }) => origin.offset === 42 && anomalies.length === 0,
  },
  {
    name: "cloudevents: binary, headers to bytes",
    runs: 12_500,
    run: () => toHeaders(Kafka.binary(event)),
    check: (headers) => headers.length === eventHeaders.length,
  },
  {
    name: "cloudevents: toEvent and binary, bytes to bytes",
    runs: 5_000,
    run: () => {
      const headers = fromHeaders(eventHeaders);
      return toHeaders(
        Kafka.binary(/** @type {CloudEvent} */ (Kafka.toEvent({ ...eventMessage, headers }))),
      );
    },
    check: (headers) => headers.length === eventHeaders.length,
  },
  {
    name: "moveRecord: dead letter of a plain record",
    base: "cloudevents: toEvent and binary, bytes to bytes",
    runs: 2_500,
    run: () => moveRecord(failure(plain, false)),
    check: ({ record }) =>
      record.headers.some((/** @type {[string]} */ [name]) => name === "sluice-dlq-reason"),
  },
  {
    name: "moveRecord: dead letter of a moved record",
    base: "cloudevents: toEvent and binary, bytes to bytes",
    runs: 2_500,
    run: () => moveRecord(failure(moved, true)),
    check: ({ record }) =>
      record.headers.some((/** @type {[string]} */ [name]) => name === "sluice-dlq-reason"),
  },
  {
    name: "readDialects: dead letter of Sluice",
    runs: 2_500,
    run: () => readDialects(deadLetter),
    check: ({ origin }) => origin.offset === 42,
  },
  {
    name: "readDialects: dead letter of Connect",
    runs: 5_000,
    run: () => readDialects(connectLetter),
    check: ({ origin, dialects }) => origin.offset === 42 && dialects[0].dialect === "connect",
  },
]);
