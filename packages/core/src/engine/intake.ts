import type { LaneScheduler } from "../lane/lane-scheduler.ts";
import type { TopicPartition } from "../port/record.ts";
import type { Assignment } from "./assignment.ts";
import type { EngineSink } from "./effects.ts";
import type { Ordinals } from "./ordinals.ts";

/**
 * Which partitions the client fetches from. Reasons to pause are kept apart for each partition: a
 * budget that has room again must not resume what the user has paused.
 */
export class Intake {
  readonly #scheduler: LaneScheduler;
  readonly #sink: EngineSink;
  /** Ordinals; the user's wish outlives an assignment. */
  readonly #pausedByUser = new Set<number>();
  #full = false;

  constructor(scheduler: LaneScheduler, sink: EngineSink) {
    this.#scheduler = scheduler;
    this.#sink = sink;
  }

  /** The client is told with the first fetch: it is still busy with the assignment now. */
  joined(assignment: Assignment): void {
    assignment.pausedFor.user = this.#pausedByUser.has(assignment.ordinal);
    assignment.pausedFor.budget = this.#full;
  }

  /** What was fetched already is held and not dispatched. */
  userPaused(ordinal: number, paused: boolean): void {
    if (paused) {
      this.#pausedByUser.add(ordinal);
      this.#scheduler.block(ordinal);
    } else {
      this.#pausedByUser.delete(ordinal);
      this.#scheduler.unblock(ordinal);
    }
  }

  /** Takes the budget into account. Cheap while it does not change. */
  update(ordinals: Ordinals): void {
    const full = this.#scheduler.isFull();
    if (full === this.#full) return;
    this.#full = full;
    const assignments = ordinals.all();
    for (const assignment of assignments) assignment.pausedFor.budget = full;
    this.tell(assignments);
  }

  /** Tells the client what has changed for these, if anything. */
  tell(assignments: readonly Assignment[]): void {
    const pause: TopicPartition[] = [];
    const resume: TopicPartition[] = [];
    for (const assignment of assignments) {
      const { shouldPause } = assignment;
      if (shouldPause === assignment.paused) continue;
      assignment.paused = shouldPause;
      (shouldPause ? pause : resume).push(assignment.topicPartition);
    }
    if (pause.length > 0) this.#sink.pause(pause);
    if (resume.length > 0) this.#sink.resume(resume);
  }
}
