// @ts-check
// Who takes part end to end, under the names that the tables use.
import { consume } from "./rounds.mjs";
import { parallelConsumer } from "./parallel-consumer.mjs";

export const NAMES = /** @type {const} */ ({
  timers: "timers alone, no Kafka",
  "raw/kafkajs": "kafkajs, raw eachBatch loop",
  "each/kafkajs": "kafkajs, its eachMessage",
  "sluice/kafkajs": "Sluice on kafkajs",
  "raw/rdkafka": "rdkafka, raw consume loop",
  "each/rdkafka": "rdkafka, its eachMessage",
  "sluice/rdkafka": "Sluice on rdkafka",
  drarzter: "@drarzter/kafka-client (on rdkafka)",
  "parallel-consumer": "Confluent Parallel Consumer (JVM)",
});

/**
 * @typedef {keyof typeof NAMES} Kind
 * @typedef {Omit<import("./consume.mjs").Workload, "brokers" | "group" | "kind">} Work
 * @typedef {Omit<import("./rounds.mjs").Contestant, "name" | "run" | "base"> & { kind: Kind, base?: Kind, warmUp?: number }} Entry
 *   `warmUp`: its own, in records
 */

/**
 * The entries that can run here, to do the work; the others with the reason why not.
 * @param {readonly Entry[]} entries @param {Work} work
 * @param {import("./setting.mjs").Setting} setting
 */
export function contestants(entries, work, setting) {
  return entries.map(({ kind, base, warmUp = work.warmUp, ...entry }) => {
    const own = { ...work, warmUp };
    const name = NAMES[kind];
    const missing = setting.missing(kind);
    if (missing !== null) return { name, skipped: missing };
    return {
      ...entry,
      name,
      ...(base !== undefined && { base: NAMES[base] }),
      run: () =>
        kind === "parallel-consumer"
          ? parallelConsumer(own, setting)
          : consume({ ...own, kind }, setting),
    };
  });
}
