import type { Invariant } from "../invariant.ts";
import { offsetOf } from "../offset.ts";
import { at, place } from "../words.ts";
import { allGone, committedAtEnd, restedBy } from "./ends.ts";
import { accepted, course, existing, theEnd } from "./shown.ts";

/**
 * The next offset to read, neither short nor beyond: a commit never names a place past the log end
 * (off+2), nor a negative one, nor one below where the group began; and once everything is settled
 * the last commit lies behind the last record (committing `off` for `off + 1` stays one short).
 */
export const p2: Invariant = {
  id: "P2",
  rule: "A commit names a place in the log, and at the end the one behind the last record.",
  needs: ["topics", ["wire", "commit-log", "polls"]],
  liveness: false,
  judge(model, findings) {
    for (const partition of model.partitions) {
      if (!partition.workload || partition.accepted.length === 0) continue;
      if (!partition.range) {
        findings.inconclusive(`the witness did not read the log range of ${partition.name}`);
        continue;
      }
      const { range } = partition;
      const end = offsetOf(range.event.end);
      for (const commit of partition.accepted) {
        findings.examined();
        const wrong =
          commit.offset > end
            ? `past the log end ${end}`
            : commit.offset < partition.start
              ? `below ${partition.start}, where the group began`
              : null;
        if (wrong === null) continue;
        findings.violation(
          [...accepted(commit), range.index, partition.startIndex],
          () =>
            `${commit.member?.label ?? "somebody"} committed ${partition.name} ${commit.offset} at ${at(model, commit.index)}, ${wrong}`,
        );
      }
      const last = partition.duty.at(-1);
      const rested = restedBy(partition);
      if (!last || rested === Infinity) continue;
      const committed = committedAtEnd(partition);
      // How long a commit may take is V2's affair; here time must merely have run out.
      if (!committed || !isOver(model.timeOf(rested))) continue;
      findings.examined();
      if (committed.offset > last.offset) continue;
      const shown = [existing(last), ...course(last), rested, ...accepted(committed), range.index];
      findings.violation([...shown, ...theEnd(model, last.handles.at(-1)?.member)], () => {
        const next = partition.duty.find((record) => !(record.offset < committed.offset));
        return (
          `the last commit of ${partition.name} is ${committed.offset} (${at(model, committed.index)}), ` +
          `although ${next ? place(next) : "nothing"} and everything up to ${place(last)} was settled by ${at(model, rested)}`
        );
      });
    }
    function isOver(restedTime: number): boolean {
      const { commitMs } = model.case.limits;
      return model.endTime >= restedTime + commitMs || allGone(model);
    }
  },
};
