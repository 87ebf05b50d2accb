import { expect, test } from "vitest";
import { VectorInputError } from "./errors.ts";
import { gateTrace } from "./gate-trace.ts";

const assigned = (position: number) => ({ type: "assigned", position: String(position) });
const fetched = (offsets: number[], position: number) => ({
  type: "fetched",
  offsets: offsets.map(String),
  position: String(position),
});
const settled = (offset: number, epoch = 1) => ({ type: "settled", offset: String(offset), epoch });
const revoked = { type: "revoked" };
const steps = (...events: unknown[]) => gateTrace({ events })["steps"] as (object | null)[];

test("the example of section 6.2", () => {
  const last = { position: "111" };
  expect(
    steps(
      assigned(100),
      fetched([100, 101, 102, 110], 111),
      settled(101),
      settled(100),
      settled(102),
      settled(110),
    ),
  ).toEqual([
    { frontier: "100", position: "100", settled: [] },
    { ...last, frontier: "100", settled: [["103", "110"]] },
    {
      ...last,
      frontier: "100",
      settled: [
        ["101", "102"],
        ["103", "110"],
      ],
    },
    { ...last, frontier: "102", settled: [["103", "110"]] },
    { ...last, frontier: "110", settled: [] },
    { ...last, frontier: "111", settled: [] },
  ]);
});

test("SLC-GAT-007, -014: of an earlier epoch, not held, or settled already: nothing changes", () => {
  const first = { frontier: "0", position: "2", settled: [["1", "2"]] };
  const second = { frontier: "0", position: "2", settled: [] };
  expect(
    steps(
      fetched([0], 1),
      settled(0),
      assigned(0),
      fetched([0, 1], 2),
      settled(1),
      settled(1),
      settled(5),
      settled(0, 2),
      revoked,
      settled(0),
      assigned(0),
      fetched([0, 1], 2),
      settled(0),
      settled(0, 2),
    ).slice(3),
  ).toEqual([
    { ...first, settled: [] },
    first,
    first,
    first,
    first,
    null,
    null,
    { frontier: "0", position: "0", settled: [] },
    second,
    second,
    { frontier: "1", position: "2", settled: [] },
  ]);
});

test("a record of an earlier epoch is not held in the next, where another may have its offset", () => {
  expect(
    steps(assigned(0), fetched([0, 1], 2), revoked, assigned(1), fetched([1, 2], 3), settled(0, 2)),
  ).toMatchObject([{}, {}, null, {}, { frontier: "1" }, { frontier: "1" }]);
});

test("SLC-GAT-002: the position closes a gap at the end, and one without any record", () => {
  expect(steps(assigned(5), fetched([], 8), fetched([8], 12), settled(8))).toEqual([
    { frontier: "5", position: "5", settled: [] },
    { frontier: "8", position: "8", settled: [] },
    { frontier: "8", position: "12", settled: [["9", "12"]] },
    { frontier: "12", position: "12", settled: [] },
  ]);
});

test("nothing is told while nothing is assigned", () => {
  expect(steps(fetched([0], 1), settled(0), revoked)).toEqual([null, null, null]);
});

test("events of another form, and offsets below the position, are refused", () => {
  for (const events of [
    [{ type: "committed" }],
    [assigned(5), fetched([4], 6)],
    [assigned(5), { type: "fetched", offsets: [5], position: "6" }],
    [{ type: "settled", offset: "1", epoch: 0 }],
    "events",
  ]) {
    expect(() => gateTrace({ events }), JSON.stringify(events)).toThrow(VectorInputError);
  }
});
