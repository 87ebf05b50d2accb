/** @import {ChartData} from "../chart-data.ts" */
/** @import {PartitionData} from "../staircase-data.ts" */
import { scale, stepPath, ticks, valueAt } from "./scale.js";
import { escaped, seconds } from "./words.js";

const HEIGHT = 190;
const TOP = 8;
const BOTTOM = 22;
const RIGHT = 8;

/** The lines of a staircase, in the order in which they are drawn and told. */
export const LINES = /** @type {const} */ ([
  ["end", "log end"],
  ["begun", "begun"],
  ["settled", "settled"],
  ["committed", "committed"],
]);

/**
 * Offsets over time for one partition. A commit above the settled line is the violation to see.
 *
 * @param {ChartData} data
 * @param {PartitionData} partition
 * @param {readonly [number, number]} shown
 * @param {number} width
 * @returns {{ svg: string, x: (t: number) => number, time: (x: number) => number }}
 */
export function staircase(data, partition, shown, width) {
  const left = 14 + String(partition.high).length * 7;
  const x = scale(shown[0], shown[1], left, width - RIGHT);
  const time = scale(left, width - RIGHT, shown[0], shown[1]);
  const y = scale(partition.low, partition.high, HEIGHT - BOTTOM, TOP);
  const visible = (/** @type {number} */ from, /** @type {number} */ to) =>
    to >= shown[0] && from <= shown[1];
  const clamped = (/** @type {number} */ t) => x(Math.min(Math.max(t, shown[0]), shown[1]));
  let svg = "";
  for (const { from, to } of data.faults) {
    if (!visible(from, to)) continue;
    const start = clamped(from);
    const span = Math.max(2, clamped(to) - start);
    svg += `<rect class="fault" x="${start}" y="${TOP}" width="${span}" height="${HEIGHT - TOP - BOTTOM}"/>`;
  }
  for (const value of ticks(partition.low, partition.high, 4)) {
    if (!Number.isInteger(value)) continue;
    const at = y(value);
    svg += `<path class="grid" d="M${left} ${at}H${width - RIGHT}"/><text class="tick end" x="${left - 5}" y="${at + 4}">${value}</text>`;
  }
  svg += timeAxis(shown, x, HEIGHT - 6, width);
  svg += `<path class="axis" d="M${left} ${TOP}V${HEIGHT - BOTTOM}H${width - RIGHT}"/>`;
  for (const [name] of LINES) {
    const path = stepPath(partition[name], x, y, shown);
    if (path !== "") svg += `<path class="line ${name}" d="${path}"/>`;
  }
  for (const [t, offset] of partition.violations) {
    if (visible(t, t)) svg += `<circle class="violation" cx="${x(t)}" cy="${y(offset)}" r="5"/>`;
  }
  svg += `<path class="cursor" d="M0 ${TOP}V${HEIGHT - BOTTOM}" visibility="hidden"/>`;
  return {
    svg: `<svg width="${width}" height="${HEIGHT}" role="img" aria-label="${escaped(summary(partition))}">${svg}</svg>`,
    x,
    time,
  };
}

/**
 * Seconds along the bottom, as many as there is room for.
 *
 * @param {readonly [number, number]} shown
 * @param {(t: number) => number} x
 * @param {number} y
 * @param {number} width
 * @returns {string}
 */
export function timeAxis([from, to], x, y, width) {
  const values = ticks(from / 1000, to / 1000, Math.max(2, Math.floor(width / 110)));
  return values
    .map((value) => {
      const at = x(value * 1000);
      return `<text class="tick ${at > width - 24 ? "end" : "middle"}" x="${Math.min(at, width - 2)}" y="${y}">${value} s</text>`;
    })
    .join("");
}

/**
 * What the lines of a partition say at a time; without one, in the end.
 *
 * @param {PartitionData} partition
 * @param {number | null} t
 * @returns {string}
 */
export function readout(partition, t) {
  return LINES.map(([name, label]) => {
    const value = t === null ? partition[name].at(-1)?.[1] : valueAt(partition[name], t);
    return `${label} ${value ?? "–"}`;
  }).join(" · ");
}

/** @param {PartitionData} partition @returns {string} */
function summary(partition) {
  const { name, violations } = partition;
  const above = violations.map(([t, offset]) => `${offset} at ${seconds(t)}`).join(", ");
  return `${name} in the end: ${readout(partition, null)}${above === "" ? "" : `; asked to commit above the settled line: ${above}`}`;
}
