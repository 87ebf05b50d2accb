// @ts-check
// A producer that writes X-Trace-ID (SLC-ENV-029).
import { hexHeaders, raw } from "../bytes.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const GOOD = `00-${TRACE}-b7ad6b7169203331-01`;
const PARENT = /** @type {Header} */ (["traceparent", GOOD]);
const STAMP = /** @type {Header} */ (["X-Trace-ID", TRACE]);

/** @returns {Test[]} */
export function stampTraceId() {
  const kept = ["SLC-ENV-017", "SLC-ENV-029"];
  /** @type {readonly (readonly [string, readonly Header[], readonly Header[], string[]])[]} */
  const cases = [
    ["written at the end", [PARENT, ["a", "1"]], [PARENT, ["a", "1"], STAMP], []],
    ["no traceparent", [["a", "1"]], [["a", "1"]], []],
    ["no headers", [], [], []],
    ["a malformed traceparent", [["traceparent", `${GOOD}-x`]], [["traceparent", `${GOOD}-x`]], []],
    [
      "a traceparent of version ff",
      [["traceparent", `ff${GOOD.slice(2)}`]],
      [["traceparent", `ff${GOOD.slice(2)}`]],
      [],
    ],
    [
      "a null traceparent",
      [PARENT, ["traceparent", null]],
      [PARENT, ["traceparent", null]],
      ["Null", "Repeated"],
    ],
    [
      "a traceparent of a higher version stays as it is",
      [["traceparent", `01${GOOD.slice(2)}-x`]],
      [["traceparent", `01${GOOD.slice(2)}-x`], STAMP],
      ["FutureVersion"],
    ],
    [
      "the last traceparent counts",
      [["traceparent", "x"], PARENT],
      [["traceparent", "x"], PARENT, STAMP],
      ["Repeated"],
    ],
    [
      "the last traceparent is malformed",
      [PARENT, ["traceparent", "x"]],
      [PARENT, ["traceparent", "x"]],
      ["Repeated"],
    ],
    ["an X-Trace-ID stays", [["X-Trace-ID", "abc"], PARENT], [["X-Trace-ID", "abc"], PARENT], []],
    [
      "an empty X-Trace-ID is one",
      [PARENT, ["X-Trace-ID", ""]],
      [PARENT, ["X-Trace-ID", ""]],
      ["Null"],
    ],
    [
      "an X-Trace-ID that is malformed is one",
      [PARENT, ["X-Trace-ID", "a b"]],
      [PARENT, ["X-Trace-ID", "a b"]],
      [],
    ],
    [
      "an X-Trace-ID of any bytes is one",
      [["X-Trace-ID", raw("ff")], PARENT],
      [["X-Trace-ID", raw("ff")], PARENT],
      ["IllFormed"],
    ],
    [
      "a null X-Trace-ID is replaced",
      [["X-Trace-ID", null], PARENT, ["a", "1"]],
      [PARENT, ["a", "1"], STAMP],
      ["Null"],
    ],
    [
      "several nulls are replaced by one",
      [["X-Trace-ID", null], PARENT, ["X-Trace-ID", null]],
      [PARENT, STAMP],
      ["Null", "Repeated"],
    ],
    [
      "a value and then null: none, so all are replaced",
      [["X-Trace-ID", "abc"], ["a", "1"], ["X-Trace-ID", null], PARENT],
      [["a", "1"], PARENT, STAMP],
      ["Null", "Repeated"],
    ],
    [
      "null and then a value: it stays",
      [["X-Trace-ID", null], ["X-Trace-ID", "abc"], PARENT],
      [["X-Trace-ID", null], ["X-Trace-ID", "abc"], PARENT],
      ["Null", "Repeated"],
    ],
    [
      "a null X-Trace-ID without a traceparent stays",
      [["X-Trace-ID", null]],
      [["X-Trace-ID", null]],
      ["Null"],
    ],
    [
      "another spelling is another header",
      [["x-trace-id", "abc"], PARENT],
      [["x-trace-id", "abc"], PARENT, STAMP],
      ["Names"],
    ],
    [
      "other headers keep their bytes, order and repeats",
      [["b", raw("00ff")], PARENT, ["a", null], ["b", ""], ["tracestate", "A"]],
      [["b", raw("00ff")], PARENT, ["a", null], ["b", ""], ["tracestate", "A"], STAMP],
      ["IllFormed"],
    ],
  ];
  return cases.map(([comment, before, after, flags]) => ({
    comment,
    flags: ["Stamp", ...flags],
    requirements: comment.includes("stays") || comment.includes("keep") ? kept : ["SLC-ENV-029"],
    input: { headers: hexHeaders(before) },
    expect: { headers: hexHeaders(after) },
    result: "valid",
  }));
}
