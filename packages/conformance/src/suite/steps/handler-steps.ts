import type { Selector } from "../case-file.ts";
import { matcher, saySelector } from "../selector.ts";
import { known, list, sayDrawing, sayNames } from "../scene.ts";
import type { Kinds } from "./step-kind.ts";

export const HANDLER_STEPS: Kinds<"hold" | "release" | "handle" | "finish"> = {
  hold: {
    say: ({ hold, as }) =>
      `hold ${handlers(hold)} when they begin${as === undefined ? "" : `: "${as}"`}`,
    perform: (scene, { hold, as = `hold ${scene.holds.size + 1}` }) => {
      const takes = matcher(scene, hold);
      scene.holds.set(as, { takes, rule: scene.run.hold(takes), inForce: true });
    },
  },

  release: {
    say: ({ release }) => `let go of ${sayNames(list(release).map((name) => `"${name}"`))}`,
    perform: (scene, { release }) => {
      for (const name of list(release)) {
        const hold = scene.holds.get(name);
        if (hold === undefined) {
          known(scene.wires, name, "hold or wire").release();
        } else {
          hold.inForce = false;
          hold.rule.release();
        }
      }
    },
  },

  handle: {
    say: ({ handle, with: result = "ok", after }) =>
      `from now on end ${handlers(handle)} with ${result}${after === undefined ? "" : ` after ${sayDrawing(after)}`}`,
    perform: (scene, { handle, with: result = "ok", after }) => {
      const takes = matcher(scene, handle);
      const afterMs = after === undefined ? null : scene.drawing(after);
      scene.run.script((work) => {
        if (!takes(work)) return undefined;
        return afterMs === null ? result : { afterMs: afterMs(), result };
      });
    },
  },

  finish: {
    say: ({ finish, with: result = "ok", percent, order }) =>
      `end ${percent === undefined ? "" : `${percent} % of `}the handlers that run now${saySelector(finish)} with ` +
      `${result}${order === undefined ? "" : ", in random order"}`,
    perform: (scene, { finish, with: result = "ok", percent = 100, order }) => {
      const found = scene.run.held(matcher(scene, finish));
      const ordered = order === undefined ? found : scene.run.random.shuffle(found);
      const chosen = ordered.slice(0, Math.ceil((ordered.length * percent) / 100));
      for (const work of chosen) scene.ended.add(work);
      scene.run.finish(chosen, result);
    },
  },
};

function handlers(selector: Selector): string {
  return selector === "all" ? "all handlers" : `handlers${saySelector(selector)}`;
}
