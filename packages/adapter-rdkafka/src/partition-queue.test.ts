import { PortError } from "@sluice/core";
import { beforeEach, describe, expect, it } from "vitest";

import { PartitionQueue, type Unsettled } from "./partition-queue.ts";

let dispatched: Unsettled[];
let queue: PartitionQueue;
let results: string[];

beforeEach(() => {
  dispatched = [];
  results = [];
  queue = new PartitionQueue((unsettled) => dispatched.push(unsettled));
});

function add(id: number): void {
  queue.add({
    id,
    record: { topic: "t", partition: 0, key: null, value: null, headers: [] },
    resolve: ({ offset }) => results.push(`${id}@${offset}`),
    reject: ({ kind }) => results.push(`${id} ${kind}`),
    alone: false,
  });
}
const tooLarge = new PortError("too large", { kind: "rejected", outcome: "failed", code: 10 });
const ids = (): number[] => dispatched.map(({ id }) => id);
/** The client's answer for the n-th dispatch. */
const answer = (nth: number, outcome: { offset: number } | PortError): void =>
  queue.settled(dispatched[nth] as Unsettled, outcome);

describe("a batch refused as too large", () => {
  it("is sent again record by record, and only the one at fault is refused", () => {
    for (const id of [1, 2, 3]) add(id);
    for (const nth of [0, 1, 2]) answer(nth, tooLarge);
    expect(results).toEqual([]);
    expect(ids()).toEqual([1, 2, 3, 1]);
    answer(3, { offset: 0 });
    expect(ids().slice(4)).toEqual([2]);
    answer(4, tooLarge);
    answer(5, { offset: 1 });
    expect(results).toEqual(["1@0", "2 rejected", "3@1"]);
  });

  it("holds later records back until it is sorted out, then lets them go in order", () => {
    add(1);
    add(2);
    answer(0, tooLarge);
    add(3);
    // The second is still under way: the first would share its batch.
    expect(ids()).toEqual([1, 2]);
    answer(1, { offset: 0 });
    expect(ids()).toEqual([1, 2, 1]);
    add(4);
    answer(2, tooLarge);
    expect(ids()).toEqual([1, 2, 1, 3, 4]);
    expect(results).toEqual(["2@0", "1 rejected"]);
  });
});

it("other errors are the record's own, and not repeated", () => {
  add(1);
  answer(0, new PortError("late", { kind: "retriable", outcome: "unknown", code: -192 }));
  expect(results).toEqual(["1 retriable"]);
  expect(ids()).toEqual([1]);
});
