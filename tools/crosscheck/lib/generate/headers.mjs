// @ts-check
// Headers of section 3: values in order, nearly in order and not at all, and lists of them.
import fc from "fast-check";
import {
  anyBytes,
  anyText,
  damaged,
  hexHeaders,
  MAX_INTEGER,
  notUtf8,
  trickyText,
} from "./bytes.mjs";

/** @typedef {import("./bytes.mjs").Header} Header */

const text = (/** @type {fc.Arbitrary<string>} */ arbitrary) =>
  arbitrary.map((t) => Buffer.from(t));
const among = (/** @type {readonly string[]} */ ...texts) => text(fc.constantFrom(...texts));

/** Integers as headers have them, up to a limit, and around every limit that there is. */
const integer = (/** @type {number} */ max) =>
  text(
    fc.oneof(
      { weight: 4, arbitrary: fc.nat(Math.min(max, 70)).map(String) },
      { weight: 1, arbitrary: fc.constantFrom(String(max), String(max - 1)) },
      { weight: 1, arbitrary: fc.maxSafeNat().map((n) => String(n % (max + 1))) },
    ),
  );
const time = among("0", "1700000000000", "1700000009001", String(MAX_INTEGER));
const topic = among("orders", "orders.retry", "a", "t".repeat(249), "A-b_c.9");
const token = text(
  fc.oneof(
    fc.constantFrom("timeout", "transient", "permanent", "poison", "unknown", "expired", "manual"),
    fc.constantFrom("brand-new", "0", "-", "k".repeat(64)),
    fc.stringMatching(/^[a-z0-9-]{1,8}$/),
  ),
);
const someText = text(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("billing", "order.created", "TimeoutError", "x") },
    { weight: 2, arbitrary: trickyText.filter((t) => t !== "") },
    { weight: 1, arbitrary: anyText.filter((t) => t !== "") },
  ),
);
const anyTextBytes = text(
  fc.oneof(
    { weight: 1, arbitrary: fc.constant("") },
    { weight: 4, arbitrary: trickyText },
    { weight: 1, arbitrary: fc.integer({ min: 250, max: 1100 }).map((n) => "é".repeat(n / 2)) },
  ),
);
const visible = text(
  fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[!-~]{1,20}$/) },
    { weight: 1, arbitrary: fc.constantFrom("!", "~", "m".repeat(64), "m".repeat(128)) },
  ),
);

const entry = fc
  .record({
    n: fc.oneof(fc.nat(9), fc.constant(MAX_INTEGER)),
    at: fc.constantFrom("0", "1700000000000", String(MAX_INTEGER)),
    k: fc.constantFrom("timeout", "transient", "brand-new", "k".repeat(64)),
    c: fc.option(fc.constantFrom("E42", " ", "!#[]{}:,~", "c".repeat(64)), { nil: undefined }),
  })
  .map(({ n, at, k, c }) => JSON.stringify({ n, at, k, ...(c === undefined ? {} : { c }) }));
const history = text(
  fc
    .tuple(
      fc.array(entry, { minLength: 1, maxLength: 13, size: "max" }),
      fc.option(fc.constantFrom("0", "3", String(MAX_INTEGER - 1), String(MAX_INTEGER)), {
        nil: null,
        freq: 3,
      }),
    )
    .map(([[first = "", ...others], dropped]) => {
      const mark = dropped === null ? [] : [`{"dropped":${dropped}}`];
      return `[${[first, ...mark, ...others].join(",")}]`;
    }),
);

const hexDigits = (/** @type {number} */ length) =>
  fc.oneof(
    { weight: 15, arbitrary: fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)) },
    { weight: 1, arbitrary: fc.constantFrom("0".repeat(length), "f".repeat(length)) },
  );
