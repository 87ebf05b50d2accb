import type { Invariant } from "../invariant.ts";
import type { Epoch, PartitionModel, RecordModel } from "../model.ts";
import type { Offset } from "../offset.ts";
import { firstWhere } from "../search.ts";
import { at, place, story } from "../words.ts";
import { commitHorizon, laneOf, lanesOf, laneWord } from "./lanes.ts";
import { course, existing } from "./shown.ts";

/**
 * Each epoch is judged on its own (the effects of a zombie may interleave with its successor's): what
 * it begins of a key runs through the key's records without a hole. Passed over may only be what was
 * settled already, as restored from commit metadata, or lies below a commit.
 */
export const k2: Invariant = {
  id: "K2",
  rule: "In an epoch, a key's records are begun without leaving one out.",
  needs: ["ledger", "topics"],
  liveness: false,
  judge(model, findings) {
    const prepared = new Map<PartitionModel, Prepared>();
    for (const epoch of model.epochs) {
      const { partition } = epoch;
      let lanes = prepared.get(partition);
      if (!lanes) {
        lanes = { records: lanesOf(model.case, partition), horizon: commitHorizon(partition) };
        prepared.set(partition, lanes);
      }
      const begun = new Set<RecordModel>();
      const next = new Map<string, number>();
      for (const handle of epoch.handles) {
        const { record } = handle;
        const lane = laneOf(model.case, handle.event.key);
        const records = lane === null ? undefined : lanes.records.get(lane);
        if (!records || lane === null || begun.has(record)) continue;
        begun.add(record);
        const committed = lanes.horizon(handle.index);
        let i = next.get(lane) ?? firstWhere(records, ({ offset }) => !(offset < committed));
        if (records[0]!.offset < record.offset) findings.examined();
        for (; i < records.length && records[i]!.offset < record.offset; i += 1) {
          const passed = records[i]!;
          if (passed.settled < handle.index) continue;
          if (passed.offset < committed) continue;
          findings.violation(
            [handle.index, existing(passed), existing(record), ...course(passed)],
            () =>
              `${handle.member.label} began ${place(record)} in epoch ${epoch.claim} at ${at(model, handle.index)}, ` +
              `leaving out ${place(passed)} of the same ${laneWord(model.case)}: ${storyIn(epoch, passed)}`,
          );
          break;
        }
        while (i < records.length && records[i]!.offset <= record.offset) i += 1;
        next.set(lane, i);
      }
    }
    function storyIn(epoch: Epoch, record: RecordModel): string {
      const own = record.handles.some((handle) => handle.epoch === epoch);
      return own ? "it was begun only later" : story(model, record);
    }
  },
};

interface Prepared {
  readonly records: Map<string, RecordModel[]>;
  readonly horizon: (index: number) => Offset;
}
