import type { Assignment } from "./assignment.ts";

/** Fewer, longer pauses: a client drops what it has prefetched at each. */
const RESUME_AT = 0.9;

/**
 * Limits how many records wait to be tried again: while there are that many, the partitions that have
 * some take nothing new in. Other partitions go on, and so does all that was fetched: no record is
 * given up, and none is asked to wait, for the sake of the quota.
 */
export class RetryQuota {
  readonly #max: number;
  /** Their intake is closed; empty unless the quota is used up. */
  readonly #closed = new Set<Assignment>();
  readonly #changed = new Set<Assignment>();
  #isUsedUp = false;

  /** @param max records, Infinity for no limit */
  constructor(max: number) {
    this.#max = max;
  }

  get isOn(): boolean {
    return this.#max !== Infinity;
  }

  /** One more record of this assignment waits. */
  waits(assignment: Assignment): void {
    if (this.#isUsedUp) this.#close(assignment);
  }

  /**
   * After each event: sets the pause reasons and answers the assignments for which they have changed.
   * @param waiting records that wait
   * @param assignments theirs; asked for when the quota has just been used up
   */
  update(waiting: number, assignments: () => Iterable<Assignment>): readonly Assignment[] {
    if (this.#isUsedUp ? waiting <= this.#max * RESUME_AT : waiting >= this.#max) {
      this.#isUsedUp = !this.#isUsedUp;
      if (this.#isUsedUp) for (const assignment of assignments()) this.#close(assignment);
      else this.#openAll();
    }
    if (this.#changed.size === 0) return NONE;
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #close(assignment: Assignment): void {
    if (this.#closed.has(assignment)) return;
    this.#closed.add(assignment);
    this.#changed.add(assignment);
    assignment.pausedFor.retries = true;
  }

  #openAll(): void {
    for (const assignment of this.#closed) {
      assignment.pausedFor.retries = false;
      if (assignment.open) this.#changed.add(assignment);
    }
    this.#closed.clear();
  }
}

const NONE: readonly Assignment[] = [];
