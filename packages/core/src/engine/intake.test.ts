import { describe, expect, test } from "vitest";
import { assignment, at, Drive, record } from "../../test/drive.ts";
import type { EngineConfig } from "./engine.ts";
import type { WorkToken } from "./effects.ts";

const OK = { type: "ok" } as const;

/** A client that fetches when it may, and handlers that end when they are told to. */
class Member {
  readonly drive: Drive;
  readonly #positions = new Map<number, number>();
  readonly paused = new Set<number>();
  /** Running, by partition. */
  readonly running = new Map<number, WorkToken[]>();
  readonly settled = new Map<number, number>();
  resumes = 0;

  constructor(partitions: number, config: Partial<EngineConfig>) {
    this.drive = new Drive({ ordering: "partition", concurrency: 1_000, ...config });
    const all = Array.from({ length: partitions }, (_, partition) => assignment(partition, 1, 0));
    this.drive.engine.assigned(all, 0);
    this.#perform();
  }

  fetch(partition: number, count: number, size = 1): void {
    const from = this.#positions.get(partition) ?? 0;
    this.#positions.set(partition, from + count);
    const records = Array.from({ length: count }, (_, index) => ({
      ...record(partition, from + index),
      value: new Uint8Array(size),
    }));
    this.drive.engine.recordsFetched(at(partition, 1), records, from + count, 0);
    this.#perform();
  }

  /** One handler of the partition returns, if one runs. */
  finish(partition: number): void {
    const token = this.running.get(partition)?.shift();
    if (token === undefined) return;
    this.settled.set(partition, (this.settled.get(partition) ?? 0) + 1);
    this.drive.engine.handlerFinished(token, OK, 0, 0);
    this.#perform();
  }

  get held(): number {
    return this.drive.engine.snapshot(0).held.records;
  }

  #perform(): void {
    for (const effect of this.drive.take()) {
      if (effect.type === "pause") {
        for (const { partition } of effect.partitions) this.paused.add(partition);
      } else if (effect.type === "resume") {
        for (const { partition } of effect.partitions) this.paused.delete(partition);
        this.resumes += effect.partitions.length;
      } else if (effect.type === "dispatch") {
        const { partition } = this.drive.engine.record(effect.token);
        this.running.set(partition, [...(this.running.get(partition) ?? []), effect.token]);
      }
    }
  }
}

const budget = { records: 120, bytes: 1e9 };

describe("a partition whose handlers never return", () => {
  test.each([
    ["in small fetches", 10],
    ["in one fetch that is larger than the budget", 150],
  ])("%s, lets the others go on", (_, stuckFetch) => {
    const member = new Member(6, { budget });
    const others = [1, 2, 3, 4, 5];
    // It had the consumer to itself until now.
    while (!member.paused.has(0)) member.fetch(0, stuckFetch);
    // Each of the others has up to 60 % of its share when it is opened, and then a fetch.
    const most = member.held + others.length * (12 + 10);
    const wanted = 100 * budget.records;
    const settled = (): number => others.reduce((sum, p) => sum + (member.settled.get(p) ?? 0), 0);
    for (let round = 0; settled() < wanted; round++) {
      expect(round).toBeLessThan(wanted);
      for (const partition of [0, ...others]) {
        if (!member.paused.has(partition))
          member.fetch(partition, partition === 0 ? stuckFetch : 10);
      }
      expect(member.held).toBeLessThanOrEqual(most);
      for (const partition of others) for (let n = 0; n < 3; n++) member.finish(partition);
    }
    for (const partition of others) {
      expect(member.settled.get(partition)).toBeGreaterThan(wanted / others.length / 2);
    }
    expect(member.settled.get(0)).toBeUndefined();
    // A closed one held a fetch, and opens when two fifths of it are done.
    expect(member.resumes).toBeLessThanOrEqual(settled() / 4);
  });

  test("which are many, one after the other: what is left flows", () => {
    const member = new Member(6, { budget });
    for (const partition of [0, 1, 2, 3, 4]) {
      while (!member.paused.has(partition)) member.fetch(partition, 10);
    }
    expect(member.held).toBeLessThan(budget.records + 6 * 10);
    for (let n = 0; n < 100; n++) {
      if (!member.paused.has(5)) member.fetch(5, 10);
      for (let each = 0; each < 10; each++) member.finish(5);
    }
    expect(member.settled.get(5)).toBe(1_000);
  });
});

test("who is alone in being busy has three quarters of the budget, and then 60 % of that", () => {
  const member = new Member(6, { budget });
  member.fetch(3, 89);
  expect(member.paused).toEqual(new Set());
  member.fetch(3, 1);
  expect(member.paused).toEqual(new Set([3]));
  while (member.held > 73) member.finish(3);
  expect(member.paused).toEqual(new Set([3]));
  member.finish(3);
  expect(member.paused).toEqual(new Set());
});

