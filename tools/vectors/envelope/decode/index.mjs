// @ts-check
// What a reader makes of a record's headers (section 3, 12.1, appendices A to C). Every expectation
// is written by hand: what a case says nothing about is as for a record without headers.
import { basics, dispositions } from "./basics.mjs";
import { forged } from "./forged.mjs";
import { histories } from "./histories.mjs";
import { identities } from "./identities.mjs";
import { counters, integers } from "./numbers.mjs";
import { origins } from "./origins.mjs";
import { lists, sizes, texts, utf8 } from "./texts.mjs";
import { trace } from "./trace-context.mjs";
import { stampTraceId } from "./trace-id.mjs";

/** @typedef {import("../../vector-file.mjs").Draft} Draft */
/** @typedef {import("../../vector-file.mjs").Test} Test */

/** @returns {Draft} */
export function envelopeDecode() {
  const position = { topic: "orders", partition: 3, offset: "42", cluster: null, idHeader: false };
  const source = "by hand from section 3 and the appendices";
  const trusted = { ...position, trusted: true };
  const untrusted = { ...position, trusted: false };
  const group = (/** @type {object} */ params, /** @type {Test[]} */ tests) => ({
    type: "EnvelopeDecode",
    source,
    params: /** @type {Record<string, unknown>} */ (params),
    tests,
  });
  return {
    algorithm: "SLUICE-ENVELOPE-1",
    header: [
      "What the headers of a record say, and what is wrong with them.",
      "Expectations are written by hand from section 3, 12.1 and appendices A to C.",
    ],
    notes: {
      Absent: { bugType: "BASIC", description: "Nothing is there, and that is no error." },
      Accepted: { bugType: "BASIC", description: "A value of the form that the header has." },
      EdgeOfRange: {
        bugType: "EDGE_CASE",
        description: "A value at the border of its form, or next to it.",
      },
      NotAnInteger: {
        bugType: "NON_CANONICAL",
        description:
          "Parsers of many languages take this text for a number; the form does not allow it.",
      },
      FailClosed: {
        bugType: "SECURITY",
        description:
          "A damaged counter counts as its greatest value, or a record could go round for ever.",
      },
      Null: {
        bugType: "EDGE_CASE",
        description: "A header without a value is absent; an empty value is there.",
      },
      Repeated: {
        bugType: "EDGE_CASE",
        description: "The last value counts, also when it is null or malformed.",
      },
      Names: { bugType: "EDGE_CASE", description: "Names are compared byte by byte." },
      IllFormed: {
        bugType: "ENCODING",
        description: "Bytes that are not UTF-8, which no decoder may repair.",
      },
      WellFormed: { bugType: "ENCODING", description: "Bytes at the border of what is UTF-8." },
      Oversize: {
        bugType: "DENIAL_OF_SERVICE",
        description: "More than 8192 bytes are not looked at.",
      },
      Version: { bugType: "BASIC", description: "What the wire version makes of the record." },
      Incomplete: { bugType: "BASIC", description: "An origin is whole or not there." },
      Identity: { bugType: "BASIC", description: "Which of several identities counts." },
      OpenList: {
        bugType: "COMPATIBILITY",
        description: "A value that a later version may define.",
      },
      History: { bugType: "EDGE_CASE", description: "At the border of the grammar of C.4." },
      JsonButNotHistory: {
        bugType: "NON_CANONICAL",
        description: "A JSON parser accepts it, the grammar of C.4 does not.",
      },
      Forged: { bugType: "SECURITY", description: "A producer must not write this header." },
      NotReserved: {
        bugType: "EDGE_CASE",
        description: "Looks like a reserved name, but is none.",
      },
      Order: {
        bugType: "EDGE_CASE",
        description: "Anomalies are in the order of their bytes, each once.",
      },
      Trace: { bugType: "BASIC", description: "Trace context by the W3C's recommendation." },
      FutureVersion: {
        bugType: "COMPATIBILITY",
        description: "A traceparent of a version above 00.",
      },
      Shortened: { bugType: "EDGE_CASE", description: "A tracestate at or above 512 characters." },
      Stamp: { bugType: "BASIC", description: "A producer that writes X-Trace-ID." },
    },
    testGroups: [
      group(trusted, [
        ...basics(),
        ...dispositions(),
        ...integers(),
        ...counters(),
        ...texts(),
        ...utf8(),
        ...sizes(),
        ...lists(),
        ...histories(),
        ...origins(),
        ...identities(),
        ...trace(),
      ]),
      group(untrusted, forged()),
      {
        type: "StampTraceId",
        source: "by hand from 3.6",
        tests: stampTraceId(),
      },
    ],
  };
}
