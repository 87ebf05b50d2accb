// @ts-check
// Trace context as a reader takes it (3.6, C.5).
import { raw } from "../bytes.mjs";
import { read } from "./case.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../bytes.mjs").Value} Value */

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const GOOD = `00-${TRACE}-${PARENT}-01`;
const FOUND = { traceparent: GOOD, traceId: TRACE };

/** @returns {Test[]} */
export function trace() {
  return [...traceparents(), ...tracestates(), ...olderIds()];
}

/** @returns {Test[]} */
function traceparents() {
  const clause = ["SLC-ENV-025"];
  const given = (/** @type {string} */ flags) => ({
    traceparent: `00-${TRACE}-${PARENT}-${flags}`,
    traceId: TRACE,
  });
  /** @type {readonly (readonly [string, string, object, string[]])[]} */
  const accepted = [
    ["sampled", GOOD, given("01"), ["Trace"]],
    ["not sampled", `00-${TRACE}-${PARENT}-00`, given("00"), ["Trace"]],
    [
      "version 00 keeps flags that it does not know",
      `00-${TRACE}-${PARENT}-ff`,
      given("ff"),
      ["Trace"],
    ],
    [
      "version 00 keeps flags without the lowest bit",
      `00-${TRACE}-${PARENT}-fe`,
      given("fe"),
      ["Trace"],
    ],
    [
      "a trace id of one bit",
      `00-${"0".repeat(31)}1-${PARENT}-01`,
      { traceparent: `00-${"0".repeat(31)}1-${PARENT}-01`, traceId: `${"0".repeat(31)}1` },
      ["Trace"],
    ],
    [
      "a parent id of one bit",
      `00-${TRACE}-8${"0".repeat(15)}-01`,
      { traceparent: `00-${TRACE}-8${"0".repeat(15)}-01`, traceId: TRACE },
      ["Trace"],
    ],
    ["version 01 of the same length", `01-${TRACE}-${PARENT}-01`, given("01"), ["FutureVersion"]],
    ["version 01 that goes on", `01-${TRACE}-${PARENT}-01-more`, given("01"), ["FutureVersion"]],
    [
      "version 01 that goes on with nothing",
      `01-${TRACE}-${PARENT}-01-`,
      given("01"),
      ["FutureVersion"],
    ],
    [
      "version 01 that goes on with any text",
      `01-${TRACE}-${PARENT}-01-\u00fc\n-\u0000`,
      given("01"),
      ["FutureVersion"],
    ],
    [
      "version fe, the last",
      `fe-${TRACE}-${PARENT}-01`,
      given("01"),
      ["FutureVersion", "EdgeOfRange"],
    ],
    [
      "flags of a higher version: only the lowest bit, set",
      `cc-${TRACE}-${PARENT}-ff`,
      given("01"),
      ["FutureVersion"],
    ],
    [
      "flags of a higher version: only the lowest bit, not set",
      `cc-${TRACE}-${PARENT}-fe-x`,
      given("00"),
      ["FutureVersion"],
    ],
    ["flags 03 of a higher version", `01-${TRACE}-${PARENT}-03`, given("01"), ["FutureVersion"]],
    [
      "a higher version of 8192 bytes",
      `01-${TRACE}-${PARENT}-01-${"x".repeat(8136)}`,
      given("01"),
      ["FutureVersion", "Oversize"],
    ],
  ];
  /** @type {readonly (readonly [string, Value, string[]])[]} */
  const refused = [
    ["empty", "", ["Trace"]],
    ["version ff", `ff-${TRACE}-${PARENT}-01`, ["EdgeOfRange"]],
    ["a trace id of zeros", `00-${"0".repeat(32)}-${PARENT}-01`, ["EdgeOfRange"]],
    ["a parent id of zeros", `00-${TRACE}-${"0".repeat(16)}-01`, ["EdgeOfRange"]],
    [
      "a trace id of zeros, of a higher version",
      `01-${"0".repeat(32)}-${PARENT}-01`,
      ["EdgeOfRange", "FutureVersion"],
    ],
    [
      "a parent id of zeros, of a higher version",
      `01-${TRACE}-${"0".repeat(16)}-01-x`,
      ["EdgeOfRange", "FutureVersion"],
    ],
    ["a trace id in capitals", `00-${TRACE.toUpperCase()}-${PARENT}-01`, ["Trace"]],
    ["a parent id with one capital", `00-${TRACE}-B${PARENT.slice(1)}-01`, ["Trace"]],
    ["a version in capitals", `0A-${TRACE}-${PARENT}-01`, ["Trace", "FutureVersion"]],
    ["flags in capitals", `00-${TRACE}-${PARENT}-0A`, ["Trace"]],
    ["a letter that is not hexadecimal", `00-${TRACE.slice(1)}g-${PARENT}-01`, ["Trace"]],
    ["a trace id too short", `00-${TRACE.slice(1)}-${PARENT}-01`, ["EdgeOfRange"]],
    ["a trace id too long", `00-0${TRACE}-${PARENT}-01`, ["EdgeOfRange"]],
    ["a parent id too short", `00-${TRACE}-${PARENT.slice(1)}-01`, ["EdgeOfRange"]],
    ["no flags", `00-${TRACE}-${PARENT}`, ["EdgeOfRange"]],
    ["a hyphen, no flags", `00-${TRACE}-${PARENT}-`, ["EdgeOfRange"]],
    ["one digit of flags", `00-${TRACE}-${PARENT}-1`, ["EdgeOfRange"]],
    ["three digits of flags", `00-${TRACE}-${PARENT}-001`, ["EdgeOfRange"]],
    ["version 00 that goes on", `${GOOD}-more`, ["EdgeOfRange"]],
    ["version 00 that goes on with nothing", `${GOOD}-`, ["EdgeOfRange"]],
    [
      "a higher version that goes on without a hyphen",
      `01-${TRACE}-${PARENT}-01x`,
      ["EdgeOfRange", "FutureVersion"],
    ],
    ["a space before", ` ${GOOD}`, ["Trace"]],
    ["a space after", `${GOOD} `, ["Trace"]],
    ["a line feed after", `${GOOD}\n`, ["Trace"]],
    ["other separators", GOOD.replaceAll("-", "_"), ["Trace"]],
    ["two of them, joined as HTTP would", `${GOOD},${GOOD}`, ["Trace"]],
    [
      "a higher version that goes on with bytes that are no UTF-8",
      Buffer.concat([Buffer.from(`01-${TRACE}-${PARENT}-01-`), raw("ff")]),
      ["FutureVersion", "IllFormed"],
    ],
    [
      "a higher version of 8193 bytes",
      `01-${TRACE}-${PARENT}-01-${"x".repeat(8137)}`,
      ["FutureVersion", "Oversize"],
    ],
  ];
  return [
    ...accepted.map(([comment, value, found, flags]) =>
      read(`traceparent: ${comment}`, [["traceparent", value]], found, clause, flags),
    ),
    ...refused.map(([comment, value, flags]) =>
      read(
        `traceparent: ${comment}`,
        [["traceparent", value]],
        { anomalies: ["malformed:traceparent"] },
        clause,
        flags,
      ),
    ),
    read(
      "traceparent: the last of two, and no anomaly of a foreign header",
      [
        ["traceparent", "x"],
        ["traceparent", GOOD],
      ],
      FOUND,
      clause,
      ["Trace", "Repeated"],
    ),
    read(
      "traceparent: the last of two is malformed",
      [
        ["traceparent", GOOD],
        ["traceparent", "x"],
      ],
      { anomalies: ["malformed:traceparent"] },
      clause,
      ["Trace", "Repeated"],
    ),
    read(
      "traceparent: the last of two is null",
      [
        ["traceparent", GOOD],
        ["traceparent", null],
      ],
      {},
      [...clause, "SLC-ENV-005"],
      ["Trace", "Repeated", "Null"],
    ),
    read(
      "Traceparent is another header",
      [
        ["Traceparent", GOOD],
        ["TRACESTATE", "a=1"],
      ],
      {},
      clause,
      ["Trace", "Names"],
    ),
  ];
}

