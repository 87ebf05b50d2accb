import { drawGateTrace, GATE_CLAUSES } from "../../drawn/gate-draw.ts";
import { readVectors } from "../../runner/vector-file.ts";
import type { VectorTest } from "../../runner/vector-file.ts";
import { sayNames } from "../scene.ts";
import type { Kinds } from "./step-kind.ts";

/** Questions that have one right answer, from files and drawn. */
export const VECTOR_STEPS: Kinds<"ask" | "draw"> = {
  ask: {
    say: ({ ask }) => `ask the subject all tests of ${sayNames(ask)}`,
    perform: async (scene, { ask }) => {
      const { run } = scene;
      const subject = await run.startForVectors("m0");
      for (const file of ask) {
        const { tests, withdrawn, numberOfTests } = readVectors(file);
        await run.askVectors(subject, file, tests);
        run.guard(
          `all of ${file}`,
          tests.length > 0 && tests.length + withdrawn === numberOfTests,
          `${tests.length} asked and ${withdrawn} withdrawn of ${numberOfTests}`,
        );
        scene.vectors.push(...tests);
      }
    },
  },

  draw: {
    say: ({ draw, traces, events }) =>
      `draw ${traces} traces of up to ${events} events, and ask the subject for each (${draw})`,
    perform: async (scene, { draw, traces, events }) => {
      const { run } = scene;
      const subject = await run.startForVectors("m0");
      const seed = run.random.uint32();
      await run.askVectors(subject, "gate_trace", drawn(), seed);

      function* drawn(): Generator<VectorTest> {
        for (let i = 1; i <= traces; i += 1) {
          // They grow, so that the first that is wrong is short.
          const length = 2 + Math.floor(((events - 2) * i) / traces);
          const { events: trace, steps, sights } = drawGateTrace(seed + i, length);
          for (const sight of sights) {
            scene.drawn.set(sight, (scene.drawn.get(sight) ?? 0) + 1);
          }
          yield {
            tcId: i,
            op: draw,
            comment: [...sights].join(", ") || "nothing out of the ordinary",
            requirements: GATE_CLAUSES,
            input: { events: trace },
            expect: { steps },
            result: "valid",
          };
        }
      }
    },
  },
};
