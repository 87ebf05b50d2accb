import { isTerminalFailure } from "../build.ts";
import type { Invariant } from "../invariant.ts";
import type { Model, RecordModel } from "../model.ts";
import { at, place, story } from "../words.ts";
import { course, existing } from "./shown.ts";

/**
 * The dead letter topic holds exactly what the script made fail for good: nothing missing, nothing
 * else, and once each unless something that may repeat it happened to that record.
 */
export const q1: Invariant = {
  id: "Q1",
  rule: "The dead letter topic holds exactly the records that failed for good, once each.",
  needs: ["ledger", "topics"],
  liveness: false,
  judge(model, findings) {
    for (const { index, event } of model.deadLetters) {
      if (event.origin) continue;
      findings.examined();
      findings.violation(
        [index],
        () =>
          `${event.topic}/${event.partition}@${event.offset} is a dead letter that does not say where it comes from`,
      );
    }
    const lastFault =
      model.case.duplicates === "none"
        ? -1
        : model.events.findLastIndex(
            (event) =>
              event.type === "fault" || (event.type === "member" && event.state === "killed"),
          );
    for (const partition of model.partitions) {
      for (const record of partition.records.values()) {
        const expected = record.expect?.event.expect === "dead-letter";
        if (!expected && record.deadLetters.length === 0) continue;
        findings.examined();
        const letters = record.deadLetters.map(({ index }) => index);
        if (!expected) {
          findings.violation(
            letters,
            () => `${place(record)} is in the dead letter topic, but was not to fail for good`,
          );
        } else if (record.deadLetters.length === 0 && !model.healthy) {
          findings.inconclusive(`${place(record)} is missing, but the cluster was not healthy`);
        } else if (record.deadLetters.length === 0) {
          findings.violation(
            [record.expect!.index, existing(record), ...course(record)],
            () => `${place(record)} is not in the dead letter topic: ${story(model, record)}`,
          );
        } else if (record.deadLetters.length > copiesAllowed(model, record, lastFault)) {
          findings.violation(
            letters,
            () =>
              `${place(record)} is ${record.deadLetters.length} times in the dead letter topic and nothing explains it`,
          );
        }
        const ok = record.handles.find(({ finish }) => finish?.event.result === "ok");
        if (expected && ok?.finish) {
          findings.inconclusive(
            `the script let ${place(record)} succeed at ${at(model, ok.finish.index)}, which was to fail for good`,
          );
        }
      }
    }
  },
};

/**
 * One for each epoch in which the record failed for good: each may have written its own. Where a fault
 * came after the first failure, an acknowledgement may have been lost, and a producer that starts
 * afresh cannot know; only a case without faults can bound that.
 */
function copiesAllowed(model: Model, record: RecordModel, lastFault: number): number {
  const failed = record.handles.filter((handle) => isTerminalFailure(handle, model.case));
  const first = failed[0]?.finish?.index ?? Infinity;
  if (lastFault > first) return Infinity;
  return Math.max(1, new Set(failed.map(({ epoch }) => epoch)).size);
}
