import { expect, test } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import { AdaptiveLimit, validateConcurrency } from "./adaptive-limit.ts";
import type { AdaptiveConcurrency } from "./adaptive-limit.ts";

/** Handlers that each take as long as is said, as many as allowed at once unless said. */
class Load {
  readonly limit: AdaptiveLimit;
  now = 1_000;

  constructor(config: Partial<AdaptiveConcurrency> = {}) {
    this.limit = new AdaptiveLimit({ min: 1, max: 1_000, policy: "gradient", ...config });
  }

  finish(count: number, latency: number, running = this.limit.limit): void {
    const startedAt = this.now;
    this.now += latency;
    for (let index = 0; index < count; index++) this.limit.finished(startedAt, this.now, running);
  }

  /** A window: 32 completions, or as many as the limit. Answers the limit after it. */
  window(latency: number, running = this.limit.limit): number {
    this.finish(Math.max(32, this.limit.limit), latency, running);
    return this.limit.limit;
  }

  windows(count: number, latency: number, running?: number): number[] {
    return Array.from({ length: count }, () => this.window(latency, running));
  }
}

test("it starts with 8 handlers, within its range", () => {
  const first = (min: number, max: number): number => new Load({ min, max }).limit.limit;
  expect([first(1, 1_000), first(1, 5), first(20, 1_000), first(7, 7)]).toEqual([8, 5, 20, 7]);
});

test("it doubles with each window of 32 completions, or of as many as it allows", () => {
  const load = new Load();
  load.finish(31, 10);
  expect(load.limit.limit).toBe(8);
  load.finish(1, 10);
  expect(load.limit.limit).toBe(16);
  expect(load.window(10)).toBe(32);
  expect(load.window(10)).toBe(64);
  load.finish(63, 10);
  expect(load.limit.limit).toBe(64);
  load.finish(1, 10);
  expect(load.limit.limit).toBe(128);
});

test("it grows only as far as it may", () => {
  expect(new Load({ max: 24 }).windows(3, 10)).toEqual([16, 24, 24]);
});

test("it does not grow while fewer run than may", () => {
  const load = new Load();
  expect([load.window(10, 7), load.window(10, 7)]).toEqual([8, 8]);
  // Once within a window is enough, and says nothing about the next.
  load.finish(1, 10, 8);
  load.finish(31, 10, 3);
  expect(load.limit.limit).toBe(16);
  expect(load.window(10, 15)).toBe(16);
});

test("a handler that began before the window does not count", () => {
  const load = new Load();
  load.window(10);
  const began = load.now - 1;
  load.now += 10_000;
  for (let index = 0; index < 100; index++) load.limit.finished(began, load.now, 16);
  expect(load.limit.limit).toBe(16);
  // Nor does it count with those that do: latency is what it was.
  expect(load.window(10)).toBe(32);
});

test("a handler that begins as the window does counts", () => {
  const load = new Load();
  load.windows(2, 10);
  const began = load.now;
  for (let index = 0; index < 32; index++) load.limit.finished(began, began + 10, 32);
  expect(load.limit.limit).toBe(64);
});

test("a gradient goes down with the square root of the limit to spare, in proportion to latency", () => {
  const load = new Load();
  load.windows(3, 100);
  // 64 handlers, latency up from 100 to 250: by 1.25 / 2.5, and half of sqrt(64) more.
  expect(load.window(250)).toBe(32 + 4);
  // From 36, latency at 200: 36 * 1.25 / 2 = 22.5, and 3 more.
  expect(load.window(200)).toBe(25);
});

test("a gradient takes off no more than half at once", () => {
  const load = new Load();
  load.windows(3, 100);
  expect(load.window(100_000)).toBe(32 + 4);
});

test("latency may be a quarter above that without load", () => {
  const load = new Load();
  load.window(100);
  expect(load.window(125)).toBe(32);
  expect(load.window(126)).toBeLessThan(32 + 3);
});

