import fc from "fast-check";
import { expect, test } from "vitest";
import { expectReached } from "../../test/reached.ts";
import { CommitGate } from "./commit-gate.ts";

/** What the gate replaces: a set of offsets, searched each time. */
class NaiveGate {
  readonly unsettled = new Set<number>();
  readonly settled = new Set<number>();
  position: number;
  constructor(position: number) {
    this.position = position;
  }
  admit(offset: number): void {
    this.unsettled.add(offset);
    this.position = offset + 1;
  }
  settle(offset: number): void {
    this.unsettled.delete(offset);
    this.settled.add(offset);
  }
  get frontier(): number {
    return Math.min(this.position, ...this.unsettled);
  }
  get highestSettled(): number {
    const highest = Math.max(-1, ...this.settled);
    return highest > this.frontier ? highest : -1;
  }
  get settledAhead(): number {
    const { frontier } = this;
    return [...this.settled].filter((offset) => offset > frontier).length;
  }
  /** What lies between one unsettled offset and the next, or the position. */
  get settledAboveFrontier(): number[] {
    const unsettled = [...this.unsettled].toSorted((a, b) => a - b);
    return unsettled
      .flatMap((offset, index) => [offset + 1, unsettled[index + 1] ?? this.position])
      .filter((edge, index, edges) => edge !== edges[index % 2 === 0 ? index + 1 : index - 1]);
  }
}

const gap = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 70 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 40 }) },
);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("admit" as const),
      gap,
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  // Which of the unsettled is settled: 0 is the head, so that the frontier often moves.
  { weight: 5, arbitrary: fc.record({ type: fc.constant("settle" as const), pick: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("position" as const), gap }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("illegal" as const), at: fc.integer() }) },
);
const starts = fc.oneof(
  fc.constant(0),
  fc.nat(1_000),
  fc.integer({ min: 2 ** 32 - 100, max: 2 ** 32 + 100 }),
  // Room for the gaps below 2^53.
  fc.constant(2 ** 53 - 2 ** 46),
);

test("SLC-GAT: the frontier equals the naive model's, never regresses, never passes an unsettled offset", () => {
  const seen = { outOfOrder: 0, gapAtHead: 0, gapAtTail: 0, grown: 0, emptied: 0, illegal: 0 };
  fc.assert(
    fc.property(starts, fc.array(step, { maxLength: 400, size: "max" }), (start, steps) => {
      const gate = new CommitGate(start);
      const naive = new NaiveGate(start);
      const sequences = new Map<number, number>();
      const settled: number[] = [];
      let last = gate.frontier;
      for (const [index, each] of steps.entries()) {
        if (each.type === "admit") {
          if (each.gap > 0 && naive.unsettled.size === 0) seen.gapAtHead++;
          for (let count = 0; count < each.count; count++) {
            const offset = gate.position + (count === 0 ? each.gap : 0);
            sequences.set(offset, gate.admit(offset));
            naive.admit(offset);
          }
          if (naive.unsettled.size > 64) seen.grown++;
        } else if (each.type === "settle") {
          const offsets = [...naive.unsettled];
          const offset = offsets[each.pick % Math.max(1, offsets.length)];
          if (offset === undefined) continue;
          if (offset !== naive.frontier) seen.outOfOrder++;
          expect(gate.settle(sequences.get(offset)!)).toBe(true);
          naive.settle(offset);
          settled.push(sequences.get(offset)!);
          if (naive.unsettled.size === 0) seen.emptied++;
        } else if (each.type === "position") {
          if (each.gap > 0) seen.gapAtTail++;
          expect(gate.advancePosition(gate.position + each.gap)).toBe(each.gap > 0);
          naive.position += each.gap;
        } else if (settled.length > 0) {
          seen.illegal++;
          expect(gate.settle(settled[Math.abs(each.at) % settled.length]!)).toBe(false);
          expect(gate.settle((sequences.size + Math.abs(each.at % 1e6)) | 0)).toBe(false);
        }
        expect(gate.frontier).toBe(naive.frontier);
        expect(gate.frontier).toBeGreaterThanOrEqual(last);
        expect(gate.unsettled).toBe(naive.unsettled.size);
        expect(gate.settledAhead).toBe(naive.settledAhead);
        expect(gate.highestSettled).toBe(naive.highestSettled);
        if (index % 7 === 0) {
          expect(gate.settledAboveFrontier()).toEqual(naive.settledAboveFrontier);
        }
        last = gate.frontier;
      }
      for (const offset of naive.unsettled) gate.settle(sequences.get(offset)!);
      expect(gate.frontier).toBe(gate.position);
    }),
    { numRuns: 300 },
  );
  expectReached(seen, 20);
}, 60_000);

test("SLC-GAT: a window of any depth settled in any order ends at the position", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3_000 }),
      fc.infiniteStream(fc.nat()),
      (depth, random) => {
        const gate = new CommitGate(0);
        const held: number[] = [];
        for (let index = 0; index < depth; index++)
          held.push(gate.admit(gate.position + (index % 3)));
        const picks = random[Symbol.iterator]();
        while (held.length > 0) {
          const at = picks.next().value! % held.length;
          const sequence = held[at]!;
          held[at] = held.at(-1)!;
          held.pop();
          expect(gate.settle(sequence)).toBe(true);
        }
        expect(gate.frontier).toBe(gate.position);
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

test("a gap of 10^12 offsets needs no more room or time than none", () => {
  const gate = new CommitGate(0);
  const started = performance.now();
  for (let index = 0; index < 1_000; index++) {
    const first = gate.admit(gate.position + 1e12);
    const second = gate.admit(gate.position + 1e12);
    gate.settle(second);
    gate.settle(first);
  }
  expect(gate.frontier).toBe(2_000 * (1e12 + 1));
  // A structure indexed by offset would not come back at all; this takes about a millisecond.
  expect(performance.now() - started).toBeLessThan(5_000);
});
