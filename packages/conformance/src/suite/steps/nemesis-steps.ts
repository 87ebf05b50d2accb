import { storm } from "../nemesis/storm.ts";
import type { Kinds } from "./step-kind.ts";

export const NEMESIS_STEPS: Kinds<"nemesis"> = {
  nemesis: {
    say: ({ nemesis: { faults, lasts, members, perSecond } }) =>
      `let ${faults} faults of all kinds that there are, drawn by the seed, come over ${members} members within ${lasts}, ` +
      `with ${perSecond} records a second; then heal all, and produce some for each partition`,
    perform: async (scene, { nemesis }) => {
      await storm(scene, nemesis);
    },
  },
};
