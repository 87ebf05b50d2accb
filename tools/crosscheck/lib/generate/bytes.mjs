// @ts-check
// Arbitraries of bytes and texts, and ways to damage what is in order.
import fc from "fast-check";

/** @typedef {[name: string, value: string | null]} HexHeader both hexadecimal */
/** @typedef {[name: string, value: Uint8Array | null]} Header */

export const MAX_INTEGER = 9_007_199_254_740_991;

/** @param {Uint8Array | string} bytes a string stands for its UTF-8 */
export const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** @param {readonly Header[]} headers @returns {HexHeader[]} */
export const hexHeaders = (headers) =>
  headers.map(([name, value]) => [hex(name), value === null ? null : hex(value)]);

/** Well-formed text of any characters: no lone surrogates. */
export const anyText = fc.string({ unit: "binary", maxLength: 12 });

/** Text in which the characters that protocols stumble over are frequent. */
export const trickyText = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...Array.from("abcXYZ019 _-./:,=\"\\'[]{}@")) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          ...Array.from(
            "\u0000\t\n\r\u001b\u007f\u0080\u0085\u009f\u00a0é߿ࠀ…€\u2028\u2029\ufeff\uffff",
          ),
          "\u{10000}",
          "😀",
          "\u{10ffff}",
          "e\u0301",
        ),
      },
      { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
    ),
    { maxLength: 24, size: "max" },
  )
  .map((parts) => parts.join(""));

/** Sequences that are not well-formed UTF-8, each in its own way. */
const NOT_UTF8 = [
  "80",
  "c080",
  "c1bf",
  "e08080",
  "eda080",
  "edbfbf",
  "f0808080",
  "f4908080",
  "f5808080",
  "e282",
  "ff",
  "c3",
];
export const notUtf8 = fc
  .tuple(anyText, fc.constantFrom(...NOT_UTF8), anyText)
  .map(([before, wrong, after]) =>
    Buffer.concat([Buffer.from(before), Buffer.from(wrong, "hex"), Buffer.from(after)]),
  );

export const anyBytes = fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes));

const edit = fc.record({
  kind: fc.constantFrom("insert", "replace", "remove", "repeat", "cut"),
  at: fc.nat(),
  byte: fc.oneof(
    fc.constantFrom(...Buffer.from(" \0\n.,:;-+\"'[]{}0123456789aAfFgGzZ/=~\u007f")),
    fc.nat(255),
  ),
});

/** @param {Buffer} bytes @param {{ kind: string, at: number, byte: number }} how */
function edited(bytes, { kind, at, byte }) {
  const i = bytes.length === 0 ? 0 : at % (bytes.length + (kind === "insert" ? 1 : 0));
  const [before, rest] = [bytes.subarray(0, i), bytes.subarray(i)];
  switch (kind) {
    case "insert":
      return Buffer.concat([before, Buffer.of(byte), rest]);
    case "replace":
      return Buffer.concat([before, Buffer.of(byte), rest.subarray(1)]);
    case "remove":
      return Buffer.concat([before, rest.subarray(1)]);
    case "repeat":
      return Buffer.concat([bytes, rest]);
    default:
      return Buffer.from(before);
  }
}

/**
 * What is in order, with one to three edits.
 *
 * @param {fc.Arbitrary<Buffer>} valid
 */
export const damaged = (valid) =>
  fc
    .tuple(valid, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([bytes, edits]) => edits.reduce(edited, bytes));

/**
 * Integers around what could be a limit.
 *
 * @param {number} min @param {number} max
 */
export function edgyInteger(min, max) {
  const edges = [0, 1, 2, 63, 64, 65, 255, 256, 2_147_483_646, 2_147_483_647, max - 1, max, min];
  return fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min, max: Math.min(max, min + 20) }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...new Set(edges.filter((edge) => edge >= min && edge <= max))),
    },
    { weight: 1, arbitrary: fc.integer({ min, max }) },
  );
}

/** An offset or a time, as Appendix D has them. */
export const int64 = fc
  .oneof(
    { weight: 3, arbitrary: fc.nat(1000) },
    { weight: 3, arbitrary: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }) },
    { weight: 1, arbitrary: edgyInteger(0, MAX_INTEGER) },
  )
  .map(String);

export const topic = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("orders", "orders.dlq", "a", "A-b_c.9", "billing") },
  { weight: 1, arbitrary: fc.constant("t".repeat(249)) },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/) },
);
export const partition = edgyInteger(0, 2_147_483_646);
export const clusterId = fc.oneof(
  fc.constant(null),
  fc.constantFrom("lkc-1", "MkU3OEVBNTcwNTJENDM2Qk"),
  trickyText.filter((text) => text !== ""),
);
export const keyOrValue = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant("") },
  { weight: 4, arbitrary: anyBytes.map(hex) },
);
