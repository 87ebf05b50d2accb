import { expect, test } from "vitest";
import { sized } from "../../test/wire-kit.ts";
import { FrameSplitter } from "./frame-splitter.ts";

test.each([
  ["a TLS handshake", "16030100f8010000f4"],
  ["a negative size", "ffffffff00120000"],
])("%s is opaque from its first byte to the end of the connection", (_, hex) => {
  const splitter = new FrameSplitter();
  const before = sized(Buffer.from("frame"));
  const odd = Buffer.from(hex, "hex");
  expect(splitter.push(Buffer.concat([before, odd]))).toEqual([
    { kind: "frame", bytes: before },
    { kind: "opaque", bytes: odd },
  ]);
  expect(splitter.push(before)).toEqual([{ kind: "opaque", bytes: before }]);
  expect(splitter.buffered).toBe(0);
});

test("a frame of many chunks is joined once: time grows with its size, not with its square", () => {
  const frame = sized(Buffer.alloc(64 * 1024 * 1024));
  const splitter = new FrameSplitter();
  const before = performance.now();
  let frames = 0;
  for (let at = 0; at < frame.length; at += 8_192) {
    frames += splitter.push(frame.subarray(at, at + 8_192)).length;
  }
  expect(frames).toBe(1);
  // Joined on each arrival this would copy 256 GiB.
  expect(performance.now() - before).toBeLessThan(3_000);
});

test("an empty frame is a frame", () => {
  const splitter = new FrameSplitter();
  expect(splitter.push(Buffer.alloc(8))).toEqual([
    { kind: "frame", bytes: Buffer.alloc(4) },
    { kind: "frame", bytes: Buffer.alloc(4) },
  ]);
});
