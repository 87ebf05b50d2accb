import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bytesOf } from "../../test/wire-kit.ts";
import { decodeRecordBatches } from "./record-batch.ts";

/** A batch written by hand, after the description of format 2 in Kafka's documentation. */
function batch(
  records: Buffer,
  count: number,
  { attributes = 0, baseOffset = 100n, magic = 2 } = {},
): Buffer {
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(baseOffset, 0);
  head.writeInt32BE(61 - 12 + records.length, 8);
  head.writeInt32BE(3, 12);
  head.writeInt8(magic, 16);
  head.writeInt16BE(attributes, 21);
  head.writeInt32BE(count - 1, 23);
  head.writeBigInt64BE(1_700_000_000_000n, 27);
  head.writeBigInt64BE(77n, 43);
  head.writeInt16BE(5, 51);
  head.writeInt32BE(9, 53);
  head.writeInt32BE(count, 57);
  return Buffer.concat([head, records]);
}

// length 13, attributes, +1 ms, +0, key "k", value "vv", one header "h" = "x"
const first = bytesOf("1a 00 02 00 02 'k' 04 'vv' 02 02 'h' 02 'x'");
// length 10, attributes, +300 ms (zigzag 600), +1, null key, empty value, header "n" = null
const second = bytesOf("14 00 d804 02 01 00 02 02 'n' 01");

test("records have their offsets, times, keys, values and headers, null apart from empty", () => {
  const [read, ...more] = decodeRecordBatches(batch(Buffer.concat([first, second]), 2));
  expect(more).toEqual([]);
  expect(read).toEqual({
    baseOffset: 100n,
    partitionLeaderEpoch: 3,
    producerId: 77n,
    producerEpoch: 5,
    baseSequence: 9,
    recordCount: 2,
    compression: "none",
    transactional: false,
    control: false,
    undecodable: null,
    records: [
      {
        offset: 100n,
        timestamp: 1_700_000_000_001n,
        key: Buffer.from("k"),
        value: Buffer.from("vv"),
        headers: [["h", Buffer.from("x")]],
      },
      {
        offset: 101n,
        timestamp: 1_700_000_000_300n,
        key: null,
        value: Buffer.alloc(0),
        headers: [["n", null]],
      },
    ],
  });
});

test("gzip is read; other compressions are said to be undecodable, with what can be known", () => {
  const packed = gzipSync(Buffer.concat([first, second]));
  const [gzip, snappy] = decodeRecordBatches(
    Buffer.concat([
      batch(packed, 2, { attributes: 1 }),
      batch(Buffer.from("whatever"), 4, { attributes: 2, baseOffset: 102n }),
    ]),
  );
  expect(gzip).toMatchObject({ compression: "gzip", undecodable: null });
  expect(gzip?.records?.map((record) => record.offset)).toEqual([100n, 101n]);
  expect(snappy).toMatchObject({ compression: "snappy", records: null, recordCount: 4 });
  expect(snappy?.undecodable).toContain("snappy");
});

test("transactional and control batches are told", () => {
  const marker = batch(bytesOf("14 00 00 00 08 0000 0001 00 00"), 1, { attributes: 0x30 });
  expect(decodeRecordBatches(marker)).toMatchObject([
    { transactional: true, control: true, recordCount: 1 },
  ]);
});

test("a batch that a Fetch answer ends in the middle of is left out", () => {
  const whole = batch(first, 1);
  const half = batch(second, 1, { baseOffset: 101n });
  for (const length of [1, 20, 60, 61, half.length - 1]) {
    const bytes = Buffer.concat([whole, half.subarray(0, length)]);
    expect(decodeRecordBatches(bytes).map((b) => b.baseOffset)).toEqual([100n]);
  }
});

test("broken content and old formats do not throw", () => {
  const broken = batch(first.subarray(0, 6), 1);
  expect(decodeRecordBatches(broken)).toMatchObject([{ records: null }]);
  expect(decodeRecordBatches(broken)[0]?.undecodable).toMatch(/bytes wanted/);
  const notGzip = batch(Buffer.from("not gzip"), 1, { attributes: 1 });
  expect(decodeRecordBatches(notGzip)[0]?.undecodable).toMatch(/header/);
  expect(decodeRecordBatches(batch(first, 1, { magic: 1 }))).toEqual([]);
  expect(decodeRecordBatches(Buffer.alloc(0))).toEqual([]);
});