const traceparent = text(
  fc
    .tuple(
      fc.oneof({ weight: 8, arbitrary: fc.constant("00") }, fc.constantFrom("01", "fe", "ff")),
      hexDigits(32),
      hexDigits(16),
      fc.constantFrom("00", "01", "02", "03", "ff"),
      fc.oneof({ weight: 4, arbitrary: fc.constant("") }, fc.constantFrom("-", "-é", "-x-y", ".")),
    )
    .map(
      ([version, trace, parent, flags, rest]) => `${version}-${trace}-${parent}-${flags}${rest}`,
    ),
);
const stateKey = fc.oneof(
  { weight: 5, arbitrary: fc.stringMatching(/^[a-z][a-z0-9_*/-]{0,3}$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z0-9][a-z0-9_]{0,2}@[a-z][a-z0-9]{0,2}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "k".repeat(256),
      "k".repeat(257),
      `${"t".repeat(241)}@${"s".repeat(14)}`,
      `${"t".repeat(242)}@s`,
      `t@${"s".repeat(15)}`,
      "1a",
      "a@1",
      "A",
    ),
  },
);
const stateValue = fc.oneof(
  { weight: 5, arbitrary: fc.stringMatching(/^[!-+\--<>-~]{1,12}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      " v",
      "v ",
      "",
      "v".repeat(120),
      "v".repeat(126),
      "v".repeat(256),
      "v".repeat(257),
    ),
  },
);
const member = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(stateKey, stateValue).map((pair) => pair.join("=")) },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "\t", "k", "=v", "k==v") },
);
const blank = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  fc.constantFrom(" ", "\t", " \t"),
);
const tracestate = text(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.tuple(blank, member, blank), { maxLength: 5 })
        .map((members) => members.map((parts) => parts.join("")).join(",")),
    },
    // Distinct keys, many members: around 32 of them, and around 512 characters.
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          fc.integer({ min: 1, max: 34 }),
          fc.array(fc.integer({ min: 1, max: 140 }), { minLength: 34, maxLength: 34, size: "max" }),
          fc.constantFrom(14, 40, 140),
        )
        .map(([count, lengths, most]) =>
          lengths
            .slice(0, count)
            .map((length, i) => `k${i}=${"v".repeat(1 + (length % most))}`)
            .join(","),
        ),
    },
  ),
);

/** For each name that section 3 reads, values in order. @type {Readonly<Record<string, fc.Arbitrary<Buffer>>>} */
const VALID = {
  "sluice-spec": among("1"),
  "sluice-message-id": visible,
  "sluice-message-type": someText,
  "sluice-message-version": integer(MAX_INTEGER),
  "sluice-idempotency-key": someText,
  "sluice-group": someText,
  "sluice-retry-count": integer(2_147_483_647),
  "sluice-retry-at": time,
  "sluice-retry-policy": someText,
  "sluice-origin-topic": topic,
  "sluice-origin-partition": integer(2_147_483_646),
  "sluice-origin-offset": integer(MAX_INTEGER),
  "sluice-origin-timestamp": time,
  "sluice-origin-cluster": someText,
  "sluice-origin-partition-count": among("1", "6", "12", "2147483647"),
  "sluice-origin-leader-epoch": integer(2_147_483_647),
  "sluice-first-failed-at": time,
  "sluice-failed-at": time,
  "sluice-error-kind": token,
  "sluice-error-class": someText,
  "sluice-error-code": someText,
  "sluice-error-message": anyTextBytes,
  "sluice-error-stack": anyTextBytes,
  "sluice-history": history,
  "sluice-dlq-reason": token,
  "sluice-replay-id": visible,
  "sluice-replay-count": integer(2_147_483_647),
  "sluice-replayed-at": time,
  "sluice-replayed-from": among("orders.dlq/0/7", "a/2147483646/9007199254740991"),
  "sluice-hops": integer(64),
  "sluice-truncated": among(
    "stack",
    "history,value",
    "stack,history,message,headers,value",
    "value,stack",
    "brand-new",
    "stack,brand-new,value",
    "stack,stack",
  ),
  traceparent,
  tracestate,
  "X-Trace-ID": visible,
  ce_id: someText,
  ce_source: someText,
  ce_type: someText,
  id: someText,
};
const DEFINED = Object.keys(VALID);

/** Names beside those: nearly right, reserved without being defined, foreign. */
const OTHER_NAMES = [
  "",
  "Sluice-Spec",
  "sluice-",
  "sluice-brand-new",
  "sluice-retry-brand-new",
  "sluice-replays",
  "sluice-origin-brand-new",
  "sluice-error-",
  "sluice-error-\uff5e",
  "sluice-error-\u{10000}",
  "x-trace-id",
  "Traceparent",
  "ce_time",
  "content-type",
  "h",
  "h:h",
  "__proto__",
  "constructor",
  "sluice-error-__proto__",
  "é",
];

