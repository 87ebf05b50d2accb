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
  const records = settings.quick ? 400_000 : 1_000_000;
  const topic = await setting.topic({ records, keys: 10_000, partitions: 6, headers: 0 });
  /** @type {import("../lib/area.ts").Table[]} */
  const result = [];
  for (const [concurrency, share] of /** @type {const} */ ([
    [100, 0.95],
    [1_000, 0.9],
  ])) {
    if (settings.quick && concurrency > 100) continue;
    const base = /** @type {const} */ ("timers");
    const goals = /** @type {const} */ ([{ of: "ratio", atLeast: share }]);
    // A quarter of a second at full speed: half of what runs is compiled before, and connections are up.
    const warmUp = 50 * concurrency;
    // Without any handler: what the client delivers is the other ceiling.
    const raw = { base, onlyShown: true, warmUp: 100_000 };
    // They would warm up for minutes, and then not be faster.
    const oneByOne = { base, onlyShown: true, warmUp: 500 };
    /** @type {readonly import("../kafka/contestants.mjs").Entry[]} */
    const entries = [
      { kind: "timers" },
      { kind: "raw/kafkajs", ...raw },
      { kind: "sluice/kafkajs", base, goals },
      { kind: "raw/rdkafka", ...raw },
      { kind: "sluice/rdkafka", base, goals },
      ...(settings.quick
        ? []
        : /** @type {const} */ ([
            { kind: "each/kafkajs", ...oneByOne },
            { kind: "each/rdkafka", ...oneByOne },
            { kind: "drarzter", ...oneByOne },
          ])),
      { kind: "parallel-consumer", base, onlyShown: true },
    ];
    // Those that take a partition's records one by one would need minutes for as many.
    const limitMs = settings.quick ? 1_500 : 5_000;
    const work = { topic, records, warmUp, limitMs, delay: DELAY_MS, concurrency };
    result.push({
      area: "slow",
      title: `End to end: handler of ${DELAY_MS} ms, concurrency ${concurrency.toLocaleString("en")}, 6 partitions, 10,000 keys`,
      unit: "k records/s",
      better: "higher",
      rows: await rounds(`slow, ${concurrency}`, contestants(entries, work, setting), settings),
      notes: [
        "The raw loops call no handler: no more than the smaller of theirs and of the timers is to be had.",
        "eachMessage runs six partitions side by side and the records of one after the other; @drarzter/kafka-client has no",
        "concurrency at all. Neither can do more of this workload, whatever the concurrency.",
      ],
    });
  }
  return result;
}
