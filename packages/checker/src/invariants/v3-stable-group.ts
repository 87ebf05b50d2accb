import type { Invariant } from "../invariant.ts";
import type { Model } from "../model.ts";
import { at, seconds } from "../words.ts";
import { disturbances } from "./disturbances.ts";

/** The generation, or KIP-848 epoch, rises only for a cause that the history shows. */
export const v3: Invariant = {
  id: "V3",
  rule: "The group does not rebalance without a cause.",
  needs: ["wire"],
  liveness: true,
  judge(model, findings) {
    const caused = disturbances(model);
    const followed = followedGenerations(model);
    const seen = model.members
      .flatMap((member) =>
        [...member.assignments, ...member.heartbeats].map(({ index, generation }) => ({
          index,
          generation,
          member,
        })),
      )
      .sort((a, b) => a.index - b.index);
    let highest = -Infinity;
    let seenAt = -1;
    for (const { index, generation, member } of seen) {
      findings.examined();
      if (!(generation > highest)) continue;
      const [previous, before] = [highest, seenAt];
      highest = generation;
      seenAt = index;
      if (previous === -Infinity || followed.has(previous)) continue;
      if (caused(model.timeOf(index))) continue;
      findings.violation(
        [before, index],
        () =>
          `the group went from generation ${previous} to ${generation} at ${at(model, index)} (seen at ${member.label}), ` +
          `although no member came or went and no fault was about; session ${seconds(model.case.sessionTimeoutMs)}`,
      );
    }
  },
};

/**
 * Generations in which a cooperative member was given less than it held: it gives the rest up, for as long
 * as its drain takes, and joins again so that others get it (KIP-429). Another generation follows by right.
 */
function followedGenerations({ case: { rebalance }, members }: Model): ReadonlySet<number> {
  const followed = new Set<number>();
  if (rebalance !== "cooperative") return followed;
  for (const { assignments } of members) {
    for (const [i, { generation, partitions }] of assignments.entries()) {
      const before = i === 0 ? [] : assignments[i - 1]!.partitions;
      if ([...before].some((partition) => !partitions.has(partition))) followed.add(generation);
    }
  }
  return followed;
}
