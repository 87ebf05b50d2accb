// @ts-check
// Every operation of Appendix D: how its inputs are made, and which outcomes must be met among many.
import {
  ANOMALY_CODES,
  DLQ_REASONS,
  METADATA_REJECTIONS,
  MOVE_REFUSALS,
  PARTITIONERS,
  REPLAY_REFUSALS,
  TRUNCATED_PARTS,
} from "../../../packages/spec/dist/index.js";
import {
  commitMetadataDecodeInput,
  commitMetadataEncodeInput,
} from "./generate/commit-metadata.mjs";
import { deadLetterReadInput } from "./generate/dialects.mjs";
import {
  boundTextInput,
  envelopeDecodeInput,
  partitionInput,
  stampTraceIdInput,
} from "./generate/envelope.mjs";
import { moveInput, replayPlanInput } from "./generate/moves.mjs";
import { backoffDelayInput, retryDecisionInput, retryPolicyCheckInput } from "./generate/retry.mjs";
import { gateTraceInput, laneTraceInput } from "./generate/traces.mjs";

/** @typedef {any} Json */
/** @typedef {(op: string, input: object) => Record<string, unknown>} Answer */

/**
 * @typedef {object} Operation
 * @property {import("fast-check").Arbitrary<object>} input
 * @property {(input: Json, answer: Json) => readonly string[]} outcomes what this case was about
 * @property {readonly string[]} reaches outcomes that ten thousand inputs have to meet
 */

const BACKOFFS = ["fixed", "linear", "exponential"].flatMap((type) =>
  ["none", "full", "equal"].map((jitter) => `${type} ${jitter}`),
);
const DIALECTS = [
  "sluice",
  "kip1191",
  "connect",
  "streams",
  "spring",
  "scs",
  "smallrye",
  "karafka",
  "plain",
];
const REASONS_OF_RETRY = DLQ_REASONS.slice(0, 2).concat("expired");

/**
 * @param {Answer} answer of the reference: some inputs are made so that a budget is just met
 * @returns {Readonly<Record<string, Operation>>}
 */
