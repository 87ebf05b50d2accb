import { AdaptiveLimit } from "../limit/adaptive-limit.ts";
import { TokenBucket } from "../limit/token-bucket.ts";
import { LaneScheduler } from "../lane/lane-scheduler.ts";
import type { Slot } from "../lane/lane-scheduler.ts";
import type { PortError } from "../port/errors.ts";
import type { KafkaRecord } from "../port/record.ts";
import { RetryPolicy } from "../retry/retry-policy.ts";
import type { Backoff } from "../retry/retry-config.ts";
import { RetryDecider } from "../retry/retry-rules.ts";
import type { Assignment } from "./assignment.ts";
import { AttemptMemory } from "./attempt-memory.ts";
import { Batches } from "./batches.ts";
import type { Commits } from "./commits.ts";
import { DueHeap } from "./due-heap.ts";
import type { AbortReason, EngineSink, WorkToken } from "./effects.ts";
import type { EngineConfig } from "./engine.ts";
import type { DeadLetterCause, ErrorInfo, HandlerOutcome } from "./outcome.ts";
import { RetryQuota } from "./retry-quota.ts";
import { ReleasePolicy } from "./early-release.ts";
import { RunWatch } from "./run-watch.ts";
import { FIRED, PHASE, WorkTable } from "./work-table.ts";

/** What a held record counts for beside its key and value. */
const RECORD_OVERHEAD_BYTES = 64;
const MAX_INT32 = 2 ** 31 - 1;
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

interface DeadLetter {
  readonly cause: DeadLetterCause;
  failures: number;
}

/**
 * The way of each record from the fetch until it is settled or released: queued, running, backing
 * off, as a dead letter.
 */
