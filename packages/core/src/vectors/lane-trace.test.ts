import { expect, test } from "vitest";
import { VectorInputError } from "./errors.ts";
import { laneTrace } from "./lane-trace.ts";

const A = "61";
const B = "62";
const assigned = (partition = 0) => ({ type: "assigned", partition });
const revoked = (partition = 0) => ({ type: "revoked", partition });
const fetched = (records: [number, string | null][], partition = 0) => ({
  type: "fetched",
  partition,
  records: records.map(([offset, key]) => [String(offset), key]),
});
const event = (type: "settled" | "failed" | "due", offset: number, epoch = 1, partition = 0) => ({
  type,
  partition,
  offset: String(offset),
  epoch,
});
const steps = (ordering: string, ...events: unknown[]) => laneTrace({ ordering, events })["steps"];
const begun = (offset: number, epoch = 1, partition = 0) => [partition, String(offset), epoch];

test("SLC-ORD-001: of a key one record at a time, in order; no key is a lane of its own, an empty one is not", () => {
  expect(
    steps(
      "key",
      assigned(),
      fetched([
        [0, A],
        [1, B],
        [2, A],
        [3, null],
        [4, null],
        [5, ""],
        [6, ""],
      ]),
      event("settled", 0),
      event("settled", 5),
    ),
  ).toEqual([[], [0, 1, 3, 4, 5].map((offset) => begun(offset)), [begun(2)], [begun(6)]]);
});

test("the orderings partition and none", () => {
  const records: [number, string | null][] = [
    [0, A],
    [1, null],
    [2, A],
  ];
  expect(steps("partition", assigned(), fetched(records), event("settled", 0))).toEqual([
    [],
    [begun(0)],
    [begun(1)],
  ]);
  expect(steps("none", assigned(), fetched(records), event("settled", 0))).toEqual([
    [],
    [begun(0), begun(1), begun(2)],
    [],
  ]);
});

test("partitions are far apart, and have lanes of their own", () => {
  const far = 2_147_483_646;
  expect(
    steps(
      "key",
      assigned(far),
      assigned(),
      fetched([[7, A]], far),
      fetched([[0, A]]),
      event("settled", 7, 1, 0),
    ),
  ).toEqual([[], [], [begun(7, 1, far)], [begun(0)], []]);
});

test("a failed record holds its lane until it is due, and begins again before the rest", () => {
  expect(
    steps(
      "key",
      assigned(),
      fetched([
        [0, A],
        [1, A],
        [2, B],
        [3, B],
      ]),
      event("failed", 0),
      event("settled", 0), // waits, and does not run
      event("due", 2), // runs, and does not wait
      event("settled", 1), // has not begun
      event("settled", 2),
      event("due", 0),
      event("due", 0),
      event("settled", 0),
    ),
  ).toEqual([[], [begun(0), begun(2)], [], [], [], [], [begun(3)], [begun(0)], [], [begun(1)]]);
});

test("SLC-ORD-009: what was queued or waiting is forgotten with the epoch, and what runs has no say in the next", () => {
  expect(
    steps(
      "key",
      assigned(),
      fetched([
        [0, A],
        [1, A],
        [2, B],
        [3, B],
        [4, null],
      ]),
      event("failed", 0),
      revoked(),
      event("due", 0),
      event("settled", 2),
      fetched([[5, A]]), // nobody has the partition
      assigned(),
      event("settled", 4), // of the first epoch
      event("due", 0),
      fetched([
        [0, A],
        [1, A],
        [2, B],
      ]),
      event("failed", 0), // of the first epoch
      event("settled", 0, 2),
    ),
  ).toEqual([
    [],
    [begun(0), begun(2), begun(4)],
    [],
    [],
    [],
    [],
    [],
    [],
    [],
    [],
    [begun(0, 2), begun(2, 2)],
    [],
    [begun(1, 2)],
  ]);
});

test("SLC-ORD-006: a handler that outlives its partition holds its lane until it has finished or failed", () => {
  for (const end of ["settled", "failed"] as const) {
    expect(
      steps(
        "key",
        assigned(),
        fetched([[0, A]]),
        revoked(),
        revoked(),
        assigned(),
        fetched([
          [0, A],
          [1, B],
        ]),
        event("due", 0),
        event(end, 0),
        event("settled", 0, 2),
        fetched([[2, A]]),
      ),
    ).toEqual([[], [begun(0)], [], [], [], [begun(1, 2)], [], [begun(0, 2)], [], [begun(2, 2)]]);
  }
});

test("events of another form are refused", () => {
  for (const input of [
    { ordering: "keys", events: [] },
    { ordering: "key", events: [{ type: "paused", partition: 0 }] },
    { ordering: "key", events: [fetched([[0, "6"]])] },
    { ordering: "key", events: [{ type: "fetched", partition: 0, records: [["0"]] }] },
    { ordering: "key", events: [{ type: "assigned", partition: -1 }] },
  ]) {
    expect(() => laneTrace(input), JSON.stringify(input)).toThrow(VectorInputError);
  }
});
