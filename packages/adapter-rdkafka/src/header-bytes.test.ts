import { describe, expect, it } from "vitest";

import type { NativeHeader, NativeMessage } from "./client.ts";
import { HeaderBytes } from "./header-bytes.ts";
import { RdkafkaRecord } from "./record.ts";

/** `count` headers of which each has a name of 4 bytes and a value of so many. */
function headers(count: number, valueBytes: number): NativeHeader[] {
  return Array.from({ length: count }, () => ({ name: Buffer.alloc(valueBytes) }));
}

describe("the bytes of headers", () => {
  it("are none where there are none", () => {
    const bytes = new HeaderBytes();
    expect(bytes.of(undefined)).toBe(0);
    expect(bytes.of([])).toBe(0);
  });

  it("are measured of the first record", () => {
    expect(new HeaderBytes().of([{ a: Buffer.from("123") }, { bc: Buffer.alloc(0) }])).toBe(6);
  });

  it("go by the number of headers after that, until one of 16 is measured again", () => {
    const bytes = new HeaderBytes();
    expect(bytes.of(headers(2, 6))).toBe(20);
    // These are larger, and it is not looked at them.
    for (let each = 1; each < 16; each += 1) {
      expect(bytes.of(headers(each, 96))).toBe(each * 10);
      expect(bytes.of(undefined)).toBe(0);
    }
    expect(bytes.of(headers(2, 96))).toBe(200);
    expect(bytes.of(headers(1, 6))).toBe(100);
  });

  it("are part of what a record tells of its size", () => {
    const message = { topic: "t", partition: 0, offset: 0, timestamp: 0 };
    const size = (rest: Partial<NativeMessage>): number | undefined =>
      new RdkafkaRecord({ ...message, key: null, value: null, ...rest }, new HeaderBytes()).size;
    expect(size({})).toBe(0);
    expect(size({ key: Buffer.from("k"), value: Buffer.from("value") })).toBe(6);
    expect(size({ value: Buffer.from("value"), headers: headers(3, 6) })).toBe(35);
  });
});