export const operations = (answer) => ({
  Partition: {
    input: partitionInput,
    outcomes: ({ partitioner }, { hash }) => [
      partitioner,
      hash === null ? "no key" : hash < 0 ? "negative" : "not negative",
    ],
    reaches: [...PARTITIONERS, "no key", "negative", "not negative"],
  },
  RetryPolicyCheck: {
    input: retryPolicyCheckInput,
    outcomes: (_, { accepted }) => [accepted ? "accepted" : "refused"],
    reaches: ["accepted", "refused"],
  },
  BackoffDelay: {
    input: backoffDelayInput,
    outcomes: ({ policy: { backoff } }) => [`${backoff.type} ${backoff.jitter ?? "none"}`],
    reaches: [...BACKOFFS, "exponential decorrelated"],
  },
  RetryDecision: {
    input: retryDecisionInput,
    outcomes: ({ requestedDelayMs }, { giveUp = "again" }) => [
      giveUp,
      requestedDelayMs === null ? "computed" : "requested",
    ],
    reaches: ["again", ...REASONS_OF_RETRY, "computed", "requested"],
  },
  BoundText: {
    input: boundTextInput,
    outcomes: (input, { text }) => [
      text === input.text ? "unchanged" : text.endsWith("e280a6") ? "cut" : "neutralised",
    ],
    reaches: ["unchanged", "cut", "neutralised"],
  },
  EnvelopeDecode: {
    input: envelopeDecodeInput,
    outcomes: (_, a) => [
      a.disposition,
      `id: ${a.messageIdSource}`,
      ...codesOf(a.anomalies),
      ...(a.anomalies.length === 0 ? ["no anomaly"] : []),
      ...(a.origin === null ? [] : ["origin"]),
      ...(a.history === null ? [] : ["history"]),
      ...(a.tracestate === null ? [] : ["tracestate"]),
      ...(a.replayedFrom === null ? [] : ["replayed-from"]),
    ],
    reaches: [
      ...["fresh", "moved", "unsupported"],
      ...["sluice", "cloudevents", "debezium", "origin", "position"].map(
        (source) => `id: ${source}`,
      ),
      ...ANOMALY_CODES,
      ...["no anomaly", "origin", "history", "tracestate", "replayed-from"],
    ],
  },
  Move: {
    input: moveInput(answer),
    outcomes: ({ move }, { refused, record }) =>
      refused === undefined
        ? [move, ...partsOf(record, "sluice-truncated")]
        : [`refused: ${refused}`],
    reaches: [
      "retry",
      "dead-letter",
      ...MOVE_REFUSALS.map((code) => `refused: ${code}`),
      ...TRUNCATED_PARTS.map((part) => `dropped: ${part}`),
    ],
  },
  ReplayPlan: {
    input: replayPlanInput,
    outcomes: (_, { refused = "replayed" }) => [refused],
    reaches: ["replayed", ...REPLAY_REFUSALS],
  },
  DeadLetterRead: {
    input: deadLetterReadInput,
    outcomes: (_, { dialects, payload, anomalies }) => [
      ...dialects.map((/** @type {{ dialect: string }} */ one) => one.dialect),
      `payload: ${payload}`,
      ...codesOf(anomalies),
      ...(anomalies.length === 0 ? ["no anomaly"] : []),
    ],
    reaches: [
      ...DIALECTS,
      ...["present", "dropped", "unknown", "null"].map((payload) => `payload: ${payload}`),
      ...["malformed", "no anomaly"],
    ],
  },
  CommitMetadataEncode: {
    input: commitMetadataEncodeInput(answer),
    outcomes: (_, { metadata, truncated }) => [
      metadata === "" ? "empty" : bodyOf(metadata),
      truncated ? "truncated" : "whole",
    ],
    reaches: ["empty", "runs", "bitmap", "truncated", "whole"],
  },
  CommitMetadataDecode: {
    input: commitMetadataDecodeInput,
    outcomes: ({ metadata }, { rejected }) => [
      rejected !== null ? `rejected: ${rejected}` : metadata === "" ? "empty" : bodyOf(metadata),
    ],
    reaches: [...METADATA_REJECTIONS.map((code) => `rejected: ${code}`), "empty", "runs", "bitmap"],
  },
  GateTrace: {
    input: gateTraceInput,
    outcomes: ({ events }, { steps }) => gateOutcomes(events, steps),
    reaches: ["unassigned", "frontier moves", "frontier stays", "stale", "settled above", "epochs"],
  },
  LaneTrace: {
    input: laneTraceInput,
    outcomes: ({ ordering, events }, { steps }) => [
      ordering,
      ...events.map((/** @type {Json} */ { type }, /** @type {number} */ i) =>
        steps[i].length === 0 ? `${type} begins nothing` : `${type} begins`,
      ),
    ],
    reaches: [
      ...["key", "partition", "none"],
      ...["fetched", "settled", "due"].flatMap((type) => [
        `${type} begins`,
        `${type} begins nothing`,
      ]),
      ...["assigned", "failed", "revoked"].map((type) => `${type} begins nothing`),
    ],
  },
  StampTraceId: {
    input: stampTraceIdInput,
    outcomes: (input, { headers }) => [
      JSON.stringify(headers) === JSON.stringify(input.headers) ? "kept" : "stamped",
    ],
    reaches: ["kept", "stamped"],
  },
});

/** @param {readonly string[]} anomalies */
function codesOf(anomalies) {
  return new Set(anomalies.map((anomaly) => anomaly.slice(0, anomaly.indexOf(":"))));
}

/** @param {Json} record @param {string} name of a header with a list of tokens */
function partsOf(record, name) {
  const wanted = Buffer.from(name).toString("hex");
  const value = record.headers.findLast(
    (/** @type {string[]} */ [header]) => header === wanted,
  )?.[1];
  return Buffer.from(value ?? "", "hex")
    .toString()
    .split(",")
    .filter((part) => TRUNCATED_PARTS.some((known) => known === part))
    .map((part) => `dropped: ${part}`);
}

/** Bit 0 of the flags, in the first character. @param {string} metadata */
function bodyOf(metadata) {
  const [flags = 0] = Buffer.from(metadata.slice(5, 7), "base64url");
  return (flags & 1) === 1 ? "bitmap" : "runs";
}

/** @param {readonly Json[]} events @param {readonly Json[]} steps */
function gateOutcomes(events, steps) {
  const met = new Set();
  let epoch = 0;
  for (const [i, event] of events.entries()) {
    const [before, after] = [steps[i - 1] ?? null, steps[i]];
    if (event.type === "assigned") epoch += 1;
    if (epoch > 1) met.add("epochs");
    if (after === null) met.add("unassigned");
    if (after?.settled.length > 0) met.add("settled above");
    if (event.type !== "settled") continue;
    if (event.epoch < epoch) met.add("stale");
    if (before !== null && after !== null) {
      met.add(before.frontier === after.frontier ? "frontier stays" : "frontier moves");
    }
  }
  return [...met];
}
