/** @import {CommitData, GrantData, HandlerData, WithheldData} from "../member-track.ts" */

/**
 * Text for use inside markup.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function escaped(value) {
  return String(value).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** @param {number} ms @returns {string} `2.41 s` */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** @param {HandlerData} handler @returns {string} */
export function tellHandler({ handle, record, attempt, from, to, result }) {
  const ending = result === null ? "never answered" : `${result} after ${seconds(to - from)}`;
  return `${handle}: ${record}, attempt ${attempt}, begun at ${seconds(from)}, ${ending}`;
}

/** @param {CommitData} commit @returns {string} */
export function tellCommit({ t, offsets, fate, to }) {
  const answer = {
    accepted: `accepted at ${seconds(to)}`,
    refused: `refused at ${seconds(to)}`,
    lost: `its answer was withheld at ${seconds(to)}`,
    unanswered: "never answered",
  }[fate];
  return `commit asked at ${seconds(t)}: ${offsets || "nothing"}; ${answer}`;
}

/** @param {WithheldData} frame @returns {string} */
export function tellWithheld({ from, to, fate, what }) {
  if (fate === "lost") return `${what}: held from ${seconds(from)}, never passed on`;
  return `${what}: held for ${seconds(to - from)}, passed on at ${seconds(to)}`;
}

/** @param {GrantData} grant @returns {string} */
export function tellGrant({ from, generation, partitions }) {
  return `generation ${generation} from ${seconds(from)}: ${partitions.join(" ") || "no partitions"}`;
}
