import { look, sayCondition } from "../condition.ts";
import { known } from "../scene.ts";
import type { Kinds } from "./step-kind.ts";

export const FAULT_STEPS: Kinds<"inject" | "observed" | "healed"> = {
  inject: {
    say: ({ inject }) => `the fault begins: ${inject}`,
    perform: (scene, { inject }) => void scene.faults.set(inject, scene.run.inject(inject)),
  },

  observed: {
    say: ({ observed, when }) => `the fault is observed: ${observed}, by ${sayCondition(when)}`,
    perform: (scene, { observed, when }) => {
      const { holds, detail } = look(scene, when, scene.run.now);
      // Unseen, it is guard G3 that says so.
      if (holds)
        known(scene.faults, observed, "fault").observed(`${detail}: ${sayCondition(when)}`);
    },
  },

  healed: {
    say: ({ healed }) => `the fault is over: ${healed}`,
    perform: (scene, { healed }) => known(scene.faults, healed, "fault").healed(),
  },
};
