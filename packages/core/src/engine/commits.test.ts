import { describe, expect, test, vi } from "vitest";
import { accepted, assignment, at, Drive, record, refused } from "../../test/drive.ts";
import { Assignment } from "./assignment.ts";
import type { EngineConfig } from "./engine.ts";
import { Ordinals } from "./ordinals.ts";

const OK = { type: "ok" } as const;

/** One partition, `count` records of different keys, all running. */
function running(count: number, config: Partial<EngineConfig>) {
  const drive = new Drive({ concurrency: 100, commitIntervalMs: 1_000, ...config });
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  fetchMore(drive, 0, count, 0);
  const tokens = drive.taken("dispatch").map(({ token }) => token);
  const finish = (index: number, now: number): void =>
    drive.engine.handlerFinished(tokens[index]!, OK, now, 0);
  const offsets = (): number[] =>
    drive.taken("commit").map(({ offsets: [first] }) => first!.offset);
  return { drive, tokens, finish, offsets };
}

function fetchMore(drive: Drive, from: number, count: number, now: number): void {
  const records = Array.from({ length: count }, (_, i) => record(0, from + i, `k${from + i}`));
  drive.engine.recordsFetched(at(0, 1), records, from + count, now);
}

describe("commitEvery", () => {
  test("commits with the record that makes up the number, and counts anew", () => {
    const { drive, finish, offsets } = running(6, { commitEvery: 3 });
    finish(0, 1);
    finish(1, 2);
    expect(offsets()).toEqual([]);
    finish(2, 3);
    const [first] = drive.taken("commit");
    expect(first!.offsets[0]!.offset).toBe(3);
    drive.engine.commitAnswered(first!.id, accepted(first!.offsets), 4);
    finish(3, 5);
    finish(4, 6);
    expect(offsets()).toEqual([]);
    finish(5, 7);
    expect(offsets()).toEqual([6]);
  });

  test("one is in flight at a time: what makes up the number meanwhile goes out with the answer", () => {
    const { drive, finish } = running(6, { commitEvery: 2 });
    finish(0, 1);
    finish(1, 2);
    const [first] = drive.taken("commit");
    finish(2, 3);
    finish(3, 4);
    expect(drive.taken("commit")).toEqual([]);
    drive.engine.commitAnswered(first!.id, accepted(first!.offsets), 5);
    expect(drive.taken("commit").map(({ offsets }) => offsets[0]!.offset)).toEqual([4]);
  });

  test("records settled above a hole count, and go out with the frontier that moves at last", () => {
    const { finish, offsets } = running(4, { commitEvery: 2 });
    finish(1, 1);
    finish(2, 2);
    finish(3, 3);
    expect(offsets()).toEqual([]);
    finish(0, 4);
    expect(offsets()).toEqual([4]);
  });

  test("after a failure only the interval counts, whatever is settled meanwhile", () => {
    const { drive, finish, offsets } = running(6, { commitEvery: 1 });
    finish(0, 1);
    const [first] = drive.taken("commit");
    finish(1, 2);
    drive.engine.commitAnswered(first!.id, refused(first!.offsets, "retriable"), 10);
    finish(2, 11);
    finish(3, 12);
    expect(offsets()).toEqual([]);
    expect(drive.timerAt).toBe(1_010);
    drive.engine.timerFired(1_010);
    expect(offsets()).toEqual([4]);
  });

  test("the interval goes on counting below the number", () => {
    const { drive, finish, offsets } = running(3, { commitEvery: 100 });
    finish(0, 5);
    expect(drive.timerAt).toBe(1_005);
    drive.engine.timerFired(1_005);
    expect(offsets()).toEqual([1]);
  });
});

