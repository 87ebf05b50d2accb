import type { TopicPartition } from "../port/record.ts";
import type { Assignment } from "./assignment.ts";
import type { EngineSink } from "./effects.ts";
import type { HeldRecords } from "./held-records.ts";
import type { Ordinals } from "./ordinals.ts";

/** From this fraction of the budget on, nobody takes in more than a share of it. */
const CROWDED_AT = 0.75;
/** Fewer, longer pauses: a client drops what it has prefetched at each. */
const RESUME_AT = 0.6;

/** How far the budget has been used since everyone was open. */
const CALM = 0;
const CROWDED = 1;
const FULL = 2;
/** The bytes are used up: memory goes before fairness. */
const EXHAUSTED = 3;
/** Of the bytes: below, those that hold nothing are open again. */
const RELIEVED_AT = 0.9;

/**
 * Which partitions the client fetches from. Reasons to pause are kept apart for each partition: a
 * budget that has room again must not resume what the user has paused.
 *
 * The budget is everyone's up to 75 %. From there on a partition that holds its share is closed, and
 * from 100 % on one that holds anything, when it has taken something in; the rest goes on. It is
 * opened when it has come down to 60 % of that, whatever the others hold, or when all of them
 * together have come down to 60 % of the budget. So a partition whose handlers never return stops
 * no other: at the worst, each of the others takes in what it has finished. Only when the bytes are
 * used up are those closed that hold nothing, or a thousand idle partitions could each bring a fetch.
 *
 * What is held grows with a fetch only, so that is when anyone is closed; a settled record costs the
 * one comparison of `reopensAt`.
 */
export class Intake {
  readonly #held: HeldRecords;
  readonly #ordinals: Ordinals;
  readonly #sink: EngineSink;
  /** Ordinals; the user's wish outlives an assignment. */
  readonly #pausedByUser = new Set<number>();
  #level = CALM;

  constructor(held: HeldRecords, ordinals: Ordinals, sink: EngineSink) {
    this.#held = held;
    this.#ordinals = ordinals;
    this.#sink = sink;
  }

  /** The client is told with the first fetch: it is still busy with the assignment now. */
  joined(assignment: Assignment): void {
    assignment.pausedFor.user = this.#pausedByUser.has(assignment.ordinal);
    assignment.pausedFor.budget = this.#level === EXHAUSTED;
  }

  /** What was fetched already is held and not dispatched. */
  userPaused(ordinal: number, paused: boolean): void {
    const { scheduler } = this.#held;
    if (paused) {
      this.#pausedByUser.add(ordinal);
      scheduler.block(ordinal);
    } else {
      this.#pausedByUser.delete(ordinal);
      scheduler.unblock(ordinal);
    }
  }

  /** Records of this assignment have been taken in. Answers those that are closed for it. */
  admitted(assignment: Assignment): readonly Assignment[] {
    const { fill, fillOfBytes } = this.#held.scheduler;
    if (fill < CROWDED_AT) return NONE;
    const level = fillOfBytes >= 1 ? EXHAUSTED : fill >= 1 ? FULL : CROWDED;
    // Afterwards each is closed by a fetch of its own: by those of others it would be again and
    // again, having taken nothing in since it was opened.
    const concerned = level > this.#level ? this.#ordinals.all() : [assignment];
    this.#level = Math.max(this.#level, level);
    const closed = concerned.filter((each) => this.#close(each, level));
    this.tell(closed);
    return closed;
  }

  /** Nobody is closed for the budget: there is nothing to `update`. */
  get isCalm(): boolean {
    return this.#level === CALM;
  }

  /** Opens those that may take in again. */
  update(): void {
    const { scheduler, reopened } = this.#held;
    if (scheduler.fill <= RESUME_AT) {
      this.#level = CALM;
      reopened.length = 0;
      this.#open(this.#ordinals.all());
      return;
    }
    if (reopened.length > 0) this.#open(reopened.splice(0));
    if (this.#level === EXHAUSTED && scheduler.fillOfBytes <= RELIEVED_AT) {
      this.#level = FULL;
      this.#open(this.#ordinals.all().filter(({ held }) => held === 0));
    }
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

  /** False when it stays as it is. */
  #close(assignment: Assignment, level: number): boolean {
    const { held, pausedFor } = assignment;
    const share = this.#held.scheduler.roomInRecords / this.#ordinals.sharers(assignment);
    const least = level === CROWDED ? share : level === FULL ? 1 : 0;
    if (pausedFor.budget || held < least) return false;
    pausedFor.budget = true;
    assignment.reopensAt = Math.floor(Math.min(held, share) * RESUME_AT);
    return true;
  }

  #open(assignments: readonly Assignment[]): void {
    for (const assignment of assignments) {
      assignment.pausedFor.budget = false;
      assignment.reopensAt = -1;
    }
    this.tell(assignments);
  }
}

const NONE: readonly Assignment[] = [];
