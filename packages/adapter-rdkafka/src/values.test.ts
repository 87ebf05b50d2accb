import { describe, expect, it } from "vitest";

import { fromNativeHeaders, toNativeHeaders } from "./headers.ts";
import { isOffset, toNative } from "./offsets.ts";
import { toNativeBytes } from "./values.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("bytes on their way to the client", () => {
  it("keep null and empty apart: an empty one stands on memory", () => {
    expect(toNativeBytes(null)).toBeNull();
    for (const empty of [Buffer.alloc(0), new Uint8Array(0)]) {
      const sent = toNativeBytes(empty);
      expect(sent?.byteLength).toBe(0);
      expect(sent?.buffer.byteLength).toBeGreaterThan(0);
    }
  });

  it("are a view of the same memory, at its place", () => {
    const view = bytes("abcdef").subarray(2, 4);
    const sent = toNativeBytes(view);
    expect(Buffer.isBuffer(sent)).toBe(true);
    expect(String(sent)).toBe("cd");
    expect(sent?.buffer).toBe(view.buffer);
  });
});

describe("headers", () => {
  it("keep order and repeats, there and back", () => {
    const headers = [
      ["b", bytes("1")],
      ["a", bytes("2")],
      ["b", bytes("3")],
      ["__proto__", bytes("4")],
    ] as const;
    const sent = toNativeHeaders(headers, () => {});
    expect(sent.map((header) => Object.keys(header))).toEqual([["b"], ["a"], ["b"], ["__proto__"]]);
    expect(fromNativeHeaders(sent).map(([name, value]) => [name, String(value)])).toEqual([
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
      ["__proto__", "4"],
    ]);
  });

  it("say which null became empty", () => {
    const lossy: string[] = [];
    const [sent] = toNativeHeaders([["gone", null]], (name) => lossy.push(name));
    expect(lossy).toEqual(["gone"]);
    expect(sent?.["gone"]?.byteLength).toBe(0);
  });
});

describe("offsets", () => {
  it.each([-1, 1.5, 2 ** 53, Number.NaN, "5", 5n, null, undefined])("%s is none", (value) => {
    expect(isOffset(value)).toBe(false);
    expect(() => toNative({ topic: "t", partition: 0, epoch: 1, offset: value as number })).toThrow(
      /not an offset/,
    );
  });

  it("go up to 2^53-1", () => {
    const offset = Number.MAX_SAFE_INTEGER;
    expect(toNative({ topic: "t", partition: 0, epoch: 1, offset }).offset).toBe(offset);
  });

  it("carry metadata of 4095 bytes, counted as UTF-8", () => {
    const at = { topic: "t", partition: 0, epoch: 1, offset: 1 };
    expect(toNative({ ...at, metadata: "é".repeat(2047) }).metadata).toHaveLength(2047);
    expect(() => toNative({ ...at, metadata: "é".repeat(2048) })).toThrow(/4096 bytes/);
  });
});
