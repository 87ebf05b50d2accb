/** @import {HandlerData} from "../member-track.ts" */

export const MAX_LANES = 24;

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
