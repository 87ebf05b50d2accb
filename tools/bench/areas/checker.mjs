// @ts-check
// What it costs to judge a history, an event, and whether ten times the length costs ten times as much.
import { check } from "../../../packages/checker/dist/index.js";
import { steady } from "../../../packages/checker/test/long-histories.mjs";

export const title = "Checker: a right history of a group of three, an event";
export const notes = [
  "Reading is JSON.parse of each line; the lines are in memory before the clock starts.",
];
const READ = "read and judged, 10^5 events";
/** docs/benchmarks.md: 10^6 events in 10 s. */
const goals = /** @type {const} */ ([{ of: "value", atMost: 10_000 }]);

/** @type {readonly import("../lib/area.ts").Variant[]} */
export const variants = [
  { name: "judged, 10^5 events", base: READ, make: () => pass(steady(1e5), (event) => event) },
  { name: READ, make: () => pass(linesOf(1e5), parsed) },
  {
    name: "read and judged, 10^6 events",
    base: READ,
    goals,
    make: () => pass(linesOf(1e6), parsed),
  },
];

/** @param {number} size */
function linesOf(size) {
  return steady(size).map((event) => JSON.stringify(event));
}

/** @param {string} line @returns {unknown} */
function parsed(line) {
  return JSON.parse(line);
}

/**
 * @template T
 * @param {readonly T[]} lines
 * @param {(line: T) => unknown} read
 */
function pass(lines, read) {
  return () => {
    const { verdict, summary } = check(events(lines, read));
    if (verdict !== "pass") throw new Error(`a right history is judged ${verdict}: ${summary}`);
    return lines.length;
  };
}

/**
 * @template T
 * @param {readonly T[]} lines
 * @param {(line: T) => unknown} read
 * @returns {Generator<import("../../../packages/checker/dist/index.js").HistoryEvent>}
 */
function* events(lines, read) {
  for (const line of lines) yield /** @type {any} */ (read(line));
}
