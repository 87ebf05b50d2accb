// @ts-check
// Latency of `send` under a steady load: each record on its own, all in-sync replicas, batched by the client.
import { fileURLToPath } from "node:url";
import { series } from "../lib/figures.mjs";
import { reportOf } from "../kafka/child.mjs";

const PRODUCE = fileURLToPath(new URL("../kafka/produce.mjs", import.meta.url));
const RATE = 5_000;

/** @type {readonly { kind: "raw/kafkajs" | "sluice/kafkajs" | "raw/rdkafka" | "sluice/rdkafka", name: string, base?: string }[]} */
const PRODUCERS = [
  { kind: "raw/kafkajs", name: "kafkajs, its send" },
  { kind: "sluice/kafkajs", name: "Sluice on kafkajs", base: "kafkajs, its send" },
  { kind: "raw/rdkafka", name: "rdkafka, its produce" },
  { kind: "sluice/rdkafka", name: "Sluice on rdkafka", base: "rdkafka, its produce" },
];

/**
 * @param {import("../kafka/setting.mjs").Setting} setting
 * @param {import("../lib/area.ts").Settings} settings
 * @returns {Promise<import("../lib/area.ts").Table[]>}
 */
export async function tables(setting, { quick, log }) {
  const topic = await setting.topic({ records: 0, keys: 1, partitions: 6, headers: 0 });
  const count = quick ? 1 : 5;
  /** @type {Map<string, { p50: number, p99: number, perSecond: number, cpuMicros: number }[]>} */
  const reports = new Map(PRODUCERS.map(({ name }) => [name, []]));
  for (let round = 1; round <= count; round++) {
    for (const { kind, name } of PRODUCERS) {
      if (setting.missing(kind) !== null) continue;
      log(`produce: round ${round} of ${count}: ${name}`);
      const job = { kind, brokers: setting.brokers, topic, rate: RATE, seconds: quick ? 2 : 10 };
      reports.get(name)?.push(await reportOf(process.execPath, [PRODUCE, JSON.stringify(job)]));
    }
  }
  const rows = PRODUCERS.map(({ kind, name, base }) => {
    const missing = setting.missing(kind);
    if (missing !== null) return { name, skipped: missing };
    const own = reports.get(name) ?? [];
    const other = base === undefined ? undefined : reports.get(base);
    const of = (/** @type {"p99" | "perSecond" | "cpuMicros"} */ figure) =>
      series(own.map((each) => each[figure])).median;
    const ratio = other && series(own.map(({ p50 }, at) => p50 / (other[at]?.p50 ?? Number.NaN)));
    return {
      name,
      value: series(own.map(({ p50 }) => p50)),
      ...(base !== undefined && ratio && { base, ratio }),
      more: { "P99 ms": of("p99"), "acks/s": of("perSecond"), "cpu µs": of("cpuMicros") },
    };
  });
  return [
    {
      area: "produce",
      title: `Producing: ${RATE.toLocaleString("en")} records/s, 200 bytes, one send each, from the moment due to its acknowledgement`,
      unit: "P50 ms",
      better: "lower",
      rows,
      notes: ["Counted from when a record was due, so that a producer that falls behind shows it."],
    },
  ];
}
