import type { Findings, Invariant } from "../invariant.ts";
import type { Model, PartitionModel } from "../model.ts";
import { at } from "../words.ts";

/**
 * In the order of the commit log; of the polls where it was not read, which show going back only if it
 * lasts until the next one. Equal is allowed: a commit of unknown outcome is sent again. A
 * reset by the runner itself starts anew. A delayed old frame can move a commit back without any
 * fault of the subject, so cases that inject one do not demand this.
 */
export const p3: Invariant = {
  id: "P3",
  rule: "A partition's committed offset never goes back.",
  needs: [["commit-log", "polls"]],
  liveness: false,
  judge(model, findings) {
    const logged = model.witnesses.has("commit-log");
    for (const partition of model.partitions) {
      if (!logged) judgePolls(model, partition, findings);
      for (let i = 1; logged && i < partition.log.length; i += 1) {
        const entry = partition.log[i]!;
        const previous = partition.log[i - 1]!;
        if (entry.own) continue;
        findings.examined();
        if (!(entry.offset < previous.offset)) continue;
        findings.violation(
          [previous.index, entry.request?.index ?? Infinity, entry.index],
          () =>
            `the committed offset of ${partition.name} went back from ${previous.offset} to ${entry.offset}` +
            (entry.request
              ? `, asked for by ${entry.request.member.label} at ${at(model, entry.request.index)}`
              : ` (read at ${at(model, entry.index)})`),
        );
      }
    }
  },
};

function judgePolls(model: Model, { name, polls }: PartitionModel, findings: Findings): void {
  for (let i = 1; i < polls.length; i += 1) {
    const [previous, poll] = [polls[i - 1]!, polls[i]!];
    if (poll.own) continue;
    findings.examined();
    if (!(poll.offset < previous.offset)) continue;
    findings.violation(
      [previous.index, poll.index],
      () =>
        `the committed offset of ${name} went back from ${previous.offset} (polled at ${at(model, previous.index)}) ` +
        `to ${poll.offset} (polled at ${at(model, poll.index)})`,
    );
  }
}
