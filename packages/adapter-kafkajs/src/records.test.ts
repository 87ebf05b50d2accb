import { expect, it } from "vitest";
import type { AbortedTransaction } from "./fetch-answer.ts";
import type { RecordBatch } from "./record-batch.ts";
import { readFetched } from "./records.ts";
import { batchOf } from "./testing/batches.ts";
import type { BatchOptions } from "./testing/batches.ts";

it("begins at the position although the batch begins before it", async () => {
  const { records, nextPosition } = read([await batch(10, ["a", "b", "c"])], 11);
  expect(records.map(({ offset }) => offset)).toEqual([11, 12]);
  expect(nextPosition).toBe(13);
});

it("goes on behind the batch when compaction has taken its last records", async () => {
  const compacted = await batch(10, ["a"], { lastOffsetDelta: 2 });
  const { records, nextPosition } = read([compacted], 10);
  expect(records.map(({ offset }) => offset)).toEqual([10]);
  expect(nextPosition).toBe(13);
});

it("goes on behind a batch of which compaction has left nothing", async () => {
  const emptied = await batch(10, [], { lastOffsetDelta: 4 });
  expect(read([emptied], 10)).toEqual({ records: [], nextPosition: 15 });
});

it("goes on behind a batch all of whose records lie before the position", async () => {
  const compacted = await batch(10, ["a"], { lastOffsetDelta: 2 });
  expect(read([compacted], 12)).toEqual({ records: [], nextPosition: 13 });
});

it("stays where it is when nothing came", () => {
  expect(read([], 7)).toEqual({ records: [], nextPosition: 7 });
});

it("leaves out aborted transactions, each up to its own end", async () => {
  const batches = [
    await batch(0, ["a0", "a1"], { producerId: 1, transactional: true }),
    await batch(2, ["b0"], { producerId: 2, transactional: true }),
    await marker(3, 1, "abort"),
    await batch(4, ["a2"], { producerId: 1, transactional: true }),
    await marker(5, 2, "commit"),
    await marker(6, 1, "commit"),
    await batch(7, ["plain"], { producerId: 1 }),
  ];
  const { records, nextPosition } = read(batches, 0, [{ producerId: 1, firstOffset: 0 }]);
  expect(records.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([
    "b0",
    "a2",
    "plain",
  ]);
  expect(nextPosition).toBe(8);
});

it("goes by an aborted transaction only from where it begins", async () => {
  const batches = [
    await batch(0, ["committed"], { producerId: 1, transactional: true }),
    await marker(1, 1, "commit"),
    await batch(2, ["aborted"], { producerId: 1, transactional: true }),
    await marker(3, 1, "abort"),
  ];
  const { records } = read(batches, 0, [{ producerId: 1, firstOffset: 2 }]);
  expect(records.map(({ offset }) => offset)).toEqual([0]);
});

it("knows an aborted transaction whose begin lies before the position", async () => {
  const batches = [
    await batch(0, ["a", "b"], { producerId: 1, transactional: true }),
    await marker(2, 1, "abort"),
  ];
  const { records, nextPosition } = read(batches, 1, [{ producerId: 1, firstOffset: 0 }]);
  expect(records).toEqual([]);
  expect(nextPosition).toBe(3);
});

it("takes no record for a marker whatever its key", async () => {
  const key = Buffer.from([0, 0, 0, 0]);
  const batches = [
    await batchOf(0, [{ key }], { producerId: 1, transactional: true }),
    await batch(1, ["a"], { producerId: 1, transactional: true }),
    await marker(2, 1, "abort"),
  ];
  expect(read(batches, 0, [{ producerId: 1, firstOffset: 0 }]).records).toEqual([]);
});

function read(
  batches: readonly RecordBatch[],
  position: number,
  abortedTransactions: readonly AbortedTransaction[] = [],
): ReturnType<typeof readFetched> {
  return readFetched("t", { partition: 0, errorCode: 0, abortedTransactions, batches }, position);
}

function batch(
  first: number,
  values: readonly string[],
  options?: BatchOptions,
): Promise<RecordBatch> {
  return batchOf(
    first,
    values.map((value) => ({ value: Buffer.from(value) })),
    options,
  );
}

function marker(
  offset: number,
  producerId: number,
  type: "commit" | "abort",
): Promise<RecordBatch> {
  const key = Buffer.from([0, 0, 0, type === "commit" ? 1 : 0]);
  return batchOf(offset, [{ key }], { producerId, transactional: true, control: true });
}
