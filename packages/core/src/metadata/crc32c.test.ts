import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

// The first is the check value in every catalogue of CRCs, the others are of RFC 3720, appendix B.4.
test.each([
  ["123456789", ascii("123456789"), 0xe306_9283],
  ["32 zeros", new Uint8Array(32), 0x8a91_36aa],
  ["32 times ff", new Uint8Array(32).fill(0xff), 0x62a8_ab43],
  ["00 to 1f", new Uint8Array(32).map((_, index) => index), 0x46dd_794e],
])("CRC-32C of %s", (_, bytes, expected) => {
  expect(crc32c(bytes, bytes.length)).toBe(expected);
});

test("it goes on from the CRC of what came before, and stops at the length", () => {
  const before = crc32c(ascii("1234"), 4);
  expect(crc32c(ascii("56789 and more"), 5, before)).toBe(0xe306_9283);
});
