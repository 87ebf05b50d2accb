import fc from "fast-check";
import { expect, it } from "vitest";
import { MAX_LANES, pack, subLanes } from "./lanes.js";

const handler = (from: number, to: number, record = "in/0@0") => ({
  handle: `h${from}`,
  record,
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

it("gives each partition lanes of its own, in the order of their numbers", () => {
  const { groups, yOf, lane, bottom } = subLanes(
    [
      handler(0, 10, "in/10@7"),
      handler(1, 10, "in/2@0"),
      handler(2, 10, "in/2@1"),
      handler(3, 10, "in/2@2"),
      handler(12, 13, "in/10@8"),
    ],
    100,
  );
  expect(groups.map(({ partition }) => partition)).toEqual(["in/2", "in/10"]);
  const [two, ten] = groups as [(typeof groups)[0], (typeof groups)[0]];
  // What runs side by side lies on lanes of its own, within its partition.
  const inTwo = [1, 2, 3].map((i) => yOf[i]!);
  expect(new Set(inTwo).size).toBe(3);
  for (const y of inTwo) {
    expect(y).toBeGreaterThanOrEqual(two.top);
    expect(y + lane).toBeLessThanOrEqual(two.top + two.height);
  }
  expect(yOf[0]).toBe(yOf[4]);
  expect(yOf[0]).toBeGreaterThanOrEqual(ten.top);
  expect(ten.top).toBeGreaterThanOrEqual(two.top + two.height);
  expect(bottom).toBeGreaterThanOrEqual(ten.top + ten.height);
});

it("makes many lanes thinner, so that a member fits on a screen", () => {
  const many = Array.from({ length: 6 }, (_, partition) =>
    Array.from({ length: 10 }, (_, i) => handler(i, 100, `in/${partition}@${i}`)),
  ).flat();
  const few = subLanes(many.slice(0, 10), 0);
  const all = subLanes(many, 0);
  expect(all.lane).toBeLessThan(few.lane);
  expect(all.bottom).toBeLessThan(300);
});

it("of a member that ran nothing is no lane at all", () => {
  const { groups, yOf, crowded } = subLanes([], 50);
  expect({ groups, yOf, crowded }).toEqual({ groups: [], yOf: [], crowded: 0 });
});
