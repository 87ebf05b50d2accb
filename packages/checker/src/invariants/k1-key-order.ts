import type { Invariant } from "../invariant.ts";
import type { RecordModel } from "../model.ts";
import { at, ending, place } from "../words.ts";
import { laneOf, settledInEpoch } from "./lanes.ts";

/**
 * Within one epoch a record begins only when every earlier record of its lane that was begun in this
 * epoch is settled in it: so at most one of a lane is in flight, retries included. A zombie of an
 * older epoch is judged in its own.
 */
export const k1: Invariant = {
  id: "K1",
  rule: "In an epoch, records of one key run one after the other in the order of the log.",
  needs: ["ledger"],
  liveness: false,
  judge(model, findings) {
    for (const epoch of model.epochs) {
      const lanes = new Map<string, { unsettled: RecordModel[]; last: RecordModel }>();
      const begun = new Set<RecordModel>();
      for (const handle of epoch.handles) {
        const { record } = handle;
        const lane = laneOf(model.case, handle.event.key);
        if (lane === null || begun.has(record)) continue;
        begun.add(record);
        const state = lanes.get(lane);
        if (!state) {
          lanes.set(lane, { unsettled: [record], last: record });
          continue;
        }
        findings.examined();
        state.unsettled = state.unsettled.filter(
          (earlier) => !(settledInEpoch(model, earlier, epoch) < handle.index),
        );
        const running = state.unsettled.find((earlier) => earlier.offset < record.offset);
        const overtaken = record.offset < state.last.offset ? state.last : null;
        if (running) {
          const first = running.handles.find((other) => other.epoch === epoch)!;
          const last = running.handles.findLast((other) => other.epoch === epoch)!;
          findings.violation(
            [first.index, handle.index],
            () =>
              `${handle.member.label} began ${place(record)} at ${at(model, handle.index)} while ${running.offset} of the same key ` +
              `was unsettled: begun at ${at(model, first.index)}, ${ending(model, last)}`,
          );
        } else if (overtaken) {
          findings.violation(
            [overtaken.handles.find((other) => other.epoch === epoch)!.index, handle.index],
            () =>
              `${handle.member.label} began ${place(record)} at ${at(model, handle.index)}, after ${overtaken.offset} of the same key`,
          );
        }
        state.unsettled.push(record);
        if (!overtaken) state.last = record;
      }
    }
  },
};
