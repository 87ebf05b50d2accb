import type { Invariant } from "../invariant.ts";
import { at, ending, place } from "../words.ts";
import { coursesOf, laneOf, laneWord } from "./lanes.ts";
import type { Course } from "./lanes.ts";
import { judgeParkOrder } from "./park-order.ts";
import { attempt } from "./shown.ts";

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
      const lanes = new Map<string, Lane>();
      const courses = coursesOf(model, epoch);
      for (const handle of epoch.handles) {
        const { record } = handle;
        const course = courses.get(record)!;
        const key = laneOf(model.case, handle.event.key);
        if (key === null || course.first !== handle) continue;
        const lane = lanes.get(key);
        if (!lane) {
          lanes.set(key, { furthest: course, slowest: course });
          continue;
        }
        findings.examined();
        const { furthest, slowest } = lane;
        if (record.offset < furthest.first.record.offset) {
          findings.violation(
            [furthest.first.index, handle.index],
            () =>
              `${handle.member.label} began ${place(record)} at ${at(model, handle.index)}, ` +
              `after ${place(furthest.first.record)} of the same ${laneWord(model.case)}, begun at ${at(model, furthest.first.index)}`,
          );
        } else {
          lane.furthest = course;
          if (slowest.settled > handle.index) {
            findings.violation(
              [slowest.first.index, ...attempt(slowest.last), handle.index],
              () =>
                `${handle.member.label} began ${place(record)} at ${at(model, handle.index)} while ${place(slowest.first.record)} ` +
                `of the same ${laneWord(model.case)} was unsettled: begun at ${at(model, slowest.first.index)}, ${ending(model, slowest.last)}${waiting(slowest)}`,
            );
          }
        }
        if (course.settled > slowest.settled) lane.slowest = course;
      }
    }
    judgeParkOrder(model, findings);
  },
};

/** Its own attempt is over, and it goes on in a retry topic. */
function waiting({ first }: Course): string {
  return first.record.diverts.some(({ goesOn }) => goesOn) ? ", and waited in a retry topic" : "";
}

/** What an epoch has begun of a lane so far. */
interface Lane {
  /** The record with the highest offset. All others lie before it. */
  furthest: Course;
  /** The last of them to settle: while none waits for it, none waits for any. */
  slowest: Course;
}
