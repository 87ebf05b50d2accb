import { isTerminalFailure } from "../build.ts";
import type { Invariant } from "../invariant.ts";
import { compareOffsets } from "../offset.ts";
import { at, place } from "../words.ts";
import { attempt, settlement } from "./shown.ts";

/** P1 for what fails for good: enqueued is not settled, only the broker's acknowledgement is. */
export const q3: Invariant = {
  id: "Q3",
  rule: "No commit passes a record that failed for good before its dead letter is acknowledged.",
  needs: ["ledger", "wire"],
  liveness: false,
  judge(model, findings) {
    for (const partition of model.partitions) {
      const failed = [...partition.records.values()]
        .filter(
          ({ offset, handles }) =>
            !(offset < partition.start) &&
            handles.some((handle) => isTerminalFailure(handle, model.case)),
        )
        .sort((a, b) => compareOffsets(a.offset, b.offset));
      let next = 0;
      let passed = 0;
      for (const request of partition.requests) {
        while (next < failed.length && failed[next]!.settled < request.index) next += 1;
        while (passed < failed.length && failed[passed]!.offset < request.offset) {
          findings.examined();
          passed += 1;
        }
        const record = failed[next];
        if (!record || !(record.offset < request.offset)) continue;
        const handle = record.handles.find((other) => isTerminalFailure(other, model.case))!;
        // Passed while its handler was still running: that is P1 alone, not a matter of dead letters.
        if (handle.finish!.index > request.index) continue;
        findings.violation(
          [...attempt(handle), ...settlement(record), request.index, request.answered],
          () =>
            `${request.member.label} asked to commit ${partition.name} ${request.offset} at ${at(model, request.index)}, but the dead letter ` +
            `of ${place(record)}, which failed at ${at(model, handle.finish!.index)}, was ` +
            (record.settled === Infinity
              ? "never acknowledged"
              : `acknowledged only at ${at(model, record.settled)}`),
        );
      }
    }
  },
};
