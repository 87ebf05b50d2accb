import { createRequire } from "node:module";
import { PortError } from "@sluice/core";
import type { KafkaRecord } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { readBatches, readRecords } from "./record-batch.ts";
import { batchOf, writtenBatch } from "./testing/batches.ts";
import type { BatchOptions, Written } from "./testing/batches.ts";

const messageSet = createRequire(import.meta.url)("kafkajs/src/protocol/messageSet") as (of: {
  readonly messageVersion: number;
  readonly compression: number;
  readonly entries: readonly object[];
}) => { readonly buffer: Buffer };
const GZIP = 1;
const SNAPPY = 2;

// Lengths on both sides of where a varint takes one more byte.
it.each([0, 1, 63, 64, 127, 8_191, 8_192, 1_048_576])(
  "reads keys, values and headers of %i bytes",
  async (length) => {
    const bytes = Buffer.alloc(length, 7);
    const headers = { h: bytes };
    const [first, second] = await read([{ key: bytes, value: bytes, headers }, { value: bytes }]);
    expect(Buffer.from(first?.key ?? []).equals(bytes)).toBe(true);
    expect(Buffer.from(first?.value ?? []).equals(bytes)).toBe(true);
    const [[name, header] = ["", null]] = first?.headers ?? [];
    expect(name).toBe("h");
    expect(Buffer.from(header ?? []).equals(bytes)).toBe(true);
    expect(second?.key).toBeNull();
    expect(Buffer.from(second?.value ?? []).equals(bytes)).toBe(true);
    expect(second?.headers).toEqual([]);
  },
);

it("knows how much a record takes in the log, headers included, packed or not", async () => {
  const value = Buffer.alloc(1000);
  const bare = { key: Buffer.from("key"), value };
  const headers = { name: Buffer.alloc(500) };
  for (const options of [{}, { compression: GZIP }]) {
    const [plain, withHeader] = await read([bare, { ...bare, headers }], options);
    // Each byte of it, a few that say how long things are, and when it was.
    expect(plain?.size).toBeGreaterThanOrEqual(1003);
    expect(plain?.size).toBeLessThan(1003 + 20);
    // The header with its name, and two bytes and one for their lengths.
    expect((withHeader?.size ?? 0) - (plain?.size ?? 0)).toBe(500 + 2 + 4 + 1);
  }
});

it("tells null from empty", async () => {
  const empty = Buffer.alloc(0);
  const [nulls, empties] = await read([
    { key: null, value: null },
    { key: empty, value: empty },
  ]);
  expect([nulls?.key, nulls?.value]).toEqual([null, null]);
  expect([empties?.key, empties?.value]).toEqual([empty, empty]);
});

it("keeps the order and the repeats of headers, and null in them", async () => {
  // kafkajs cannot write null: the length of the last value becomes -1.
  const headers = { b: Buffer.from("1"), a: [Buffer.from("2"), Buffer.alloc(0)] };
  const written = await writtenBatch(0, [{ headers }]);
  written[written.length - 1] = 1;
  const [batch] = await readBatches(written, "t-0");
  expect(batch && recordsOf(batch)[0]?.headers).toEqual([
    ["b", Buffer.from("1")],
    ["a", Buffer.from("2")],
    ["a", null],
  ]);
});

it.each([0, 1, 63, 64, 2 ** 31, -1, -64, -65])(
  "adds a timestamp %i ms after its batch's first",
  async (timestampDelta) => {
    const firstTimestamp = Date.UTC(2026, 0, 1);
    const [record] = await read([{ timestampDelta }], { firstTimestamp });
    expect(record?.timestamp).toBe(firstTimestamp + timestampDelta);
  },
);

it("has the broker's time where the broker stamps records", async () => {
  const appendedAt = Date.UTC(2026, 5, 1);
  const [record] = await read([{ timestampDelta: 5 }], { firstTimestamp: 1, appendedAt });
  expect(record?.timestamp).toBe(appendedAt);
});

it("has the offsets that compaction has left, and the leader's epoch", async () => {
  const records = await read(
    [{ offsetDelta: 0 }, { offsetDelta: 70 }, { offsetDelta: 100_000 }],
    { partitionLeaderEpoch: 4, lastOffsetDelta: 100_000 },
    2 ** 40,
  );
  expect(records.map(({ offset }) => offset)).toEqual([2 ** 40, 2 ** 40 + 70, 2 ** 40 + 100_000]);
  expect(records.map(({ leaderEpoch }) => leaderEpoch)).toEqual([4, 4, 4]);
});

