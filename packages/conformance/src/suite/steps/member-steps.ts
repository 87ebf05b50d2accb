import { list, sayNames } from "../scene.ts";
import type { Kinds } from "./step-kind.ts";

export const MEMBER_STEPS: Kinds<"start" | "stop" | "kill" | "pause" | "continue"> = {
  start: {
    say: ({ start }) => `start ${sayNames(start)}`,
    perform: async ({ run }, { start }) => {
      await run.startAll(...list(start));
    },
  },

  stop: {
    say: ({ stop, within }) =>
      `stop ${sayNames(stop)} gracefully${within === undefined ? "" : `, within ${within}`}`,
    perform: async (scene, { stop, within }) => {
      const { limits } = scene.run.settings;
      const deadline = within === undefined ? limits.stopMs : scene.milliseconds(within);
      await Promise.all(list(stop).map((member) => scene.run.stop(member, deadline)));
    },
  },

  kill: {
    say: ({ kill }) => `kill ${sayNames(kill)} (SIGKILL)`,
    perform: async ({ run }, { kill }) => {
      await Promise.all(list(kill).map((member) => run.kill(member)));
    },
  },

  pause: {
    say: ({ pause }) => `pause ${sayNames(pause)} (SIGSTOP)`,
    perform: ({ run }, { pause }) => {
      for (const member of list(pause)) run.pause(member);
    },
  },

  continue: {
    say: (step) => `continue ${sayNames(step.continue)} (SIGCONT)`,
    perform: ({ run }, step) => {
      for (const member of list(step.continue)) run.resume(member);
    },
  },
};
