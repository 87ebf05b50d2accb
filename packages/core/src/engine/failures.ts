import type { Slot } from "../lane/lane-scheduler.ts";
import type { PortError } from "../port/errors.ts";
import { RetryPolicy } from "../retry/retry-policy.ts";
import type { Backoff } from "../retry/retry-config.ts";
import type { FailedAttempt, RetryDecision } from "../retry/retry-policy.ts";
import type { RetryDecider } from "../retry/retry-rules.ts";
import type { Assignment } from "./assignment.ts";
import type { Counters } from "./counters.ts";
import { DueHeap } from "./due-heap.ts";
import { ReleasePolicy } from "./early-release.ts";
import type { EngineSink, WorkToken } from "./effects.ts";
import type { EngineConfig } from "./engine.ts";
import * as FIRED from "./fired.ts";
import type { HeldRecords } from "./held-records.ts";
import type { DeadLetterCause, ErrorInfo, HandlerOutcome } from "./outcome.ts";
import * as PHASE from "./phase.ts";
import { RetryQuota } from "./retry-quota.ts";

/** A dead letter that cannot be written is tried again for ever, and never in a tight loop. */
const DEAD_LETTER_MAX_MS = 30_000;
const DEAD_LETTER_BACKOFF: Backoff = {
  type: "exponential",
  initialMs: 500,
  maxMs: DEAD_LETTER_MAX_MS,
  jitter: "equal",
};
/** Shortest delay of a record that should become a dead letter where there are none. */
const NO_DEAD_LETTER_DELAY_MS = 1_000;

/** An outcome that settles nothing. */
export type Failure = Extract<HandlerOutcome, { readonly error: ErrorInfo }>;

/**
 * What follows when an attempt has failed: a backoff and another attempt, or a dead letter, which is
 * written until it is acknowledged. The lane of the record stays locked all the while.
 */
