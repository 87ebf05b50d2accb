// Rings of topics and of their partitions, seen through the scheduler: whose turn it is.
import { expect, test } from "vitest";
import { LaneScheduler } from "./lane-scheduler.ts";

/** Each record a lane of its own. @param topics of each partition, by number */
function scheduler(topics: Readonly<Record<number, number>> = {}): LaneScheduler {
  const budget = { records: 1_000, bytes: 1_000_000 };
  const lanes = new LaneScheduler({ ordering: "none", concurrency: 100, budget, seed: 1 });
  for (const [partition, topic] of Object.entries(topics)) lanes.place(Number(partition), topic);
  return lanes;
}

/** Holds records of these partitions, one each; answers the partition of each slot. */
function hold(lanes: LaneScheduler, ...partitions: readonly number[]): Map<number, number> {
  return new Map(partitions.map((each) => [lanes.enqueue(each, null, 1), each]));
}

/** The partitions that have a turn, one after the other. */
function turns(lanes: LaneScheduler, partitionOf: ReadonlyMap<number, number>): unknown[] {
  const taken: unknown[] = [];
  for (let slot = lanes.take(); slot !== -1; slot = lanes.take()) {
    taken.push(partitionOf.get(slot));
    if (taken.length > partitionOf.size) throw new Error("one was taken twice");
  }
  return taken;
}

test("topics take turns in the order in which they had something, whatever their numbers", () => {
  const lanes = scheduler({ 0: 2, 1: 1, 2: 0 });
  expect(turns(lanes, hold(lanes, 0, 1, 2, 0, 1, 2))).toEqual([0, 1, 2, 0, 1, 2]);
});

test("and so do the partitions of a topic", () => {
  const lanes = scheduler();
  expect(turns(lanes, hold(lanes, 3, 1, 3, 1, 2))).toEqual([3, 1, 2, 3, 1]);
});

test("a partition or a topic may be the only one, and of any number", () => {
  const one = scheduler();
  expect(turns(one, hold(one, 100, 100))).toEqual([100, 100]);
  const other = scheduler({ 17: 50 });
  expect(turns(other, hold(other, 17, 17))).toEqual([17, 17]);
});

test("a topic that is blocked is passed over for the next", () => {
  const lanes = scheduler({ 0: 0, 1: 1 });
  const held = hold(lanes, 0, 1);
  lanes.block(0);
  expect(turns(lanes, held)).toEqual([1]);
  lanes.unblock(0);
  expect(turns(lanes, held)).toEqual([0]);
});

test("the same by partition, where batches are put together", () => {
  const lanes = scheduler({ 0: 0, 1: 1 });
  hold(lanes, 0, 1);
  lanes.block(0);
  expect([lanes.takeTurn(), lanes.takeTurn()]).toEqual([1, -1]);
});

test("what is let go of takes nothing else with it, and its place is given out again", () => {
  const lanes = scheduler();
  const held = hold(lanes, 5, 5, 5, 5);
  const [first, second, third, fourth] = held.keys();
  const released: number[] = [];
  lanes.releaseQueued(
    5,
    (slot) => slot === second || slot === third,
    (slot) => released.push(slot),
  );
  expect(released.toSorted((a, b) => a - b)).toEqual([second, third]);
  expect([lanes.take(), lanes.take(), lanes.take()]).toEqual([first, fourth, -1]);
  lanes.finish(first!);
  const again = [5, 5, 5].map((partition) => lanes.enqueue(partition, null, 1));
  expect(again.toSorted((a, b) => a - b)).toEqual([first, second, third]);
});

test("lanes that end leave those that go on to be found", () => {
  const budget = { records: 1_000, bytes: 1_000_000 };
  const lanes = new LaneScheduler({ ordering: "key", concurrency: 1_000, budget, seed: 1 });
  const keys = Array.from({ length: 200 }, (_, index) => new TextEncoder().encode(`k${index}`));
  const slots = keys.map((key) => lanes.enqueue(0, key, 1));
  while (lanes.take() !== -1);
  for (let index = 0; index < keys.length; index += 2) lanes.finish(slots[index]!);
  for (let index = 1; index < keys.length; index += 2) lanes.enqueue(0, keys[index]!, 1);
  // Each of these is behind one that runs.
  expect(lanes.take()).toBe(-1);
});
