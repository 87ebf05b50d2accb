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
