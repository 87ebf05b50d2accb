// What runs together, and how turns go by partition then: the scheduler's part in batches.
import { expect, test } from "vitest";
import { LaneHash } from "./lane-hash.ts";
import { LaneScheduler } from "./lane-scheduler.ts";
import type { LaneConfig } from "./lane-scheduler.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function scheduler(config: Partial<LaneConfig> = {}): LaneScheduler {
  const budget = { records: 1_000, bytes: 1_000_000 };
  return new LaneScheduler({ ordering: "key", concurrency: 100, budget, seed: 1, ...config });
}

/** Holds a record for each character, which is its key; `-` has none. */
function hold(lanes: LaneScheduler, keys: string, partition = 0): number[] {
  return Array.from(keys, (key) => lanes.enqueue(partition, key === "-" ? null : bytes(key), 1));
}

/** The ready records of a partition, in order. */
function ready(lanes: LaneScheduler, partition = 0): number[] {
  const slots: number[] = [];
  for (let slot = lanes.readyAfter(partition, -1); slot !== -1;) {
    slots.push(slot);
    if (slots.length > lanes.heldRecords) throw new Error("one is ready twice");
    slot = lanes.readyAfter(partition, slot);
  }
  return slots;
}

test("what is ready, and what may run behind it, are told before anything is taken", () => {
  const lanes = scheduler();
  const [a1, b1, a2, none, a3] = hold(lanes, "aba-a");
  expect(ready(lanes)).toEqual([a1, b1, none]);
  expect(ready(lanes)).toEqual([a1, b1, none]);
  expect([a1, a2, a3, b1, none].map((slot) => lanes.behind(slot!))).toEqual([a2, a3, -1, -1, -1]);
  expect([a1, a2, a3, b1, none].map((slot) => lanes.laneHead(slot!))).toEqual([
    a1,
    a1,
    a1,
    b1,
    none,
  ]);
  expect([a3, none].map((slot) => lanes.hasLane(slot!))).toEqual([true, false]);
  const hash = new LaneHash(1).of(bytes("a"));
  expect([a1, a3, none].map((slot) => lanes.laneHash(slot!))).toEqual([hash, hash, null]);
});

test("records that run together count as one, until the first named has ended", () => {
  const lanes = scheduler({ concurrency: 1 });
  const [a1, b1, a2, c1] = hold(lanes, "abac");
  expect([lanes.hasRoom, lanes.takeTurn()]).toEqual([true, 0]);
  lanes.runTogether(0, [a1!, b1!, a2!]);
  lanes.giveTurn(0);
  expect([lanes.running, lanes.hasRoom]).toEqual([1, false]);
  expect([lanes.takeTurn(), lanes.take()]).toEqual([-1, -1]);
  expect(ready(lanes)).toEqual([c1]);
  expect([lanes.finish(b1!), lanes.finish(a2!)]).toEqual([true, true]);
  expect([lanes.running, lanes.heldRecords, lanes.takeTurn()]).toEqual([1, 2, -1]);
  lanes.finish(a1!);
  expect([lanes.running, lanes.heldRecords, lanes.takeTurn()]).toEqual([0, 1, 0]);
});

test("what is ready behind a batch stays ready, in order", () => {
  const lanes = scheduler();
  const [a1, b1, c1, d1] = hold(lanes, "abcd");
  lanes.takeTurn();
  lanes.runTogether(0, [b1!, a1!]);
  expect(ready(lanes)).toEqual([c1, d1]);
  expect(lanes.take()).toBe(-1);
  lanes.giveTurn(0);
  expect([lanes.take(), lanes.take(), lanes.take()]).toEqual([c1, d1, -1]);
});

test("a record behind a batch of its lane runs when all of that has ended, in whatever order", () => {
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    const lanes = scheduler();
    const batch = hold(lanes, "aaa");
    const [next, last] = hold(lanes, "aa");
    lanes.takeTurn();
    lanes.runTogether(0, batch);
    for (const index of order) {
      expect(ready(lanes), String(order)).toEqual([]);
      expect(lanes.finish(batch[index]!)).toBe(true);
    }
    expect(ready(lanes), String(order)).toEqual([next]);
    expect(lanes.behind(next!)).toBe(last);
    expect(lanes.take()).toBe(next);
    lanes.finish(next!);
    expect(lanes.take()).toBe(last);
  }
});

test("what comes after the last of a lane has ended is behind those that still run", () => {
  const lanes = scheduler();
  const [a1, a2, a3] = hold(lanes, "aaa");
  lanes.takeTurn();
  lanes.runTogether(0, [a1!, a2!, a3!]);
  lanes.finish(a3!);
  const [late] = hold(lanes, "a");
  expect([lanes.laneHead(late!), lanes.behind(a2!), lanes.take()]).toEqual([a1, late, -1]);
  lanes.finish(a1!);
  expect(lanes.take()).toBe(-1);
  lanes.finish(a2!);
  expect(lanes.take()).toBe(late);
});

