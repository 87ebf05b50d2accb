// @ts-check
// What it costs to admit and settle a record, in what order and at what distance of offsets ever,
// against the two ways that come to mind first.
import { CommitGate } from "../../../packages/core/dist/index.js";

export const title = "Commit gate: admit and settle, an operation";
export const notes = ["The loop around it is in every figure: about 1 ns."];
const OPERATIONS = 400_000;
/** At least, so that the check at its end is for nothing. */
const ROW = 4_096;
/** docs/benchmarks.md: under 10 ns a settle at depths of 100 to 10^4, whatever the gaps; else 20. */
const goals = /** @type {const} */ ([{ of: "value", atMost: 10 }]);
const elsewhere = /** @type {const} */ ([{ of: "value", atMost: 20 }]);

const shapes = [
  { name: "in order", depth: 1, gap: 0, goals: elsewhere },
  { name: "random, 64 held", depth: 64, gap: 0 },
  { name: "random, 4,096 held", depth: 4_096, gap: 0, goals },
  { name: "random, 4,096 held, gaps of 1,000", depth: 4_096, gap: 1_000, goals },
  { name: "random, 4,096 held, gaps of 10^8", depth: 4_096, gap: 1e8, goals },
  { name: "random, 10^6 held", depth: 1_000_000, gap: 0, goals: elsewhere },
];

/** @type {readonly import("../lib/area.ts").Variant[]} */
export const variants = shapes.flatMap(({ name, depth, gap, goals }) => {
  const ours = `gate, ${name}`;
  return [
    { name: ours, ...(goals && { goals }), make: () => passOf(new Gate(gap + 1), depth) },
    { name: `a Set, ${name}`, base: ours, make: () => passOf(new SetGate(gap + 1), depth) },
    // A list of a million would be shifted for each: minutes.
    ...(depth > 10_000
      ? []
      : [
          {
            name: `a sorted list, ${name}`,
            base: ours,
            make: () => passOf(new ListGate(gap + 1), depth),
          },
        ]),
  ];
});

/**
 * Keeps `depth` records in flight: settles those of one block of `depth`, while the next is admitted, in
 * an order that was drawn before the clock started. Who settles a record knows it: looking one up at
 * random in a table of a million would cost more than the gate. Records are numbered from 0.
 * @param {Gate | SetGate | ListGate} gate @param {number} depth
 */
function passOf(gate, depth) {
  const order = shuffled(depth, Math.ceil(ROW / depth));
  const rows = Math.ceil(OPERATIONS / order.length);
  let settled = 0;
  for (let index = 0; index < depth; index++) gate.admit(index);
  return () => {
    for (let row = 0; row < rows; row++, settled += order.length) {
      for (let index = 0; index < order.length; index++) {
        gate.settle(settled + /** @type {number} */ (order[index]));
        gate.admit(settled + depth + index);
      }
      const lowest = (settled + order.length) * gate.step;
      if (gate.frontier !== lowest) {
        throw new Error(`frontier ${gate.frontier}, should be ${lowest}`);
      }
    }
    return rows * order.length;
  };
}

/** Numbers from 0, each block of them in another random order. @param {number} size @param {number} blocks */
function shuffled(size, blocks) {
  const order = Int32Array.from({ length: size * blocks }, (_, index) => index);
  let random = 1;
  for (let index = order.length - 1; index > 0; index--) {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    const first = index - (index % size);
    const other = first + ((random >>> 4) % (index - first + 1));
    [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
  }
  return order;
}

/** Ours: its sequences are our numbers. */
class Gate {
  gate = new CommitGate(0);
  /** @param {number} step from one offset to the next */
  constructor(step) {
    this.step = step;
  }
  /** @param {number} record */
  admit(record) {
    this.gate.admit(record * this.step);
  }
  /** @param {number} record */
  settle(record) {
    this.gate.settle(record);
  }
  get frontier() {
    return this.gate.frontier;
  }
}

/** Everything pending in a Set, whose order of insertion is that of the offsets. */
class SetGate {
  /** @type {Set<number>} */
  pending = new Set();
  end = 0;
  /** @param {number} step */
  constructor(step) {
    this.step = step;
  }
  /** @param {number} record */
  admit(record) {
    const offset = record * this.step;
    this.pending.add(offset);
    this.end = offset + 1;
  }
  /** @param {number} record */
  settle(record) {
    this.pending.delete(record * this.step);
  }
  get frontier() {
    return this.pending.values().next().value ?? this.end;
  }
}

/** Everything pending in a sorted array: found by halving, removed by moving the rest. */
class ListGate {
  /** @type {number[]} */
  pending = [];
  end = 0;
  /** @param {number} step */
  constructor(step) {
    this.step = step;
  }
  /** @param {number} record */
  admit(record) {
    const offset = record * this.step;
    this.pending.push(offset);
    this.end = offset + 1;
  }
  /** @param {number} record */
  settle(record) {
    const offset = record * this.step;
    let low = 0;
    let high = this.pending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {number} */ (this.pending[middle]) < offset) low = middle + 1;
      else high = middle;
    }
    this.pending.splice(low, 1);
  }
  get frontier() {
    return this.pending[0] ?? this.end;
  }
}