export class Failures {
  readonly quota: RetryQuota;
  readonly #held: HeldRecords;
  readonly #sink: EngineSink;
  readonly #counters: Counters;
  readonly #config: EngineConfig;
  readonly #retry: RetryDecider;
  readonly #deadLetterRetry = new RetryPolicy({
    maxAttempts: Infinity,
    backoff: DEAD_LETTER_BACKOFF,
  });
  /** Records that wait for a retry, and dead letters that wait to be sent again. */
  readonly #due = new DueHeap();
  readonly #release: ReleasePolicy | null;
  /** The last failure of each record that waits for a retry; kept only for early release. */
  readonly #failures = new Map<Slot, { readonly error: ErrorInfo; readonly failedAt: number }>();
  /** Whose head could not be paid for. */
  readonly #unpaid = new Set<Assignment>();

  constructor(
    config: EngineConfig,
    retry: RetryDecider,
    held: HeldRecords,
    counters: Counters,
    sink: EngineSink,
  ) {
    const { earlyRelease } = config;
    this.#config = config;
    this.#retry = retry;
    this.#held = held;
    this.#counters = counters;
    this.#sink = sink;
    this.quota = new RetryQuota(config.retry.maxWaiting ?? Infinity);
    this.#release = earlyRelease === undefined ? null : new ReleasePolicy(earlyRelease);
  }

  get nextAt(): number {
    return this.#release === null
      ? this.#due.earliest
      : Math.min(this.#due.earliest, this.#payableAt);
  }

  /** When a head that could not be paid for may be released, Infinity when there is none. */
  get #payableAt(): number {
    return this.#unpaid.size > 0 ? this.#release!.payableAt : Infinity;
  }

  /** Whether each settled record is to be followed by `releaseHead`. */
  get watchesSettled(): boolean {
    return this.#release !== null;
  }

  /** When a record that waits goes on, Infinity for one that does not. */
  dueAt(slot: Slot): number {
    return this.#due.dueAt(slot);
  }

  /** Records that wait for a retry or for their dead letter to be sent again. */
  get waiting(): number {
    return this.#due.size;
  }

  /** The assignments of the records that wait. */
  *waitingAssignments(): Generator<Assignment, void, undefined> {
    for (const slot of this.#due.slots) yield this.#held.work.assignment(slot);
  }

  /** An attempt at a running record has failed, or its handler has given it up. */
  failed(slot: Slot, outcome: Failure, now: number, random: number): void {
    const { work } = this.#held;
    const attempt = work.attempt(slot);
    // It was told to give up, which says nothing about the record.
    if (work.fired[slot] === FIRED.cancelled) return this.#held.letGo(slot, attempt - 1);
    // One that has timed out failed then.
    if (work.fired[slot] === FIRED.timedOut) work.fired[slot] = FIRED.no;
    else if (attempt === 1) work.firstFailure(slot, now);
    if (outcome.type === "dead-letter") {
      return this.#toDeadLetter(slot, "manual", outcome.error, now);
    }
    const { error } = outcome;
    const decision = this.#decide(slot, outcome, now, random);
    if (decision.type === "exhausted") {
      return this.#toDeadLetter(slot, decision.reason, error, now);
    }
    if (work.assignment(slot).draining) return this.#held.letGo(slot);
    // The error of another record must neither be taken for this one's again, nor for its last.
    if (isOfBatch(outcome) || attempt + 1 >= this.#retry.attemptsOfAny) work.alone[slot] = 1;
    const at = now + decision.delayMs;
    this.#backOff(slot, now, decision.delayMs);
    if (this.#release !== null) this.#failures.set(slot, { error, failedAt: now });
    this.#sink.notify({
      type: "retry-scheduled",
      ...this.#held.at(slot),
      attempt,
      at,
      error: error.message,
    });
    this.releaseHead(work.assignment(slot), now);
  }

  /** Answers the record, which is settled now; -1 when the answer is not awaited or too late. */
  deadLetterAcked(token: WorkToken): Slot {
    const slot = this.#awaited(token);
    if (slot === -1) return -1;
    const { cause } = this.#held.deadLetters.get(slot)!;
    this.#counters.totals.deadLettered++;
    const { attempts } = cause;
    this.#sink.notify({ type: "dead-lettered", ...this.#held.at(slot), attempts, cause });
    return slot;
  }

  deadLetterFailed(token: WorkToken, error: PortError, now: number, random: number): void {
    const slot = this.#awaited(token);
    if (slot === -1) return;
    if (this.#held.work.assignment(slot).draining) return this.#held.letGo(slot);
    const letter = this.#held.deadLetters.get(slot)!;
    letter.failures++;
    const decision = this.#deadLetterRetry.decide({
      attempt: letter.failures,
      errorKind: "transient",
      firstFailedAt: now,
      previousDelayMs: null,
      now,
      random: random >>> 0,
    });
    const delayMs = decision.type === "retry" ? decision.delayMs : DEAD_LETTER_MAX_MS;
    this.#wait(slot, PHASE.deadLetterBackingOff, now, delayMs);
    this.#tellDeadLetterFailed(slot, error.message, now + delayMs);
  }

  /**
   * Dead letters that are to be sent again go out; heads that can be paid for now are released.
   * @param queued told of each record whose backoff is over
   */
  timePassed(now: number, queued: (slot: Slot) => void): void {
    while (this.#due.earliest <= now) {
      const slot = this.#due.take();
      if (this.#held.work.phase[slot] === PHASE.deadLetterBackingOff) {
        this.#sendDeadLetter(slot, now);
        continue;
      }
      this.#failures.delete(slot);
      this.#held.work.enter(slot, PHASE.queued, now);
      this.#held.scheduler.unpark(slot);
      queued(slot);
    }
    if (this.#payableAt > now) return;
    const unpaid = [...this.#unpaid];
    this.#unpaid.clear();
    for (const assignment of unpaid) this.releaseHead(assignment, now);
  }

  /** Lets go of the records of a draining assignment that wait. */
  letGoOfWaiting(assignment: Assignment): void {
    const { work } = this.#held;
    for (const slot of this.#due.remove((each) => work.assignment(each) === assignment)) {
      this.#failures.delete(slot);
      this.#held.letGo(slot);
    }
  }

  /**
   * The record at the frontier becomes a dead letter if it alone holds up its partition, and waits: a
   * handler that runs is never given up.
   */
  releaseHead(assignment: Assignment, now: number): void {
    const policy = this.#release;
    if (policy === null || this.#due.size === 0) return;
    const { gate } = assignment;
    this.#unpaid.delete(assignment);
    if (assignment.draining || !policy.isBlocked(gate)) return;
    const { work } = this.#held;
    const isHead = (slot: Slot): boolean =>
      work.assignment(slot) === assignment &&
      work.phase[slot] === PHASE.backingOff &&
      work.record(slot).offset === gate.frontier;
    const slot = this.#due.slots.find(isHead);
    if (slot === undefined) return;
    if (!policy.pay(now)) {
      this.#unpaid.add(assignment);
      return;
    }
    this.#due.remove((each) => each === slot);
    const { error, failedAt } = this.#failures.get(slot)!;
    this.#failures.delete(slot);
    this.#toDeadLetter(slot, "blocked", error, failedAt, now);
  }

  #decide(slot: Slot, outcome: Failure, now: number, random: number): RetryDecision {
    const { work } = this.#held;
    const asked =
      outcome.type === "retry" && !Number.isNaN(outcome.afterMs) ? outcome.afterMs : undefined;
    const { error } = outcome;
    const isOwn = outcome.type === "failed" && !isOfBatch(outcome);
    const failed: FailedAttempt = {
      attempt: work.attempt(slot),
      // A handler that asks for another attempt knows better than the error's kind.
      errorKind: isOwn ? error.kind : "transient",
      firstFailedAt: work.firstFailedAt[slot]!,
      previousDelayMs: work.previousDelayMs[slot] === -1 ? null : work.previousDelayMs[slot]!,
      now,
      random: random >>> 0,
      ...(asked === undefined ? {} : { requestedDelayMs: asked }),
    };
    return isOfBatch(outcome)
      ? this.#retry.decideTogether(failed, error)
      : this.#retry.decide(failed, error, work.record(slot).timestamp);
  }

  /** The slot of a token whose dead letter is on its way and still wanted, else -1. */
  #awaited(token: WorkToken): Slot {
    const slot = this.#held.awaited(token, PHASE.deadLetterSent);
    return slot !== -1 && this.#held.isWanted(slot) ? slot : -1;
  }

  #toDeadLetter(
    slot: Slot,
    reason: DeadLetterCause["reason"],
    error: ErrorInfo,
    failedAt: number,
    now: number = failedAt,
  ): void {
    if (!this.#config.deadLetter) return this.#withoutDeadLetters(slot, error, failedAt);
    const { work, deadLetters, scheduler } = this.#held;
    const attempts = work.attempt(slot);
    const cause = { reason, error, attempts, firstFailedAt: work.firstFailedAt[slot]!, failedAt };
    deadLetters.set(slot, { cause, failures: 0 });
    scheduler.park(slot);
    this.#sendDeadLetter(slot, now);
  }

  #sendDeadLetter(slot: Slot, now: number): void {
    const { work, deadLetters } = this.#held;
    work.enter(slot, PHASE.deadLetterSent, now);
    this.#sink.deadLetter(work.token(slot), deadLetters.get(slot)!.cause);
  }

  /** Never lost: tried again at the slowest pace of the policy, for ever. */
  #withoutDeadLetters(slot: Slot, error: ErrorInfo, now: number): void {
    if (this.#held.work.assignment(slot).draining) return this.#held.letGo(slot);
    const { backoff } = this.#config.retry;
    const slowest = backoff.type === "fixed" ? backoff.delayMs : backoff.maxMs;
    const delayMs = Math.max(NO_DEAD_LETTER_DELAY_MS, slowest);
    this.#backOff(slot, now, delayMs);
    const text = `no dead letter topic is set, so the record is tried again: ${error.message}`;
    this.#tellDeadLetterFailed(slot, text, now + delayMs);
  }

  #backOff(slot: Slot, now: number, delayMs: number): void {
    this.#counters.totals.retried++;
    this.#held.work.previousDelayMs[slot] = delayMs;
    this.#held.scheduler.park(slot);
    this.#wait(slot, PHASE.backingOff, now, delayMs);
  }

  /** The lane stays locked meanwhile, and the record counts against the budget. */
  #wait(slot: Slot, phase: number, now: number, delayMs: number): void {
    const { work } = this.#held;
    work.enter(slot, phase, now);
    this.#due.add(slot, now + delayMs);
    if (this.quota.isOn) this.quota.waits(work.assignment(slot));
  }

  #tellDeadLetterFailed(slot: Slot, error: string, retryAt: number): void {
    this.#sink.notify({ type: "dead-letter-failed", ...this.#held.at(slot), error, retryAt });
  }
}

function isOfBatch(outcome: Failure): boolean {
  return outcome.type === "failed" && outcome.ofBatch === true;
}
