// @ts-check
// Processes in turn, round by round; what measured waiting is thrown away.
import { fileURLToPath } from "node:url";
import { median, series } from "../lib/figures.mjs";
import { judged } from "../lib/goals.mjs";
import { reportOf } from "./child.mjs";

const CONSUME = fileURLToPath(new URL("consume.mjs", import.meta.url));
/** Below this the event loop waited for Kafka: the round says nothing about what runs in it. */
const BUSY = 0.85;

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} [base]
 * @property {readonly import("../lib/area.ts").Goal[]} [goals]
 * @property {boolean} [compute] it has nothing to wait for, so that a round in which it waits is discarded
 * @property {boolean} [onlyShown] measured in fewer rounds: nothing is held against it
 * @property {() => Promise<import("./meter.mjs").Report>} run
 */

/**
 * @param {string} area
 * @param {readonly (Contestant | { name: string, skipped: string })[]} contestants
 * @param {import("../lib/area.ts").Settings} settings
 * @returns {Promise<import("../lib/area.ts").Row[]>}
 */
export async function rounds(area, contestants, { quick, log }) {
  const count = quick ? 2 : 5;
  const shown = quick ? 1 : 3;
  /** @type {Map<string, (import("./meter.mjs").Report | null)[]>} */
  const reports = new Map();
  /** @type {Map<string, string>} */
  const failures = new Map();
  for (let round = 1; round <= count; round++) {
    for (const contestant of contestants) {
      if ("skipped" in contestant || failures.has(contestant.name)) continue;
      if (contestant.onlyShown && round > shown) continue;
      log(`${area}: round ${round} of ${count}: ${contestant.name}`);
      const own = reports.get(contestant.name) ?? [];
      reports.set(contestant.name, own);
      try {
        const report = await contestant.run();
        own.push(contestant.compute && report.busy < BUSY ? null : report);
      } catch (error) {
        failures.set(contestant.name, error instanceof Error ? error.message : String(error));
      }
    }
  }
  if (failures.size > 0 && failures.size === contestants.length) {
    throw new Error([...failures].map(([name, why]) => `${name}: ${why}`).join("\n"));
  }
  return contestants.map((contestant) => {
    const { name } = contestant;
    if ("skipped" in contestant) return { name, skipped: contestant.skipped };
    const failure = failures.get(name);
    if (failure !== undefined) return { name, skipped: `failed: ${failure}` };
    return rowOf(contestant, reports);
  });
}

/**
 * @param {Contestant} contestant
 * @param {ReadonlyMap<string, readonly (import("./meter.mjs").Report | null)[]>} reports
 * @returns {import("../lib/area.ts").Row}
 */
function rowOf({ name, base, goals }, reports) {
  const own = reports.get(name) ?? [];
  const kept = own.filter((report) => report !== null);
  const discarded = own.length - kept.length;
  if (kept.length === 0) {
    return {
      name,
      skipped: `all ${discarded} rounds measured waiting: run it again on a quieter machine`,
    };
  }
  const against = base === undefined ? [] : (reports.get(base) ?? []);
  const ratios = own.flatMap((report, round) => {
    const other = against[round] ?? (round === 0 ? undefined : null);
    return report && other ? [report.perSecond / other.perSecond] : [];
  });
  const value = series(kept.map(({ perSecond }) => perSecond / 1e3));
  const ratio = ratios.length > 0 ? series(ratios) : undefined;
  const gcShare = median(kept.map((report) => report.gcShare));
  return {
    name,
    value,
    ...(base !== undefined && ratio && { base, ratio }),
    gcShare,
    more: {
      "cpu µs": median(kept.map(({ cpuMicros }) => cpuMicros)),
      busy: median(kept.map(({ busy }) => busy)),
      MiB: median(kept.map(({ rssMiB }) => rssMiB)),
    },
    ...(goals && { goals: judged(goals, { value, ratio, gcShare }) }),
    ...(discarded > 0 && { discarded }),
  };
}

/** One of the consumers of consume.mjs. @param {Omit<import("./consume.mjs").Workload, "brokers" | "group">} workload @param {import("./setting.mjs").Setting} setting */
export function consume(workload, setting) {
  const { brokers } = setting;
  const group = setting.group();
  return reportOf(process.execPath, [CONSUME, JSON.stringify({ ...workload, brokers, group })]);
}
