import type { Invariant } from "../invariant.ts";
import { at, place, story } from "../words.ts";
import { firstUnsettled } from "./prefix.ts";
import { accepted, course, existing } from "./shown.ts";

/**
 * SLC: a committed offset covers settled records only. Judged at the request, of which the broker's
 * answer or the commit log prove that it took effect; an entry that nobody was seen to ask for is
 * judged when the witness read it, which is later than it was made and so never too strict. Where there are
 * only polls, so is every commit: what a poll shows was too much if a record below is unsettled even then.
 */
export const p1: Invariant = {
  id: "P1",
  rule: "Every record below a committed offset was settled before that commit was asked for.",
  needs: ["ledger", "topics", ["wire", "commit-log", "polls"]],
  liveness: false,
  judge(model, findings) {
    for (const partition of model.partitions) {
      firstUnsettled(partition, partition.accepted, (commit, record) => {
        findings.examined();
        if (!record || !(record.offset < commit.offset)) return;
        findings.violation(
          [existing(record), ...course(record), ...accepted(commit)],
          () =>
            `${commit.member?.label ?? "somebody"} committed ${partition.name} ${commit.offset} at ${at(model, commit.index)} ` +
            `while ${place(record)} was unsettled: ${story(model, record)}`,
        );
      });
    }
  },
};
