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
      const { size } = running;
      if (size < model.case.concurrency) continue;
      // A proof needs one more than may run; of many, the first will do.
      const others: number[] = [];
      for (const other of running) {
        if (others.push(other.index) === SHOWN) break;
      }
      findings.violation(
        [...others, handle.index],
        () =>
          `${handle.member.label} began ${place(handle.record)} at ${at(model, handle.index)} with ${size} handlers running, ` +
          `concurrency ${model.case.concurrency}`,
      );
    }
  },
};

const SHOWN = 32;
