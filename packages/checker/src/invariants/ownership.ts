import type { Assignment, Epoch, Member, Model, PartitionModel } from "../model.ts";
import { firstAfter, firstWhere } from "../search.ts";

/** What the wire says about a member's hold on one partition. */
export interface Tenure {
  /** Assignments that contain the partition, in order: each can have begun an epoch. */
  readonly grants: readonly Grant[];
  /** KIP-848: its reports that list the partition, in order. */
  readonly reports: readonly Mention[];
}

export interface Grant extends Assignment, Mention {}

/** One of a member's sets that has the partition in it. */
interface Mention {
  readonly index: number;
  /** Position among all the member's sets. */
  readonly position: number;
  /** Position of the first later set that lacks the partition; there may be no such set. */
  readonly lacking: number;
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
    if (!known) this.#known.set(member, (known = this.#tenuresOf(member)));
    return known.get(partition) ?? { grants: [], reports: [] };
  }

  #tenuresOf(member: Member): Map<PartitionModel, Tenure> {
    const grants = mentions(this.#grantsTo(member));
    const reports = mentions(member.owned.map((set, position) => ({ ...set, position })));
    return new Map(
      [...grants].map(([partition, list]) => [
        partition,
        { grants: list, reports: reports.get(partition) ?? [] },
      ]),
    );
  }

  /**
   * The wire's assignments, and what a member takes back under the last of them: the coordinator is silent
   * for a session -> the member must take its partitions for lost and says so -> the coordinator answers it
   * again, still a member, still the same assignment -> it begins a new epoch that no frame announces.
   * Only a fault makes a coordinator silent: before the first one, a claim of loss grants nothing.
   */
  #grantsTo(member: Member): readonly Placed[] {
    const placed: Placed[] = [];
    let next = 0;
    const upTo = (index: number): void => {
      for (; next < member.assignments.length; next += 1) {
        const assignment = member.assignments[next]!;
        if (assignment.index > index) return;
        placed.push({ ...assignment, position: next });
      }
    };
    for (const { index, claim, partitions } of member.claims) {
      if (claim !== "lost" || index < this.#firstFault) continue;
      upTo(index);
      const last = member.assignments[next - 1];
      if (!last) continue;
      const kept = new Set([...partitions].filter((partition) => last.partitions.has(partition)));
      placed.push({ ...last, index, partitions: kept, position: next - 1 });
    }
    upTo(Infinity);
    return placed;
  }

  /**
   * The latest grant that can have begun this epoch: the last one passed on before its first begin.
   * Undefined when the wire shows none.
   */
  latestGrant(epoch: Epoch): Grant | undefined {
    const first = epoch.handles[0]?.index ?? Infinity;
    const { grants } = this.of(epoch.member, epoch.partition);
    return grants[firstWhere(grants, ({ index }) => index >= first) - 1];
  }

  /**
   * The earliest grant that can have begun this epoch: its n-th epoch needs at least n grants.
   * Undefined when the wire shows fewer.
   */
  earliestGrant(epoch: Epoch): Grant | undefined {
    return this.of(epoch.member, epoch.partition).grants[epoch.ordinal - 1];
  }

  /** Index of the member's own act of giving up what `grant` gave it; Infinity when there is none. */
  givenUp(member: Member, partition: PartitionModel, grant: Grant): number {
    return this.release(member, partition, grant).at(-1) ?? Infinity;
  }

  /** The same with what led to it: indices of the events, the act itself last; none when there is none. */
  release(member: Member, partition: PartitionModel, grant: Grant): readonly number[] {
    const left = firstAfter(member.leaves, grant.index);
    const act = this.#act(member, partition, grant);
    const last = act.at(-1) ?? Infinity;
    return left < last ? [left] : last < Infinity ? act : [];
  }

  #act(member: Member, partition: PartitionModel, grant: Grant): readonly number[] {
    switch (this.#rebalance) {
      case "eager":
        // Eager members join with empty hands: everything is given up before JoinGroup is sent.
        return [firstAfter(member.joins, grant.index)];
      case "cooperative": {
        // A join alone gives nothing up. Answer without p -> member releases p -> it joins again.
        const without = member.assignments[grant.lacking];
        return without ? [without.index, firstAfter(member.joins, without.index)] : [];
      }
      case "consumer": {
        // A heartbeat without p may merely precede the member's taking p: it must have listed p first.
        const { reports } = this.of(member, partition);
        const taken = reports[firstWhere(reports, ({ index }) => index > grant.index)];
        const released = taken && member.owned[taken.lacking];
        return released ? [taken.index, released.index] : [];
      }
    }
  }
}

interface Placed extends Assignment {
  readonly position: number;
}

/** Which of a member's sets each partition is in. */
function mentions(sets: readonly Placed[]): Map<PartitionModel, readonly Grant[]> {
  const found = new Map<PartitionModel, { set: Placed; lacking: number }[]>();
  // From the last to the first: where the next mention is in the very next set, its run goes on.
  for (let i = sets.length - 1; i >= 0; i -= 1) {
    const set = sets[i]!;
    for (const partition of set.partitions) {
      let list = found.get(partition);
      if (!list) found.set(partition, (list = []));
      const next = list.at(-1);
      const runs = next !== undefined && next.set.position <= set.position + 1;
      list.push({ set, lacking: runs ? next.lacking : set.position + 1 });
    }
  }
  return new Map(
    [...found].map(([partition, list]) => [
      partition,
      list.toReversed().map(({ set, lacking }) => ({ ...set, lacking })),
    ]),
  );
}
