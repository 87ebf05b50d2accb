// @ts-check
// What it costs to admit and settle a record, in what order and at what distance of offsets ever,
// against the two ways that come to mind first.
import { CommitGate } from "../../../packages/core/dist/index.js";

export const title = "Commit gate: admit and settle, an operation";
export const notes = [
  "The loop around it, which picks what is settled next, is in every figure: about 2 ns.",
];
const OPERATIONS = 400_000;
/** docs/benchmarks.md: under 10 ns a settle at depths of 100 to 10^4, whatever the gaps. */
const goals = /** @type {const} */ ([{ of: "value", atMost: 10 }]);

const shapes = [
  { name: "in order", depth: 1, gap: 0 },
  { name: "random, 64 held", depth: 64, gap: 0 },
  { name: "random, 4,096 held", depth: 4_096, gap: 0, goals },
  { name: "random, 4,096 held, gaps of 1,000", depth: 4_096, gap: 1_000, goals },
  { name: "random, 4,096 held, gaps of 10^8", depth: 4_096, gap: 1e8, goals },
  { name: "random, 10^6 held", depth: 1_000_000, gap: 0 },
];

/** @type {readonly import("../lib/area.ts").Variant[]} */
export const variants = shapes.flatMap(({ name, depth, gap, goals }) => {
  const ours = `gate, ${name}`;
  return [
    { name: ours, ...(goals && { goals }), make: () => passOf(new Gate(), depth, gap) },
    { name: `a Set, ${name}`, base: ours, make: () => passOf(new SetGate(), depth, gap) },
    // A list of a million would be shifted for each: minutes.
    ...(depth > 10_000
      ? []
      : [
          {
            name: `a sorted list, ${name}`,
            base: ours,
            make: () => passOf(new ListGate(), depth, gap),
          },
        ]),
  ];
});

/**
 * Keeps `depth` records in flight and settles one of them at a time, in random order.
 * @param {Gate | SetGate | ListGate} gate @param {number} depth @param {number} gap
 */
function passOf(gate, depth, gap) {
  const window = new Float64Array(depth);
  let random = 1;
  let admitted = 0;
  for (let index = 0; index < depth; index++) window[index] = gate.admit(admitted++ * (gap + 1));
  return () => {
    for (let index = 0; index < OPERATIONS; index++) {
      random = (Math.imul(random, 1664525) + 1013904223) | 0;
      const at = (random >>> 4) % depth;
      gate.settle(window[at]);
      window[at] = gate.admit(admitted++ * (gap + 1));
    }
    // What is held and lowest is where the frontier has to be.
    const lowest = window.reduce((low, each) => Math.min(low, gate.offsetOf(each)), Infinity);
    if (gate.frontier !== lowest) throw new Error(`frontier ${gate.frontier}, should be ${lowest}`);
    return OPERATIONS;
  };
}

/** Ours. Offsets are evenly spaced, so that a sequence tells its offset to the check. */
class Gate {
  gate = new CommitGate(0);
  step = 0;
  /** @param {number} offset */
  admit(offset) {
    const sequence = this.gate.admit(offset);
    if (sequence === 1) this.step = offset;
    return sequence;
  }
  /** @param {number} sequence */
  settle(sequence) {
    this.gate.settle(sequence);
  }
  /** @param {number} sequence */
  offsetOf(sequence) {
    return sequence * this.step;
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
  /** @param {number} offset */
  admit(offset) {
    this.pending.add(offset);
    this.end = offset + 1;
    return offset;
  }
  /** @param {number} offset */
  settle(offset) {
    this.pending.delete(offset);
  }
  /** @param {number} offset */
  offsetOf(offset) {
    return offset;
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
  /** @param {number} offset */
  admit(offset) {
    this.pending.push(offset);
    this.end = offset + 1;
    return offset;
  }
  /** @param {number} offset */
  settle(offset) {
    let low = 0;
    let high = this.pending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pending[middle] < offset) low = middle + 1;
      else high = middle;
    }
    this.pending.splice(low, 1);
  }
  /** @param {number} offset */
  offsetOf(offset) {
    return offset;
  }
  get frontier() {
    return this.pending[0] ?? this.end;
  }
}
