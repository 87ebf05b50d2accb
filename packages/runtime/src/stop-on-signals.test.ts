import { afterEach, expect, it, vi } from "vitest";
import type { StopResult } from "./consumer-options.ts";
import { stopOnSignals } from "./stop-on-signals.ts";
import { deferred, until } from "./testing/helpers.ts";

const removers: (() => void)[] = [];

afterEach(() => {
  for (const remove of removers.splice(0)) remove();
  vi.restoreAllMocks();
});

function setUp() {
  const exits: number[] = [];
  vi.spyOn(process, "exit").mockImplementation(((code: number) => {
    exits.push(code);
  }) as never);
  const stopped = deferred<StopResult>();
  const stops: unknown[] = [];
  const consumer = {
    stop: (options: unknown) => {
      stops.push(options);
      return stopped.promise;
    },
  };
  return { exits, stopped, stops, consumer };
}

it("stops every consumer at the first signal and exits with 0 when all were clean", async () => {
  const { exits, stopped, stops, consumer } = setUp();
  const closed: unknown[] = [];
  removers.push(
    stopOnSignals([consumer, consumer], {
      signals: ["SIGUSR2"],
      drainTimeoutMs: 700,
      onStopped: (results) => void closed.push(...results),
    }),
  );
  process.emit("SIGUSR2", "SIGUSR2");
  expect(stops).toEqual([{ drainTimeoutMs: 700 }, { drainTimeoutMs: 700 }]);
  expect(exits).toEqual([]);
  stopped.resolve({ result: "clean" });
  await until("it exits", () => exits.length === 1);
  expect(exits).toEqual([0]);
  expect(closed).toHaveLength(2);
  expect(process.listenerCount("SIGUSR2")).toBe(0);
});

it("exits with 1 when something was forced, or could not be stopped", async () => {
  for (const end of [
    (s: ReturnType<typeof setUp>) => s.stopped.resolve({ result: "forced" }),
    (s: ReturnType<typeof setUp>) => s.stopped.reject(new Error("no")),
  ]) {
    const set = setUp();
    stopOnSignals(set.consumer, { signals: ["SIGUSR2"] });
    process.emit("SIGUSR2", "SIGUSR2");
    end(set);
    await until("it exits", () => set.exits.length === 1);
    expect(set.exits).toEqual([1]);
    vi.restoreAllMocks();
  }
});

it("exits at once at the second signal", () => {
  const { exits, consumer } = setUp();
  removers.push(stopOnSignals(consumer, { signals: ["SIGTERM"] }));
  process.emit("SIGTERM", "SIGTERM");
  process.emit("SIGTERM", "SIGTERM");
  expect(exits).toEqual([143]);
});

it("leaves the process alone when asked to", async () => {
  const { exits, stopped, stops, consumer } = setUp();
  stopOnSignals(consumer, { signals: ["SIGUSR2"], exit: false });
  process.emit("SIGUSR2", "SIGUSR2");
  process.emit("SIGUSR2", "SIGUSR2");
  stopped.resolve({ result: "clean" });
  await until("the listener is gone", () => process.listenerCount("SIGUSR2") === 0);
  expect(stops).toHaveLength(1);
  expect(exits).toEqual([]);
});
