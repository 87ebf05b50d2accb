import type { Invariant } from "../invariant.ts";
import type { Assignment, CommitRequest, Member, PartitionModel } from "../model.ts";
import { firstWhere } from "../search.ts";
import { at } from "../words.ts";

/**
 * Judged by the generation or member epoch inside the commit frame, never by time: a frame may lie
 * in a buffer while the group moves on. Kafka itself accepts commits for partitions that a member
 * does not own, so nothing but the subject's own fence keeps this.
 *
 * An entry of the commit log that no member was seen to ask for belongs to no assignment at all and
 * is a violation too, unless the runner wrote it.
 */
export const p4: Invariant = {
  id: "P4",
  rule: "A member commits only what it owns in the generation that its frame names.",
  needs: ["wire"],
  liveness: false,
  judge(model, findings) {
    const { groupProtocol, rebalance } = model.case;
    const owns =
      groupProtocol === "classic" ? ownsInGeneration(rebalance === "cooperative") : ownsByEpoch();
    const assignments = lazily(
      (member) => new Map(member.assignments.map((set) => [inGeneration(set), set])),
    );
    // Any frame proves that the wire was seen at all.
    const seen = model.events.findIndex(({ type }) => type === "commit-request");
    for (const partition of model.partitions) {
      for (const request of partition.requests) {
        findings.examined();
        if (owns(request, partition)) continue;
        const { generation, memberId } = request.event;
        const given = assignments(request.member).get(inGeneration(request.event));
        findings.violation(
          [given?.index ?? -1, request.index],
          () =>
            `${request.member.label} asked to commit ${partition.name} ${request.offset} at ${at(model, request.index)} ` +
            `in generation ${generation} (member id ${memberId || "empty"}), in which it ${described(request)}`,
        );
      }
      if (!model.witnesses.has("commit-log")) continue;
      for (const entry of partition.log) {
        if (entry.own || entry.request) continue;
        findings.examined();
        findings.violation(
          [seen, entry.index],
          () =>
            `the commit log holds ${partition.name} ${entry.offset} (sequence ${entry.seq}, read at ${at(model, entry.index)}), ` +
            "which no member was seen to ask for",
        );
      }
    }
  },
};

type Owns = (request: CommitRequest, partition: PartitionModel) => boolean;

/**
 * Classic: the assignment of exactly that generation and member id. Eagerly that is all. A cooperative
 * member also still holds what it had in its assignment before, until it joins again without it: answer
 * of generation g without p -> it drains and commits p in g -> JoinGroup -> generation g + 1.
 */
function ownsInGeneration(cooperative: boolean): Owns {
  const sets = lazily((member) => {
    const byGeneration = new Map<string, Set<PartitionModel>>();
    const previous = new Map<string, Assignment>();
    for (const assignment of member.assignments) {
      const { memberId, partitions } = assignment;
      const key = inGeneration(assignment);
      // SyncGroup may be answered twice.
      const known = byGeneration.get(key) ?? new Set();
      byGeneration.set(key, known);
      for (const partition of partitions) known.add(partition);
      const before = previous.get(memberId);
      if (cooperative && before) {
        for (const partition of before.partitions) known.add(partition);
      }
      previous.set(memberId, assignment);
    }
    return byGeneration;
  });
  return ({ member, event }, partition) =>
    sets(member).get(inGeneration(event))?.has(partition) ?? false;
}

/**
 * KIP-848: the coordinator's target and what the member still holds overlap while a partition is
 * handed over: answer without p (same epoch) -> the member drains and commits p -> its heartbeat no
 * longer lists p -> the epoch rises. So p may be in the target or in the reported set. Both are
 * looked up by the frame's epoch: the last set of a lower epoch, which was in force when this one began
 * (epochs also rise without a new assignment), and all sets of this very epoch, because within one
 * only time could tell them apart.
 */
function ownsByEpoch(): Owns {
  const sets = lazily((member) => {
    const byId = new Map<string, { assigned: Epochs; owned: Epochs }>();
    const of = (memberId: string): { assigned: Epochs; owned: Epochs } => {
      let known = byId.get(memberId);
      if (!known) byId.set(memberId, (known = { assigned: new Epochs(), owned: new Epochs() }));
      return known;
    };
    for (const set of member.assignments) of(set.memberId).assigned.add(set);
    for (const set of member.owned) of(set.memberId).owned.add(set);
    return byId;
  });
  return ({ member, event }, partition) => {
    const known = sets(member).get(event.memberId);
    if (!known) return false;
    const { assigned, owned } = known;
    return assigned.has(event.generation, partition) || owned.has(event.generation, partition);
  };
}

/** A member's sets by the epoch in which it got or reported them. */
class Epochs {
  readonly #all = new Map<number, { readonly union: Set<PartitionModel>; last: Assignment }>();
  #sorted: readonly number[] | null = null;

  add(set: Assignment): void {
    const { generation, partitions } = set;
    const known = this.#all.get(generation);
    if (known) {
      known.last = set;
      for (const partition of partitions) known.union.add(partition);
      return;
    }
    this.#all.set(generation, { union: new Set(partitions), last: set });
    this.#sorted = null;
  }

  /** Whether the partition is in a set of this very epoch, or in the last one of the epoch before. */
  has(epoch: number, partition: PartitionModel): boolean {
    if (this.#all.get(epoch)?.union.has(partition)) return true;
    this.#sorted ??= [...this.#all.keys()].sort((a, b) => a - b);
    const before = this.#sorted[firstWhere(this.#sorted, (other) => other >= epoch) - 1];
    return before !== undefined && this.#all.get(before)!.last.partitions.has(partition);
  }
}

function lazily<V>(make: (member: Member) => V): (member: Member) => V {
  const made = new Map<Member, V>();
  return (member) => {
    let value = made.get(member);
    if (value === undefined) made.set(member, (value = make(member)));
    return value;
  };
}

function inGeneration(of: { readonly generation: number; readonly memberId: string }): string {
  return `${of.generation} ${of.memberId}`;
}

function assignmentsOf({ member, event }: CommitRequest): readonly Assignment[] {
  return member.assignments.filter(
    (set) => set.memberId === event.memberId && set.generation === event.generation,
  );
}

function described(request: CommitRequest): string {
  const known = assignmentsOf(request);
  if (known.length === 0) return "was given nothing";
  const names = new Set(known.flatMap((set) => [...set.partitions].map(({ name }) => name)));
  return names.size === 0 ? "owned nothing" : `owned ${[...names].join(", ")}`;
}
