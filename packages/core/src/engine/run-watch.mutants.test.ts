import { expect, test } from "vitest";
import { assignment, record } from "../../test/drive.ts";
import { SlotRows } from "../lane/slot-rows.ts";
import { Assignment } from "./assignment.ts";
import * as PHASE from "./phase.ts";
import { RunWatch } from "./run-watch.ts";
import { WorkTable } from "./work-table.ts";

const START = { offset: 0, outOfRange: false, commitAtOnce: false };

/** Handlers in slots from 0 on, started at these times; a span of 100 ms. */
function watched(...startedAt: readonly number[]) {
  const work = new WorkTable(new SlotRows());
  const watch = new RunWatch(100);
  const of = new Assignment(assignment(0, 1, 0), 0, START, false);
  for (const [slot, now] of startedAt.entries()) {
    work.open(slot, record(0, slot), of, slot, now);
    work.start(slot, now);
    watch.started(now);
  }
  /** The slots that are reported at this time. */
  const check = (now: number): number[] => {
    const slots: number[] = [];
    watch.check(work, now, (slot) => slots.push(slot));
    return slots;
  };
  return { work, watch, check };
}

test("each is reported once for every full span, though others are due between", () => {
  const { watch, check } = watched(0, 50);
  expect(watch.dueAt).toBe(100);
  expect([check(99), check(100), watch.dueAt]).toEqual([[], [0], 150]);
  expect([check(150), watch.dueAt]).toEqual([[1], 200]);
  expect([check(199), check(200), watch.dueAt]).toEqual([[], [0], 250]);
});

test("one that starts later moves nothing", () => {
  const { watch } = watched(0);
  watch.started(90);
  expect(watch.dueAt).toBe(100);
});

test("who comes late reports a span once, and is due at the next full one", () => {
  const { watch, check } = watched(0);
  expect([check(370), check(399), watch.dueAt]).toEqual([[0], [], 400]);
  expect(check(400)).toEqual([0]);
});

test("another attempt in the same slot is another handler", () => {
  const { work, check } = watched(0);
  expect(check(100)).toEqual([0]);
  work.start(0, 110);
  expect([check(200), check(210)]).toEqual([[], [0]]);
});

test("with nothing that runs it is due never, until something starts", () => {
  const { work, watch, check } = watched(0);
  work.enter(0, PHASE.backingOff, 10);
  expect([check(100), watch.dueAt]).toEqual([[], Infinity]);
  watch.started(300);
  expect(watch.dueAt).toBe(400);
});

test("once stopped it is never due again", () => {
  const { watch } = watched(0);
  watch.stop();
  expect(watch.dueAt).toBe(Infinity);
  watch.started(500);
  expect(watch.dueAt).toBe(Infinity);
});
