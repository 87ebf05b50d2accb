// @ts-check
// A case of EnvelopeDecode: only what differs from a record without headers is said.
import { hexHeaders } from "../bytes.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */

/** The answer for a record without headers at orders-3@42. */
const NOTHING = {
  disposition: "fresh",
  wireVersion: null,
  messageId: ":orders:3:42",
  messageIdSource: "position",
  messageType: null,
  messageVersion: null,
  idempotencyKey: ":orders:3:42",
  origin: null,
  group: null,
  retryCount: 0,
  retryAt: null,
  retryPolicy: null,
  firstFailedAt: null,
  failedAt: null,
  errorKind: null,
  errorClass: null,
  errorCode: null,
  errorMessage: null,
  errorStack: null,
  history: null,
  dlqReason: null,
  replayId: null,
  replayCount: 0,
  replayedAt: null,
  replayedFrom: null,
  hops: 0,
  truncated: /** @type {string[]} */ ([]),
  traceparent: null,
  tracestate: null,
  traceId: null,
  anomalies: /** @type {string[]} */ ([]),
};

/** @typedef {Partial<Record<keyof typeof NOTHING, unknown>>} Found */

/**
 * A case. It is `invalid` when something is wrong with a header, hence when there is an anomaly.
 * @param {string} comment
 * @param {readonly Header[]} headers
 * @param {Found} found
 * @param {string[]} requirements
 * @param {string[]} [flags]
 * @param {Record<string, unknown>} [input]
 * @returns {Test}
 */
export function read(comment, headers, found, requirements, flags = [], input = {}) {
  const damaged = /** @type {string[]} */ (found.anomalies ?? []).length > 0;
  return {
    comment,
    flags,
    requirements,
    input: { ...input, headers: hexHeaders(headers) },
    expect: { ...NOTHING, ...found },
    result: damaged || found.disposition === "unsupported" ? "invalid" : "valid",
  };
}
