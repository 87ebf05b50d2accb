import type { Invariant } from "../invariant.ts";
import { at, place } from "../words.ts";
import { flights } from "./flight.ts";

export const b1: Invariant = {
  id: "B1",
  rule: "A member never runs more handlers than its concurrency.",
  needs: ["ledger"],
  liveness: false,
  judge(model, findings) {
    for (const { handle, running } of flights(model)) {
      findings.examined();
      if (running < model.case.concurrency) continue;
      findings.violation(
        [handle.index],
        () =>
          `${handle.member.label} began ${place(handle.record)} at ${at(model, handle.index)} with ${running} handlers running, ` +
          `concurrency ${model.case.concurrency}`,
      );
    }
  },
};
