import { PortError } from "@sluice/core";
import { expect, it } from "vitest";
import type { DecodedRecord, FetchedPartition } from "./internals.ts";
import { readFetched } from "./records.ts";

it("begins at the position although the batch begins before it", () => {
  const { records, nextPosition } = read(batch(10, ["a", "b", "c"]), 11);
  expect(records.map(({ offset }) => offset)).toEqual([11, 12]);
  expect(nextPosition).toBe(13);
});

it("goes on behind the batch when compaction has taken its last records", () => {
  const [first] = batch(10, ["a", "b", "c"]);
  if (first === undefined) throw new Error("no record");
  expect(read([first], 10).nextPosition).toBe(13);
});

it("goes on behind a batch all of whose records lie before the position", () => {
  const [first] = batch(10, ["a", "b", "c"]);
  if (first === undefined) throw new Error("no record");
  const { records, nextPosition } = read([first], 12);
  expect(records).toEqual([]);
  expect(nextPosition).toBe(13);
});

it("stays where it is when nothing came", () => {
  expect(read([], 7)).toEqual({ records: [], nextPosition: 7 });
});

it("leaves out aborted transactions, each up to its own end", () => {
  const messages = [
    ...batch(0, ["a0", "a1"], { producerId: "1", inTransaction: true }),
    ...batch(2, ["b0"], { producerId: "2", inTransaction: true }),
    marker(3, "1", "abort"),
    ...batch(4, ["a2"], { producerId: "1", inTransaction: true }),
    marker(5, "2", "commit"),
    marker(6, "1", "commit"),
    ...batch(7, ["plain"], { producerId: "1" }),
  ];
  const aborted = [{ producerId: "1", firstOffset: "0" }];
  const { records, nextPosition } = read(messages, 0, aborted);
  expect(records.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([
    "b0",
    "a2",
    "plain",
  ]);
  expect(nextPosition).toBe(8);
});

it("knows an aborted transaction whose begin lies before the position", () => {
  const messages = [
    ...batch(0, ["a", "b"], { producerId: "1", inTransaction: true }),
    marker(2, "1", "abort"),
  ];
  const { records, nextPosition } = read(messages, 1, [{ producerId: "1", firstOffset: "0" }]);
  expect(records).toEqual([]);
  expect(nextPosition).toBe(3);
});

it("refuses an offset that a number cannot hold", () => {
  const messages = batch(0, ["a"]).map((message) => ({ ...message, offset: "9007199254740993" }));
  expect(() => read(messages, 0)).toThrow(PortError);
  expect(() => read(messages, 0)).toThrow(/t-0.*9007199254740993/);
});

function read(
  messages: readonly DecodedRecord[],
  position: number,
  abortedTransactions: FetchedPartition["abortedTransactions"] = null,
): ReturnType<typeof readFetched> {
  const fetched = {
    partition: 0,
    errorCode: 0,
    highWatermark: "99",
    abortedTransactions,
    messages,
  };
  return readFetched("t", fetched, position);
}

function batch(
  first: number,
  values: readonly string[],
  context: Partial<DecodedRecord["batchContext"]> = {},
): DecodedRecord[] {
  return values.map((value, i) => ({
    offset: String(first + i),
    timestamp: "0",
    key: null,
    value: Buffer.from(value),
    headers: {},
    isControlRecord: false,
    batchContext: {
      firstOffset: String(first),
      lastOffsetDelta: values.length - 1,
      partitionLeaderEpoch: 0,
      inTransaction: false,
      producerId: "-1",
      ...context,
    },
  }));
}

function marker(offset: number, producerId: string, type: "commit" | "abort"): DecodedRecord {
  const [record] = batch(offset, [""], { producerId, inTransaction: true });
  if (record === undefined) throw new Error("no record");
  const key = Buffer.from([0, 0, 0, type === "commit" ? 1 : 0]);
  return { ...record, key, isControlRecord: true };
}
