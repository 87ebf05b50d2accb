/**
 * What a run of many seeds must have met at least once: a simulation that never gets there proves
 * nothing about it.
 */
export const SOMETIMES = [
  "a partition comes back to the member that gave it up",
  "a partition is revoked while a handler runs over it",
  "a partition is lost while a handler runs over it",
  "a partition is assigned that the user has paused",
  "a partition is assigned anew after its log was cut",
  "a session runs out",
  "a commit is applied and its answer lost",
  "a commit is refused",
  "a commit goes out for the count of records",
  "a commit goes out when nothing is held",
  "a late completion is dropped",
  "a dead letter is refused, then accepted",
  "records flow while a cooperative group rebalances",
  "a process dies with handlers running",
  "a process sleeps longer than its session",
  "a member stops with handlers running",
  "a handler's signal fires",
  "a handler times out",
  "a handler times out while its partition is drained",
  "a handler that has timed out outlives its partition",
  "an attempt is made in another process",
  "a committed offset is outside the log",
  "retention overtakes a reader",
  "the broker goes down with commits under way",
  "the budget pauses a partition",
  "the quota of retries pauses a partition",
  "the user pauses a partition that holds records",
  "the rate keeps a record waiting",
  "a record waits for its batch to fill",
  "a batch holds several records of a lane",
  "a batch has outcomes that differ",
  "a partition is revoked while a batch of it runs",
  "a record is released early",
  "the number of handlers adapts",
  "commit metadata is restored",
  "commit metadata that is full pauses a partition",
  "commit metadata is cut short",
  "commit metadata is too long for the broker",
  "commit metadata of somebody else is not taken",
  "finished work is saved by metadata after a kill",
  "finished work is saved by metadata after a handover",
  "a restored range is void for a later leader epoch",
] as const;

export type Sometimes = (typeof SOMETIMES)[number];

export class Coverage {
  readonly counts: Map<Sometimes, number> = new Map();

  hit(what: Sometimes): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
