import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scale, stepPath, ticks, valueAt } from "./scale.js";

describe("a step line", () => {
  const same = (value: number): number => value;

  it("holds each value until the next point and the last until the end", () => {
    const points = [
      [0, 1],
      [10, 5],
      [20, 7],
    ] as const;
    expect(stepPath(points, same, same, [0, 30])).toBe("M0 1H10V5H20V7H30");
  });

  it("keeps the last of the points that fall on one pixel", () => {
    const points = [
      [0, 1],
      [10.1, 5],
      [10.2, 6],
      [10.3, 7],
    ] as const;
    expect(stepPath(points, same, same, [0, 30])).toBe("M0 1H10V7H30");
  });

  it("begins at the left edge with the value that it had before", () => {
    const points = [
      [0, 1],
      [10, 5],
      [20, 7],
    ] as const;
    expect(stepPath(points, same, same, [12, 15])).toBe("M12 5H15");
    expect(stepPath(points, same, same, [12, 25])).toBe("M12 5H20V7H25");
    expect(stepPath([[30, 9]], same, same, [12, 25])).toBe("");
  });

  it("of nothing is nothing", () => {
    expect(stepPath([], same, same, [0, 30])).toBe("");
  });

  it("ends at the value of its last point, however many there are", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(600), fc.nat(100)), { minLength: 1 }), (raw) => {
        const points = raw.sort(([a], [b]) => a - b);
        const path = stepPath(points, scale(0, 600, 0, 60), same, [0, 600]);
        const heights = [...path.matchAll(/(?:^M\S+ |V)(\S+?)(?=H|V|$)/g)].map((match) => match[1]);
        expect(Number(heights.at(-1))).toBe(points.at(-1)![1]);
      }),
    );
  });
});

describe("ticks", () => {
  it.each([
    [0, 10, [0, 2, 4, 6, 8, 10]],
    [0, 3.4, [0, 1, 2, 3]],
    [57, 63, [58, 60, 62]],
    [5, 5, [5]],
  ])("from %d to %d are %j", (from, to, expected) => {
    expect(ticks(from, to)).toEqual(expected);
  });

  it("are few and within the range", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 1e6 }), (from, span) => {
        const values = ticks(from, from + span);
        expect(values.length).toBeGreaterThanOrEqual(1);
        expect(values.length).toBeLessThanOrEqual(7);
        for (const value of values) {
          expect(value).toBeGreaterThanOrEqual(from);
          expect(value).toBeLessThanOrEqual(from + span + 1e-6);
        }
      }),
    );
  });
});

describe("the value of a line at a time", () => {
  it("is that of the last point at or before it", () => {
    const points = [
      [10, 5],
      [20, 7],
      [20, 8],
    ] as const;
    const times = [9.9, 10, 19, 20, 99];
    expect(times.map((t) => valueAt(points, t))).toEqual([null, 5, 5, 8, 8]);
  });
});