test("equally busy partitions share all of it, and open together", () => {
  const member = new Member(6, { budget });
  while (member.held < 114) for (let p = 0; p < 6; p++) member.fetch(p, 1);
  expect(member.paused).toEqual(new Set());
  for (let p = 0; p < 6; p++) member.fetch(p, 1);
  expect([member.held, member.paused.size]).toEqual([120, 6]);
  while (member.held > 78) for (let p = 0; p < 6; p++) member.finish(p);
  expect(member.paused.size).toBe(6);
  for (let p = 0; p < 6; p++) member.finish(p);
  expect(member.paused.size).toBe(0);
});

test("one that holds its share is opened at 60 % of it, however full the budget is", () => {
  const member = new Member(2, { budget });
  member.fetch(0, 59);
  member.fetch(1, 60);
  expect(member.paused).toEqual(new Set([1]));
  member.fetch(0, 24);
  expect(member.paused).toEqual(new Set([0, 1]));
  while (member.running.get(1)!.length > 0 && member.paused.has(1)) member.finish(1);
  expect(member.settled.get(1)).toBe(24);
  expect(member.paused).toEqual(new Set([0]));
});

test("with the budget used up, each opens at 60 % of what it held, and no other closes it again", () => {
  const member = new Member(3, { budget });
  member.fetch(0, 120);
  member.fetch(1, 10);
  expect(member.paused).toEqual(new Set([0, 1]));
  for (let n = 0; n < 3; n++) member.finish(1);
  expect(member.paused).toEqual(new Set([0, 1]));
  member.finish(1);
  expect(member.paused).toEqual(new Set([0]));
  member.fetch(2, 10);
  expect(member.paused).toEqual(new Set([0, 2]));
});

test("topics have equal shares, and partitions of a topic share its own", () => {
  const drive = new Drive({ budget: { records: 80, bytes: 1e9 } });
  const others = [0, 1, 2, 3].map((p) => ({ ...assignment(p, 1, 0), topic: "payments" }));
  drive.engine.assigned([assignment(0, 1, 0), ...others], 0);
  const fetch = (topic: string, partition: number, count: number): void => {
    const records = Array.from({ length: count }, (_, n) => ({ ...record(partition, n), topic }));
    drive.engine.recordsFetched({ topic, partition, epoch: 1 }, records, count, 0);
  };
  fetch("payments", 0, 10);
  fetch("payments", 1, 9);
  fetch("payments", 2, 9);
  fetch("orders", 0, 32);
  const closed = drive.engine
    .snapshot(0)
    .partitions.filter(({ pausedFor }) => pausedFor.length > 0);
  expect(closed).toMatchObject([{ topic: "payments", partition: 0, pausedFor: ["budget"] }]);
  // One that is gone has no share.
  drive.engine.lost([{ topic: "payments", partition: 3, epoch: 1 }], 0);
});

test("what is lost leaves its share to the others", () => {
  const member = new Member(3, { budget });
  member.drive.engine.lost([at(2, 1)], 0);
  member.fetch(0, 45);
  member.fetch(1, 45);
  expect(member.paused).toEqual(new Set());
  member.fetch(1, 15);
  expect(member.paused).toEqual(new Set([1]));
});

test("shares of bytes go by the mean size of what is held", () => {
  // A record counts for 64 bytes beside its value.
  const member = new Member(2, { budget: { records: 1_000, bytes: 10_000 } });
  member.fetch(0, 6, 936);
  member.fetch(1, 1, 936);
  expect(member.paused).toEqual(new Set());
  member.fetch(1, 1, 936);
  expect(member.paused).toEqual(new Set([0]));
});

test("when the bytes are used up, who holds nothing waits too, also who joins", () => {
  const member = new Member(3, { budget: { records: 1_000, bytes: 10_000 } });
  member.fetch(0, 7, 936);
  member.fetch(1, 3, 936);
  expect(member.paused).toEqual(new Set([0, 1, 2]));
  const { engine } = member.drive;
  engine.assigned([assignment(3, 1, 0)], 0);
  const closed = (): number =>
    engine.snapshot(0).partitions.filter(({ pausedFor }) => pausedFor.length > 0).length;
  expect(closed()).toBe(4);
  member.finish(0);
  // The others hold as much as before, and wait for room of their own.
  expect(member.paused).toEqual(new Set([0, 1]));
  expect(closed()).toBe(2);
});

test("who joins while all are closed takes in a fetch of its own", () => {
  const member = new Member(1, { budget: { records: 4, bytes: 1e9 } });
  member.fetch(0, 4);
  member.drive.engine.assigned([assignment(1, 1, 0)], 0);
  member.fetch(1, 1);
  expect(member.paused).toEqual(new Set([0, 1]));
  member.finish(1);
  expect(member.paused).toEqual(new Set([0]));
});
