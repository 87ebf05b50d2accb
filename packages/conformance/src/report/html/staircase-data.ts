import { tenths } from "./tenths.ts";

export type Point = readonly [t: number, value: number];

/** The offset staircase: each line holds its value until its next point. */
export interface PartitionData {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Next offset after the furthest begun. */
  readonly begun: readonly Point[];
  /** First unsettled offset: the highest that may be committed. */
  readonly settled: readonly Point[];
  readonly committed: readonly Point[];
  readonly end: readonly Point[];
  /** Commits asked for above the settled line. */
  readonly violations: readonly Point[];
  /** Lines were thinned to one point in this many milliseconds; null: every point is there. */
  readonly everyMs: number | null;
}

/** Follows one partition through a history. */
export class Staircase {
  readonly name: string;
  readonly offsets: number[] = [];
  from = 0;
  range: readonly [number, number] | null = null;
  readonly #settled = new Set<number>();
  readonly #lines = {
    begun: [] as Point[],
    settled: [] as Point[],
    committed: [] as Point[],
    end: [] as Point[],
  };
  readonly #violations: Point[] = [];
  #next = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Call once everything read from the topic is known. */
  prepare(): void {
    this.offsets.sort((a, b) => a - b);
    this.#next = this.offsets.findIndex((offset) => offset >= this.from);
    if (this.#next === -1) this.#next = this.offsets.length;
    this.#lines.settled.push([0, this.#frontier()]);
  }

  produced(t: number, offset: number): void {
    this.#raise(this.#lines.end, t, offset + 1);
  }
  begun(t: number, offset: number): void {
    this.#raise(this.#lines.begun, t, offset + 1);
  }
  settled(t: number, offset: number): void {
    this.#settled.add(offset);
    while (this.#next < this.offsets.length && this.#settled.has(this.offsets[this.#next]!)) {
      this.#next += 1;
    }
    this.#raise(this.#lines.settled, t, this.#frontier());
  }
  asked(t: number, offset: number): void {
    const first = this.offsets[this.#next];
    if (first !== undefined && offset > first) this.#violations.push([tenths(t), offset]);
  }
  committed(t: number, offset: number): void {
    this.#lines.committed.push([tenths(t), offset]);
  }

  finish(limit: number, span: number): PartitionData {
    const { begun, settled, committed, end } = this.#lines;
    if (end.length === 0 && this.range) end.push([0, this.range[1]]);
    let low = this.from;
    let high = Math.max(this.range?.[1] ?? 0, low + 1);
    for (const [, value] of [begun, settled, committed, end].flat()) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const longest = Math.max(begun.length, settled.length, committed.length, end.length);
    const everyMs = longest > limit ? Math.ceil(span / limit) : null;
    const thin = (line: readonly Point[]): readonly Point[] =>
      everyMs === null ? line : thinned(line, everyMs);
    return {
      name: this.name,
      low: Math.max(0, low),
      high,
      begun: thin(begun),
      settled: thin(settled),
      committed: thin(committed),
      end: thin(end),
      violations: this.#violations.slice(0, MAX_VIOLATIONS),
      everyMs,
    };
  }

  #frontier(): number {
    return this.offsets[this.#next] ?? this.range?.[1] ?? (this.offsets.at(-1) ?? -1) + 1;
  }

  #raise(line: Point[], t: number, value: number): void {
    if (value > (line.at(-1)?.[1] ?? -Infinity)) line.push([tenths(t), value]);
  }
}

const MAX_VIOLATIONS = 200;

/** The last point of each bucket, and any that goes down: a regression must not be thinned away. */
export function thinned(line: readonly Point[], everyMs: number): readonly Point[] {
  return line.filter(([t, value], i) => {
    const following = line[i + 1];
    if (following === undefined || following[1] < value) return true;
    if (i > 0 && value < line[i - 1]![1]) return true;
    return Math.floor(following[0] / everyMs) !== Math.floor(t / everyMs);
  });
}
