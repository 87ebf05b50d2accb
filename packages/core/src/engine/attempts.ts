import type { AdaptiveLimit } from "../limit/adaptive-limit.ts";
import { TokenBucket } from "../limit/token-bucket.ts";
import type { Slot } from "../lane/lane-scheduler.ts";
import type { Assignment } from "./assignment.ts";
import { Batches } from "./batches.ts";
import type { Counters } from "./counters.ts";
import type { AbortReason, EngineSink, WorkToken } from "./effects.ts";
import type { EngineConfig } from "./engine.ts";
import * as FIRED from "./fired.ts";
import type { HeldRecords } from "./held-records.ts";
import type { HandlerOutcome } from "./outcome.ts";
import * as PHASE from "./phase.ts";
import { RunWatch } from "./run-watch.ts";

/**
 * Attempts at records: when the next may begin, one by one or in batches and no faster than the rate
 * allows, which of them take too long, and which have ended.
 */
export class Attempts {
  readonly #held: HeldRecords;
  readonly #sink: EngineSink;
  readonly #counters: Counters;
  readonly #stalls: RunWatch;
  /** Null for no limit. */
  readonly #timeouts: RunWatch | null;
  /** Null when each record runs by itself. */
  readonly #batches: Batches | null;
  /** The phase of a record whose handler ends by itself; with batches no record is in it. */
  readonly #endsIn: number;
  /** Records in a full batch: no more than may begin at once. */
  readonly #batchSize: number;
  /** Records that run in batches. */
  #recordsInBatches = 0;
  /** Records of the batches that run, by first token. */
  readonly #inBatch = new Map<WorkToken, readonly Slot[]>();
  readonly #adaptive: AdaptiveLimit | null;
  readonly #rate: TokenBucket | null;
  /** When an attempt may begin that the rate does not allow now, else Infinity. */
  #rateAt = Infinity;
  /** Beside stalls, there is something that time brings about. */
  readonly #isTimed: boolean;

