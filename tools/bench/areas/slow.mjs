// @ts-check
// A handler that waits 5 ms: how much of the concurrency is used.
import { contestants } from "../kafka/contestants.mjs";
import { rounds } from "../kafka/rounds.mjs";

const DELAY_MS = 5;

/**
 * @param {import("../kafka/setting.mjs").Setting} setting
 * @param {import("../lib/area.ts").Settings} settings
 * @returns {Promise<import("../lib/area.ts").Table[]>}
 */
export async function tables(setting, settings) {
  const records = settings.quick ? 200_000 : 600_000;
  const topic = await setting.topic({ records, keys: 10_000, partitions: 6, headers: 0 });
  /** @type {import("../lib/area.ts").Table[]} */
  const result = [];
  for (const [concurrency, share] of /** @type {const} */ ([
    [100, 0.95],
    [1_000, 0.9],
  ])) {
    if (settings.quick && concurrency > 100) continue;
    const base = "timers";
    const goals = /** @type {const} */ ([{ of: "ratio", atLeast: share }]);
    /** @type {readonly import("../kafka/contestants.mjs").Entry[]} */
    const others = [
      { kind: "each/kafkajs", base, onlyShown: true },
      { kind: "each/rdkafka", base, onlyShown: true },
      { kind: "drarzter", base, onlyShown: true },
      { kind: "parallel-consumer", base, onlyShown: true },
    ];
    /** @type {readonly import("../kafka/contestants.mjs").Entry[]} */
    const entries = [
      { kind: "timers" },
      { kind: "sluice/kafkajs", base, goals },
      { kind: "sluice/rdkafka", base, goals },
      ...others,
    ];
    // Those that take a partition's records one by one would need minutes for as many.
    const limitMs = settings.quick ? 1_500 : 5_000;
    const warmUp = 500;
    const work = { topic, records, warmUp, limitMs, delay: DELAY_MS, concurrency };
    result.push({
      area: "slow",
      title: `End to end: handler of ${DELAY_MS} ms, concurrency ${concurrency.toLocaleString("en")}, 6 partitions, 10,000 keys`,
      unit: "k records/s",
      better: "higher",
      rows: await rounds(`slow, ${concurrency}`, contestants(entries, work, setting), settings),
      notes: [
        "eachMessage runs six partitions side by side and the records of one after the other; @drarzter/kafka-client has no",
        "concurrency at all. Neither can do more of this workload, whatever the concurrency.",
      ],
    });
  }
  return result;
}
