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
}

/**
 * When the frontiers are committed: one interval after one has moved, with one commit in flight,
 * and again after each interval until the broker has acknowledged. What was sent is kept apart from
 * what has happened since: an answer says nothing about completions that came after its request.
 */
export class Commits {
  readonly #intervalMs: number;
  readonly #metadata: CommitMetadata;
  readonly #inFlight = new Map<number, readonly Entry[]>();
  #lastId = 0;
  #dueAt = Infinity;
  #stopped = false;

  constructor(intervalMs: number, metadata: CommitMetadata) {
    this.#intervalMs = intervalMs;
    this.#metadata = metadata;
  }

  /** When the next regular commit is to be sent, Infinity for never. */
  get dueAt(): number {
    return this.#dueAt;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether a frontier that moves now needs `schedule`. */
  get isIdle(): boolean {
    return this.#dueAt === Infinity && this.#inFlight.size === 0 && !this.#stopped;
  }

  isInFlight(id: number): boolean {
    return this.#inFlight.has(id);
  }

  /**
   * A frontier has moved, or one that was sent has not been acknowledged.
   * @param atOnce without waiting for the interval
   */
  schedule(now: number, atOnce = false): void {
    if (this.isIdle) this.#dueAt = now + (atOnce ? 0 : this.#intervalMs);
  }

  /** Whether the regular commit is due; it is not due again before something else has moved. */
  takeDue(now: number): boolean {
    if (now < this.#dueAt) return false;
    this.#dueAt = Infinity;
    return true;
  }

  /** No regular commits from here on; `send` still works. */
  stop(): void {
    this.#stopped = true;
    this.#dueAt = Infinity;
  }

  /** Takes note of a request for the frontiers of these assignments, all of them behind. */
  send(behind: readonly Assignment[]): { id: number; offsets: readonly CommitOffset[] } {
    this.#dueAt = Infinity;
    const id = ++this.#lastId;
    const entries = behind.map((assignment) => ({
      assignment,
      offset: assignment.commitOffset(this.#metadata.of(assignment)),
      settled: assignment.settled,
    }));
    this.#inFlight.set(id, entries);
    return { id, offsets: entries.map(({ offset }) => offset) };
  }

  /** Null for an id that is not in flight. */
  answered(id: number, results: readonly CommitResult[]): CommitAnswer | null {
    const entries = this.#inFlight.get(id);
    if (entries === undefined) return null;
    this.#inFlight.delete(id);
    const acknowledged: Entry[] = [];
    const failed: Failure[] = [];
    let stale = Math.max(0, results.length - entries.length);
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
    return { acknowledged, failed, stale };
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