export class RecordFlow {
  readonly scheduler: LaneScheduler;
  readonly work: WorkTable = new WorkTable();
  readonly memory: AttemptMemory = new AttemptMemory();
  readonly quota: RetryQuota;
  readonly totals = {
    fetched: 0,
    restored: 0,
    settled: 0,
    retried: 0,
    timedOut: 0,
    deadLettered: 0,
    skipped: 0,
  };
  readonly ignored = { staleCompletions: 0, staleRecords: 0, unknownTokens: 0, lateResults: 0 };
  readonly #config: EngineConfig;
  readonly #sink: EngineSink;
  readonly #commits: Commits;
  readonly #retry: RetryDecider;
  readonly #deadLetterRetry = new RetryPolicy({
    maxAttempts: Infinity,
    backoff: DEAD_LETTER_BACKOFF,
  });
  readonly #stalls: RunWatch;
  /** Null for no limit. */
  readonly #timeouts: RunWatch | null;
  /** Null when each record runs by itself. */
  readonly #batches: Batches | null;
  /** Records in a full batch: no more than may begin at once. */
  readonly #batchSize: number;
  /** Records that run in batches. */
  #recordsInBatches = 0;
  /** Records of the batches that run, by first token. */
  readonly #inBatch = new Map<WorkToken, readonly Slot[]>();
  /** Records that wait for a retry, and dead letters that wait to be sent again. */
  readonly #due = new DueHeap();
  readonly #deadLetters = new Map<Slot, DeadLetter>();
  readonly #adaptive: AdaptiveLimit | null;
  readonly #rate: TokenBucket | null;
  /** When an attempt may begin that the rate does not allow now, else Infinity. */
  #rateAt = Infinity;
  readonly #release: ReleasePolicy | null;
  /** A rate or early release is configured. */
  readonly #hasLimits: boolean;
  /** Somebody wants to know of each settled record. */
  readonly #watchesSettled: boolean;
  /** The last failure of each record that waits; kept only for early release. */
  readonly #failures = new Map<Slot, { readonly error: ErrorInfo; readonly failedAt: number }>();
  /** Whose head could not be paid for. */
  readonly #unpaid = new Set<Assignment>();

  constructor(config: EngineConfig, sink: EngineSink, commits: Commits) {
    this.#config = config;
    this.#sink = sink;
    this.#commits = commits;
    const { concurrency, rateLimit, earlyRelease } = config;
    this.#adaptive = typeof concurrency === "number" ? null : new AdaptiveLimit(concurrency);
    this.scheduler = new LaneScheduler({
      ...config,
      concurrency: this.#adaptive?.limit ?? (concurrency as number),
      seed: config.laneSeed,
    });
    this.#rate =
      rateLimit === undefined
        ? null
        : new TokenBucket({ tokens: rateLimit.perSecond, perMs: 1_000 }, rateLimit.burst);
    this.#release = earlyRelease === undefined ? null : new ReleasePolicy(earlyRelease);
    this.#hasLimits = this.#rate !== null || this.#release !== null;
    this.#watchesSettled = commits.countsSettled || this.#release !== null;
    this.#retry = new RetryDecider(config.retry);
    this.quota = new RetryQuota(config.retry.maxWaiting ?? Infinity);
    this.#stalls = new RunWatch(config.stallAfterMs);
    const { batch, handlerTimeoutMs } = config;
    this.#timeouts = handlerTimeoutMs === Infinity ? null : new RunWatch(handlerTimeoutMs);
    this.#batchSize = Math.min(batch?.size ?? 1, rateLimit?.burst ?? Infinity);
    this.#batches =
      batch === null
        ? null
        : new Batches({ ...batch, size: this.#batchSize }, this.scheduler, this.work);
  }

  get nextAt(): number {
    let at = Math.min(this.#due.earliest, this.#stalls.dueAt);
    if (this.#hasLimits) at = Math.min(at, this.#rateAt, this.#payableAt);
    if (this.#timeouts !== null) at = Math.min(at, this.#timeouts.dueAt);
    if (this.#batches !== null) at = Math.min(at, this.#batches.dueAt);
    return at;
  }

  /** When a head that could not be paid for may be released, Infinity when there is none. */
  get #payableAt(): number {
    return this.#unpaid.size > 0 ? this.#release!.payableAt : Infinity;
  }

  /** Nothing more may begin now, though handlers are free. */
  get isRateLimited(): boolean {
    return this.#rateAt !== Infinity;
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
    for (const slot of this.#due.slots) yield this.work.assignment[slot]!;
  }

  /** Until when a queued record waits for others to come with it, Infinity for one that does not. */
  lingersUntil(slot: Slot): number {
    return this.#batches?.waitsUntil(slot) ?? Infinity;
  }

  /** Takes a fetched record in, unless it was delivered before. */
  admit(record: KafkaRecord, assignment: Assignment, now: number): void {
    const { offset, key } = record;
    const { ordinal, gate } = assignment;
    // Also below the start: a batch begins where the log has it, not where it was asked for.
    if (!(offset >= gate.position)) {
      this.ignored.staleRecords++;
      return;
    }
    const sequence = gate.admit(offset);
    if (assignment.ahead?.hasRestored && assignment.ahead.settles(record)) {
      this.totals.fetched++;
      this.totals.restored++;
      gate.settle(sequence);
      assignment.ahead.note(record);
      return;
    }
    const slot = this.scheduler.enqueue(ordinal, key, sizeOf(key, record.value));
    const work = this.work;
    work.open(slot, record, assignment, sequence, this.scheduler.capacity, now);
    assignment.held++;
    this.totals.fetched++;
    this.#batches?.changed(slot);
    if (this.memory.isEmpty) return;
    const past = this.memory.recall(ordinal, offset);
    if (past === undefined) return;
    work.attempt[slot] = past.failed;
    work.firstFailedAt[slot] = past.firstFailedAt;
    work.previousDelayMs[slot] = past.previousDelayMs;
  }

  /** Starts what may run. */
  dispatch(now: number): void {
    if (this.#batches !== null) return this.#dispatchBatches(this.#batches, now);
    if (this.#rate !== null) return this.#dispatchAtRate(this.#rate, now);
    while (this.#dispatchNext(now));
  }

  handlerFinished(token: WorkToken, outcome: HandlerOutcome, now: number, random: number): void {
    const slot = this.#batches === null ? this.#find(token, PHASE.running) : -1;
    if (slot === -1) this.ignored.unknownTokens++;
    if (slot === -1 || !this.#isWanted(slot)) return;
    if (this.#adaptive !== null) this.#measure(this.#adaptive, slot, isSample(outcome), now);
    this.#finished(slot, outcome, now, random);
  }

  batchFinished(
    batch: WorkToken,
    outcomes: readonly HandlerOutcome[],
    now: number,
    random: number,
  ): void {
    const slots = this.#inBatch.get(batch);
    if (slots === undefined || slots.length !== outcomes.length) {
      this.ignored.unknownTokens++;
      return;
    }
    this.#inBatch.delete(batch);
    this.#recordsInBatches -= slots.length;
    const first = slots[0]!;
    if (this.#adaptive !== null && this.work.assignment[first]!.open) {
      this.#measure(this.#adaptive, first, outcomes.some(isSample), now);
    }
    for (const [index, slot] of slots.entries()) {
      if (this.#isWanted(slot)) this.#finished(slot, outcomes[index]!, now, random);
    }
  }

  deadLetterAcked(token: WorkToken, now: number): void {
    const slot = this.#take(token, PHASE.deadLetterSent);
    if (slot === -1) return;
    this.#batches?.changed(slot);
    const { cause } = this.#deadLetters.get(slot)!;
    this.totals.deadLettered++;
    const { attempts } = cause;
    this.#sink.notify({ type: "dead-lettered", ...this.#at(slot), attempts, cause });
    this.#settle(slot, now);
  }

  deadLetterFailed(token: WorkToken, error: PortError, now: number, random: number): void {
    const slot = this.#take(token, PHASE.deadLetterSent);
    if (slot === -1) return;
    if (this.work.assignment[slot]!.draining) return this.#letGo(slot);
    const letter = this.#deadLetters.get(slot)!;
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
    this.#notifyDeadLetterFailed(slot, error.message, now + delayMs);
  }

  /** Retries, dead letters and batches whose time has come; handlers that run too long. */
  timePassed(now: number): void {
    while (this.#due.earliest <= now) this.#resume(this.#due.take(), now);
    if (this.#payableAt <= now) {
      const unpaid = [...this.#unpaid];
      this.#unpaid.clear();
      for (const assignment of unpaid) this.#releaseHead(this.#release!, assignment, now);
    }
    this.#batches?.timePassed(now);
    this.#timeouts?.check(this.work, now, (slot) => this.#timeOut(slot, now));
    this.#stalls.check(this.work, now, (slot) => this.#tellLong("stalled", slot, now));
  }

  /**
   * The highest offset that is done or under way, which the frontier is to pass in a drain; -1 when
   * there is none above it. Looked up then: keeping it would cost a load for every record.
   */
  highestStarted(assignment: Assignment): number {
    const { work } = this;
    let highest = assignment.gate.highestSettled;
    for (let slot = 0; slot < work.phase.length; slot++) {
      if (work.assignment[slot] !== assignment) continue;
      const isUnderWay = work.isRunning(slot) || work.phase[slot] === PHASE.deadLetterSent;
      if (isUnderWay) highest = Math.max(highest, work.record[slot]!.offset);
    }
    return highest;
  }

  /**
   * Of a draining assignment, lets go of everything that is neither running nor on its way as a
   * dead letter, but for queued records below this offset and below all that is let go of: filling
   * holes above one that stays open does not move the frontier.
   */
  releaseWaiting(assignment: Assignment, fillBelow: number): void {
    this.#batches?.hurry(assignment);
    this.#fillOnlyBelow(assignment, fillBelow);
    for (const slot of this.#due.remove((each) => this.work.assignment[each] === assignment)) {
      this.#failures.delete(slot);
      this.#letGo(slot);
    }
  }

  /** Fires the signals of the running handlers whose signals have not fired yet. */
  abort(belongs: (assignment: Assignment) => boolean, reason: AbortReason): void {
    const work = this.work;
    for (let slot = 0; slot < work.phase.length; slot++) {
      if (work.phase[slot] !== PHASE.running || work.fired[slot] !== FIRED.no) continue;
      if (!belongs(work.assignment[slot]!)) continue;
      for (const each of this.#together(slot)) work.fired[each] = FIRED.cancelled;
      this.#sink.abort(work.token[slot]!, reason);
    }
  }

  /**
   * The partition is given up. What still runs keeps its lane locked until it returns, and its
   * result will be stale.
   */
  close(assignment: Assignment): void {
    const work = this.work;
    for (let slot = 0; slot < work.phase.length; slot++) {
      if (work.assignment[slot] !== assignment) continue;
      // A running attempt has not failed, unless it has timed out.
      const isOpen = work.isRunning(slot) && work.fired[slot] !== FIRED.timedOut;
      this.#remember(slot, work.attempt[slot]! - (isOpen ? 1 : 0));
    }
  }

  /** Running handlers are no longer reported. */
  stop(): void {
    this.#stalls.stop();
    this.#timeouts?.stop();
  }

  /** The slot of a live token. @throws RangeError */
  slotOf(token: WorkToken): Slot {
    const slot = this.work.find(token);
    if (slot === -1) throw new RangeError(`Work token ${token} is not live`);
    return slot;
  }

  /** The slot of a token of which an answer is awaited and still wanted, else -1. */
  #take(token: WorkToken, phase: number): Slot {
    const slot = this.#find(token, phase);
    if (slot === -1) this.ignored.unknownTokens++;
    return slot !== -1 && this.#isWanted(slot) ? slot : -1;
  }

  #find(token: WorkToken, phase: number): Slot {
    const slot = this.work.find(token);
    return slot !== -1 && this.work.phase[slot] === phase ? slot : -1;
  }

  /** Whether an answer for the record still counts; if not, the record is let go of. */
  #isWanted(slot: Slot): boolean {
    if (this.work.assignment[slot]!.open) return true;
    // The epoch is over: another member, or a later epoch here, answers for the record.
    this.ignored.staleCompletions++;
    this.#sink.notify({ type: "stale-completion", ...this.#at(slot) });
    this.#free(slot);
    return false;
  }

  #dispatchBatches(batches: Batches, now: number): void {
    this.#rateAt = Infinity;
    for (;;) {
      if (!this.#mayBeginBatch(now)) return;
      const slots = batches.next(now);
      if (slots === null) return;
      for (let each = 0; each < slots.length; each++) this.#rate?.take(now);
      this.#recordsInBatches += slots.length;
      const tokens = slots.map((slot) => this.work.start(slot, now));
      for (const slot of slots.slice(1)) this.work.phase[slot] = PHASE.joined;
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
    const { heldRecords, parked } = this.scheduler;
    const queued = heldRecords - parked - this.#recordsInBatches;
    const records = Math.max(1, Math.min(this.#batchSize, queued));
    if (this.#rate.has(now, records)) return true;
    if (this.scheduler.hasRoom) this.#rateAt = this.#rate.nextAt(records);
    return false;
  }

  /** A handler has started. */
  #watch(now: number): void {
    this.#stalls.started(now);
    if (this.#timeouts !== null) this.#timeouts.started(now);
  }

  /** All records that the handler was given together with this one, which stands for them. */
  #together(slot: Slot): readonly Slot[] {
    return this.#inBatch.get(this.work.token[slot]!) ?? [slot];
  }

  /**
   * The attempt has failed, and its record waits for the handler all the same: a retry, or a dead
   * letter, beside a handler that may yet succeed would do the work twice.
   */
  #timeOut(slot: Slot, now: number): void {
    const work = this.work;
    if (work.fired[slot] !== FIRED.no) return;
    for (const each of this.#together(slot)) {
      work.fired[each] = FIRED.timedOut;
      if (work.attempt[each] === 1) work.firstFailure(each, now);
      this.totals.timedOut++;
    }
    this.#sink.abort(work.token[slot]!, "timeout");
    this.#tellLong("timed-out", slot, now);
  }

  #tellLong(type: "stalled" | "timed-out", slot: Slot, now: number): void {
    const runningMs = now - this.work.startedAt[slot]!;
    const attempt = this.work.attempt[slot]!;
    const records = this.#together(slot).length;
    this.#sink.notify({ type, ...this.#at(slot), runningMs, attempt, records });
  }

  #timeoutError(): ErrorInfo {
    const message = `the handler had not returned after ${this.#config.handlerTimeoutMs} ms`;
    return { kind: "timeout", class: "HandlerTimeout", message };
  }

  #finished(slot: Slot, outcome: HandlerOutcome, now: number, random: number): void {
    if (this.#timeouts !== null && this.work.fired[slot] === FIRED.timedOut) {
      this.ignored.lateResults++;
      return this.#failed(slot, { type: "failed", error: this.#timeoutError() }, now, random);
    }
    switch (outcome.type) {
      case "ok":
        return this.#settle(slot, now);
      case "skip":
        this.totals.skipped++;
        this.#sink.notify({ type: "skipped", ...this.#at(slot), reason: outcome.reason });
        return this.#settle(slot, now);
      default:
        return this.#failed(slot, outcome, now, random);
    }
  }

  #settle(slot: Slot, now: number): void {
    const assignment = this.work.assignment[slot]!;
    assignment.gate.settle(this.work.sequence[slot]!);
    assignment.settled++;
    assignment.ahead?.note(this.work.record[slot]!);
    this.totals.settled++;
    if (!this.memory.isEmpty) {
      this.memory.forget(assignment.ordinal, this.work.record[slot]!.offset);
    }
    this.#free(slot);
    // Nearly always a commit is scheduled that this one will be part of.
    if (this.#watchesSettled || !assignment.isListedToCommit || this.#commits.isIdle) {
      this.#hasSettled(assignment, now);
    }
  }

  #hasSettled(assignment: Assignment, now: number): void {
    this.#commits.moved(assignment, now);
    if (this.#commits.countsSettled) this.#commits.settled(now);
    if (this.#release !== null && this.#due.size > 0) {
      this.#releaseHead(this.#release, assignment, now);
    }
  }

  #failed(
    slot: Slot,
    outcome: Extract<HandlerOutcome, { readonly error: ErrorInfo }>,
    now: number,
    random: number,
  ): void {
    const work = this.work;
    const attempt = work.attempt[slot]!;
    // It was told to give up, which says nothing about the record.
    if (work.fired[slot] === FIRED.cancelled) return this.#letGo(slot, attempt - 1);
    // One that has timed out failed then.
    if (work.fired[slot] === FIRED.timedOut) work.fired[slot] = FIRED.no;
    else if (attempt === 1) work.firstFailure(slot, now);
    if (outcome.type === "dead-letter") {
      return this.#toDeadLetter(slot, "manual", outcome.error, now);
    }
    const asked =
      outcome.type === "retry" && !Number.isNaN(outcome.afterMs) ? outcome.afterMs : undefined;
    const { error } = outcome;
    const decision = this.#retry.decide(
      {
        attempt,
        // A handler that asks for another attempt knows better than the error's kind.
        errorKind: outcome.type === "retry" ? "transient" : error.kind,
        firstFailedAt: work.firstFailedAt[slot]!,
        previousDelayMs: work.previousDelayMs[slot] === -1 ? null : work.previousDelayMs[slot]!,
        now,
        random: random >>> 0,
        ...(asked === undefined ? {} : { requestedDelayMs: asked }),
      },
      error,
      work.record[slot]!.timestamp,
    );
    if (decision.type === "exhausted") {
      return this.#toDeadLetter(slot, decision.reason, error, now);
    }
    if (work.assignment[slot]!.draining) return this.#letGo(slot);
    const at = now + decision.delayMs;
    this.#backOff(slot, now, decision.delayMs);
    if (this.#release !== null) this.#failures.set(slot, { error, failedAt: now });
    this.#sink.notify({
      type: "retry-scheduled",
      ...this.#at(slot),
      attempt,
      at,
      error: error.message,
    });
    if (this.#release !== null) this.#releaseHead(this.#release, work.assignment[slot]!, now);
  }

  /** False when there was nothing that may run. */
  #dispatchNext(now: number): boolean {
    const slot = this.scheduler.take();
    if (slot === -1) return false;
    const token = this.work.start(slot, now);
    this.#watch(now);
    this.#sink.dispatch(token);
    return true;
  }

  #dispatchAtRate(rate: TokenBucket, now: number): void {
    while (rate.has(now) && this.#dispatchNext(now)) rate.take(now);
    const isLimited = !rate.has(now) && this.scheduler.hasRoom;
    this.#rateAt = isLimited ? rate.nextAt() : Infinity;
  }

  /** A handler has returned, with this record or with a batch of which this is the first. */
  #measure(adaptive: AdaptiveLimit, slot: Slot, isSample: boolean, now: number): void {
    const fired = this.work.fired[slot];
    if (fired === FIRED.cancelled) return;
    // One that has timed out has told how long it takes, whatever it says.
    if (!isSample && fired !== FIRED.timedOut) return;
    adaptive.finished(this.work.startedAt[slot]!, now, this.scheduler.running);
    this.scheduler.concurrency = adaptive.limit;
  }

  /**
   * The record at the frontier becomes a dead letter if it alone holds up its partition, and waits: a
   * handler that runs is never given up.
   */
  #releaseHead(policy: ReleasePolicy, assignment: Assignment, now: number): void {
    const { gate } = assignment;
    this.#unpaid.delete(assignment);
    if (assignment.draining || !policy.isBlocked(gate)) return;
    const work = this.work;
    const isHead = (slot: Slot): boolean =>
      work.assignment[slot] === assignment &&
      work.phase[slot] === PHASE.backingOff &&
      work.record[slot]!.offset === gate.frontier;
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

  #toDeadLetter(
    slot: Slot,
    reason: DeadLetterCause["reason"],
    error: ErrorInfo,
    failedAt: number,
    now: number = failedAt,
  ): void {
    if (!this.#config.deadLetter) return this.#withoutDeadLetters(slot, error, failedAt);
    const work = this.work;
    const attempts = work.attempt[slot]!;
    const cause = { reason, error, attempts, firstFailedAt: work.firstFailedAt[slot]!, failedAt };
    this.#deadLetters.set(slot, { cause, failures: 0 });
    this.scheduler.park(slot);
    this.#sendDeadLetter(slot, now);
  }

  #sendDeadLetter(slot: Slot, now: number): void {
    this.work.enter(slot, PHASE.deadLetterSent, now);
    this.#sink.deadLetter(this.work.token[slot]!, this.#deadLetters.get(slot)!.cause);
  }

  /** Never lost: tried again at the slowest pace of the policy, for ever. */
  #withoutDeadLetters(slot: Slot, error: ErrorInfo, now: number): void {
    if (this.work.assignment[slot]!.draining) return this.#letGo(slot);
    const { backoff } = this.#config.retry;
    const slowest = backoff.type === "fixed" ? backoff.delayMs : backoff.maxMs;
    const delayMs = Math.max(NO_DEAD_LETTER_DELAY_MS, slowest);
    this.#backOff(slot, now, delayMs);
    const text = `no dead letter topic is set, so the record is tried again: ${error.message}`;
    this.#notifyDeadLetterFailed(slot, text, now + delayMs);
  }

  #backOff(slot: Slot, now: number, delayMs: number): void {
    this.totals.retried++;
    this.work.previousDelayMs[slot] = delayMs;
    this.scheduler.park(slot);
    this.#wait(slot, PHASE.backingOff, now, delayMs);
  }

  /** The lane stays locked meanwhile, and the record counts against the budget. */
  #wait(slot: Slot, phase: number, now: number, delayMs: number): void {
    this.work.enter(slot, phase, now);
    this.#due.add(slot, now + delayMs);
    if (this.quota.isOn) this.quota.waits(this.work.assignment[slot]!);
  }

  #resume(slot: Slot, now: number): void {
    if (this.work.phase[slot] === PHASE.deadLetterBackingOff) {
      return this.#sendDeadLetter(slot, now);
    }
    this.#failures.delete(slot);
    this.work.enter(slot, PHASE.queued, now);
    this.scheduler.unpark(slot);
    this.#batches?.changed(slot);
  }

  /** Lets go of a record of a draining partition unsettled, so that the next epoch handles it. */
  #letGo(slot: Slot, failed: number = this.work.attempt[slot]!): void {
    // First: letting go of this one would make the next of its lane ready.
    this.#fillOnlyBelow(this.work.assignment[slot]!, this.work.record[slot]!.offset);
    this.#remember(slot, failed);
    this.#free(slot);
  }

  /** Lets go of what is queued from this offset on. Nothing when that has been done already. */
  #fillOnlyBelow(assignment: Assignment, offset: number): void {
    if (offset >= assignment.fillBelow) return;
    assignment.fillBelow = offset;
    this.scheduler.releaseQueued(
      assignment.ordinal,
      (slot) => this.work.record[slot]!.offset >= offset,
      (slot) => {
        this.#remember(slot, this.work.attempt[slot]!);
        this.#forget(slot);
      },
    );
  }

  #remember(slot: Slot, attempts: number): void {
    const error =
      this.work.fired[slot] === FIRED.timedOut
        ? this.#timeoutError()
        : this.#deadLetters.get(slot)?.cause.error;
    // The last attempt is granted again: it failed, but its dead letter was never acknowledged.
    const failed =
      error === undefined ? attempts : Math.min(attempts, this.#retry.maxAttempts(error) - 1);
    if (failed < 1) return;
    const work = this.work;
    this.memory.remember(work.assignment[slot]!.ordinal, work.record[slot]!.offset, {
      failed,
      firstFailedAt: work.firstFailedAt[slot]!,
      previousDelayMs: work.previousDelayMs[slot]!,
    });
  }

  #free(slot: Slot): void {
    if (this.#deadLetters.size > 0) this.#deadLetters.delete(slot);
    this.#forget(slot);
    this.scheduler.finish(slot, !this.work.isSpent(slot));
  }

  #forget(slot: Slot): void {
    this.work.assignment[slot]!.held--;
    this.work.close(slot);
  }

  #notifyDeadLetterFailed(slot: Slot, error: string, retryAt: number): void {
    this.#sink.notify({ type: "dead-letter-failed", ...this.#at(slot), error, retryAt });
  }

  #at(slot: Slot): { topic: string; partition: number; epoch: number; offset: number } {
    const { topic, partition, epoch } = this.work.assignment[slot]!;
    return { topic, partition, epoch, offset: this.work.record[slot]!.offset };
  }
}

/** What is a sample of latency: all that ended well, and time-outs. A batch is one if any of it is. */
function isSample(outcome: HandlerOutcome): boolean {
  return outcome.type === "ok" || (outcome.type === "failed" && outcome.error.kind === "timeout");
}

/** Headers are left out: reading them decodes them, which costs more than all the rest. */
function sizeOf(key: Uint8Array | null, value: Uint8Array | null): number {
  const bytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  return Math.min(bytes, MAX_INT32);
}
