import { expect, test } from "vitest";
import type { RecordBatch } from "../proxy/record-batch.ts";
import { withoutAborted } from "./log-reader.ts";

function batch(offset: number, producer: number, marker?: "abort" | "commit"): RecordBatch {
  const key = marker === undefined ? null : Buffer.from([0, 0, 0, marker === "abort" ? 0 : 1]);
  return {
    baseOffset: BigInt(offset),
    producerId: BigInt(producer),
    partitionLeaderEpoch: 0,
    producerEpoch: 0,
    baseSequence: 0,
    recordCount: 1,
    compression: "none",
    transactional: true,
    control: marker !== undefined,
    records: [{ offset: BigInt(offset), timestamp: 0n, key, value: null, headers: [] }],
    undecodable: null,
  };
}

function kept(batches: RecordBatch[], ...aborted: [producer: number, firstOffset: number][]) {
  const named = aborted.map(([producer, first]) => ({
    producerId: BigInt(producer),
    firstOffset: BigInt(first),
  }));
  return withoutAborted(batches, named)
    .filter(({ control }) => !control)
    .map(({ baseOffset }) => Number(baseOffset));
}

test("an aborted transaction is dropped, the next one of its producer is not", () => {
  const log = [batch(0, 7), batch(1, 7), batch(2, 7, "abort"), batch(3, 7), batch(4, 7, "commit")];
  expect(kept(log, [7, 0])).toEqual([3]);
});

test("another producer's records in between stay", () => {
  const log = [batch(0, 7), batch(1, 8), batch(2, 8, "commit"), batch(3, 7), batch(4, 7, "abort")];
  expect(kept(log, [7, 0])).toEqual([1]);
});

test("an earlier transaction of the same producer stays", () => {
  const log = [batch(0, 7), batch(1, 7, "commit"), batch(2, 7), batch(3, 7, "abort")];
  expect(kept(log, [7, 2])).toEqual([0]);
});

test("a transaction that began before this part of the log is dropped from its first batch on", () => {
  expect(kept([batch(10, 7), batch(11, 7, "abort"), batch(12, 7)], [7, 3])).toEqual([12]);
});

test("what is no transaction stays, whatever its producer does", () => {
  expect(kept([{ ...batch(0, 7), transactional: false }, batch(1, 7)], [7, 0])).toEqual([0]);
});