/** @returns {Test[]} */
function tracestates() {
  const form = ["SLC-ENV-026"];
  const cut = ["SLC-ENV-027"];
  const members = (/** @type {number} */ count) =>
    Array.from({ length: count }, (_, i) => `k${i}=v`);
  /** A member of a given length. @param {string} key @param {number} length */
  const member = (key, length) => `${key}=${"v".repeat(length - key.length - 1)}`;
  const hundred = ["a", "b", "c", "d"].map((key) => member(key, 100));
  const tenant = `0${"t".repeat(240)}@s${"y".repeat(13)}`;
  /** @type {readonly (readonly [string, string, string | null, string[], string[]])[]} */
  const accepted = [
    ["one member", "a=1", "a=1", form, ["Trace"]],
    ["several stay in their order", "z=1,a=2,m=3", "z=1,a=2,m=3", form, ["Trace"]],
    ["spaces and tabs around members are dropped", " a=1\t, \tb=2 ", "a=1,b=2", form, ["Trace"]],
    ["empty members are dropped", ",a=1,, ,\t,b=2,", "a=1,b=2", form, ["Trace"]],
    ["empty", "", null, form, ["Trace", "Null"]],
    ["nothing but separators", " , ,\t,", null, form, ["Trace", "Null"]],
    ["every character of a key", "a0z9_-*/=1", "a0z9_-*/=1", form, ["EdgeOfRange"]],
    [
      "a tenant that begins with a digit",
      "0t_-*/@s0_-*/=1",
      "0t_-*/@s0_-*/=1",
      form,
      ["EdgeOfRange"],
    ],
    ["a tenant of one digit and a system of one letter", "9@z=1", "9@z=1", form, ["EdgeOfRange"]],
    ["the characters of a value", "a= !+-<>?[]~{}@", "a= !+-<>?[]~{}@", form, ["EdgeOfRange"]],
    ["a value may begin with a space", "a=  b c", "a=  b c", form, ["EdgeOfRange"]],
    [
      "a key of 256 characters",
      `${"k".repeat(256)}=1`,
      `${"k".repeat(256)}=1`,
      form,
      ["EdgeOfRange"],
    ],
    [
      "a value of 256 characters",
      `a=${"v".repeat(256)}`,
      `a=${"v".repeat(256)}`,
      form,
      ["EdgeOfRange"],
    ],
    [
      "a tenant of 241 and a system of 14 characters",
      `${tenant}=1`,
      `${tenant}=1`,
      form,
      ["EdgeOfRange"],
    ],
    ["keys that differ only after the @", "a@x=1,a@y=2,a=3", "a@x=1,a@y=2,a=3", form, ["Trace"]],
    ["32 members", members(32).join(), members(32).join(), form, ["EdgeOfRange"]],
    [
      "32 members and empty ones",
      `,${members(32).join(" ,, ")},`,
      members(32).join(),
      form,
      ["EdgeOfRange"],
    ],
    [
      "512 characters",
      [...hundred, member("e", 108)].join(),
      [...hundred, member("e", 108)].join(),
      cut,
      ["Shortened"],
    ],
    [
      "513 characters without a long member: the last is dropped",
      [...hundred, member("e", 109)].join(),
      hundred.join(),
      cut,
      ["Shortened"],
    ],
    [
      "512 characters with a long member: it stays",
      [member("l", 200), ...hundred.slice(0, 3), member("e", 8)].join(),
      [member("l", 200), ...hundred.slice(0, 3), member("e", 8)].join(),
      cut,
      ["Shortened"],
    ],
    [
      "513 characters with a long member: it goes, the last stays",
      [member("l", 200), ...hundred.slice(0, 3), member("e", 9)].join(),
      [...hundred.slice(0, 3), member("e", 9)].join(),
      cut,
      ["Shortened"],
    ],
    [
      "a member of 128 characters is not long",
      [...hundred.slice(0, 3), member("e", 128), member("f", 128)].join(),
      [...hundred.slice(0, 3), member("e", 128)].join(),
      cut,
      ["Shortened", "EdgeOfRange"],
    ],
    [
      "a member of 129 characters is",
      [...hundred.slice(0, 3), member("e", 129), member("f", 128)].join(),
      [...hundred.slice(0, 3), member("f", 128)].join(),
      cut,
      ["Shortened", "EdgeOfRange"],
    ],
    [
      "all long members go, though one would do",
      [member("l", 130), "a=1", member("m", 130), "b=2", member("n", 258)].join(),
      "a=1,b=2",
      cut,
      ["Shortened"],
    ],
    [
      "what is left has exactly 512 characters",
      [...hundred, member("e", 108), "f=1"].join(),
      [...hundred, member("e", 108)].join(),
      cut,
      ["Shortened", "EdgeOfRange"],
    ],
    [
      "several are dropped from the end",
      [...hundred, ...["e", "f", "g"].map((key) => member(key, 120))].join(),
      hundred.join(),
      cut,
      ["Shortened"],
    ],
    [
      "a short member at the end is dropped before a longer one in front",
      [...hundred, member("e", 120), "f=1"].join(),
      hundred.join(),
      cut,
      ["Shortened"],
    ],
    [
      "nothing but long members: absent",
      [member("l", 258), member("m", 258)].join(),
      null,
      cut,
      ["Shortened"],
    ],
    [
      "513 characters in a single member: absent",
      `${"k".repeat(256)}=${"v".repeat(256)}`,
      null,
      cut,
      ["Shortened", "EdgeOfRange"],
    ],
    [
      "512 characters in a single member",
      `${"k".repeat(256)}=${"v".repeat(255)}`,
      `${"k".repeat(256)}=${"v".repeat(255)}`,
      cut,
      ["Shortened", "EdgeOfRange"],
    ],
    [
      "spaces and empty members do not count",
      `${" ".repeat(300)}a=1${",".repeat(300)}b=2`,
      "a=1,b=2",
      cut,
      ["Shortened"],
    ],
    [
      "8192 bytes, almost all of them commas",
      `a=1${",".repeat(8186)}b=2`,
      "a=1,b=2",
      ["SLC-SEC-003", ...form],
      ["Oversize"],
    ],
  ];
  /** @type {readonly (readonly [string, Value, string[]])[]} */
  const refused = [
    ["no equals sign", "a", ["Trace"]],
    ["no key", "=1", ["Trace"]],
    ["no value", "a=", ["EdgeOfRange"]],
    ["a value of spaces", "a=  ,b=1", ["EdgeOfRange"]],
    ["one bad member spoils the others", "a=1,B=2,c=3", ["Trace"]],
    ["a key in capitals", "A=1", ["EdgeOfRange"]],
    ["a key that begins with a digit and has no @", "0a=1", ["EdgeOfRange"]],
    ["a key that begins with an underscore", "_a=1", ["EdgeOfRange"]],
    ["a key with a dot", "a.b=1", ["EdgeOfRange"]],
    ["a space before the equals sign", "a =1", ["EdgeOfRange"]],
    ["two @", "a@b@c=1", ["EdgeOfRange"]],
    ["no tenant", "@b=1", ["EdgeOfRange"]],
    ["no system", "a@=1", ["EdgeOfRange"]],
    ["a system that begins with a digit", "a@0b=1", ["EdgeOfRange"]],
    ["a key of 257 characters", `${"k".repeat(257)}=1`, ["EdgeOfRange"]],
    ["a tenant of 242 characters", `${"t".repeat(242)}@s=1`, ["EdgeOfRange"]],
    ["a system of 15 characters", `t@${"s".repeat(15)}=1`, ["EdgeOfRange"]],
    ["a value of 257 characters", `a=${"v".repeat(257)}`, ["EdgeOfRange"]],
    ["an equals sign in a value", "a=1=2", ["EdgeOfRange"]],
    ["a tab in a value", "a=1\t2", ["EdgeOfRange"]],
    ["DEL in a value", "a=1\u007f", ["EdgeOfRange"]],
    ["a line feed around a member", "a=1,\nb=2", ["Trace"]],
    ["a value beyond ASCII", "a=\u00fc", ["EdgeOfRange"]],
    ["a no-break space around a member", "a=1,\u00a0b=2", ["Trace"]],
    ["a key twice", "a=1,b=2,a=3", ["Trace"]],
    ["a key twice with the same value", "a=1,a=1", ["Trace"]],
    [
      "a key twice, of which one would have been dropped",
      [...hundred, member("e", 120), "a=1"].join(),
      ["Shortened"],
    ],
    ["33 members", members(33).join(), ["EdgeOfRange"]],
    [
      "33 members with a long one that would have been dropped",
      [member("l", 400), ...members(32)].join(),
      ["EdgeOfRange", "Shortened"],
    ],
    ["no UTF-8", raw("613d31ff"), ["IllFormed"]],
  ];
  const with_ = (/** @type {Value} */ value) =>
    /** @type {readonly Header[]} */ ([
      ["tracestate", value],
      ["traceparent", GOOD],
    ]);
  return [
    ...accepted.map(([comment, value, tracestate, requirements, flags]) =>
      read(`tracestate: ${comment}`, with_(value), { ...FOUND, tracestate }, requirements, flags),
    ),
    ...refused.map(([comment, value, flags]) =>
      read(
        `tracestate: ${comment}`,
        with_(value),
        { ...FOUND, anomalies: ["malformed:tracestate"] },
        form,
        flags,
      ),
    ),
    read(
      "tracestate: 8193 bytes",
      with_(`a=1${",".repeat(8187)}b=2`),
      { ...FOUND, anomalies: ["malformed:tracestate"] },
      ["SLC-SEC-003"],
      ["Oversize"],
    ),
    read(
      "tracestate: without a traceparent it is ignored",
      [["tracestate", "a=1"]],
      {},
      ["SLC-ENV-018"],
      ["Trace"],
    ),
    read(
      "tracestate: malformed, without a traceparent, it is no anomaly",
      [["tracestate", "A"]],
      {},
      ["SLC-ENV-018", "SLC-ENV-021"],
      ["Trace"],
    ),
    read(
      "tracestate: with a malformed traceparent",
      [
        ["tracestate", "a=1"],
        ["traceparent", "x"],
      ],
      { anomalies: ["malformed:traceparent"] },
      ["SLC-ENV-018"],
      ["Trace"],
    ),
    read(
      "tracestate: the last of two, not both joined",
      [...with_("a=1"), ["tracestate", "b=2"]],
      { ...FOUND, tracestate: "b=2" },
      form,
      ["Trace", "Repeated"],
    ),
    read(
      "tracestate: the last of two is null",
      [...with_("a=1"), ["tracestate", null]],
      FOUND,
      [...form, "SLC-ENV-005"],
      ["Trace", "Repeated", "Null"],
    ),
    read(
      "tracestate of a traceparent of a higher version",
      [
        ["traceparent", `01-${TRACE}-${PARENT}-01-x`],
        ["tracestate", "a=1"],
      ],
      { ...FOUND, tracestate: "a=1" },
      ["SLC-ENV-018", "SLC-ENV-025"],
      ["FutureVersion"],
    ),
  ];
}

