import { expect, test } from "vitest";
import { base64urlLength, writeBase64url } from "./base64url.ts";

const bytes = Uint8Array.from({ length: 12 }, (_, index) => 0xff - 37 * index);

test.each(Array.from(bytes.keys()))("%d bytes are written, and nothing beside them", (length) => {
  const given = bytes.subarray(0, length);
  const expected = Buffer.from(given).toString("base64url");
  const text = new Uint8Array(24).fill(0x2a);
  writeBase64url(given, text, 3);
  expect(Buffer.from(text).toString("latin1")).toBe(`***${expected}`.padEnd(24, "*"));
  expect(base64urlLength(length)).toBe(expected.length);
});
