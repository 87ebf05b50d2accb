import { afterEach, describe, expect, it } from "vitest";
import { VirtualTime } from "./virtual-time.ts";

/** What Vitest would take for failures of the test itself. */
const others = process.listeners("uncaughtException");

afterEach(() => {
  process.removeAllListeners("uncaughtException");
  for (const listener of others) process.on("uncaughtException", listener);
});

describe("virtual time", () => {
  it("lets every promise go on that can between two pieces", async () => {
    const time = new VirtualTime(0);
    const seen: string[] = [];
    const deep = async (name: string): Promise<void> => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      seen.push(name);
    };
    time.nextTurn(() => void deep("after the first turn"));
    time.nextTurn(() => seen.push("second turn"));
    time.setTimer(() => void deep("after the first timer"), 0);
    time.setTimer(() => seen.push("second timer"), 0);
    await time.settle();
    expect(seen).toEqual([
      "after the first turn",
      "second turn",
      "after the first timer",
      "second timer",
    ]);
  });

  it("loses nothing to a piece that throws", async () => {
    const time = new VirtualTime(0);
    const seen: string[] = [];
    const thrown: unknown[] = [];
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error.message));
    const fail = (what: string) => (): never => {
      throw new Error(what);
    };
    time.nextTurn(fail("turn"));
    time.nextTurn(() => seen.push("turn"));
    time.setTimer(fail("timer"), 5);
    time.setTimer(() => seen.push("timer"), 5);
    await time.settle();
    expect(seen).toEqual(["turn"]);
    await time.advanceTo(10);
    expect(seen).toEqual(["turn", "timer"]);
    expect(thrown).toEqual(["turn", "timer"]);
    time.nextTurn(() => seen.push("later"));
    await time.settle();
    expect(seen).toEqual(["turn", "timer", "later"]);
  });

  it("leaves the real event loop its turns, however much is to be done", async () => {
    const time = new VirtualTime(0);
    let turns = 0;
    let stopped = false;
    const again = (): void => {
      turns++;
      if (!stopped) time.nextTurn(again);
    };
    again();
    await new Promise<void>((resolve) => void setTimeout(resolve, 1));
    stopped = true;
    await time.settle();
    expect(turns).toBeGreaterThan(1);
  });
});
