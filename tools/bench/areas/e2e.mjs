// @ts-check
// Records a second with a handler that does nothing: what Sluice costs beside its client.
import { NAMES, contestants } from "../kafka/contestants.mjs";
import { rounds } from "../kafka/rounds.mjs";

const PARTITIONS = 6;
const KEYS = 10_000;
const CONCURRENCY = 100;

/** docs/benchmarks.md, by number of headers. @type {Readonly<Record<string, Readonly<Record<number, number>>>>} */
const SHARE_OF_RAW = { "sluice/kafkajs": { 0: 0.8, 6: 0.9 }, "sluice/rdkafka": { 0: 0.9, 6: 0.9 } };

// A second or more of each.
const shown = /** @type {const} */ ({ onlyShown: true, warmUp: 50_000 });
/** @type {readonly import("../kafka/contestants.mjs").Entry[]} */
const OTHERS = [
  { kind: "each/kafkajs", base: "raw/kafkajs", ...shown },
  { kind: "each/rdkafka", base: "raw/rdkafka", ...shown },
  { kind: "drarzter", base: "raw/rdkafka", ...shown },
  { kind: "parallel-consumer", base: "sluice/rdkafka", ...shown },
];

/**
 * @param {import("../kafka/setting.mjs").Setting} setting
 * @param {import("../lib/area.ts").Settings} settings
 * @returns {Promise<import("../lib/area.ts").Table[]>}
 */
export async function tables(setting, settings) {
  const records = settings.quick ? 400_000 : 1_000_000;
  /** @type {import("../lib/area.ts").Table[]} */
  const result = [];
  for (const headers of [0, 6]) {
    const topic = await setting.topic({ records, keys: KEYS, partitions: PARTITIONS, headers });
    const goal = (/** @type {string} */ kind) =>
      /** @type {const} */ ([{ of: "ratio", atLeast: SHARE_OF_RAW[kind]?.[headers] ?? 0 }]);
    /** @type {readonly import("../kafka/contestants.mjs").Entry[]} */
    const entries = [
      { kind: "raw/kafkajs", compute: true },
      { kind: "sluice/kafkajs", base: "raw/kafkajs", goals: goal("sluice/kafkajs") },
      { kind: "raw/rdkafka", compute: true },
      { kind: "sluice/rdkafka", base: "raw/rdkafka", goals: goal("sluice/rdkafka") },
      ...(settings.quick && headers > 0 ? [] : OTHERS),
    ];
    const work = {
      topic,
      records,
      warmUp: records / 4,
      limitMs: settings.quick ? 2_500 : 10_000,
      delay: /** @type {const} */ ("none"),
      concurrency: CONCURRENCY,
    };
    const area = `e2e, ${headers} headers`;
    result.push({
      area: "e2e",
      title: `End to end: no-op handler, ${headers} headers, ${PARTITIONS} partitions, ${KEYS.toLocaleString("en")} keys, 200 bytes`,
      unit: "k records/s",
      better: "higher",
      rows: await rounds(area, contestants(entries, work, setting), settings),
      notes: [
        `${NAMES["raw/kafkajs"]} and ${NAMES["raw/rdkafka"]} call no handler and commit nothing; Sluice commits every second, in the order of keys.`,
        "busy: share of the time in which the event loop worked. Rounds of the raw loops below 0.85 are discarded.",
      ],
    });
  }
  return result;
}
