import { absoluteMs } from "../duration.ts";
import { list, sayNames } from "../scene.ts";
import type { Kinds } from "./step-kind.ts";

export const MEMBER_STEPS: Kinds<
  "start" | "stop" | "kill" | "pause" | "continue" | "stall" | "clock"
> = {
  start: {
    say: ({ start, instance }) =>
      `start ${sayNames(start)}${instance === undefined ? "" : ` as the instance "${instance}"`}`,
    perform: async ({ run }, { start, instance }) => {
      const own = instance === undefined ? {} : { instanceId: `${run.group}-${instance}` };
      await Promise.all(list(start).map((member) => run.start(member, own)));
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

  stall: {
    say: ({ stall, lasts }) =>
      `let ${sayNames(stall)} compute for ${lasts}, so that nothing else happens there`,
    perform: async (scene, { stall, lasts }) => {
      const ms = scene.milliseconds(lasts);
      await Promise.all(list(stall).map((member) => scene.run.stall(member, ms)));
    },
  },

  clock: {
    say: ({ clock, ahead, behind }) =>
      `set the wall clock of ${sayNames(clock)} ${ahead === undefined ? `${behind} behind` : `${ahead} ahead`}`,
    perform: async (scene, { clock, ahead, behind }) => {
      const ms = ahead === undefined ? -absoluteMs(behind ?? "0 ms") : absoluteMs(ahead);
      await Promise.all(list(clock).map((member) => scene.run.shiftClock(member, ms)));
    },
  },
};