/** Values that are wrong for most names, or at the border of what is right. */
const WRONG = among(
  "",
  " ",
  "0",
  "1",
  "01",
  "+1",
  "-1",
  "1 ",
  " 1",
  "1.0",
  "1e3",
  "1\0",
  "2",
  "64",
  "65",
  "１",
  "2147483646",
  "2147483647",
  "2147483648",
  "9007199254740991",
  "9007199254740992",
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551617",
  "99999999999999999999",
  "\ufeff1",
  "null",
  "t".repeat(250),
  "k".repeat(65),
  "[]",
  "{}",
  "a/0/",
  "a//0",
  "a/0/0/0",
  "a/2147483647/0",
  "stack,",
  ",stack",
);
/** Around the bound of SLC-SEC-003. Rare, for their size. */
const huge = fc
  .tuple(fc.integer({ min: 8188, max: 8194 }), fc.constantFrom("1", "m", "é", "😀"))
  .map(([bytes, unit]) => {
    const units = unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit)));
    return Buffer.from(units).subarray(0, bytes);
  });

const garbage = fc.oneof(
  { weight: 6, arbitrary: WRONG },
  { weight: 2, arbitrary: notUtf8 },
  { weight: 2, arbitrary: anyBytes },
  { weight: 2, arbitrary: text(anyText) },
);

/** @param {string} name @returns {fc.Arbitrary<Uint8Array | null>} */
function valueOf(name) {
  const valid = Object.hasOwn(VALID, name) ? (VALID[name] ?? someText) : someText;
  return fc.oneof(
    { weight: 60, arbitrary: valid },
    { weight: 15, arbitrary: damaged(valid) },
    { weight: 15, arbitrary: garbage },
    { weight: 6, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: huge },
  );
}

/** @type {fc.Arbitrary<Header>} */
const anyHeader = fc
  .oneof(
    { weight: 8, arbitrary: fc.constantFrom(...DEFINED) },
    { weight: 2, arbitrary: fc.constantFrom(...OTHER_NAMES) },
    { weight: 1, arbitrary: trickyText },
  )
  .chain((name) => fc.tuple(fc.constant(name), valueOf(name)));

/** Headers of a moved record as a right mover writes them, each of them there or not. */
const moved = fc
  .tuple(
    ...Object.entries(VALID).map(([name, valid]) =>
      fc.option(
        valid.map((value) => /** @type {Header} */ ([name, value])),
        { nil: null, freq: freqOf(name) },
      ),
    ),
  )
  .map((headers) => headers.filter((header) => header !== null));

/** The higher, the rarer it is missing. @param {string} name */
function freqOf(name) {
  if (name === "sluice-spec" || name.startsWith("sluice-origin-")) return 19;
  if (name === "traceparent" || name === "tracestate") return 4;
  return name.startsWith("sluice-replay") || !name.startsWith("sluice-") ? 2 : 6;
}

const change = fc.record({
  kind: fc.constantFrom("insert", "insert", "remove", "repeat", "swap", "value", "value"),
  at: fc.nat(),
  to: fc.nat(),
  header: anyHeader,
});

/** @param {readonly Header[]} headers @param {{ kind: string, at: number, to: number, header: Header }} how */
function changed(headers, { kind, at, to, header }) {
  const list = [...headers];
  const i = list.length === 0 ? 0 : at % list.length;
  const j = list.length === 0 ? 0 : to % list.length;
  const here = list[i];
  switch (kind) {
    case "remove":
      list.splice(i, 1);
      break;
    case "repeat":
      if (here !== undefined) list.splice(j, 0, here);
      break;
    case "swap":
      if (here !== undefined) list.splice(j, 0, ...list.splice(i, 1));
      break;
    case "value":
      if (here !== undefined) list[i] = [here[0], header[1]];
      break;
    default:
      list.splice(i, 0, header);
  }
  return list;
}

/**
 * Lists that a right mover might have written, with a few changes; and lists of anything.
 *
 * @type {fc.Arbitrary<Header[]>}
 */
export const headers = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(moved, fc.array(change, { maxLength: 4 }))
      .map(([list, changes]) => changes.reduce(changed, list)),
  },
  { weight: 1, arbitrary: fc.array(anyHeader, { maxLength: 10 }) },
);

/** @param {fc.Arbitrary<Header[]>} arbitrary */
export const asHex = (arbitrary) => arbitrary.map(hexHeaders);

/** Headers that tell a trace, and others of the same names but for their case. */
export const traceHeaders = asHex(
  fc.array(
    fc
      .constantFrom("traceparent", "traceparent", "X-Trace-ID", "x-trace-id", "tracestate", "h")
      .chain((name) => fc.tuple(fc.constant(name), valueOf(name))),
    { maxLength: 5 },
  ),
);
