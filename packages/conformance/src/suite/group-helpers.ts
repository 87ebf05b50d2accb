import type { CaseRun } from "../runner/case-run.ts";
import type { Work } from "../runner/ledger.ts";

/** Waits until the members share all partitions, as the broker has told them. */
export async function stable(c: CaseRun, ...members: readonly string[]): Promise<void> {
  for (const member of members) {
    await c.untilWire(member, `${members.join(", ")} share the partitions`, () => {
      const parts = members.map((name) => c.wire.assigned(name, c.topic));
      return parts.every((p) => p.length > 0) && covers(parts, c.settings.partitions);
    });
  }
}

/** Partitions of the topic in the member's newest assignment, if it is newer than `since`. */
export function assignedSince(c: CaseRun, member: string, since: number): number[] {
  const latest = c.wire.assignments(member).at(-1);
  return latest === undefined || latest.t < since ? [] : c.wire.assigned(member, c.topic);
}

/** Each partition once. */
function covers(parts: readonly (readonly number[])[], partitions: number): boolean {
  const all = parts.flat();
  return all.length === partitions && new Set(all).size === partitions;
}

/** The member has said, or the wire shows, that it is giving partitions up. */
export function givingUp(c: CaseRun, member: string, since: number): boolean {
  return (
    c.wire.joins(member, since) > 0 ||
    c.history.events.some(
      (e) => e.type === "claim" && e.member === member && e.claim === "revoking" && e.t >= since,
    )
  );
}

export function of(member: string): (work: Work) => boolean {
  return (work) => work.member === member;
}
