import { expect, it } from "vitest";
import { systemTime } from "./time.ts";
import { TurnClock } from "./turn-clock.ts";

function setUp() {
  const state = { time: 1000, reads: 0 };
  const clock = new TurnClock({
    ...systemTime(),
    now: () => {
      state.reads++;
      return state.time;
    },
  });
  state.reads = 0;
  return { state, clock };
}

it("reads the clock a few times a turn while nothing takes time", () => {
  const { state, clock } = setUp();
  for (let i = 0; i < 1000; i++) expect(clock.read()).toBe(1000);
  expect(state.reads).toBeLessThan(80);
  expect(state.reads).toBeGreaterThanOrEqual(1000 / 16);
});

it("is never more than 16 askings behind, and reads each time once time passes", () => {
  const { state, clock } = setUp();
  for (let i = 0; i < 100; i++) clock.read();
  state.time = 1005;
  let askings = 0;
  while (clock.read() !== 1005) askings++;
  expect(askings).toBeLessThan(16);
  const before = state.reads;
  for (let i = 0; i < 20; i++) {
    state.time += 3;
    expect(clock.read()).toBe(state.time);
  }
  expect(state.reads - before).toBe(20);
});

it("reads again in the next turn of the event loop", async () => {
  const { state, clock } = setUp();
  for (let i = 0; i < 100; i++) clock.read();
  await new Promise((resolve) => setImmediate(resolve));
  state.time = 2000;
  expect(clock.read()).toBe(2000);
});

it("reads at once when the exact time is asked for", () => {
  const { state, clock } = setUp();
  for (let i = 0; i < 100; i++) clock.read();
  state.time = 1001;
  expect(clock.readExactly()).toBe(1001);
});
