/** @import {HandlerData} from "../member-track.ts" */

export const MAX_LANES = 24;

/** Height of a lane in pixels; of many, thinner ones, so that a member still fits on a screen. */
const LANE = 6;
const THIN_LANE = 4;
const MANY = 40;
/** So much has a partition at least, for its name. */
const LEAST = 11;

/**
 * A partition's lanes below those of the one before.
 *
 * @typedef {object} SubLanes
 * @property {string} partition
 * @property {number} top
 * @property {number} height
 */

/**
 * A member's handlers: by partition, and within it side by side.
 *
 * @param {readonly HandlerData[]} handlers in order of their begin
 * @param {number} top
 * @returns {{ groups: SubLanes[], yOf: number[], lane: number, bottom: number, crowded: number }} `yOf`: where the
 *   bar of each begins
 */
export function subLanes(handlers, top) {
  const partitions = [...new Set(handlers.map(partitionOf))].sort(
    new Intl.Collator("en", { numeric: true }).compare,
  );
  const packed = partitions.map((partition) => {
    const indices = handlers.flatMap((handler, i) =>
      partitionOf(handler) === partition ? [i] : [],
    );
    return {
      partition,
      indices,
      ...pack(indices.map((i) => /** @type {HandlerData} */ (handlers[i]))),
    };
  });
  const lane = packed.reduce((sum, { lanes }) => sum + lanes, 0) > MANY ? THIN_LANE : LANE;
  /** @type {number[]} */
  const yOf = [];
  let bottom = top;
  const groups = packed.map(({ partition, indices, lanes, laneOf }) => {
    const group = { partition, top: bottom, height: Math.max(lanes * lane, LEAST) };
    const first = bottom + (group.height - lanes * lane) / 2;
    indices.forEach((i, j) => (yOf[i] = first + (laneOf[j] ?? 0) * lane));
    bottom += group.height + 1;
    return group;
  });
  const crowded = packed.reduce((sum, one) => sum + one.crowded, 0);
  return { groups, yOf, lane, bottom: Math.max(bottom, top + LEAST), crowded };
}

/** Of `in/3@17` the `in/3`. @param {HandlerData} handler */
function partitionOf({ record }) {
  return record.slice(0, record.lastIndexOf("@"));
}

/**
 * Handlers side by side: first come, first placed, on the first lane that is free.
 *
 * @param {readonly HandlerData[]} handlers in order of their begin
 * @returns {{ lanes: number, laneOf: number[], crowded: number }} `crowded`: how many found no free
 *   lane and lie over others on the last one
 */
export function pack(handlers) {
  /** @type {number[]} */
  const ends = [];
  let crowded = 0;
  const laneOf = handlers.map(({ from, to }) => {
    let lane = ends.findIndex((end) => end <= from);
    if (lane === -1) {
      lane = Math.min(ends.length, MAX_LANES - 1);
      if (ends.length === MAX_LANES) crowded += 1;
    }
    ends[lane] = Math.max(ends[lane] ?? 0, to);
    return lane;
  });
  return { lanes: ends.length, laneOf, crowded };
}
