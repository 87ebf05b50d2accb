import type { Assignment } from "./assignment.ts";
import type { Commits } from "./commits.ts";

/** Time kept for the last commit, taken off what handlers may use: at most, and as a share. */
const COMMIT_MARGIN_MS = 2_000;
const COMMIT_MARGIN_SHARE = 0.25;

export type DrainStep =
  /** Nothing to do before `nextAt` or another event. */
  | "wait"
  /** Stop filling holes and waiting for handlers, and fire their signals. */
  | "abort"
  /** Commit the frontiers of what is behind. */
  | "commit"
  /** Give up the partitions. */
  | "end";

/**
 * The way from a revocation, or from a stop, to giving partitions up. It waits for nothing but its
 * deadline:
 *
 * 1. for handlers, dead letters on their way and holes that can be filled, until a margin before the
 *    deadline;
 * 2. for a commit in flight, until half of the time has passed: one that is not answered then is
 *    probably lost, and the last one must go out while somebody listens;
 * 3. for the answer to the last commit, until the deadline.
 *
 * A hole is a queued record below one that has been started: it would keep the frontier from passing
 * what is done, which the next owner would do again. With nothing held and nothing to commit the
 * drain ends at once.
 */
export class Drain {
  /** Null for the drain of a stop. */
  readonly revocation: number | null;
  readonly assignments: readonly Assignment[];
  /** When handlers are no longer started or waited for, and their signals fire. */
  readonly handlersUntil: number;
  readonly overtakeAt: number;
  readonly deadlineAt: number;
  /** The last commit, null before it was sent. */
  commitId: number | null = null;
  /** After a failure of the last commit: when it is sent again, Infinity for never. */
  commitAgainAt: number = -Infinity;
  #handlersDone = false;
  /** Index of the first assignment that may still hold something. */
  #holding = 0;

  constructor(
    revocation: number | null,
    assignments: readonly Assignment[],
    deadlineAt: number,
    now: number,
  ) {
    const span = Math.max(0, deadlineAt - now);
    this.revocation = revocation;
    this.assignments = assignments;
    this.deadlineAt = deadlineAt;
    this.handlersUntil =
      deadlineAt - Math.min(COMMIT_MARGIN_MS, Math.floor(span * COMMIT_MARGIN_SHARE));
    this.overtakeAt = now + Math.floor(span / 2);
  }

  behind(): readonly Assignment[] {
    return this.assignments.filter((assignment) => assignment.isBehind);
  }

  /**
   * Whether records of the assignments are queued, running or on their way as dead letters. They take
   * nothing in: one that holds nothing never will again, and is not asked twice.
   */
  get holds(): boolean {
    for (; this.#holding < this.assignments.length; this.#holding++) {
      const { open, held } = this.assignments[this.#holding]!;
      if (open && held > 0) return true;
    }
    return false;
  }

  /** What to do next. `holds`: records are queued, running or on their way as dead letters. */
  step(holds: boolean, commits: Commits, now: number): DrainStep {
    if (!this.#handlersDone) {
      if (holds && now < this.handlersUntil) return "wait";
      this.#handlersDone = true;
      if (holds) return "abort";
    }
    const awaitsAnswer = this.commitId !== null && commits.isInFlight(this.commitId);
    const isOver = now >= this.deadlineAt;
    if (awaitsAnswer) return isOver ? "end" : "wait";
    if (this.commitAgainAt === Infinity || this.behind().length === 0) return "end";
    // At the deadline a last commit still goes out, unanswered, if none has.
    if (isOver) return this.commitId === null ? "commit" : "end";
    if (now < this.commitAgainAt) return "wait";
    return commits.inFlight > 0 && now < this.overtakeAt ? "wait" : "commit";
  }

  /** When `step` may answer something else without another event. */
  nextAt(commits: Commits): number {
    if (!this.#handlersDone) return this.handlersUntil;
    if (this.commitId !== null && commits.isInFlight(this.commitId)) return this.deadlineAt;
    const mayCommitAt =
      commits.inFlight > 0 ? Math.max(this.commitAgainAt, this.overtakeAt) : this.commitAgainAt;
    return Math.min(this.deadlineAt, mayCommitAt);
  }
}
