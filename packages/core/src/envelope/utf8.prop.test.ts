import fc from "fast-check";
import { expect, it } from "vitest";
import { compareUtf8, decodeStrictly, decodeUtf8, encodeBounded, encodeUtf8 } from "./utf8.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: fc.constantFrom("a", "é", "日", "🚀", "\u0000", "\uFEFF"), maxLength: 60 }),
);
const maxBytes = fc.integer({ min: 3, max: 80 });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

it("what is encoded decodes to itself", () => {
  fc.assert(
    fc.property(text, (s) => {
      expect(decodeUtf8(encodeUtf8(s))).toBe(s);
    }),
  );
});

it("bounded text is the longest prefix of whole code points that fits with its ellipsis (SLC-ENV-010)", () => {
  fc.assert(
    fc.property(text, maxBytes, (s, max) => {
      const bounded = encodeBounded(s, max);
      expect(bounded.length).toBeLessThanOrEqual(max);
      const decoded = strict.decode(bounded); // throws within a code point
      const size = (part: string): number => Buffer.byteLength(part);
      const expected = size(s) <= max ? s : `${longestPrefix(s, max - 3)}…`;
      expect(decoded).toBe(expected);
    }),
  );
});

it("any bytes decode without an error", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeUtf8(bytes)).toBe(Buffer.from(bytes).toString("utf8"));
    }),
  );
});

it("only well-formed bytes decode strictly, a leading U+FEFF included (SLC-ENV-019)", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 4 }), text.map(encodeUtf8)), (bytes) => {
      const isWellFormed = Buffer.from(Buffer.from(bytes).toString()).equals(bytes);
      expect(decodeStrictly(bytes)).toBe(isWellFormed ? Buffer.from(bytes).toString() : null);
    }),
  );
  expect(decodeStrictly(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\uFEFFa");
  expect(decodeStrictly(Uint8Array.of(0x61, 0xff))).toBeNull();
});

it("texts are in the order of their bytes, a beginning before the whole", () => {
  const order = (a: string, b: string) => Math.sign(compareUtf8(a, b));
  fc.assert(
    fc.property(text, text, fc.nat(60), (a, b, length) => {
      expect(order(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const beginning = Array.from(a).slice(0, length).join("");
      expect(order(beginning, a)).toBe(beginning === a ? 0 : -1);
    }),
  );
  expect([order("ab", "abc"), order("abc", "ab"), order("a", "a")]).toEqual([-1, 1, 0]);
  // By UTF-16 unit it would be the other way round.
  expect(order("\u{1f680}", "\uff5e")).toBe(1);
});

it("an unpaired surrogate becomes the replacement character", () => {
  expect(decodeUtf8(encodeUtf8("a\ud800b"))).toBe("a\ufffdb");
});

function longestPrefix(s: string, max: number): string {
  let prefix = "";
  for (const codePoint of s) {
    if (Buffer.byteLength(prefix + codePoint) > max) break;
    prefix += codePoint;
  }
  return prefix;
}
