import type { Invariant } from "../invariant.ts";
import { at } from "../words.ts";

/** Demanded only by cases whose fault leaves a healthy path: something must go on over it. */
export const v4: Invariant = {
  id: "V4",
  rule: "While the fault lasts, records whose path is healthy go on being settled.",
  needs: ["ledger"],
  liveness: true,
  judge(model, findings) {
    const from = model.events.findIndex(
      (event) => event.type === "phase" && event.phase === "impact",
    );
    if (from === -1) return;
    const healed = model.events.findIndex(
      (event, index) =>
        index > from &&
        event.type === "phase" &&
        (event.phase === "heal" || event.phase === "quiesce"),
    );
    // A fault that was over before anything could be expected to happen shows nothing.
    const until = healed === -1 ? model.endTime : model.timeOf(healed);
    if (until - model.timeOf(from) < model.case.commitIntervalMs) return;
    findings.examined();
    const progress = model.events
      .slice(from, healed === -1 ? undefined : healed)
      .some((event) => event.type === "finish" && event.result === "ok");
    if (progress) return;
    findings.violation(
      [from, healed],
      () => `nothing was finished between ${at(model, from)} and ${at(model, healed)}`,
    );
  },
};
