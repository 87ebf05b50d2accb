import type { Invariant } from "../invariant.ts";
import { at } from "../words.ts";

/**
 * In the order of the commit log. Equal is allowed: a commit of unknown outcome is sent again. A
 * reset by the runner itself starts anew. A delayed old frame can move a commit back without any
 * fault of the subject, so cases that inject one do not demand this.
 */
export const p3: Invariant = {
  id: "P3",
  rule: "A partition's committed offset never goes back.",
  needs: ["commit-log"],
  liveness: false,
  judge(model, findings) {
    for (const partition of model.partitions) {
      for (let i = 1; i < partition.log.length; i += 1) {
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