describe("commitWhenIdleMs", () => {
  test("commits once nothing has been held for so long", () => {
    const { drive, finish, offsets } = running(2, { commitWhenIdleMs: 50 });
    finish(0, 10);
    expect(drive.timerAt).toBe(1_010);
    finish(1, 20);
    expect(drive.timerAt).toBe(70);
    drive.engine.timerFired(69);
    expect(offsets()).toEqual([]);
    drive.engine.timerFired(70);
    expect(offsets()).toEqual([2]);
  });

  test("what arrives meanwhile puts it off, and never beyond the interval", () => {
    const { drive, finish, offsets } = running(1, { commitWhenIdleMs: 50 });
    finish(0, 10);
    for (let turn = 1; 10 + turn * 40 < 1_010; turn++) {
      const now = 10 + turn * 40;
      fetchMore(drive, turn, 1, now);
      const [next] = drive.taken("dispatch");
      drive.engine.handlerFinished(next!.token, OK, now, 0);
      expect(offsets()).toEqual([]);
      expect(drive.timerAt).toBe(Math.min(now + 50, 1_010));
    }
    drive.engine.timerFired(1_010);
    expect(offsets()).toEqual([25]);
  });

  test("0 commits with the last record", () => {
    const { finish, offsets } = running(2, { commitWhenIdleMs: 0 });
    finish(0, 10);
    expect(offsets()).toEqual([]);
    finish(1, 20);
    expect(offsets()).toEqual([2]);
  });

  test("a marker at the log's end that moves the frontier of an idle partition waits like a record", () => {
    const { drive, finish, offsets } = running(1, { commitWhenIdleMs: 50 });
    finish(0, 10);
    drive.engine.timerFired(60);
    const [commit] = drive.taken("commit");
    drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 61);
    drive.engine.recordsFetched(at(0, 1), [], 2, 500);
    expect(drive.timerAt).toBe(550);
    drive.engine.timerFired(550);
    expect(offsets()).toEqual([2]);
  });

  test("it is as long as the interval after a failure", () => {
    const { drive, finish } = running(1, { commitWhenIdleMs: 0 });
    finish(0, 10);
    const [first] = drive.taken("commit");
    drive.engine.commitAnswered(first!.id, refused(first!.offsets, "retriable"), 20);
    expect(drive.taken("commit")).toEqual([]);
    expect(drive.timerAt).toBe(1_020);
  });
});

describe("idle partitions", () => {
  /** How often any assignment is looked at while 50 records of one partition come and go. */
  function looks(idle: number): number {
    const drive = new Drive({ commitIntervalMs: 10, budget: { records: 10_000, bytes: 1e9 } });
    const partitions = Array.from({ length: idle + 1 }, (_, partition) =>
      assignment(partition, 1, 0),
    );
    drive.engine.assigned(partitions, 0);
    for (const { partition } of partitions) {
      drive.engine.recordsFetched(at(partition, 1), [], 0, 0);
    }
    drive.take();
    let count = 0;
    const spies = [
      ...(["isBehind", "shouldPause"] as const).map((name) => {
        const read = Object.getOwnPropertyDescriptor(Assignment.prototype, name)!.get!;
        return vi.spyOn(Assignment.prototype, name, "get").mockImplementation(function (
          this: Assignment,
        ) {
          count++;
          return read.call(this) as boolean;
        });
      }),
      vi.spyOn(Ordinals.prototype, "all").mockImplementation(() => {
        throw new Error("all assignments are looked at");
      }),
    ];
    for (let turn = 0; turn < 50; turn++) {
      const now = turn * 20;
      fetchMore(drive, turn, 1, now);
      const effects = drive.take();
      for (const effect of effects) {
        if (effect.type === "dispatch") drive.engine.handlerFinished(effect.token, OK, now, 0);
      }
      drive.engine.timerFired(now + 10);
      const [commit] = drive.taken("commit");
      drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), now + 11);
    }
    for (const spy of spies) spy.mockRestore();
    return count;
  }

  test("10,000 of them are never looked at", () => {
    expect(looks(10_000)).toBe(looks(0));
  });
});
