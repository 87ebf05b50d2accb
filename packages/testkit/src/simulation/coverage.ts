/**
 * What a run of many seeds must have met at least once: a simulation that never gets there proves
 * nothing about it.
 */
export const SOMETIMES = [
  "a partition comes back to the member that gave it up",
  "a partition is revoked while a handler runs over it",
  "a partition is lost while a handler runs over it",
  "a session runs out",
  "a commit is applied and its answer lost",
  "a commit is refused",
  "a late completion is dropped",
  "a dead letter is refused, then accepted",
  "records flow while a cooperative group rebalances",
  "a process dies with handlers running",
  "a process sleeps longer than its session",
  "a member stops with handlers running",
  "a handler's signal fires",
  "an attempt is made in another process",
  "a committed offset is outside the log",
  "retention overtakes a reader",
  "the broker goes down with commits under way",
  "the budget pauses a partition",
  "commit metadata is restored",
  "commit metadata that is full pauses a partition",
  "commit metadata is too long for the broker",
] as const;

export type Sometimes = (typeof SOMETIMES)[number];

export class Coverage {
  readonly counts: Map<Sometimes, number> = new Map();

  hit(what: Sometimes): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