  constructor(
    config: EngineConfig,
    adaptive: AdaptiveLimit | null,
    held: HeldRecords,
    counters: Counters,
    sink: EngineSink,
  ) {
    const { rateLimit, batch, handlerTimeoutMs } = config;
    this.#held = held;
    this.#counters = counters;
    this.#sink = sink;
    this.#adaptive = adaptive;
    this.#rate =
      rateLimit === undefined
        ? null
        : new TokenBucket({ tokens: rateLimit.perSecond, perMs: 1_000 }, rateLimit.burst);
    this.#stalls = new RunWatch(config.stallAfterMs);
    this.#timeouts = handlerTimeoutMs === Infinity ? null : new RunWatch(handlerTimeoutMs);
    this.#endsIn = batch === null ? PHASE.running : -1;
    this.#batchSize = Math.min(batch?.size ?? 1, rateLimit?.burst ?? Infinity);
    this.#batches =
      batch === null
        ? null
        : new Batches({ ...batch, size: this.#batchSize }, held.scheduler, held.work);
    this.#isTimed = this.#rate !== null || this.#timeouts !== null || this.#batches !== null;
  }

  get nextAt(): number {
    return this.#isTimed ? Math.min(this.#stalls.dueAt, this.#timedAt) : this.#stalls.dueAt;
  }

  get #timedAt(): number {
    const timeoutAt = this.#timeouts === null ? Infinity : this.#timeouts.dueAt;
    const batchAt = this.#batches === null ? Infinity : this.#batches.dueAt;
    return Math.min(this.#rateAt, timeoutAt, batchAt);
  }

  /** Nothing more may begin now, though handlers are free. */
  get isRateLimited(): boolean {
    return this.#rateAt !== Infinity;
  }

  /** Until when a queued record waits for others to come with it, Infinity for one that does not. */
  lingersUntil(slot: Slot): number {
    return this.#batches?.waitsUntil(slot) ?? Infinity;
  }

  /** The record has come, or does not stand in the way of those behind it any more. */
  changed(slot: Slot): void {
    if (this.#batches !== null) this.#batches.changed(slot);
  }

  /** Nothing of the assignment waits for company any longer. */
  hurry(assignment: Assignment): void {
    this.#batches?.hurry(assignment);
  }

  /** Begins what may. */
  begin(now: number): void {
    if (this.#batches !== null) return this.#beginBatches(this.#batches, now);
    if (this.#rate !== null) return this.#beginAtRate(this.#rate, now);
    while (this.#beginNext(now));
  }

  /** A handler has returned. Answers the record, or -1 when the answer is not awaited or too late. */
  ended(token: WorkToken, outcome: HandlerOutcome, now: number): Slot {
    const slot = this.#held.awaited(token, this.#endsIn);
    if (slot === -1 || !this.#held.isWanted(slot)) return -1;
    if (this.#adaptive !== null) this.#measure(this.#adaptive, slot, isSample(outcome), now);
    return slot;
  }

  /** The same of a batch: its records, of which some may not be wanted any more. */
  batchEnded(batch: WorkToken, outcomes: readonly HandlerOutcome[], now: number): readonly Slot[] {
    const slots = this.#inBatch.get(batch);
    if (slots === undefined || slots.length !== outcomes.length) {
      this.#counters.ignored.unknownTokens++;
      return [];
    }
    this.#leave(batch, slots);
    const first = slots[0]!;
    if (this.#adaptive !== null && this.#held.work.assignment(first).open) {
      this.#measure(this.#adaptive, first, outcomes.some(isSample), now);
    }
    return slots;
  }

  /** The records of an attempt that is not to be made after all. */
  takenBack(token: WorkToken): readonly Slot[] {
    const slots = this.#inBatch.get(token);
    if (slots !== undefined) {
      this.#leave(token, slots);
      return slots;
    }
    const slot = this.#held.awaited(token, this.#endsIn);
    return slot === -1 ? [] : [slot];
  }

  /** Batches that have waited long enough; handlers that run too long. */
  timePassed(now: number): void {
    const { work } = this.#held;
    this.#batches?.timePassed(now);
    this.#timeouts?.check(work, now, (slot) => this.#timeOut(slot, now));
    this.#stalls.check(work, now, (slot) => this.#tellLong("stalled", slot, now));
  }

  /** Fires the signals of the running handlers whose signals have not fired yet. */
  abort(belongs: (assignment: Assignment) => boolean, reason: AbortReason): void {
    const { work } = this.#held;
    for (let slot = 0; slot < work.phase.length; slot++) {
      if (work.phase[slot] !== PHASE.running || work.fired[slot] !== FIRED.no) continue;
      if (!belongs(work.assignment(slot))) continue;
      for (const each of this.#together(slot)) work.fired[each] = FIRED.cancelled;
      this.#sink.abort(work.token(slot), reason);
    }
  }

  /** Running handlers are no longer reported. */
  stop(): void {
    this.#stalls.stop();
    this.#timeouts?.stop();
  }

  #leave(batch: WorkToken, slots: readonly Slot[]): void {
    this.#inBatch.delete(batch);
    this.#recordsInBatches -= slots.length;
  }

  /** False when there was nothing that may run. */
  #beginNext(now: number): boolean {
    const slot = this.#held.scheduler.take();
    if (slot === -1) return false;
    const token = this.#held.work.start(slot, now);
    this.#watch(now);
    this.#sink.dispatch(token);
    return true;
  }

  #beginAtRate(rate: TokenBucket, now: number): void {
    while (rate.has(now) && this.#beginNext(now)) rate.take(now);
    const isLimited = !rate.has(now) && this.#held.scheduler.hasRoom;
    this.#rateAt = isLimited ? rate.nextAt() : Infinity;
  }

  #beginBatches(batches: Batches, now: number): void {
    const { work } = this.#held;
    this.#rateAt = Infinity;
    while (this.#mayBeginBatch(now)) {
      const slots = batches.next(now);
      if (slots === null) return;
      for (let each = 0; each < slots.length; each++) this.#rate?.take(now);
      this.#recordsInBatches += slots.length;
      const tokens = slots.map((slot) => work.start(slot, now));
      for (const slot of slots.slice(1)) work.phase[slot] = PHASE.joined;
      this.#inBatch.set(tokens[0]!, slots);
      this.#watch(now);
      this.#sink.dispatchBatch(tokens);
    }
  }

  /**
   * Whether there is a token for each record that the next batch may have. Asked before it is known
   * how many it has: were only the larger batches to wait, smaller ones would take their tokens for
   * ever; and one cut down to what there is would hold a single record whenever the rate is used up.
   */
  #mayBeginBatch(now: number): boolean {
    if (this.#rate === null) return true;
    const { heldRecords, parked, hasRoom } = this.#held.scheduler;
    const queued = heldRecords - parked - this.#recordsInBatches;
    const records = Math.max(1, Math.min(this.#batchSize, queued));
    if (this.#rate.has(now, records)) return true;
    if (hasRoom) this.#rateAt = this.#rate.nextAt(records);
    return false;
  }

  /** A handler has started. */
  #watch(now: number): void {
    this.#stalls.started(now);
    if (this.#timeouts !== null) this.#timeouts.started(now);
  }

  /** All records that the handler was given together with this one, which stands for them. */
  #together(slot: Slot): readonly Slot[] {
    return this.#inBatch.get(this.#held.work.token(slot)) ?? [slot];
  }

  /**
   * The attempt has failed, and its record waits for the handler all the same: a retry, or a dead
   * letter, beside a handler that may yet succeed would do the work twice.
   */
  #timeOut(slot: Slot, now: number): void {
    const { work } = this.#held;
    if (work.fired[slot] !== FIRED.no) return;
    for (const each of this.#together(slot)) {
      work.fired[each] = FIRED.timedOut;
      if (work.attempt(each) === 1) work.firstFailure(each, now);
      this.#counters.totals.timedOut++;
    }
    this.#sink.abort(work.token(slot), "timeout");
    this.#tellLong("timed-out", slot, now);
  }

  #tellLong(type: "stalled" | "timed-out", slot: Slot, now: number): void {
    const { work } = this.#held;
    const runningMs = now - work.phaseSince(slot);
    const attempt = work.attempt(slot);
    const records = this.#together(slot).length;
    this.#sink.notify({ type, ...this.#held.at(slot), runningMs, attempt, records });
  }

  /** A handler has returned, with this record or with a batch of which this is the first. */
  #measure(adaptive: AdaptiveLimit, slot: Slot, isSample: boolean, now: number): void {
    const { work, scheduler } = this.#held;
    const fired = work.fired[slot];
    if (fired === FIRED.cancelled) return;
    // One that has timed out has told how long it takes, whatever it says.
    if (!isSample && fired !== FIRED.timedOut) return;
    adaptive.finished(work.phaseSince(slot), now, scheduler.running);
    scheduler.concurrency = adaptive.limit;
  }
}

/** What is a sample of latency: all that ended well, and time-outs. A batch is one if any of it is. */
function isSample(outcome: HandlerOutcome): boolean {
  return outcome.type === "ok" || (outcome.type === "failed" && outcome.error.kind === "timeout");
}
