// @ts-check
import { isGood, stateOf, why } from "../../../packages/conformance/dist/index.js";

/**
 * A line of the log: one run of the suite.
 *
 * @typedef {object} Entry
 * @property {string} at when it began, ISO 8601
 * @property {string} commit
 * @property {number} seed `pnpm conformance --seed` repeats it
 * @property {string} level the highest of its cases, or `all`
 * @property {number} cores
 * @property {readonly [number, number]} load processes that wanted a core, before and after
 * @property {number} seconds
 * @property {number} ran cells that were neither skipped nor known to fail
 * @property {number} pass
 * @property {number} skipped for a declared reason
 * @property {number} known that failed as their list says
 * @property {readonly Cell[]} cells what neither passed nor was skipped nor known
 */

/**
 * @typedef {object} Cell
 * @property {string} cell `core/in-order (kafkajs)`
 * @property {"fail" | "unknown" | "error"} outcome
 * @property {string} why
 * @property {string} [judged] what somebody made of it: `false alarm: …`, `defect: …`, `harness: …`
 */

/**
 * @param {import("../../../packages/conformance/dist/index.js").RunReport} run
 * @param {Pick<Entry, "commit" | "level" | "cores" | "load">} about
 * @returns {Entry}
 */
export function entryOf({ header, cases, footer }, { commit, level, cores, load }) {
  /** @param {import("../../../packages/conformance/dist/index.js").State} state */
  const count = (state) => cases.filter((result) => stateOf(result) === state).length;
  const skipped = count("skipped");
  const known = count("known");
  return {
    at: header.startedAt,
    commit,
    seed: header.seed,
    level,
    cores,
    load: [round(load[0]), round(load[1])],
    seconds: round(footer.ms / 1000),
    ran: cases.length - skipped - known,
    pass: count("pass"),
    skipped,
    known,
    cells: cases
      .filter((result) => !isGood(result))
      .map((result) => ({
        cell: `${result.case} (${result.subject})`,
        outcome: /** @type {Cell["outcome"]} */ (stateOf(result)),
        why: why(result) ?? "",
      })),
  };
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
