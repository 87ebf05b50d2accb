import { expect, it } from "vitest";
import { Random } from "../random.ts";
import { VirtualTime } from "../virtual-time.ts";
import { SimProcess } from "./sim-process.ts";

function start(): { time: VirtualTime; process: SimProcess; seen: string[] } {
  const time = new VirtualTime(0);
  return { time, process: new SimProcess("p", time, new Random(1)), seen: [] };
}

it("does what came while it slept in its order, before all that comes later", async () => {
  const { time, process, seen } = start();
  process.environment.time.setTimer(() => seen.push("timer at 1"), 1);
  process.pause();
  await time.advanceTo(1);
  process.run(() => {
    seen.push("answer at 1");
    process.run(() => seen.push("brought about by it"));
  });
  process.run(() => seen.push("second answer at 1"));
  process.resume();
  process.run(() => seen.push("answer after it woke"));
  expect(seen).toEqual([]);
  await time.settle();
  expect(seen).toEqual([
    "timer at 1",
    "answer at 1",
    "second answer at 1",
    "answer after it woke",
    "brought about by it",
  ]);
  process.run(() => seen.push("at once"));
  expect(seen.at(-1)).toBe("at once");
});

it("keeps what it had not come to when it is stopped again, and nothing when it dies", async () => {
  const { time, process, seen } = start();
  process.pause();
  for (const n of [1, 2, 3]) {
    process.run(() => {
      seen.push(`${n}`);
      if (n < 3) process.pause();
    });
  }
  process.resume();
  await time.settle();
  expect(seen).toEqual(["1"]);
  process.resume();
  await time.settle();
  expect(seen).toEqual(["1", "2"]);
  process.crash();
  process.resume();
  await time.settle();
  expect(seen).toEqual(["1", "2"]);
});

it("lets promises go on between two things that it was told while it slept", async () => {
  const { time, process, seen } = start();
  process.pause();
  process.run(() => void Promise.resolve().then(() => seen.push("handled")));
  process.run(() => seen.push("next"));
  process.resume();
  await time.settle();
  expect(seen).toEqual(["handled", "next"]);
});