test("after latency has grown once it climbs slowly: by half of the square root, at least by one", () => {
  const load = new Load();
  load.windows(3, 100);
  load.window(250);
  expect(load.windows(2, 100)).toEqual([36 + 3, 39 + 3]);
  const small = new Load({ max: 2 });
  small.window(100);
  expect(small.window(1_000)).toBe(2);
  const one = new Load({ min: 1, max: 8 });
  one.window(100);
  one.window(100_000);
  one.window(100_000);
  one.window(100_000);
  // 8 * 0.5 + 1, 5 * 0.5 + 1 and 3 * 0.5 + 1.
  expect(one.limit.limit).toBe(2);
  expect(one.window(100)).toBe(3);
});

test("aimd takes off a quarter when latency has doubled, and then adds one at a time", () => {
  const load = new Load({ policy: "aimd" });
  load.windows(3, 100);
  expect(load.window(200)).toBe(128);
  expect(load.window(201)).toBe(96);
  expect(load.windows(2, 100)).toEqual([97, 98]);
  expect(load.window(1_000)).toBe(73);
});

test("below a millisecond there is nothing to tell apart", () => {
  const load = new Load();
  load.window(0);
  expect([load.window(0), load.window(1)]).toEqual([32, 64]);
});

test("one window in twenty runs with half, and the limit goes on from where it was", () => {
  const load = new Load({ max: 64 });
  expect(load.windows(19, 100).at(-1)).toBe(64);
  expect(load.window(100)).toBe(32);
  expect(load.window(100)).toBe(64);
  // Twenty more until the next.
  expect(load.windows(19, 100).every((limit) => limit === 64)).toBe(true);
  expect(load.window(100)).toBe(32);
});

test("what is slower with half of the load too is no queue", () => {
  const load = new Load({ max: 64 });
  load.windows(20, 100);
  load.window(300);
  expect(load.limit.limit).toBe(64);
  // 300 is what it takes now, and nothing is given up for it; at 450: 64 * 1.25 / 1.5, and 4 to spare.
  expect(load.windows(2, 300)).toEqual([64, 64]);
  expect(load.window(450)).toBe(57);
});

test("what is quicker with half of the load is the new measure at once", () => {
  const load = new Load({ max: 64 });
  load.windows(20, 100);
  load.window(50);
  // 64 * 1.25 / 2 and 4 to spare.
  expect(load.window(100)).toBe(44);
});

test("a configuration is a number, or a range with a policy", () => {
  const range: AdaptiveConcurrency = { min: 1, max: 1, policy: "aimd" };
  expect([validateConcurrency(1), validateConcurrency(1_000_000)]).toEqual([1, 1_000_000]);
  expect(validateConcurrency(range)).toEqual(range);
  expect(validateConcurrency({ min: 1_000_000, max: 1_000_000, policy: "gradient" })).toBeTruthy();
});

test.each<[string, unknown]>([
  ["concurrency: expected an integer from 1 to 1000000, got 0", 0],
  ["concurrency: expected an integer from 1 to 1000000, got 1000001", 1_000_001],
  ["concurrency: expected an object, got null", null],
  ["concurrency.minimum: there is no such option", { minimum: 1, max: 2, policy: "aimd" }],
  ["concurrency.min: expected an integer from 1 to 1000000, got 0", { min: 0, max: 2 }],
  ["concurrency.max: expected an integer from 1 to 1000000, got nothing", { min: 1 }],
  ["concurrency.max: expected an integer from 1 to 1000000", { min: 1, max: 1_000_001 }],
  ['concurrency.policy: expected "gradient" or "aimd"', { min: 1, max: 2, policy: "vegas" }],
  ["concurrency.max: 3 is less than min, which is 4. Ex", { min: 4, max: 3, policy: "aimd" }],
])("%s", (message, value) => {
  const check = (): unknown => validateConcurrency(value);
  expect(check).toThrow(ConfigurationError);
  expect(check).toThrow(message);
});
