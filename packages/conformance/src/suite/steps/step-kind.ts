import type { Need } from "../../runner/case.ts";
import type { Step, StepKind, StepOf } from "../case-file.ts";
import type { Scene } from "../scene.ts";

/** One kind of step: what it does, and how it is told. What it means is said in the schema. */
export interface Kind<S extends Step> {
  /** What the cluster must be able to do for it. */
  readonly needs?: readonly Need[];
  /** A sentence without its full stop, in the imperative. */
  readonly say: (step: S) => string;
  readonly perform: (scene: Scene, step: S, play: Play) => Promise<void> | void;
}

/** Some kinds of step, by their key words. */
export type Kinds<K extends StepKind> = { readonly [P in K]: Kind<StepOf<P>> };

/** Performs steps one after the other. */
export type Play = (scene: Scene, steps: readonly Step[], over?: () => boolean) => Promise<void>;
