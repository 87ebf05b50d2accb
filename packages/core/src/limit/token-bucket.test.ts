import fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("it is full at first, and refills to the token", () => {
  const bucket = new TokenBucket({ tokens: 10, perMs: 1_000 }, 2);
  expect([bucket.take(5_000), bucket.take(5_000), bucket.take(5_000)]).toEqual([true, true, false]);
  expect(bucket.nextAt()).toBe(5_100);
  expect(bucket.take(5_099)).toBe(false);
  expect(bucket.take(5_100)).toBe(true);
});

test("it never holds more than its burst", () => {
  const bucket = new TokenBucket({ tokens: 10, perMs: 1_000 }, 3);
  bucket.take(0);
  expect([1, 2, 3, 4].map(() => bucket.take(1e12))).toEqual([true, true, true, false]);
});

test("several tokens are there at once or not at all, up to the burst", () => {
  const bucket = new TokenBucket({ tokens: 10, perMs: 1_000 }, 3);
  bucket.take(5_000);
  expect([bucket.has(5_000, 2), bucket.has(5_000, 3)]).toEqual([true, false]);
  expect([bucket.nextAt(2), bucket.nextAt(3)]).toEqual([5_000, 5_100]);
  bucket.take(5_000);
  expect(bucket.nextAt(3)).toBe(5_200);
  expect([bucket.has(5_199, 3), bucket.has(5_200, 3)]).toEqual([false, true]);
});

test("a clock that is set back gives nothing and takes nothing", () => {
  const bucket = new TokenBucket({ tokens: 1, perMs: 10 }, 1);
  expect(bucket.take(100)).toBe(true);
  expect(bucket.take(50)).toBe(false);
  expect(bucket.take(110)).toBe(true);
  const two = new TokenBucket({ tokens: 1, perMs: 10 }, 2);
  two.take(100);
  // The one that is left is there still.
  expect([two.take(50), two.take(50), two.nextAt()]).toEqual([true, false, 110]);
});

test("over any span it gives the burst and what comes back meanwhile, and all of that", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(1_000, 60_000),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.tuple(fc.nat(3_000), fc.integer({ min: 1, max: 60 })), { maxLength: 30 }),
      (tokens, perMs, burst, asks) => {
        const bucket = new TokenBucket({ tokens, perMs }, burst);
        /** When each token was given. */
        const given: number[] = [];
        let now = 1_000;
        for (const [gap, times] of asks) {
          now += gap;
          for (let count = 0; count < times; count++) if (bucket.take(now)) given.push(now);
          if (bucket.has(now)) continue;
          // Used up: one more would be more than all that has come back since it was last full.
          const most = given.map(
            (from, index) =>
              burst + Math.floor(((now - from) * tokens) / perMs) - (given.length - index),
          );
          expect(Math.min(...most)).toBe(0);
          expect(bucket.nextAt()).toBeGreaterThan(now);
          expect(bucket.nextAt()).toBeLessThanOrEqual(now + Math.ceil(perMs / tokens));
        }
        const excess = given.map(
          (from, index) =>
            given.length - index - burst - Math.floor(((given.at(-1)! - from) * tokens) / perMs),
        );
        expect(Math.max(0, ...excess)).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});
