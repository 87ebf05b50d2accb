// @ts-check
// A case of ReplayPlan: what differs from one dead letter, and what is to come of it.
import { deepStrictEqual } from "node:assert/strict";
import { hexHeaders, hexOrNull } from "../bytes.mjs";
import { replayed } from "./model.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../bytes.mjs").Value} Value */
/** @typedef {import("./model.mjs").Input} Input */

/** @typedef {import("../move/model.mjs").Source} Source */

/** @typedef {Partial<Omit<Input, "record">> & { record?: Partial<Source> }} Change */
/**
 * @typedef {object} Says
 * @property {string} [refused]
 * @property {number} [partition]
 * @property {string} [topic]
 * @property {Record<string, string | undefined>} [headers] the last value of each
 * @property {readonly Header[]} [kept] all that precede `sluice-spec`
 * @property {readonly Header[]} [all]
 */

/** @type {readonly Header[]} */
export const ORIGIN = [
  ["sluice-origin-topic", "orders"],
  ["sluice-origin-partition", "3"],
  ["sluice-origin-offset", "42"],
  ["sluice-origin-timestamp", "1700000000000"],
];
export const COUNT = /** @type {Header} */ (["sluice-origin-partition-count", "12"]);

/** @type {Input} */
export const PLAN = {
  record: {
    topic: "orders.dlq",
    partition: 1,
    offset: "7",
    timestamp: "1700000009001",
    key: "order-42",
    value: "v",
    headers: [["sluice-spec", "1"], ...ORIGIN, COUNT, ["sluice-hops", "1"]],
  },
  replayId: "r-1",
  now: "1700000100000",
  maxReplays: 3,
  destination: null,
  destinations: [{ topic: "orders", partitions: 12, partitioner: "murmur2" }],
};

/**
 * @param {string} comment
 * @param {Change} change
 * @param {Says} says
 * @param {string[]} requirements
 * @param {string[]} [flags]
 * @returns {Test}
 */
export function plan(comment, change, says, requirements, flags = []) {
  /** @type {Input} */
  const input = { ...PLAN, ...change, record: { ...PLAN.record, ...change.record } };
  const answer = replayed(input);
  judge(comment, answer, says);
  const asHex = (
    /** @type {{ key: Value, value: Value, headers: readonly Header[] }} */ record,
  ) => ({
    ...record,
    key: hexOrNull(record.key),
    value: hexOrNull(record.value),
    headers: hexHeaders(record.headers),
  });
  return {
    comment,
    flags,
    requirements,
    input: { ...input, record: asHex(input.record) },
    expect: "refused" in answer ? answer : { record: asHex(answer.record) },
    result: "refused" in answer ? "invalid" : "valid",
  };
}

/**
 * Throws when the model does not say what the case says.
 * @param {string} comment
 * @param {ReturnType<typeof replayed>} answer
 * @param {Says} says
 */
function judge(comment, answer, says) {
  if ("refused" in answer || says.refused !== undefined) {
    deepStrictEqual(answer, { refused: says.refused }, comment);
    return;
  }
  const { headers, partition, topic } = answer.record;
  for (const [name, expected] of Object.entries(says.headers ?? {})) {
    deepStrictEqual(
      headers.findLast(([other]) => other === name)?.[1],
      expected,
      `${comment}: ${name}`,
    );
  }
  const first = headers.findIndex(([name]) => name === "sluice-spec");
  if (says.kept) deepStrictEqual(headers.slice(0, first), says.kept, comment);
  if (says.all) deepStrictEqual(headers, says.all, comment);
  if (says.partition !== undefined) deepStrictEqual(partition, says.partition, comment);
  if (says.topic !== undefined) deepStrictEqual(topic, says.topic, comment);
}

/** The headers of the plan, with one of them in place of its own. @param {string} name @param {Value[]} values */
export const with_ = (name, ...values) => ({
  record: {
    headers: [
      ...PLAN.record.headers.filter(([other]) => other !== name),
      ...values.map((value) => /** @type {Header} */ ([name, value])),
    ],
  },
});
