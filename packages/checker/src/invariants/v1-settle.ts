import type { Invariant } from "../invariant.ts";
import type { Model, RecordModel } from "../model.ts";
import { at, place, seconds, story } from "../words.ts";
import { allGone } from "./ends.ts";
import { course, existing, theEnd } from "./shown.ts";

/**
 * Counted from the quiesce phase, when faults are healed and the runner answers every handler at once.
 * A record whose handler the runner itself never answered is not held against the subject.
 */
export const v1: Invariant = {
  id: "V1",
  rule: "Once faults are healed, every record settles in time.",
  needs: ["ledger", "topics"],
  liveness: true,
  judge(model, findings) {
    const { settleMs } = model.case.limits;
    const deadline = model.timeOf(model.quiesce) + settleMs;
    for (const partition of model.partitions) {
      if (!partition.workload) continue;
      for (const record of partition.duty) {
        findings.examined();
        // Found in the dead letter topic: settled, though nobody saw when.
        const settled = record.settled < Infinity || record.deadLetters.length > 0;
        if (settled && (record.settled === Infinity || model.timeOf(record.settled) <= deadline)) {
          continue;
        }
        if (!settled) {
          const held = unanswered(model, record, deadline);
          if (held !== null) {
            findings.inconclusive(held);
            continue;
          }
          if (model.endTime < deadline && !allGone(model)) {
            findings.inconclusive(
              `the run ended at ${at(model, model.events.length - 1)}, before ${place(record)} was due`,
            );
            continue;
          }
        }
        const shown = [existing(record), ...course(record)];
        const end = settled ? [model.quiesce] : theEnd(model, record.handles.at(-1)?.member);
        findings.violation([...shown, ...end], () => {
          const when = settled
            ? `settled only at ${at(model, record.settled)}`
            : `never settled (${story(model, record)})`;
          return `${place(record)} ${when}; due was ${seconds(settleMs)} after ${at(model, model.quiesce)}`;
        });
      }
    }
  },
};

/** The runner owes this record's handler an answer, at a member that is still there. */
function unanswered(model: Model, record: RecordModel, deadline: number): string | null {
  const open = record.handles.find(
    ({ finish, dropped, member, t }) =>
      !finish &&
      dropped === Infinity &&
      member.killed === Infinity &&
      member.exited === Infinity &&
      t <= deadline,
  );
  return open
    ? `the runner never answered ${open.member.label} ${open.event.handle} (${place(record)}, begun at ${at(model, open.index)})`
    : null;
}
