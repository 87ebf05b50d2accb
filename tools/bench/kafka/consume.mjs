// @ts-check
// One consumer, one workload, one process: `node consume.mjs '{"kind":"sluice/kafkajs", …}'` prints a
// report as a line of JSON and goes on until it is ended. All clients fetch with the same limits where they can be told.
import { createRequire } from "node:module";
import { Meter } from "./meter.mjs";
import { workOf } from "./work.mjs";

/**
 * @typedef {object} Workload
 * @property {string} kind
 * @property {readonly string[]} brokers
 * @property {string} topic
 * @property {string} group
 * @property {number} records
 * @property {number} warmUp
 * @property {number} limitMs
 * @property {import("./work.mjs").Delay} delay
 * @property {number} concurrency
 * @property {number} [budget] records
 */

const require = createRequire(import.meta.url);
const FETCH = { maxBytesPerPartition: 262_144, maxWaitMs: 100 };
/** As the adapter sets them: with librdkafka's own second of backoff its fetcher idles. */
const RDKAFKA = {
  "fetch.queue.backoff.ms": 10,
  "queued.min.messages": 20_000,
  "queued.max.messages.kbytes": 32_768,
  "max.partition.fetch.bytes": FETCH.maxBytesPerPartition,
  "fetch.wait.max.ms": FETCH.maxWaitMs,
};
/** Consumers of several partitions at once, where a client has that. */
const PARTITIONS = 6;

/** @type {Workload} */
const workload = JSON.parse(process.argv[2] ?? "{}");
const meter = new Meter(workload);
const work = workOf(workload.delay, () => meter.tick());
/** @type {Readonly<Record<string, () => Promise<void> | void>>} */
const kinds = {
  timers,
  "raw/kafkajs": rawKafkajs,
  "each/kafkajs": eachKafkajs,
  "raw/rdkafka": rawRdkafka,
  "each/rdkafka": eachRdkafka,
  drarzter,
  "sluice/kafkajs": sluice,
  "sluice/rdkafka": sluice,
};
const start = kinds[workload.kind];
if (start === undefined) throw new Error(`no kind ${workload.kind}`);
let maxHeld = 0;
await start();
const report = await meter.done;
process.stdout.write(`${JSON.stringify({ ...report, ...(maxHeld > 0 && { maxHeld }) })}\n`);

/** No Kafka: as many timers as there is concurrency. The ceiling for handlers that wait. */
function timers() {
  let offset = 0;
  const worker = async () => {
    for (;;) await work(offset++);
  };
  for (let i = 0; i < workload.concurrency; i++) void worker();
}

function kafkajsConsumer() {
  /** @type {any} */
  const { Kafka, logLevel } = require("kafkajs");
  const kafka = new Kafka({ brokers: workload.brokers, logLevel: logLevel.NOTHING });
  return kafka.consumer({
    groupId: workload.group,
    maxBytesPerPartition: FETCH.maxBytesPerPartition,
    maxWaitTimeInMs: FETCH.maxWaitMs,
  });
}

/** The least that can be done: a batch, a loop, nothing awaited, nothing committed. */
async function rawKafkajs() {
  const consumer = kafkajsConsumer();
  await consumer.connect();
  await consumer.subscribe({ topic: workload.topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    /** @param {any} payload */
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) look(message);
    },
  });
}

async function eachKafkajs() {
  const consumer = kafkajsConsumer();
  await consumer.connect();
  await consumer.subscribe({ topic: workload.topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS,
    /** @param {any} payload */
    eachMessage: ({ message }) => work(Number(message.offset)),
  });
}

async function rawRdkafka() {
  /** @type {any} */
  const { KafkaConsumer } = require("@confluentinc/kafka-javascript");
  const consumer = new KafkaConsumer(
    {
      "bootstrap.servers": workload.brokers.join(","),
      "group.id": workload.group,
      "enable.auto.commit": false,
      ...RDKAFKA,
    },
    // Whatever is given as the topic's configuration replaces the topic settings among the others.
    { "auto.offset.reset": "earliest" },
  );
  await new Promise((resolve, reject) =>
    consumer.connect({}, (/** @type {Error | null} */ error) =>
      error ? reject(error) : resolve(null),
    ),
  );
  consumer.setDefaultConsumeTimeout(100);
  consumer.setDefaultIsTimeoutOnlyForFirstMessage(true);
  consumer.subscribe([workload.topic]);
  const next = () => {
    consumer.consume(1_000, (/** @type {Error | null} */ error, /** @type {any[]} */ messages) => {
      if (!error) for (const message of messages) look(message);
      // The callback of the last batch may call back at once.
      setImmediate(next);
    });
  };
  next();
}

async function eachRdkafka() {
  /** @type {any} */
  const { Kafka } = require("@confluentinc/kafka-javascript").KafkaJS;
  const kafka = new Kafka({ kafkaJS: { brokers: workload.brokers, logLevel: 0 } });
  const consumer = kafka.consumer({
    kafkaJS: { groupId: workload.group, fromBeginning: true },
    ...RDKAFKA,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [workload.topic] });
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS,
    /** @param {any} payload */
    eachMessage: ({ message }) => work(Number(message.offset)),
  });
}

/** Wraps the KafkaJS-like API of @confluentinc/kafka-javascript; takes no settings of the client. */
async function drarzter() {
  /** @type {any} */
  const { KafkaClient } = require("@drarzter/kafka-client/core");
  const quiet = { log() {}, warn() {}, error() {}, debug() {} };
  // Bytes are passed on, as everybody else does; its default parses JSON.
  const bytes = {
    serialize: (/** @type {Buffer} */ value) => value,
    deserialize: (/** @type {Buffer} */ value) => value,
  };
  const options = { logger: quiet, serde: bytes, strictSchemas: false };
  const client = new KafkaClient("bench", workload.group, workload.brokers, options);
  await client.startConsumer(
    [workload.topic],
    (/** @type {{ offset: string }} */ { offset }) => work(Number(offset)),
    { fromBeginning: true },
  );
}

async function sluice() {
  const { createConsumer } = await import("../../../packages/runtime/dist/index.js");
  const config = { brokers: workload.brokers, fetch: FETCH };
  const adapter =
    workload.kind === "sluice/kafkajs"
      ? (await import("../../../packages/adapter-kafkajs/dist/index.js")).kafkajs(config)
      : (await import("../../../packages/adapter-rdkafka/dist/index.js")).rdkafka(config);
  const consumer = createConsumer({
    adapter,
    group: workload.group,
    topics: [workload.topic],
    concurrency: workload.concurrency,
    retry: { maxAttempts: Infinity },
    ...(workload.budget !== undefined && { budget: { records: workload.budget } }),
    handler: (record) => work(record.offset),
  });
  consumer.on("down", ({ error }) => fail(error));
  consumer.on("retry", ({ error }) => fail(new Error(error)));
  await consumer.start();
  if (workload.budget !== undefined) {
    setInterval(() => (maxHeld = Math.max(maxHeld, consumer.stats().heldRecords)), 10).unref();
  }
}

/** As much as a handler that looks at its record, without calling one. @param {{ value: Buffer | null }} message */
function look({ value }) {
  if (value === null) throw new Error("a record without value");
  meter.tick();
}

/** @param {Error} error @returns {never} */
function fail(error) {
  process.stderr.write(`${workload.kind}: ${error.message}\n`);
  process.exit(1);
}
