import type { Invariant } from "../invariant.ts";
import { at, place, story } from "../words.ts";
import { firstUnsettled } from "./prefix.ts";
import { course, existing } from "./shown.ts";

/**
 * As P1, for every request, also those that the broker refused or never saw: a subject that asks for
 * too much is only saved by luck. `finish` is stamped before its answer is written and a request
 * when the proxy has read it, so a correct subject's request always comes on a later line.
 */
export const p1s: Invariant = {
  id: "P1s",
  rule: "Every record below a requested commit was settled before the request, accepted or not.",
  needs: ["ledger", "topics", "wire"],
  liveness: false,
  judge(model, findings) {
    for (const partition of model.partitions) {
      firstUnsettled(partition, partition.requests, (request, record) => {
        findings.examined();
        if (!record || !(record.offset < request.offset)) return;
        const fate =
          request.error === null
            ? "unanswered"
            : request.error === 0
              ? "accepted"
              : `refused with error ${request.error}`;
        findings.violation(
          [existing(record), ...course(record), request.index, request.answered],
          () =>
            `${request.member.label} asked to commit ${partition.name} ${request.offset} at ${at(model, request.index)} (${fate}) ` +
            `while ${place(record)} was unsettled: ${story(model, record)}`,
        );
      });
    }
  },
};
