import type { Step, StepKind } from "../case-file.ts";
import type { Scene } from "../scene.ts";
import { BROKER_STEPS } from "./broker-steps.ts";
import { CLUSTER_STEPS } from "./cluster-steps.ts";
import { FAULT_STEPS } from "./fault-steps.ts";
import { FLOW_STEPS } from "./flow-steps.ts";
import { HANDLER_STEPS } from "./handler-steps.ts";
import { MEMBER_STEPS } from "./member-steps.ts";
import { NEMESIS_STEPS } from "./nemesis-steps.ts";
import { RECORD_STEPS } from "./record-steps.ts";
import { VECTOR_STEPS } from "./vector-steps.ts";
import type { Kind, Kinds } from "./step-kind.ts";

const KINDS: Kinds<StepKind> = {
  ...MEMBER_STEPS,
  ...HANDLER_STEPS,
  ...FLOW_STEPS,
  ...FAULT_STEPS,
  ...BROKER_STEPS,
  ...CLUSTER_STEPS,
  ...RECORD_STEPS,
  ...VECTOR_STEPS,
  ...NEMESIS_STEPS,
};

/** Key words of all steps. */
export const STEP_KINDS: readonly StepKind[] = Object.keys(KINDS) as StepKind[];

/** @throws Error for a step without one, which the schema has ruled out */
export function kindOf(step: Step): StepKind {
  const kind = STEP_KINDS.find((name) => name in step);
  if (kind === undefined) throw new Error(`no step: ${Object.keys(step).join(", ")}`);
  return kind;
}

/** What a step does, its needs and its words. */
export function definitionOf(step: Step): Kind<Step> {
  return KINDS[kindOf(step)] as unknown as Kind<Step>;
}

/**
 * Performs steps one after the other, and none once it is over.
 * @throws Unmet, SubjectError
 */
export async function play(
  scene: Scene,
  steps: readonly Step[],
  over: () => boolean = () => false,
): Promise<void> {
  for (const step of steps) {
    if (over()) return;
    const { say, perform } = definitionOf(step);
    scene.run.step(say(step));
    await perform(scene, step, play);
  }
}

/** Steps within a step, each list in order. */
export function stepsWithin(step: Step): readonly (readonly Step[])[] {
  if ("together" in step) return step.together;
  return "repeat" in step ? [step.repeat] : [];
}

/** Steps and those within them, in order. */
export function* allSteps(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step;
    for (const within of stepsWithin(step)) yield* allSteps(within);
  }
}
