import fc from "fast-check";
import { expect, it } from "vitest";
import { MAX_LANES, pack } from "./lanes.js";

const handler = (from: number, to: number) => ({
  handle: `h${from}`,
  record: "in/0@0",
  attempt: 1,
  from,
  to,
  result: "ok",
});

it("puts what runs one after the other on one lane, and what overlaps on another", () => {
  const { lanes, laneOf } = pack([handler(0, 10), handler(5, 8), handler(8, 12), handler(10, 11)]);
  expect(laneOf).toEqual([0, 1, 1, 0]);
  expect(lanes).toBe(2);
});

it("never lays two over each other unless all lanes are taken, and counts those", () => {
  const spans = fc.array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 60 })), { maxLength: 90 });
  fc.assert(
    fc.property(spans, (raw) => {
      const handlers = raw
        .sort(([a], [b]) => a - b)
        .map(([from, length]) => handler(from, from + length));
      const { lanes, laneOf, crowded } = pack(handlers);
      expect(lanes).toBeLessThanOrEqual(MAX_LANES);
      const over = handlers.filter((one, i) =>
        handlers.some(
          (other, j) =>
            j < i && laneOf[i] === laneOf[j] && one.from < other.to && other.from < one.to,
        ),
      );
      expect(over.length).toBe(crowded);
    }),
  );
});
