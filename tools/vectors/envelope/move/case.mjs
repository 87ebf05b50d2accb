// @ts-check
// A case of Move: what differs from the example of 5.5, and what is to come of it.
import { deepStrictEqual, ok } from "node:assert/strict";
import { hexHeaders, hexOrNull } from "../bytes.mjs";
import { moved, sizeOf } from "./model.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("./model.mjs").Input} Input */
/** @typedef {import("../bytes.mjs").Value} Value */
/** @typedef {import("./model.mjs").Written} Written */
/** @typedef {import("./model.mjs").Source} Source */

/** @typedef {Partial<Omit<Input, "record" | "error">> & { record?: Partial<Source>, error?: Partial<Input["error"]> }} Change */
/**
 * What a case is about: headers by name (undefined: there is none), the names in order, the kept
 * headers, or another field of the record.
 * @typedef {object} Says
 * @property {string} [refused]
 * @property {Record<string, string | undefined>} [headers] the last value of each
 * @property {readonly Header[]} [kept] all that precede `sluice-spec`
 * @property {readonly Header[]} [all]
 * @property {number} [partition]
 * @property {Value} [value]
 * @property {string | undefined} [truncated] what was dropped, or nothing
 * @property {number} [most] how many bytes the names and values of all headers may have
 */

const ROOM = 1_048_576;

/** @type {Input} */
export const EXAMPLE = {
  move: "dead-letter",
  record: {
    topic: "orders",
    partition: 3,
    offset: "42",
    timestamp: "1700000000000",
    key: "k1",
    value: null,
    headers: [["ce_id", "7"]],
  },
  trusted: false,
  group: "billing",
  attempts: 5,
  error: { kind: "timeout", class: "TimeoutError", code: null, message: "no answer", stack: null },
  writeStack: false,
  reason: "retries-exhausted",
  firstFailedAt: "1700000000100",
  failedAt: "1700000009000",
  now: "1700000009001",
  cluster: null,
  partitionCount: null,
  leaderEpoch: null,
  target: { topic: "orders.dlq", partitions: 2 },
  maxBytes: ROOM,
};

/** @type {readonly Header[]} */
export const ORIGIN = [
  ["sluice-origin-topic", "in"],
  ["sluice-origin-partition", "7"],
  ["sluice-origin-offset", "8"],
  ["sluice-origin-timestamp", "9"],
];

/**
 * @param {string} comment
 * @param {Change} change
 * @param {Says} says
 * @param {string[]} requirements
 * @param {string[]} [flags]
 * @returns {Test}
 */
export function dead(comment, change, says, requirements, flags = []) {
  const { record, error, ...more } = change;
  /** @type {Input} */
  const input = {
    ...EXAMPLE,
    ...more,
    record: { ...EXAMPLE.record, headers: [], ...record },
    error: { ...EXAMPLE.error, ...error },
  };
  const answer = moved(input);
  judge(comment, answer, says);
  return {
    comment,
    flags,
    requirements,
    input: {
      ...input,
      record: {
        ...input.record,
        key: hexOrNull(input.record.key),
        value: hexOrNull(input.record.value),
        headers: hexHeaders(input.record.headers),
      },
    },
    expect:
      "refused" in answer
        ? answer
        : {
            record: {
              ...answer.record,
              key: hexOrNull(answer.record.key),
              value: hexOrNull(answer.record.value),
              headers: hexHeaders(answer.record.headers),
            },
          },
    result: "refused" in answer ? "invalid" : "valid",
  };
}

/**
 * The same of a retry, which has the time of its next attempt and the name of a policy.
 * @param {string} comment
 * @param {Change} change
 * @param {Says} says
 * @param {string[]} requirements
 * @param {string[]} [flags]
 */
export function retry(comment, change, says, requirements, flags) {
  /** @type {Change} */
  const asRetry = {
    move: "retry",
    reason: undefined,
    retryAt: "1700000069001",
    retryPolicy: null,
    target: { topic: "orders.retry", partitions: 4 },
    ...change,
  };
  const test = dead(comment, asRetry, says, requirements, flags);
  delete test.input.reason;
  return test;
}

/**
 * Throws when the model does not say what the case says.
 * @param {string} comment
 * @param {{ record: Written } | { refused: string }} answer
 * @param {Says} says
 */
function judge(comment, answer, says) {
  if ("refused" in answer || says.refused !== undefined) {
    deepStrictEqual(answer, { refused: says.refused }, comment);
    return;
  }
  const { headers, partition, value } = answer.record;
  const last = (/** @type {string} */ name) => headers.findLast(([other]) => other === name)?.[1];
  for (const [name, expected] of Object.entries(says.headers ?? {})) {
    deepStrictEqual(last(name), expected, `${comment}: ${name}`);
  }
  const first = headers.findIndex(([name]) => name === "sluice-spec");
  if (says.kept) deepStrictEqual(headers.slice(0, first), says.kept, comment);
  if (says.all) deepStrictEqual(headers, says.all, comment);
  if ("partition" in says) deepStrictEqual(partition, says.partition, comment);
  if ("value" in says) deepStrictEqual(value, says.value, comment);
  const bytes = sizeOf({ ...answer.record, key: null, value: null });
  if (says.most !== undefined) ok(bytes <= says.most, `${comment}: ${bytes} bytes`);
  if ("truncated" in says) deepStrictEqual(last("sluice-truncated"), says.truncated, comment);
}
