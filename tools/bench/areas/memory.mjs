// @ts-check
// Is memory bounded by the budget, however much is waiting in the log?
import { median, series } from "../lib/figures.mjs";
import { NAMES } from "../kafka/contestants.mjs";
import { consume } from "../kafka/rounds.mjs";

const BUDGET = 10_000;
const PARTITIONS = 6;
/** Least a record takes in a fetch: 200 bytes, key, and what a batch adds. */
const RECORD_BYTES = 220;
const FETCH_BYTES = 262_144;

/**
 * @param {import("../kafka/setting.mjs").Setting} setting
 * @param {import("../lib/area.ts").Settings} settings
 * @returns {Promise<import("../lib/area.ts").Table[]>}
 */
export async function tables(setting, { quick, log }) {
  const sizes = quick ? [40_000, 400_000] : [100_000, 1_000_000];
  const count = quick ? 1 : 3;
  const oneFetch = Math.ceil((FETCH_BYTES * PARTITIONS) / RECORD_BYTES);
  const name = (/** @type {keyof typeof NAMES} */ kind, /** @type {number} */ size) =>
    `${NAMES[kind]}, ${size.toLocaleString("en")} waiting`;
  /** @type {import("../lib/area.ts").Row[]} */
  const rows = [];
  for (const kind of /** @type {const} */ (["sluice/kafkajs", "sluice/rdkafka"])) {
    const missing = setting.missing(kind);
    if (missing !== null) {
      rows.push({ name: NAMES[kind], skipped: missing });
      continue;
    }
    /** @type {Map<number, import("../kafka/meter.mjs").Report[]>} */
    const reports = new Map(sizes.map((size) => [size, []]));
    for (let round = 1; round <= count; round++) {
      for (const size of sizes) {
        const topic = await setting.topic({
          records: size,
          keys: 10_000,
          partitions: PARTITIONS,
          headers: 0,
        });
        log(`memory: round ${round} of ${count}: ${name(kind, size)}`);
        const limitMs = quick ? 2_000 : 5_000;
        const work = { topic, records: size, warmUp: 500, limitMs, delay: 5, concurrency: 100 };
        reports.get(size)?.push(await consume({ ...work, kind, budget: BUDGET }, setting));
      }
    }
    for (const [at, size] of sizes.entries()) {
      const own = reports.get(size) ?? [];
      const held = median(own.map(({ maxHeld }) => maxHeld ?? 0));
      const base = sizes[0] ?? 0;
      const small = reports.get(base) ?? [];
      const ratio = series(
        own.map(({ rssMiB }, round) => rssMiB / (small[round]?.rssMiB ?? Number.NaN)),
      );
      // A fifth more is what two runs of the same differ by.
      const goal = /** @type {const} */ ({ of: "ratio", atMost: 1.2 });
      rows.push({
        name: name(kind, size),
        value: series(own.map(({ rssMiB }) => rssMiB)),
        gcShare: median(own.map(({ gcShare }) => gcShare)),
        more: {
          held,
          limit: BUDGET + oneFetch,
          "within limit": held <= BUDGET + oneFetch ? "met" : "NOT MET",
        },
        ...(at > 0 && {
          base: name(kind, base),
          ratio,
          goals: [{ ...goal, met: ratio.median <= goal.atMost }],
        }),
      });
    }
  }
  return [
    {
      area: "memory",
      title: `Memory: budget of ${BUDGET.toLocaleString("en")} records, handler of 5 ms, concurrency 100`,
      unit: "peak RSS MiB",
      better: "lower",
      rows,
      notes: [
        `limit: the budget and one fetch, ${FETCH_BYTES / 1024} KiB of each of ${PARTITIONS} partitions.`,
      ],
    },
  ];
}
