import type { CommitOffset, EpochPartition } from "@sluice/core";
import { keyOf } from "../partition-key.ts";

/**
 * Whether one process keeps rule 8 of `ConsumerPort`: one commit is in flight, and only the last one of a drain, of what
 * is being given up, goes out over others, once half of the drain's time has passed.
 *
 * Drains overlap, and each may end with its commit unanswered, so that there is no number of commits that a process may
 * have in flight; there is one for each epoch. With no time to drain: a regular commit names partitions 0 and 1 -> 0 is
 * revoked, its last commit -> a stop, the last commit of 1 -> leaving the group revokes 1, and its last commit goes out
 * once more. That is four, one of them too late for 1 and two for 0: regular, of the stop, of the revocation.
 */
export class CommitsInFlight {
  readonly #process: string;
  readonly #now: () => number;
  readonly #tell: (problem: string) => void;
  #requests = 0;
  /** Requests that are not answered, by epoch. */
  readonly #unanswered = new Map<string, number>();
  /** When the last commit of an epoch that is being revoked may go out over others. */
  readonly #revokedFrom = new Map<string, number>();
  /** The same for all epochs, by a stop. */
  #stopsFrom = Infinity;

  /** @param process its name */
  constructor(process: string, now: () => number, tell: (problem: string) => void) {
    this.#process = process;
    this.#now = now;
    this.#tell = tell;
  }

  /** The process says so before it acts. */
  revoking(partitions: readonly EpochPartition[], drainMs: number): void {
    const from = this.#halfOf(drainMs);
    for (const partition of partitions) this.#revokedFrom.set(epochOf(partition), from);
  }

  stopping(drainMs: number): void {
    this.#stopsFrom = this.#halfOf(drainMs);
  }

  requested(offsets: readonly CommitOffset[]): void {
    for (const commit of offsets) {
      const epoch = epochOf(commit);
      const inFlight = (this.#unanswered.get(epoch) ?? 0) + 1;
      this.#unanswered.set(epoch, inFlight);
      if (this.#requests > 0) this.#judge(commit, inFlight);
    }
    this.#requests++;
  }

  /** @param offsets as requested; whether with an answer or without, nobody waits for one any more */
  over(offsets: readonly CommitOffset[]): void {
    for (const commit of offsets) {
      const epoch = epochOf(commit);
      this.#unanswered.set(epoch, this.#unanswered.get(epoch)! - 1);
    }
    this.#requests--;
  }

  #judge(commit: CommitOffset, inFlight: number): void {
    const where = `${this.#process} asked to commit ${keyOf(commit)}@${commit.offset}`;
    const revokedFrom = this.#revokedFrom.get(epochOf(commit)) ?? Infinity;
    const drains = [revokedFrom, this.#stopsFrom].filter((from) => from !== Infinity);
    if (drains.length === 0) {
      this.#tell(`${where} with another commit in flight, and was not giving it up`);
    } else if (this.#now() < Math.min(...drains)) {
      this.#tell(`${where} with another commit in flight, before half of its drain had passed`);
    } else if (inFlight > 1 + drains.length) {
      this.#tell(`${where} with ${inFlight - 1} more of it in flight`);
    }
  }

  #halfOf(drainMs: number): number {
    return this.#now() + Math.floor(drainMs / 2);
  }
}

function epochOf(of: EpochPartition): string {
  return `${keyOf(of)}#${of.epoch}`;
}