it("unpacks", async () => {
  const records = await read([{ value: Buffer.from("a") }, { value: Buffer.from("b") }], {
    compression: GZIP,
  });
  expect(records.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(["a", "b"]);
});

it("asks for no codec where compaction has left nothing to unpack", async () => {
  const emptied = await batchOf(3, []);
  expect(recordsOf(emptied)).toEqual([]);
  const written = await writtenBatch(3, []);
  written.writeInt16BE(SNAPPY, 21);
  const [packed] = await readBatches(written, "t-0");
  expect(packed && recordsOf(packed)).toEqual([]);
});

it("says which codec is missing, in kafkajs' way", async () => {
  const written = await writtenBatch(3, [{}]);
  written.writeInt16BE(SNAPPY, 21);
  await expect(readBatches(written, "t-0")).rejects.toMatchObject({
    name: "KafkaJSNotImplemented",
    message: "Snappy compression not implemented",
  });
});

it("leaves the last batch to the next fetch when it was cut off", async () => {
  const whole = await writtenBatch(0, [{ value: Buffer.from("a") }]);
  const next = await writtenBatch(1, [{ value: Buffer.from("b") }]);
  for (let length = 0; length < next.length; length++) {
    const bytes = Buffer.concat([whole, next.subarray(0, length)]);
    const batches = await readBatches(bytes, "t-0");
    expect(batches.map(({ firstOffset }) => firstOffset)).toEqual([0]);
  }
  expect(await readBatches(Buffer.concat([whole, next]), "t-0")).toHaveLength(2);
});

it("refuses an offset that a number cannot hold", async () => {
  const read = readBatches(await writtenBatch(9_007_199_254_740_993n, [{}]), "t-0");
  await expect(read).rejects.toThrow(PortError);
  await expect(read).rejects.toThrow(/t-0.*9007199254740993/);
  const across = readBatches(await writtenBatch(2n ** 53n - 1n, [{}, {}]), "t-0");
  await expect(across).rejects.toThrow(/9007199254740992/);
});

it.each([0, 1])("refuses message format %i: says where, and what to do", async (version) => {
  const old = messageSet({
    messageVersion: version,
    compression: 0,
    entries: [{ key: "k", value: "v" }],
  }).buffer;
  old.writeBigInt64BE(7n, 0);
  const read = readBatches(Buffer.concat([await writtenBatch(0, [{}]), old]), "t-0");
  const error: unknown = await read.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PortError);
  expect(error).toMatchObject({
    kind: "fatal",
    message: expect.stringMatching(`^t-0@7: .*format ${version}.*use the rdkafka adapter`),
  });
});

describe("a batch that is not what it says", () => {
  const DAMAGED = /t-0@0: the batch/;

  it("has fewer records than its count", async () => {
    const written = await writtenBatch(0, [{ value: Buffer.from("a") }]);
    written.writeInt32BE(2, 57);
    const [batch] = await readBatches(written, "t-0");
    expect(() => batch && recordsOf(batch)).toThrow(DAMAGED);
  });

  it("has a length that leaves no room for its header", async () => {
    const written = await writtenBatch(0, [{}]);
    written.writeInt32BE(48, 8);
    await expect(readBatches(written, "t-0")).rejects.toThrow(DAMAGED);
  });

  it("has a value that reaches beyond its record", async () => {
    const written = await writtenBatch(0, [{ value: Buffer.from("a") }, {}]);
    // Length, attributes, timestamp, offset and key take a byte each.
    expect(written[61 + 5]).toBe(2);
    written[61 + 5] = 20;
    const [batch] = await readBatches(written, "t-0");
    expect(() => batch && recordsOf(batch)).toThrow(DAMAGED);
  });

  it("has a last record that reaches beyond it", async () => {
    const written = await writtenBatch(0, [{ value: Buffer.from("a") }]);
    // The record's length, as a varint of 63.
    written[61] = 126;
    const [batch] = await readBatches(written, "t-0");
    expect(() => batch && recordsOf(batch)).toThrow(DAMAGED);
  });

  it("never makes it read beyond the end or for ever", async () => {
    const written = await writtenBatch(0, [
      { value: Buffer.from("abc"), headers: { h: Buffer.from("v") } },
    ]);
    for (let at = 61; at < written.length; at++) {
      for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(written);
        changed[at] = byte;
        const [batch] = await readBatches(changed, "t-0");
        if (batch === undefined) throw new Error("no batch");
        try {
          for (const record of recordsOf(batch)) void [record.headers, record.timestamp];
        } catch (error) {
          expect(error).toBeInstanceOf(PortError);
        }
      }
    }
  });
});

async function read(
  records: readonly Written[],
  options?: BatchOptions,
  firstOffset = 0,
): Promise<KafkaRecord[]> {
  return recordsOf(await batchOf(firstOffset, records, options));
}

function recordsOf(batch: Parameters<typeof readRecords>[0]): KafkaRecord[] {
  const records: KafkaRecord[] = [];
  readRecords(batch, "t", 0, 0, records);
  return records;
}
