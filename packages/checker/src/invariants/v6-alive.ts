import type { Invariant } from "../invariant.ts";
import type { Handle, Member } from "../model.ts";
import { at } from "../words.ts";
import { disturbances } from "./disturbances.ts";

/**
 * A process ends only when it was told to; and a held handler costs no membership: while one is
 * running, the member does not join anew unless something happened that makes groups rebalance.
 */
export const v6: Invariant = {
  id: "V6",
  rule: "No member crashes, and none loses its membership over a held handler.",
  needs: ["ledger"],
  liveness: false,
  judge(model, findings) {
    const caused = disturbances(model);
    const handlesOf = new Map<Member, Handle[]>();
    for (const handle of model.handles) {
      const handles = handlesOf.get(handle.member);
      if (handles) handles.push(handle);
      else handlesOf.set(handle.member, [handle]);
    }
    for (const member of model.members) {
      findings.examined();
      if (member.exited < Math.min(member.stopping, member.killed)) {
        const exit = member.events.find(({ index }) => index === member.exited)?.event;
        findings.violation(
          [member.exited],
          () =>
            `${member.label} exited by itself at ${at(model, member.exited)} with ${exit?.signal ?? `code ${exit?.code ?? "unknown"}`}`,
        );
      }
      // KIP-848 has no JoinGroup: joining anew is a heartbeat that starts again from epoch 0.
      const rejoins = member.owned
        .filter((owned, i) => i > 0 && owned.generation === 0)
        .map(({ index }) => index);
      const joins = [...member.joins, ...rejoins].sort((a, b) => a - b);
      let oldest = 0;
      const handles = handlesOf.get(member) ?? [];
      for (const index of joins) {
        if (caused(model.timeOf(index))) continue;
        while (handles[oldest]?.finish && handles[oldest]!.finish!.index < index) oldest += 1;
        const held = handles[oldest];
        if (!held || held.index > index) continue;
        findings.violation(
          [member.assignments[0]?.index ?? -1, held.index, index],
          () =>
            `${member.label} joined the group anew at ${at(model, index)} while ${held.event.handle}, begun at ${at(model, held.index)}, ` +
            "was held; nothing else had happened",
        );
      }
    }
  },
};