test("records of a batch that wait for a retry come again one by one, in their order", () => {
  const lanes = scheduler();
  const [a1, a2, a3, a4] = hold(lanes, "aaaa");
  lanes.takeTurn();
  lanes.runTogether(0, [a1!, a2!, a3!]);
  expect([lanes.park(a3!), lanes.park(a3!)]).toEqual([true, false]);
  expect([lanes.running, lanes.parked]).toEqual([1, 1]);
  expect([lanes.park(a1!), lanes.finish(a2!)]).toEqual([true, true]);
  expect([lanes.running, lanes.parked]).toEqual([0, 2]);
  // The later one is due first: it still waits for the earlier one.
  expect([lanes.unpark(a3!), lanes.unpark(a3!)]).toEqual([true, false]);
  expect([lanes.parked, ready(lanes)]).toEqual([1, []]);
  expect(lanes.behind(a1!)).toBe(a3);
  expect(lanes.unpark(a1!)).toBe(true);
  expect(lanes.parked).toBe(0);
  for (const slot of [a1, a3, a4]) {
    expect([lanes.take(), lanes.take()]).toEqual([slot, -1]);
    lanes.finish(slot!);
  }
  expect(lanes.heldRecords).toBe(0);
});

test("nothing runs behind a record that waits for a retry", () => {
  const lanes = scheduler();
  const [a1, a2] = hold(lanes, "aaa");
  lanes.takeTurn();
  lanes.runTogether(0, [a1!, a2!]);
  lanes.park(a2!);
  expect(lanes.behind(a1!)).toBe(-1);
  lanes.finish(a1!);
  expect(ready(lanes)).toEqual([]);
  expect(lanes.finish(a2!)).toBe(true);
  expect([lanes.parked, ready(lanes).length]).toEqual([0, 1]);
});

test("a partition has one turn, until it is given another or more of it becomes ready", () => {
  const lanes = scheduler();
  hold(lanes, "ab", 0);
  hold(lanes, "ab", 1);
  expect([lanes.takeTurn(), lanes.takeTurn(), lanes.takeTurn()]).toEqual([0, 1, -1]);
  lanes.giveTurn(1);
  lanes.giveTurn(0);
  lanes.giveTurn(1);
  expect([lanes.takeTurn(), lanes.takeTurn(), lanes.takeTurn()]).toEqual([1, 0, -1]);
  hold(lanes, "c", 1);
  hold(lanes, "d", 1);
  expect([lanes.takeTurn(), lanes.takeTurn()]).toEqual([1, -1]);
});

test("a partition with nothing ready, or that is blocked, is given no turn", () => {
  const lanes = scheduler();
  const [a1] = hold(lanes, "a");
  lanes.giveTurn(1);
  expect([lanes.takeTurn(), lanes.takeTurn()]).toEqual([0, -1]);
  lanes.block(0);
  lanes.giveTurn(0);
  expect(lanes.takeTurn()).toBe(-1);
  lanes.unblock(0);
  expect(lanes.takeTurn()).toBe(0);
  lanes.runTogether(0, [a1!]);
  lanes.giveTurn(0);
  expect(lanes.takeTurn()).toBe(-1);
});

test("turns go around the topics, and within each around its partitions", () => {
  const lanes = scheduler();
  for (const [partition, topic] of [0, 0, 0, 1, 2].entries()) lanes.place(partition, topic);
  for (let partition = 0; partition < 5; partition++) hold(lanes, "a", partition);
  const turns = Array.from({ length: 6 }, () => lanes.takeTurn());
  expect(turns).toEqual([0, 3, 4, 1, 2, -1]);
});

test("what is set aside is neither ready nor in anyone's way until it is taken back", () => {
  const lanes = scheduler();
  const [a1, a2, b1] = hold(lanes, "aab");
  lanes.takeTurn();
  lanes.setAside(0);
  expect(ready(lanes)).toEqual([b1]);
  expect([lanes.laneHead(a2!), lanes.behind(a1!), lanes.park(a1!)]).toEqual([a1, a2, false]);
  expect(lanes.takeTurn()).toBe(-1);
  lanes.giveTurn(0);
  expect([lanes.take(), lanes.take()]).toEqual([b1, -1]);
  lanes.takeBack(a1!);
  expect([lanes.take(), lanes.take()]).toEqual([a1, -1]);
  lanes.finish(a1!);
  expect(lanes.take()).toBe(a2);
});

test("with fewer allowed than run nothing is taken until enough have ended", () => {
  const lanes = scheduler({ concurrency: 3 });
  const [a, b, c, d] = hold(lanes, "abcd");
  expect([lanes.take(), lanes.take(), lanes.take()]).toEqual([a, b, c]);
  lanes.concurrency = 2;
  expect([lanes.concurrency, lanes.hasRoom, lanes.take()]).toEqual([2, false, -1]);
  lanes.finish(a!);
  expect([lanes.hasRoom, lanes.take()]).toEqual([false, -1]);
  lanes.finish(b!);
  expect([lanes.hasRoom, lanes.take()]).toEqual([true, d]);
});
