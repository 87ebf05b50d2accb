import type { PartitionSnapshot, Watermarks } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { systemTime } from "./time.ts";
import { Watchdog } from "./watchdog.ts";

function setUp(partition: Partial<PartitionSnapshot> = {}) {
  const state = {
    now: 0,
    asked: 0,
    end: 100,
    told: [] as string[],
    answer: null as Promise<readonly Watermarks[]> | null,
    partition: {
      topic: "t",
      partition: 0,
      epoch: 1,
      position: 40,
      frontier: 40,
      committed: 40,
      held: 0,
      pausedFor: [],
      draining: false,
      ...partition,
    } as PartitionSnapshot | null,
  };
  const watchdog = new Watchdog(
    {
      snapshot: () => ({ partitions: state.partition === null ? [] : [state.partition] }) as never,
      watermarks: async (partitions) => {
        state.asked++;
        if (state.answer !== null) return state.answer;
        return partitions.map((of) => ({ ...of, low: 0, end: state.end }));
      },
      notDelivering: (_, position, end, idleMs) =>
        state.told.push(`quiet at ${position} of ${end} for ${idleMs}`),
      deliveringAgain: () => state.told.push("again"),
    },
    { ...systemTime(), now: () => state.now },
    1000,
  );
  const look = async (now: number): Promise<void> => {
    state.now = now;
    await watchdog.look();
  };
  return { state, look };
}

describe("Watchdog", () => {
  it("asks nothing while records arrive", async () => {
    const { state, look } = setUp();
    for (let now = 0; now < 10_000; now += 500) {
      state.partition = { ...state.partition!, position: now };
      await look(now);
    }
    expect(state.asked).toBe(0);
  });

  it("tells of a partition that is quiet while records wait, again after each such span", async () => {
    const { state, look } = setUp();
    await look(0);
    await look(999);
    expect(state.told).toEqual([]);
    await look(1000);
    expect(state.told).toEqual(["quiet at 40 of 100 for 1000"]);
    await look(1500);
    expect(state.asked).toBe(1);
    await look(2000);
    expect(state.told.slice(1)).toEqual(["quiet at 40 of 100 for 2000"]);
    state.partition = { ...state.partition!, position: 41 };
    await look(2500);
    expect(state.told.slice(2)).toEqual(["again"]);
  });

  it.each<[string, Partial<PartitionSnapshot>, number]>([
    ["has reached the end of the log", { position: 100 }, 1],
    ["is paused", { pausedFor: ["budget"] }, 0],
    ["is draining", { draining: true }, 0],
  ])("says nothing of a partition that %s", async (_, partition, asked) => {
    const { state, look } = setUp(partition);
    await look(0);
    await look(1000);
    expect(state.told).toEqual([]);
    expect(state.asked).toBe(asked);
  });

  it("says nothing when records arrive, or the partition goes, while the broker is asked", async () => {
    const { state, look } = setUp();
    await look(0);
    state.answer = Promise.resolve([{ topic: "t", partition: 0, low: 0, end: 100 }]);
    const looking = look(1000);
    state.partition = { ...state.partition!, position: 41 };
    await looking;
    expect(state.told).toEqual([]);
    await look(1500);
    const again = look(2600);
    state.partition = null;
    await again;
    expect(state.told).toEqual([]);
  });

  it("takes a new epoch for a new start, and an unanswered question for nothing", async () => {
    const { state, look } = setUp();
    await look(0);
    state.partition = { ...state.partition!, epoch: 2 };
    await look(1000);
    expect(state.asked).toBe(0);
    state.answer = Promise.reject(new Error("no broker"));
    await look(2000);
    expect(state.asked).toBe(1);
    expect(state.told).toEqual([]);
  });
});
