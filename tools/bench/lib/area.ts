import type { Series } from "./figures.mjs";

/** A limit from the design ("Performance budget"): printed as met or not met, it never fails a run. */
export interface Goal {
  /** What is held against it. */
  readonly of: "ratio" | "value" | "gcShare";
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Something measured in a process of its own. */
export interface Variant {
  /** Unique in its area. */
  readonly name: string;
  /** Name of the variant that the ratio is against. */
  readonly base?: string;
  readonly goals?: readonly Goal[];
  /**
   * Prepares, off the clock, and answers with one pass. That resolves with the number of operations
   * done, and throws when the result is wrong: what is wrong is always fast.
   */
  make(): () => number | Promise<number>;
}

export interface Settings {
  readonly quick: boolean;
  /** Progress, a line at a time. */
  readonly log: (line: string) => void;
}

export interface Row {
  readonly name: string;
  /** In the table's unit. */
  readonly value?: Series;
  readonly base?: string;
  /** To the base, of each round by itself. */
  readonly ratio?: Series;
  /** Of the time in which the event loop worked, median. */
  readonly gcShare?: number;
  /** Other figures, by the column's name. */
  readonly more?: Readonly<Record<string, number | string>>;
  readonly goals?: readonly (Goal & { readonly met: boolean })[];
  /** Why there is no figure. */
  readonly skipped?: string;
  /** Rounds that measured waiting. */
  readonly discarded?: number;
}

export interface Table {
  readonly area: string;
  readonly title: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly rows: readonly Row[];
  readonly notes?: readonly string[];
}
