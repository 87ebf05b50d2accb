import fc from "fast-check";
import { expect, test } from "vitest";
import { expectReached } from "../../test/reached.ts";
import { LaneTable } from "./lane-table.ts";
import { HASH, PARTITION, SLOT_ROW, SlotRows } from "./slot-rows.ts";

/** By how much the hash of a lane is moved for each partition. */
const STEP = 0x9e3779b1;
/** Lanes of which many begin at one place of the table, some of them at its end. */
const place = fc.constantFrom(0, 1, 5, 62, 63);
const lane = fc.record({
  partition: fc.nat(3),
  // In the lowest bits the place, above them what tells hashes of one place apart.
  hash: fc.tuple(place, fc.nat(7)).map(([low, high]) => (high * 0x0800_0000) | low | 0),
  /** Moved back, so that lanes of different partitions are the same to all but their partition. */
  isMoved: fc.boolean(),
});
const step = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant("open" as const), lane) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom("close" as const, "replace" as const), fc.nat()),
  },
);

test("a lane is found from when it is opened until it is closed, by partition and hash", () => {
  let most = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), (steps) => {
      const slots = new SlotRows();
      while (slots.capacity < 1_024) slots.grow();
      const table = new LaneTable(slots);
      /** Heads by partition and hash. */
      const model = new Map<string, number>();
      let used = 0;
      const record = (partition: number, hash: number): number => {
        const slot = used++;
        slots.rows[(slot << SLOT_ROW) + PARTITION] = partition;
        slots.rows[(slot << SLOT_ROW) + HASH] = hash;
        return slot;
      };
      for (const each of steps) {
        if (each[0] === "open") {
          const { partition, isMoved } = each[1];
          const hash = isMoved ? (each[1].hash - Math.imul(partition, STEP)) | 0 : each[1].hash;
          const name = `${partition} ${hash}`;
          expect(table.find(partition, hash)).toBe(model.get(name) ?? -1);
          const slot = record(partition, hash);
          expect(table.findOrOpen(partition, hash, slot)).toBe(model.get(name) ?? -1);
          if (!model.has(name)) model.set(name, slot);
        } else if (model.size > 0) {
          const [name, head] = [...model][each[1] % model.size]!;
          const [partition, hash] = name.split(" ").map(Number) as [number, number];
          if (each[0] === "close") {
            table.close(head);
            model.delete(name);
          } else {
            const next = record(partition, hash);
            table.replace(head, next);
            model.set(name, next);
          }
        }
        most = Math.max(most, model.size);
        for (const [name, head] of model) {
          const [partition, hash] = name.split(" ").map(Number) as [number, number];
          if (table.find(partition, hash) !== head) expect.fail(`lane ${name} is lost`);
        }
        expect(table.find(9, 9)).toBe(-1);
      }
    }),
    { numRuns: 100 },
  );
  // It begins with room for 32.
  expectReached({ most }, 64);
}, 60_000);

test("hundreds of lanes at one place of the table are found again", () => {
  const slots = new SlotRows();
  while (slots.capacity < 4_096) slots.grow();
  const table = new LaneTable(slots);
  const hashOf = (slot: number): number => (slot << 12) | 0;
  for (let slot = 0; slot < 300; slot++) {
    slots.rows[(slot << SLOT_ROW) + HASH] = hashOf(slot);
    expect(table.findOrOpen(0, hashOf(slot), slot)).toBe(-1);
  }
  for (let slot = 0; slot < 300; slot += 2) table.close(slot);
  for (let slot = 0; slot < 300; slot++) {
    expect(table.find(0, hashOf(slot))).toBe(slot % 2 === 0 ? -1 : slot);
  }
});
