// @ts-check
// The workload that Parallel Consumer's README shows itself with: one partition, 0 to 5 ms, ordered by key.
import { contestants } from "../kafka/contestants.mjs";
import { rounds } from "../kafka/rounds.mjs";

const RECORDS = 10_000;

/**
 * @param {import("../kafka/setting.mjs").Setting} setting
 * @param {import("../lib/area.ts").Settings} settings
 * @returns {Promise<import("../lib/area.ts").Table[]>}
 */
export async function tables(setting, settings) {
  /** @type {import("../lib/area.ts").Table[]} */
  const result = [];
  for (const keys of settings.quick ? [100] : [1, 10, 100, 1_000, 10_000]) {
    const topic = await setting.topic({ records: RECORDS, keys, partitions: 1, headers: 0 });
    const base = "parallel-consumer";
    /** @type {readonly import("../kafka/contestants.mjs").Entry[]} */
    const entries = [
      { kind: "parallel-consumer" },
      { kind: "sluice/kafkajs", base },
      { kind: "sluice/rdkafka", base },
      ...(keys > 100
        ? []
        : [/** @type {const} */ ({ kind: "each/kafkajs", base, onlyShown: true })]),
    ];
    const work = {
      topic,
      records: RECORDS,
      warmUp: 1,
      limitMs: settings.quick ? 2_000 : 15_000,
      delay: /** @type {const} */ ("spread"),
      concurrency: 100,
    };
    result.push({
      area: "readme",
      title: `Parallel Consumer's README: 10,000 records of ${keys.toLocaleString("en")} keys in one partition, 0 to 5 ms each, concurrency 100`,
      unit: "k records/s",
      better: "higher",
      rows: await rounds(`readme, ${keys} keys`, contestants(entries, work, setting), settings),
    });
  }
  return result;
}
