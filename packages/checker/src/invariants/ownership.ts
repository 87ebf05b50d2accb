import type { Assignment, Epoch, Member, Model, PartitionModel } from "../model.ts";

/** What the wire says about a member's hold on one partition. */
export interface Tenure {
  readonly member: Member;
  readonly partition: PartitionModel;
  /** Assignments that contain the partition, in order: each can have begun an epoch. */
  readonly grants: readonly Assignment[];
}

/** Looks tenures up; one a judge, so that each is computed once. */
export class Tenures {
  readonly #known = new Map<Member, Map<PartitionModel, Tenure>>();
  readonly #rebalance: Model["case"]["rebalance"];
  /** Index of the first fault, Infinity without one. */
  readonly #firstFault: number;

  constructor(model: Model) {
    this.#rebalance = model.case.rebalance;
    const fault = model.events.findIndex(({ type }) => type === "fault");
    this.#firstFault = fault < 0 ? Infinity : fault;
  }

  of(member: Member, partition: PartitionModel): Tenure {
    let known = this.#known.get(member);
    if (!known) {
      known = new Map();
      this.#known.set(member, known);
      for (const grant of this.#grantsTo(member)) {
        for (const given of grant.partitions) {
          const tenure = known.get(given);
          if (tenure) (tenure.grants as Assignment[]).push(grant);
          else known.set(given, { member, partition: given, grants: [grant] });
        }
      }
    }
    return known.get(partition) ?? { member, partition, grants: [] };
  }

  /**
   * The wire's assignments, and what a member takes back under the last of them: the coordinator is silent
   * for a session -> the member must take its partitions for lost and says so -> the coordinator answers it
   * again, still a member, still the same assignment -> it begins a new epoch that no frame announces.
   * Only a fault makes a coordinator silent: before the first one, a claim of loss grants nothing.
   */
  #grantsTo(member: Member): Assignment[] {
    const grants = [...member.assignments];
    for (const { index, claim, partitions } of member.claims) {
      if (claim !== "lost" || index < this.#firstFault) continue;
      const last = member.assignments.findLast((assignment) => assignment.index < index);
      if (!last) continue;
      const kept = new Set([...partitions].filter((partition) => last.partitions.has(partition)));
      grants.push({ ...last, index, partitions: kept });
    }
    return grants.sort((a, b) => a.index - b.index);
  }

  /**
   * The latest grant that can have begun this epoch: the last one passed on before its first begin.
   * Undefined when the wire shows none.
   */
  latestGrant(epoch: Epoch): Assignment | undefined {
    const first = epoch.handles[0]?.index ?? Infinity;
    const { grants } = this.of(epoch.member, epoch.partition);
    let low = 0;
    let high = grants.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (grants[middle]!.index < first) low = middle + 1;
      else high = middle;
    }
    return grants[low - 1];
  }

  /**
   * The earliest grant that can have begun this epoch: its n-th epoch needs at least n grants.
   * Undefined when the wire shows fewer.
   */
  earliestGrant(epoch: Epoch): Assignment | undefined {
    return this.of(epoch.member, epoch.partition).grants[epoch.ordinal - 1];
  }

  /** Index of the member's own act of giving up what `grant` gave it; Infinity when there is none. */
  givenUp(tenure: Tenure, grant: Assignment): number {
    const { member, partition } = tenure;
    const left = after(member.leaves, grant.index);
    switch (this.#rebalance) {
      case "eager":
        // Eager members join with empty hands: everything is given up before JoinGroup is sent.
        return Math.min(left, after(member.joins, grant.index));
      case "cooperative": {
        // A join alone gives nothing up. Answer without p -> member releases p -> it joins again.
        const without = member.assignments.find(
          (next) => next.index > grant.index && !next.partitions.has(partition),
        );
        return Math.min(left, without ? after(member.joins, without.index) : Infinity);
      }
      case "consumer": {
        // A heartbeat without p may merely precede the member's taking p: it must have listed p first.
        const taken = member.owned.find(
          (owned) => owned.index > grant.index && owned.partitions.has(partition),
        );
        const released =
          taken &&
          member.owned.find(
            (owned) => owned.index > taken.index && !owned.partitions.has(partition),
          );
        return Math.min(left, released?.index ?? Infinity);
      }
    }
  }
}

function after(indices: readonly number[], index: number): number {
  return indices.find((at) => at > index) ?? Infinity;
}
