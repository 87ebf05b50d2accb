import fc from "fast-check";
import { expect, test } from "vitest";
import { DueHeap } from "./due-heap.ts";

test("slots come out by the time they are due, and those removed do not", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 200 }), fc.nat(4), (times, removed) => {
      const heap = new DueHeap();
      times.forEach((dueAt, slot) => heap.add(slot, dueAt));
      const gone = heap.remove((slot) => slot % 5 === removed);
      const kept = times.filter((_, slot) => slot % 5 !== removed).toSorted((a, b) => a - b);
      const taken: number[] = [];
      for (; heap.size > 0; taken.push(times[heap.take()]!)) {
        expect(heap.earliest).toBe(kept[taken.length]);
      }
      expect(taken).toEqual(kept);
      expect(gone.length + taken.length).toBe(times.length);
      expect(heap.earliest).toBe(Infinity);
      expect(() => heap.take()).toThrow(RangeError);
    }),
  );
});

test("those of one time come out as they came in, whatever is taken and removed in between", () => {
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant("add"), dueAt: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant("take") }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("remove"), every: fc.nat(6) }) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const heap = new DueHeap();
      // Sorting is stable, and what is added comes last.
      let model: { readonly slot: number; readonly dueAt: number }[] = [];
      let added = 0;
      const takeBoth = (): void => expect(heap.take()).toBe(model.shift()?.slot);
      for (const action of actions) {
        if ("dueAt" in action) {
          // Slots are given out again, in any order: they do not tell which came first.
          const slot = (added++ * 7919) % 1009;
          heap.add(slot, action.dueAt);
          model = [...model, { slot, dueAt: action.dueAt }].toSorted((a, b) => a.dueAt - b.dueAt);
        } else if ("every" in action) {
          const goes = (slot: number): boolean => slot % 7 === action.every;
          heap.remove(goes);
          model = model.filter(({ slot }) => !goes(slot));
        } else if (model.length > 0) takeBoth();
      }
      while (model.length > 0) takeBoth();
      expect(heap.size).toBe(0);
    }),
  );
});

test("it knows when each slot is due, and nothing of others", () => {
  const heap = new DueHeap();
  const times = [50, 10, 30, 20, 40];
  times.forEach((dueAt, slot) => heap.add(slot, dueAt));
  expect(times.map((_, slot) => heap.dueAt(slot))).toEqual(times);
  expect([heap.dueAt(5), heap.size]).toEqual([Infinity, 5]);
  expect(new Set(heap.slots)).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(heap.remove(() => false)).toEqual([]);
  expect(heap.take()).toBe(1);
  expect([heap.dueAt(1), heap.dueAt(3)]).toEqual([Infinity, 20]);
  expect(() => new DueHeap().take()).toThrow(new RangeError("Nothing is due"));
});
