import { expect, test } from "vitest";
import { LaneHash } from "./lane-hash.ts";
import { LaneScheduler } from "./lane-scheduler.ts";
import type { LaneConfig } from "./lane-scheduler.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function scheduler(config: Partial<LaneConfig> = {}): LaneScheduler {
  const budget = { records: 1_000, bytes: 1_000_000 };
  return new LaneScheduler({ ordering: "key", concurrency: 100, budget, seed: 1, ...config });
}

/** Takes all that may run, in order. */
function takeAll(lanes: LaneScheduler): number[] {
  const taken: number[] = [];
  for (let slot = lanes.take(); slot !== -1; slot = lanes.take()) {
    taken.push(slot);
    if (taken.length > lanes.heldRecords) throw new Error("one was taken twice");
  }
  return taken;
}

test("one record of a key runs at a time, in order of arrival", () => {
  const lanes = scheduler();
  const [a1, b1, a2, a3] = ["a", "b", "a", "a"].map((key) => lanes.enqueue(0, bytes(key), 1));
  expect(takeAll(lanes)).toEqual([a1, b1]);
  lanes.finish(a1!);
  expect(takeAll(lanes)).toEqual([a2]);
  lanes.finish(a2!);
  expect(takeAll(lanes)).toEqual([a3]);
});

test("equal keys of different partitions do not wait for each other", () => {
  const lanes = scheduler();
  lanes.enqueue(0, bytes("a"), 1);
  lanes.enqueue(1, bytes("a"), 1);
  expect(takeAll(lanes)).toHaveLength(2);
});

test("ordering by partition is one lane for each partition, also without keys", () => {
  const lanes = scheduler({ ordering: "partition" });
  const slots = [0, 0, 1, 1].map((partition) => lanes.enqueue(partition, null, 1));
  expect(takeAll(lanes)).toEqual([slots[0], slots[2]]);
});

test("without ordering nothing waits", () => {
  const lanes = scheduler({ ordering: "none" });
  for (let index = 0; index < 5; index++) lanes.enqueue(0, bytes("a"), 1);
  expect(takeAll(lanes)).toHaveLength(5);
});

test("a parked record holds its own lane, no other, and no place among the running", () => {
  const lanes = scheduler({ concurrency: 1 });
  const [a1, a2, b] = ["a", "a", "b"].map((key) => lanes.enqueue(0, bytes(key), 1));
  expect(takeAll(lanes)).toEqual([a1]);
  expect(lanes.park(a1!)).toBe(true);
  expect(lanes.running).toBe(0);
  expect(takeAll(lanes)).toEqual([b]);
  lanes.finish(b!);
  expect(takeAll(lanes)).toEqual([]);
  expect(lanes.unpark(a1!)).toBe(true);
  expect(takeAll(lanes)).toEqual([a1]);
  lanes.finish(a1!);
  expect(takeAll(lanes)).toEqual([a2]);
});

