// @ts-check
// Values that several files need.

/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("./case.mjs").Found} Found */

/** 2^53 - 1, and the next integer. */
export const MAX = "9007199254740991";
export const ABOVE = "9007199254740992";

/** @param {string} name */
export const malformed = (name) => ({ anomalies: [`malformed:${name}`] });

/** The origin that the example of 5.5 has, but its timestamp. */
export const ORIGIN = {
  topic: "orders",
  partition: 3,
  offset: "42",
  timestamp: "1",
  cluster: null,
  partitionCount: null,
  leaderEpoch: null,
};
/** Another one than the record's position, so that the message id tells which was taken. */
export const FROM = { ...ORIGIN, topic: "in", partition: 7, offset: "8", timestamp: "9" };
/** @type {readonly Header[]} */
export const FROM_HEADERS = [
  ["sluice-origin-topic", "in"],
  ["sluice-origin-partition", "7"],
  ["sluice-origin-offset", "8"],
  ["sluice-origin-timestamp", "9"],
];

/** @param {string} id @param {string} source @returns {Found} */
export const identity = (id, source) => ({
  messageId: id,
  messageIdSource: source,
  idempotencyKey: id,
});
export const FROM_IDENTITY = identity(":in:7:8", "origin");
