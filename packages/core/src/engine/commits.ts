import type { CommitOffset, CommitResult } from "../port/consumer-port.ts";
import type { PortError } from "../port/errors.ts";
import type { Assignment } from "./assignment.ts";
import type { CommitMetadata } from "./commit-metadata.ts";

interface Entry {
  readonly assignment: Assignment;
  readonly offset: CommitOffset;
  /** Records that were settled when this was sent. */
  readonly settled: number;
}

interface Failure {
  readonly offset: CommitOffset;
  /** Null when there was no answer for this offset. */
  readonly error: PortError | null;
  /** Within the same epoch, without the group or a person acting first. */
  readonly canBeSentAgain: boolean;
}

export interface CommitAnswer {
  readonly acknowledged: readonly Entry[];
  readonly failed: readonly Failure[];
  /** Results for an epoch that is over, or missing, or for something that was not asked. */
  readonly stale: number;
  /** The broker takes less metadata than was sent, and less will be. */
  readonly isTooLarge: boolean;
}

/** When frontiers that have moved are committed: whichever of the three comes first. */
export interface CommitPolicy {
  /** Longest wait, and the pause after a failure. */
  readonly intervalMs: number;
  /** Records settled since the last request; Infinity for no such limit. */
  readonly every: number;
  /** How long nothing has been held; Infinity for never. */
  readonly whenIdleMs: number;
}

/** A request that has not been answered. */
export interface CommitInFlight {
  readonly id: number;
  readonly offset: number;
  readonly sentAt: number;
}

interface Request {
  readonly entries: readonly Entry[];
  readonly sentAt: number;
}

/**
 * When the frontiers are committed: by the policy after one has moved, with one commit in flight,
 * and again after each interval until the broker has acknowledged. What was sent is kept apart from
 * what has happened since: an answer says nothing about completions that came after its request.
 */
export class Commits {
  readonly #policy: CommitPolicy;
  readonly #metadata: CommitMetadata;
  readonly #watchesRest: boolean;
  readonly #inFlight = new Map<number, Request>();
  /** All that are behind, and some that no longer are: an idle partition is never looked at. */
  #moved: Assignment[] = [];
  #lastId = 0;
  /** By the interval or by the count; Infinity when nothing is to be committed. */
  #dueAt = Infinity;
  /** When nothing will have been held for long enough, Infinity while something is. */
  #restedAt = Infinity;
  #settledSinceSent = 0;
  /** The last answer was a failure: only the interval counts, or a broker in trouble gets a flood. */
  #isHeldOff = false;
  #stopped = false;

  constructor(policy: CommitPolicy, metadata: CommitMetadata) {
    this.#policy = policy;
    this.#watchesRest = policy.whenIdleMs !== Infinity;
    this.#metadata = metadata;
  }

  /** When the next regular commit is to be sent, Infinity for never. */
  get dueAt(): number {
    return this.#watchesRest ? this.#dueWithRest : this.#dueAt;
  }

