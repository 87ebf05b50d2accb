import type { Assignment } from "./assignment.ts";
import type { CommitMetadata } from "./commit-metadata.ts";
import type { Commits } from "./commits.ts";
import type { Drain } from "./drain.ts";
import type { AbortReason, EngineSink } from "./effects.ts";
import type { RecordFlow } from "./record-flow.ts";

/** What a drain has done by the engine. */
export interface DrainActs {
  /** Answers the id of the request, null when there was nothing to ask for. */
  commit(behind: readonly Assignment[]): number | null;
  giveUp(assignment: Assignment, reason: AbortReason): void;
}

/** The drains that go on: of revocations, which may overlap, and of a stop. */
export class Drains {
  readonly #flow: RecordFlow;
  readonly #commits: Commits;
  readonly #metadata: CommitMetadata;
  readonly #sink: EngineSink;
  readonly #acts: DrainActs;
  #all: readonly Drain[] = [];

  constructor(
    flow: RecordFlow,
    commits: Commits,
    metadata: CommitMetadata,
    sink: EngineSink,
    acts: DrainActs,
  ) {
    this.#flow = flow;
    this.#commits = commits;
    this.#metadata = metadata;
    this.#sink = sink;
    this.#acts = acts;
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** When `advance` has something to do without another event, Infinity for never. */
  get nextAt(): number {
    return Math.min(...this.#all.map((drain) => drain.nextAt(this.#commits)));
  }

  begin(drain: Drain): void {
    this.#all = [...this.#all, drain];
    for (const assignment of drain.assignments) {
      // A revocation during a stop goes on with the holes that are left.
      if (assignment.draining) continue;
      assignment.draining = true;
      const tellsAll = this.#metadata.tellsAll(assignment);
      const mark =
        tellsAll || assignment.pausedFor.user ? 0 : this.#flow.held.highestStarted(assignment);
      this.#flow.releaseWaiting(assignment, mark);
    }
  }

  /** A last commit has been answered. @param againAt when it is to be sent again, Infinity for never */
  commitAnswered(id: number, againAt: number): void {
    for (const drain of this.#all) if (drain.commitId === id) drain.commitAgainAt = againAt;
  }

  /** Does all that can be done now. */
  advance(now: number): void {
    // One that ends may give up what another waits for.
    let ended: Drain | undefined;
    do {
      ended = this.#all.find((drain) => this.#hasEnded(drain, now));
      this.#all = this.#all.filter((drain) => drain !== ended);
      if (ended !== undefined) this.#end(ended);
    } while (ended !== undefined);
  }

  #hasEnded(drain: Drain, now: number): boolean {
    const { scheduler } = this.#flow.held;
    for (;;) {
      const holds = drain.revocation === null ? scheduler.heldRecords > 0 : drain.holds;
      switch (drain.step(holds, this.#commits, now)) {
        case "wait":
          return false;
        case "abort":
          this.#abort(drain);
          break;
        case "commit":
          drain.commitId = this.#acts.commit(drain.behind());
          break;
        case "end":
          return true;
      }
    }
  }

  #abort({ revocation, assignments }: Drain): void {
    for (const assignment of assignments) {
      if (assignment.open) this.#flow.releaseWaiting(assignment, 0);
    }
    this.#flow.attempts.abort(
      // Of a stop these are all there are: what is given up has been aborted, and none begins anew.
      (assignment) => assignments.includes(assignment),
      revocation === null ? "stopping" : "revoked",
    );
  }

  #end({ revocation, assignments }: Drain): void {
    if (revocation === null) {
      // What is committed from here on is up to the revocations that leaving the group brings.
      this.#commits.stop();
      this.#flow.attempts.stop();
      this.#sink.drained(this.#flow.held.scheduler.heldRecords > 0 ? "forced" : "clean");
      return;
    }
    for (const assignment of assignments) {
      if (assignment.open) this.#acts.giveUp(assignment, "revoked");
    }
    this.#sink.released(revocation);
  }
}