test("partitions take turns, however many records one of them has", () => {
  const lanes = scheduler();
  const partitionOf = new Map<number, number>();
  const add = (partition: number): unknown =>
    partitionOf.set(lanes.enqueue(partition, null, 1), partition);
  for (let index = 0; index < 9; index++) add(0);
  for (let index = 0; index < 3; index++) add(1);
  add(2);
  const turns = takeAll(lanes).map((slot) => partitionOf.get(slot));
  expect(turns).toEqual([0, 1, 2, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
});

test("a blocked partition is passed over and comes back in turn", () => {
  const lanes = scheduler();
  const [a, b] = [lanes.enqueue(0, null, 1), lanes.enqueue(1, null, 1)];
  lanes.block(0);
  const later = lanes.enqueue(0, null, 1);
  expect(takeAll(lanes)).toEqual([b]);
  lanes.unblock(0);
  expect(takeAll(lanes)).toEqual([a, later]);
});

test("releasing what is queued keeps the lanes of what runs or is parked", () => {
  const lanes = scheduler();
  const [running, parked] = [lanes.enqueue(0, bytes("a"), 1), lanes.enqueue(0, bytes("b"), 1)];
  takeAll(lanes);
  lanes.park(parked);
  const queued = ["a", "b", "c", "c", null].map((key) =>
    lanes.enqueue(0, key === null ? null : bytes(key), 1),
  );
  const other = lanes.enqueue(1, bytes("a"), 1);
  const released: number[] = [];
  lanes.releaseQueued(
    0,
    () => true,
    (slot) => released.push(slot),
  );
  expect(new Set(released)).toEqual(new Set(queued));
  expect(released).toHaveLength(queued.length);
  expect([lanes.heldRecords, lanes.running]).toEqual([3, 1]);
  expect(takeAll(lanes)).toEqual([other]);
  const [a, b] = [lanes.enqueue(0, bytes("a"), 1), lanes.enqueue(0, bytes("b"), 1)];
  expect(takeAll(lanes)).toEqual([]);
  lanes.finish(running);
  expect(takeAll(lanes)).toEqual([a]);
  lanes.finish(parked);
  expect(takeAll(lanes)).toEqual([b]);
});

test("calls that make no sense are answered with false and change nothing", () => {
  const lanes = scheduler();
  const [first, second] = [lanes.enqueue(0, bytes("a"), 5), lanes.enqueue(0, bytes("a"), 5)];
  const ready = [lanes.park(first), lanes.unpark(first), lanes.finish(first)];
  takeAll(lanes);
  const running = [lanes.unpark(first), lanes.finish(second), lanes.finish(99), lanes.park(-1)];
  lanes.finish(first);
  const finished = [lanes.finish(first), lanes.park(first), lanes.unpark(first)];
  expect([...ready, ...running, ...finished]).not.toContain(true);
  expect([lanes.heldRecords, lanes.heldBytes, lanes.running]).toEqual([1, 5, 0]);
  expect(takeAll(lanes)).toEqual([second]);
});

test("how full the budget is, by records or by bytes, and how many records of that size fill it", () => {
  const lanes = scheduler({ budget: { records: 10, bytes: 100 } });
  const small = Array.from({ length: 5 }, () => lanes.enqueue(0, null, 4));
  expect([lanes.fill, lanes.fillOfBytes, lanes.roomInRecords]).toEqual([0.5, 0.2, 10]);
  lanes.enqueue(0, null, 80);
  expect([lanes.fill, lanes.roomInRecords]).toEqual([1, 6]);
  takeAll(lanes);
  for (const slot of small) lanes.finish(slot);
  expect([lanes.fill, lanes.roomInRecords]).toEqual([0.8, 1.25]);
});

test("a slot that must not be reused is not given out again", () => {
  const lanes = scheduler();
  const slot = lanes.enqueue(0, null, 1);
  lanes.take();
  lanes.finish(slot, false);
  expect(lanes.enqueue(0, null, 1)).not.toBe(slot);
});

test("thousands of lanes are held at once and each is found again", () => {
  const lanes = scheduler({ concurrency: 5_000, budget: { records: 1e6, bytes: 1e9 } });
  const keys = Array.from({ length: 5_000 }, (_, index) => bytes(`order-${index}`));
  for (let round = 0; round < 3; round++) {
    const first = keys.map((key) => lanes.enqueue(0, key, 1));
    expect(takeAll(lanes)).toEqual(first);
    const second = keys.map((key) => lanes.enqueue(0, key, 1));
    expect(takeAll(lanes)).toEqual([]);
    for (const slot of first) lanes.finish(slot);
    expect(takeAll(lanes)).toEqual(second);
    for (const slot of second) lanes.finish(slot);
  }
});

test("two keys with one hash share a lane: both run, in order, never at once", () => {
  const hash = new LaneHash(1);
  const byHash = new Map<number, Uint8Array>();
  let pair: [Uint8Array, Uint8Array] | undefined;
  for (let index = 0; pair === undefined; index++) {
    const key = bytes(`order-${index}`);
    const other = byHash.get(hash.of(key));
    if (other !== undefined) pair = [other, key];
    byHash.set(hash.of(key), key);
  }
  const lanes = scheduler();
  const [first, second] = pair.map((key) => lanes.enqueue(0, key, 1));
  expect(takeAll(lanes)).toEqual([first]);
  lanes.finish(first!);
  expect(takeAll(lanes)).toEqual([second]);
});