  get #dueWithRest(): number {
    if (this.#dueAt === Infinity || this.#isHeldOff) return this.#dueAt;
    return Math.min(this.#dueAt, this.#restedAt);
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The newest request for a partition, null when all are answered. */
  inFlightOf(assignment: Assignment): CommitInFlight | null {
    for (const [id, { entries, sentAt }] of [...this.#inFlight].toReversed()) {
      const entry = entries.find((each) => each.assignment === assignment);
      if (entry !== undefined) return { id, offset: entry.offset.offset, sentAt };
    }
    return null;
  }

  isInFlight(id: number): boolean {
    return this.#inFlight.has(id);
  }

  /** Whether each settled record is to be told to `settled`. */
  get countsSettled(): boolean {
    return this.#policy.every !== Infinity;
  }

  /** A record has been settled, and `moved` been told. */
  settled(now: number): void {
    this.#settledSinceSent++;
    if (this.#settledSinceSent < this.#policy.every || this.#isHeldOff) return;
    if (this.#dueAt !== Infinity) this.#dueAt = now;
  }

  /** Whether a frontier that moves now is to be told to `moved`, also of an assignment listed. */
  get isIdle(): boolean {
    return this.#dueAt === Infinity && this.#inFlight.size === 0 && !this.#stopped;
  }

  /** The frontier of this assignment has moved, or what is settled above it. */
  moved(assignment: Assignment, now: number): void {
    if (!assignment.isBehind) return;
    if (!assignment.isListedToCommit) this.#moved.push(assignment);
    assignment.isListedToCommit = true;
    this.#schedule(now);
  }

  /** Whether `rest` is to be told. */
  get watchesRest(): boolean {
    return this.#watchesRest;
  }

  /** After each event: whether nothing is held. */
  rest(isAtRest: boolean, now: number): void {
    if (!isAtRest) this.#restedAt = Infinity;
    else if (this.#restedAt === Infinity) this.#restedAt = now + this.#policy.whenIdleMs;
  }

  /** What is behind, in order of first appearance. */
  behind(): readonly Assignment[] {
    this.#moved = this.#moved.filter((assignment) => {
      assignment.isListedToCommit = assignment.isBehind;
      return assignment.isListedToCommit;
    });
    return this.#moved.toSorted((a, b) => a.ordinal - b.ordinal);
  }

  /** Whether the regular commit is due; it is not due again before something else has moved. */
  takeDue(now: number): boolean {
    if (now < this.dueAt) return false;
    this.#dueAt = Infinity;
    return true;
  }

  /** No regular commits from here on; `send` still works. */
  stop(): void {
    this.#stopped = true;
    this.#dueAt = Infinity;
  }

  /** Takes note of a request for the frontiers of these assignments, all of them behind. */
  send(
    behind: readonly Assignment[],
    now: number,
  ): { id: number; offsets: readonly CommitOffset[] } {
    this.#dueAt = Infinity;
    this.#settledSinceSent = 0;
    const id = ++this.#lastId;
    const entries = behind.map((assignment) => ({
      assignment,
      offset: assignment.commitOffset(this.#metadata.of(assignment)),
      settled: assignment.settled,
    }));
    this.#inFlight.set(id, { entries, sentAt: now });
    return { id, offsets: entries.map(({ offset }) => offset) };
  }

  /** Null for an id that is not in flight. */
  answered(id: number, results: readonly CommitResult[], now: number): CommitAnswer | null {
    const request = this.#inFlight.get(id);
    if (request === undefined) return null;
    this.#inFlight.delete(id);
    const { entries } = request;
    const acknowledged: Entry[] = [];
    const failed: Failure[] = [];
    let stale = Math.max(0, results.length - entries.length);
    let isTooLarge = false;
    for (const [index, entry] of entries.entries()) {
      const { assignment, offset, settled } = entry;
      const result = results[index];
      if (result === undefined || !answers(result, offset)) {
        // No answer is a commit of unknown outcome: it goes out again.
        if (result !== undefined) stale++;
        failed.push({ offset, error: null, canBeSentAgain: true });
      } else if (result.error !== undefined) {
        const { kind } = result.error;
        if (kind === "fenced") assignment.fenced = true;
        const tooLarge = kind === "metadata-too-large" && this.#metadata.refused(offset);
        isTooLarge ||= tooLarge;
        const canBeSentAgain = kind === "retriable" || kind === "backpressure" || tooLarge;
        failed.push({ offset, error: result.error, canBeSentAgain });
      } else if (!assignment.open) {
        stale++;
      } else {
        // A commit that overtook this one may have been answered first.
        assignment.acknowledged = Math.max(assignment.acknowledged, offset.offset);
        assignment.committed = assignment.acknowledged;
        assignment.acknowledgedSettled = Math.max(assignment.acknowledgedSettled, settled);
        acknowledged.push(entry);
      }
    }
    this.#isHeldOff = failed.length > 0 && !isTooLarge;
    // Also what has moved since the request went out.
    if (this.behind().length > 0) this.#schedule(now, isTooLarge);
    return { acknowledged, failed, stale, isTooLarge };
  }

  /** @param atOnce without waiting for the interval */
  #schedule(now: number, atOnce = false): void {
    if (!this.isIdle) return;
    const isDue = atOnce || (this.#settledSinceSent >= this.#policy.every && !this.#isHeldOff);
    this.#dueAt = now + (isDue ? 0 : this.#policy.intervalMs);
    // A commit that something new has brought about waits for more of it.
    if (this.#restedAt !== Infinity) this.#restedAt = now + this.#policy.whenIdleMs;
  }
}

function answers(result: CommitResult, asked: CommitOffset): boolean {
  return (
    result.topic === asked.topic &&
    result.partition === asked.partition &&
    result.epoch === asked.epoch &&
    result.offset === asked.offset
  );
}
