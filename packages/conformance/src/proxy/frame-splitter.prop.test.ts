import fc from "fast-check";
import { expect, test } from "vitest";
import { sized } from "../../test/wire-kit.ts";
import { FrameSplitter } from "./frame-splitter.ts";

const content = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

/** Where the stream is cut into chunks: any cuts, also none and one for each byte. */
function chunksOf(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...at].map((from, i) => stream.subarray(from, at[i] ?? stream.length));
}

const cuts = fc.oneof(
  fc.array(fc.nat(), { maxLength: 30 }),
  fc.constant(Array.from({ length: 2_000 }, (_, i) => i)),
);

test("frames come out whole, one each, whatever chunks they come in; the last half stays", () => {
  fc.assert(
    fc.property(fc.array(content, { maxLength: 20 }), content, cuts, (contents, half, where) => {
      const frames = contents.map(sized);
      const tail = sized(Buffer.concat([half, Buffer.from([0])])).subarray(0, 4 + half.length);
      const splitter = new FrameSplitter();
      const pieces = chunksOf(Buffer.concat([...frames, tail]), where).flatMap((chunk) =>
        splitter.push(chunk),
      );
      expect(pieces.map((piece) => [piece.kind, piece.bytes.toString("hex")])).toEqual(
        frames.map((frame) => ["frame", frame.toString("hex")]),
      );
      expect(splitter.buffered).toBe(tail.length);
      expect(splitter.rest()).toEqual(tail);
      expect(splitter.buffered).toBe(0);
    }),
  );
});

test("no byte is lost, added or moved, whatever the bytes are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (bytes, where) => {
      const splitter = new FrameSplitter();
      const out: Buffer[] = [];
      for (const chunk of chunksOf(Buffer.from(bytes), where)) {
        for (const piece of splitter.push(chunk)) out.push(piece.bytes);
      }
      out.push(splitter.rest());
      expect(Buffer.concat(out)).toEqual(Buffer.from(bytes));
    }),
  );
});