/** @returns {Test[]} */
function olderIds() {
  const clause = ["SLC-ENV-028"];
  const longest = `!~${"x".repeat(126)}`;
  const malformed = { anomalies: ["malformed:X-Trace-ID"] };
  return [
    read(
      "X-Trace-ID where there is no traceparent",
      [["X-Trace-ID", "abc"]],
      { traceId: "abc" },
      clause,
      ["Trace"],
    ),
    read("X-Trace-ID of 128 characters", [["X-Trace-ID", longest]], { traceId: longest }, clause, [
      "EdgeOfRange",
    ]),
    read("X-Trace-ID of 129 characters", [["X-Trace-ID", `${longest}x`]], malformed, clause, [
      "EdgeOfRange",
    ]),
    read("X-Trace-ID that is empty", [["X-Trace-ID", ""]], malformed, clause, [
      "EdgeOfRange",
      "Null",
    ]),
    read(
      "X-Trace-ID that is null",
      [["X-Trace-ID", null]],
      {},
      [...clause, "SLC-ENV-005"],
      ["Null"],
    ),
    read("X-Trace-ID with a space", [["X-Trace-ID", "a b"]], malformed, clause, ["EdgeOfRange"]),
    read("X-Trace-ID beyond ASCII", [["X-Trace-ID", "\u00fc"]], malformed, clause, ["EdgeOfRange"]),
    read(
      "X-Trace-ID that is no UTF-8",
      [["X-Trace-ID", raw("ff")]],
      malformed,
      [...clause, "SLC-ENV-019"],
      ["IllFormed"],
    ),
    read(
      "traceparent comes before X-Trace-ID",
      [
        ["X-Trace-ID", "abc"],
        ["traceparent", GOOD],
      ],
      FOUND,
      clause,
      ["Trace"],
    ),
    read(
      "a malformed X-Trace-ID that is not needed is no anomaly",
      [
        ["X-Trace-ID", "a b"],
        ["traceparent", GOOD],
      ],
      FOUND,
      [...clause, "SLC-ENV-021"],
      ["Trace"],
    ),
    read(
      "X-Trace-ID when traceparent is malformed",
      [
        ["X-Trace-ID", "abc"],
        ["traceparent", "x"],
      ],
      { traceId: "abc", anomalies: ["malformed:traceparent"] },
      clause,
      ["Trace"],
    ),
    read(
      "both are malformed",
      [
        ["X-Trace-ID", "a b"],
        ["traceparent", "x"],
      ],
      { anomalies: ["malformed:X-Trace-ID", "malformed:traceparent"] },
      clause,
      ["Trace", "Order"],
    ),
    read(
      "X-Trace-ID: the last of two",
      [
        ["X-Trace-ID", "abc"],
        ["X-Trace-ID", "def"],
      ],
      { traceId: "def" },
      clause,
      ["Trace", "Repeated"],
    ),
    read(
      "its name is written exactly so",
      [
        ["x-trace-id", "abc"],
        ["X-TRACE-ID", "def"],
        ["X-Trace-Id", "ghi"],
      ],
      {},
      clause,
      ["Names"],
    ),
  ];
}
