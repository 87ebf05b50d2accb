// @ts-check
// One producer under a steady load: `node produce.mjs '{"kind":"sluice/kafkajs", …}'` prints its latencies
// as a line of JSON; then it waits until it is ended.
import { createRequire } from "node:module";
import { quantile } from "../lib/figures.mjs";

/**
 * @typedef {object} Job
 * @property {"raw/kafkajs" | "raw/rdkafka" | "sluice/kafkajs" | "sluice/rdkafka"} kind
 * @property {readonly string[]} brokers
 * @property {string} topic with 6 partitions
 * @property {number} rate records a second
 * @property {number} seconds
 */

const PARTITIONS = 6;
const VALUE = Buffer.alloc(200, 0x61);
const LINGER_MS = 5;
const require = createRequire(import.meta.url);
/** @type {Job} */
const job = JSON.parse(process.argv[2] ?? "{}");
const send = await producerOf();

const warmUp = job.rate;
const total = warmUp + job.rate * job.seconds;
/** @type {number[]} */
const latencies = [];
let cpu = process.cpuUsage();
let began = 0;
await new Promise((resolve, reject) => {
  const start = performance.now();
  let sent = 0;
  let acknowledged = 0;
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * job.rate));
    while (sent < due) {
      const index = sent++;
      const dueAt = start + (index * 1_000) / job.rate;
      if (index === warmUp) {
        cpu = process.cpuUsage();
        began = performance.now();
      }
      send(index).then(() => {
        if (index >= warmUp) latencies.push(performance.now() - dueAt);
        if (++acknowledged === total) resolve(clearInterval(timer));
      }, reject);
    }
  }, 1);
});
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - began) / 1e3;
const report = {
  p50: quantile(latencies, 0.5),
  p99: quantile(latencies, 0.99),
  perSecond: latencies.length / seconds,
  cpuMicros: (user + system) / latencies.length,
};
process.stdout.write(`${JSON.stringify(report)}\n`);

/** @returns {Promise<(index: number) => Promise<unknown>>} */
async function producerOf() {
  const key = (/** @type {number} */ index) => `key-${index % 10_000}`;
  if (job.kind === "raw/kafkajs") {
    /** @type {any} */
    const { Kafka, logLevel, Partitioners } = require("kafkajs");
    const kafka = new Kafka({ brokers: job.brokers, logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    return (index) =>
      producer.send({
        topic: job.topic,
        acks: -1,
        messages: [{ key: key(index), value: VALUE }],
      });
  }
  if (job.kind === "raw/rdkafka") {
    /** @type {any} */
    const { HighLevelProducer } = require("@confluentinc/kafka-javascript");
    const producer = new HighLevelProducer({
      "bootstrap.servers": job.brokers.join(","),
      "enable.idempotence": true,
      "linger.ms": LINGER_MS,
    });
    await new Promise((resolve, reject) =>
      producer.connect({}, (/** @type {Error | null} */ error) =>
        error ? reject(error) : resolve(null),
      ),
    );
    producer.setPollInterval(1);
    return (index) =>
      new Promise((resolve, reject) => {
        const done = (/** @type {Error | null} */ error) => (error ? reject(error) : resolve(null));
        producer.produce(job.topic, index % PARTITIONS, VALUE, key(index), Date.now(), done);
      });
  }
  const { createProducer } = await import("../../../packages/runtime/dist/index.js");
  const config = { brokers: job.brokers, producer: { lingerMs: LINGER_MS } };
  const adapter =
    job.kind === "sluice/kafkajs"
      ? (await import("../../../packages/adapter-kafkajs/dist/index.js")).kafkajs(config)
      : (await import("../../../packages/adapter-rdkafka/dist/index.js")).rdkafka(config);
  const producer = createProducer({ adapter });
  return (index) => producer.send({ topic: job.topic, key: key(index), value: VALUE });
}
