import { expect, test } from "vitest";
import { assignment as assigned, record } from "../../test/drive.ts";
import { SLOT_ROW, SlotRows } from "../lane/slot-rows.ts";
import { Assignment } from "./assignment.ts";
import * as PHASE from "./phase.ts";
import { GENERATION, WorkTable } from "./work-table.ts";

const start = { offset: 0, outOfRange: false, commitAtOnce: false };
const assignment = new Assignment(assigned(0, 1, 0), 0, start, false);

test("each attempt has a token of its own, and only the last one is live", () => {
  const work = new WorkTable(new SlotRows());
  work.open(3, record(0, 0), assignment, 0, 0);
  const first = work.start(3, 0);
  expect(work.find(first)).toBe(3);
  work.phase[3] = PHASE.backingOff;
  expect(work.find(first)).toBe(-1);
  const second = work.start(3, 0);
  expect([work.find(first), work.find(second)]).toEqual([-1, 3]);
  expect([work.find(-1), work.find(0.5), work.find(Number.NaN)]).toEqual([-1, -1, -1]);
});

test("a slot whose tokens are used up says so before one would repeat or lose precision", () => {
  const slots = new SlotRows();
  const work = new WorkTable(slots);
  work.open(5, record(0, 0), assignment, 0, 0);
  slots.rows[(5 << SLOT_ROW) + GENERATION] = 2 ** 29 - 4;
  const tokens = new Set<number>();
  while (!work.isSpent(5)) tokens.add(work.start(5, 0));
  expect(tokens.size).toBe(3);
  for (const token of tokens) expect(Number.isSafeInteger(token)).toBe(true);
});

test("each slot keeps its own times, up to the last there is room for", () => {
  const slots = new SlotRows();
  const work = new WorkTable(slots);
  const all = Array.from({ length: slots.capacity }, (_, slot) => slot);
  for (const slot of all) work.open(slot, record(0, slot), assignment, slot, 1_000 + slot);
  for (const slot of all) work.start(slot, 2_000 + slot);
  expect(all.map((slot) => [work.heldSince(slot), work.phaseSince(slot)])).toEqual(
    all.map((slot) => [1_000 + slot, 2_000 + slot]),
  );
  expect(all.map((slot) => [work.sequence(slot), work.attempt(slot)])).toEqual(
    all.map((slot) => [slot, 1]),
  );
});
