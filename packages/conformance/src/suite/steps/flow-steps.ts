import { Unmet } from "../../runner/condition.ts";
import type { Step } from "../case-file.ts";
import { look, passing, sayCondition } from "../condition.ts";
import type { Scene } from "../scene.ts";
import type { Kinds } from "./step-kind.ts";

const WITHIN = "20 s";
const REPEAT_MS = 120_000;

export const FLOW_STEPS: Kinds<"until" | "guard" | "mark" | "repeat" | "together"> = {
  until: {
    say: ({ until, within, onlyWith }) =>
      `wait for ${sayCondition(until)}${within === undefined ? "" : `, at most ${within}`}` +
      (onlyWith === undefined ? "" : `, where there is ${SAY_ONLY[onlyWith]}`),
    perform: async (scene, { until, within = WITHIN, blame = "subject", onlyWith }) => {
      if (onlyWith !== undefined && !scene.run.cluster.can[onlyWith]) return;
      const from = now(scene);
      // Time that has to pass is no time to be late in.
      const passed = passing(until).map((span) => scene.milliseconds(span));
      await scene.run.until(sayCondition(until), () => look(scene, until, from).holds, {
        withinMs: scene.milliseconds(within) + Math.max(0, ...passed),
        blame: () => (blame === "environment" ? blame : look(scene, until, from).blame()),
        progress: () => look(scene, until, from).detail,
      });
    },
  },

  guard: {
    say: ({ guard }) => `it is a real test only with ${sayCondition(guard)}`,
    perform: (scene, { guard, blame = "environment" }) => {
      const { holds, detail, blame: seen } = look(scene, guard, now(scene));
      const kind = blame === "environment" ? blame : seen();
      scene.run.guard(sayCondition(guard), holds, detail, kind);
    },
  },

  mark: {
    say: ({ mark }) => `from here on is "${mark}"`,
    perform: (scene, { mark }) => void scene.marks.set(mark, now(scene)),
  },

  repeat: {
    say: (step) => {
      const times = step.times === undefined ? [] : [`${step.times} times`];
      const while_ =
        step.while === undefined ? [] : [`while there are ${sayCondition(step.while)}`];
      return `repeat ${[...times, ...while_].join(", ")}`;
    },
    perform: async (scene, step, play) => {
      const started = scene.run.now;
      for (let turn = 0; turn < (step.times ?? Infinity); turn++) {
        if (step.while !== undefined && !look(scene, step.while, started).holds) return;
        if (scene.run.now - started > REPEAT_MS) {
          throw new Unmet(`repeated until done`, "subject", `not within ${REPEAT_MS / 1_000} s`);
        }
        await play(scene, step.repeat);
      }
    },
  },

  together: {
    say: () => "at the same time",
    perform: async (scene, { together }, play) => {
      // When one of them fails, the others shall not go on with what nobody waits for.
      let over = false;
      const each = together.map(async (steps: readonly Step[]) => {
        try {
          await play(scene, steps, () => over);
        } catch (error) {
          over = true;
          throw error;
        }
      });
      await Promise.all(each);
    },
  },
};

const SAY_ONLY = { proxy: "a proxy", commitLog: "a commit log to read" } as const;

/** Not later than the history, which rounds to microseconds, stamps what comes next. */
function now({ run }: Scene): number {
  return Math.floor(run.now * 1_000) / 1_000;
}
