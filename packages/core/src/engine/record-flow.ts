import { AdaptiveLimit } from "../limit/adaptive-limit.ts";
import type { Slot } from "../lane/lane-scheduler.ts";
import type { PortError } from "../port/errors.ts";
import type { KafkaRecord } from "../port/record.ts";
import { RetryDecider } from "../retry/retry-rules.ts";
import type { Assignment } from "./assignment.ts";
import { Attempts } from "./attempts.ts";
import type { Commits } from "./commits.ts";
import type { Counters } from "./counters.ts";
import type { EngineSink, WorkToken } from "./effects.ts";
import type { EngineConfig } from "./engine.ts";
import { Failures } from "./failures.ts";
import * as FIRED from "./fired.ts";
import { HeldRecords } from "./held-records.ts";
import { timeoutError } from "./outcome.ts";
import type { HandlerOutcome } from "./outcome.ts";

/**
 * The way of each record from the fetch until it is settled or let go of: held, attempted, and on
 * failure attempted again or written as a dead letter.
 */
export class RecordFlow {
  readonly held: HeldRecords;
  readonly attempts: Attempts;
  readonly failures: Failures;
  readonly #sink: EngineSink;
  readonly #commits: Commits;
  readonly #counters: Counters;
  readonly #handlerTimeoutMs: number;
  /** Somebody wants to know of each settled record. */
  readonly #watchesSettled: boolean;

  constructor(config: EngineConfig, commits: Commits, counters: Counters, sink: EngineSink) {
    const { concurrency, handlerTimeoutMs } = config;
    const adaptive = typeof concurrency === "number" ? null : new AdaptiveLimit(concurrency);
    const first = adaptive?.limit ?? (concurrency as number);
    const retry = new RetryDecider(config.retry);
    this.held = new HeldRecords(config, first, retry, counters, sink);
    this.attempts = new Attempts(config, adaptive, this.held, counters, sink);
    this.failures = new Failures(config, retry, this.held, counters, sink);
    this.#sink = sink;
    this.#commits = commits;
    this.#counters = counters;
    this.#handlerTimeoutMs = handlerTimeoutMs;
    this.#watchesSettled = commits.countsSettled || this.failures.watchesSettled;
  }

  get nextAt(): number {
    return Math.min(this.attempts.nextAt, this.failures.nextAt);
  }

  /** Takes a fetched record in, unless it was delivered before. */
  admit(record: KafkaRecord, assignment: Assignment, now: number): void {
    const slot = this.held.admit(record, assignment, now);
    if (slot !== -1) this.attempts.changed(slot);
  }

  handlerFinished(token: WorkToken, outcome: HandlerOutcome, now: number, random: number): void {
    const slot = this.attempts.ended(token, outcome, now);
    if (slot === -1) return;
    // Nearly always; `#ended` would come to the same.
    if (outcome.type === "ok" && this.held.work.fired[slot] === FIRED.no) this.#settle(slot, now);
    else this.#ended(slot, outcome, now, random);
  }

  batchFinished(
    batch: WorkToken,
    outcomes: readonly HandlerOutcome[],
    now: number,
    random: number,
  ): void {
    const slots = this.attempts.batchEnded(batch, outcomes, now);
    for (const [index, slot] of slots.entries()) {
      if (!this.held.isWanted(slot)) continue;
      this.#ended(slot, outcomes[index]!, now, random, slots.length > 1);
    }
  }

  notBegun(token: WorkToken, now: number): void {
    for (const slot of this.attempts.takenBack(token)) {
      if (!this.held.isWanted(slot)) continue;
      const { draining } = this.held.work.assignment(slot);
      if (draining) this.held.letGo(slot, this.held.work.attempt(slot) - 1);
      else {
        this.held.putBack(slot, now);
        this.attempts.changed(slot);
      }
    }
  }

  deadLetterAcked(token: WorkToken, now: number): void {
    const slot = this.failures.deadLetterAcked(token);
    if (slot === -1) return;
    this.attempts.changed(slot);
    this.#settle(slot, now);
  }

  deadLetterFailed(token: WorkToken, error: PortError, now: number, random: number): void {
    this.failures.deadLetterFailed(token, error, now, random);
  }

  /** Retries, dead letters and batches whose time has come; handlers that run too long. */
  timePassed(now: number): void {
    this.failures.timePassed(now, (slot) => this.attempts.changed(slot));
    this.attempts.timePassed(now);
  }

  /**
   * Of a draining assignment, lets go of everything that is neither running nor on its way as a
   * dead letter, but for queued records below this offset and below all that is let go of: filling
   * holes above one that stays open does not move the frontier.
   */
  releaseWaiting(assignment: Assignment, fillBelow: number): void {
    this.attempts.hurry(assignment);
    this.held.fillOnlyBelow(assignment, fillBelow);
    this.failures.letGoOfWaiting(assignment);
  }

  /** @param inBatch the handler was given others along with it */
  #ended(
    slot: Slot,
    outcome: HandlerOutcome,
    now: number,
    random: number,
    inBatch: boolean = false,
  ): void {
    // Its attempt has failed when the time was up, whatever it says now.
    if (this.held.work.fired[slot] === FIRED.timedOut) {
      this.#counters.ignored.lateResults++;
      const error = timeoutError(this.#handlerTimeoutMs);
      return this.failures.failed(slot, { type: "failed", error, ofBatch: inBatch }, now, random);
    }
    switch (outcome.type) {
      case "ok":
        return this.#settle(slot, now);
      case "skip":
        this.#counters.totals.skipped++;
        this.#sink.notify({ type: "skipped", ...this.held.at(slot), reason: outcome.reason });
        return this.#settle(slot, now);
      default:
        return this.failures.failed(slot, outcome, now, random);
    }
  }

  #settle(slot: Slot, now: number): void {
    const assignment = this.held.settle(slot);
    // Nearly always a commit is scheduled that this one will be part of.
    if (this.#watchesSettled || !assignment.isListedToCommit || this.#commits.isIdle) {
      this.#hasSettled(assignment, now);
    }
  }

  #hasSettled(assignment: Assignment, now: number): void {
    this.#commits.moved(assignment, now);
    if (this.#commits.countsSettled) this.#commits.settled(now);
    this.failures.releaseHead(assignment, now);
  }
}
