import type { Need } from "../../runner/case.ts";
import type { Blame, MeasureCondition, Names, NumberSet, Selector } from "../case-file.ts";
import { fieldsOf } from "../selector.ts";
import type { Scene } from "../scene.ts";

/** A number that a witness can tell at any time. What it means is said in the schema. */
export interface Measure<Of> {
  /** What it rests on, beyond the runner's own ledger. */
  readonly needs?: readonly Need[];
  readonly unit?: "ms" | "%";
  /** Takes a mark: counts, or looks, from there on. */
  readonly since?: "may" | "must";
  /** In words, after a number: `3 heartbeats of m0 answered`. */
  readonly say: (of: Of) => string;
  readonly read: (scene: Scene, of: Of, since: number) => number;
  /** Narrowed to one partition; without it `inEach` means nothing for it. */
  readonly inPartition?: (of: Of, partition: number) => unknown;
  /** Who is to blame when it does not get there. @defaultValue the subject */
  readonly blame?: (scene: Scene, of: Of, condition: MeasureCondition) => Blame;
}

/** Of which client, and where it matters which partition and beyond which offset. */
export interface CommitsOf {
  readonly member: Names;
  readonly partition?: NumberSet;
  readonly beyond?: number;
}

/** A selector, narrowed to a partition. */
export function selectIn(selector: Selector, partition: number): Selector {
  return { ...fieldsOf(selector), partition };
}

/** Some measures, by name and by what they are asked about. */
export type Measures<T> = { readonly [K in keyof T]: Measure<T[K]> };
