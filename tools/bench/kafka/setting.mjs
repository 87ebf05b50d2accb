// @ts-check
// The Kafka that the end-to-end areas share, and the topics on it; each is made when first asked for.
import { randomBytes } from "node:crypto";
import kafkajs from "kafkajs";
import { startLocalCluster } from "../../../packages/conformance/dist/index.js";

const { Kafka, logLevel, Partitioners } = kafkajs;
const VALUE_BYTES = 200;
const BATCH = 2_000;
/** Bytes of a partition in each fetch of the first reading: small, for it is their number that counts. */
const FIRST_READING = 16_384;

/**
 * @typedef {object} Content
 * @property {number} records
 * @property {number} keys
 * @property {number} partitions
 * @property {number} headers a record
 */

/**
 * @typedef {object} Parts
 * @property {import("../../../packages/conformance/dist/index.js").LocalCluster} cluster
 * @property {{ rdkafka: string | null, parallelConsumer: string | null }} without why there is none
 * @property {(line: string) => void} log
 */

export class Setting {
  /** @type {Map<string, Promise<string>>} */
  #topics = new Map();

  /** @param {Parts} parts */
  constructor({ cluster, without, log }) {
    this.cluster = cluster;
    this.without = without;
    this.log = log;
    // The listener without a proxy before it: the proxy is for faults and would be measured too.
    this.brokers = cluster.witnessBrokers;
  }

  /**
   * @param {Omit<Parts, "cluster">} parts
   * @throws EnvironmentError without Java, Maven or Kafka's jars
   */
  static async start(parts) {
    parts.log("starting Kafka");
    const cluster = await startLocalCluster({ sasl: false, log: parts.log });
    return new Setting({ ...parts, cluster });
  }

  /** Why this kind of client cannot run here; null when it can. @param {string} kind */
  missing(kind) {
    const { rdkafka, parallelConsumer } = this.without;
    if (kind === "parallel-consumer") return parallelConsumer;
    return kind.endsWith("rdkafka") || kind === "drarzter" ? rdkafka : null;
  }

  /** A group that has never committed. */
  group() {
    return `bench-${randomBytes(6).toString("hex")}`;
  }

  /** A topic with just this in it. @param {Content} content @returns {Promise<string>} */
  topic(content) {
    const name = `bench-${content.partitions}p-${content.keys}k-${content.headers}h-${content.records}`;
    let topic = this.#topics.get(name);
    if (topic === undefined) this.#topics.set(name, (topic = this.#fill(name, content)));
    return topic;
  }

  close() {
    return this.cluster.close();
  }

  /** @param {string} topic @param {Content} content */
  async #fill(topic, { records, keys, partitions, headers }) {
    this.log(`filling ${topic}`);
    const kafka = new Kafka({ brokers: [...this.brokers], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
    });
    await admin.disconnect();
    if (records === 0) return topic;
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const value = Buffer.alloc(VALUE_BYTES, 0x61);
    const sixHeaders = Object.fromEntries(
      Array.from({ length: headers }, (_, i) => [
        `header-${i}`,
        Buffer.from(`value of header ${i}`),
      ]),
    );
    let inFlight = [];
    for (let sent = 0; sent < records; sent += BATCH) {
      const messages = Array.from({ length: Math.min(BATCH, records - sent) }, (_, i) => ({
        partition: (sent + i) % partitions,
        key: `key-${String((sent + i) % keys).padStart(8, "0")}`,
        value,
        ...(headers > 0 && { headers: sixHeaders }),
      }));
      inFlight.push(producer.send({ topic, messages }));
      if (inFlight.length < 4) continue;
      await Promise.all(inFlight);
      inFlight = [];
    }
    await Promise.all(inFlight);
    await producer.disconnect();
    await this.#readOnce(kafka, topic, records);
    return topic;
  }

  /**
   * A broker that has just been started answers fetches at half its speed until its code is compiled:
   * whoever reads first would wait for it, and be called slow.
   * @param {import("kafkajs").Kafka} kafka @param {string} topic @param {number} records
   */
  async #readOnce(kafka, topic, records) {
    const consumer = kafka.consumer({
      groupId: this.group(),
      maxBytesPerPartition: FIRST_READING,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    let left = records;
    await /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        const eachBatch = async (/** @type {import("kafkajs").EachBatchPayload} */ { batch }) => {
          left -= batch.messages.length;
          if (left <= 0) resolve();
        };
        consumer.run({ autoCommit: false, eachBatch }).catch(reject);
      })
    );
    await consumer.disconnect();
  }
}
