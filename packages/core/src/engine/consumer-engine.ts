import type { AssignedPartition, CommitResult, EpochPartition } from "../port/consumer-port.ts";
import type { PortError } from "../port/errors.ts";
import type { KafkaRecord, TopicPartition } from "../port/record.ts";
import { Assignment, startPosition } from "./assignment.ts";
import { CommitMetadata } from "./commit-metadata.ts";
import { Commits } from "./commits.ts";
import { Counters } from "./counters.ts";
import { Drain } from "./drain.ts";
import { Drains } from "./drains.ts";
import type { AbortReason, EngineSink, WorkToken } from "./effects.ts";
import { validateEngineConfig } from "./engine-config.ts";
import type { Engine, EngineConfig } from "./engine.ts";
import { explain } from "./explain.ts";
import type { PartitionExplanation } from "./explanation.ts";
import { Intake } from "./intake.ts";
import { Ordinals } from "./ordinals.ts";
import type { HandlerOutcome } from "./outcome.ts";
import * as PHASE from "./phase.ts";
import { RecordFlow } from "./record-flow.ts";
import type { EngineSnapshot } from "./snapshot.ts";

/**
 * Composes gates, lanes, retries, commits and drains into a consumer's decisions. {@link Engine}
 * has the driver contract, {@link EngineSink} the effects.
 */
export class ConsumerEngine implements Engine {
  readonly #config: EngineConfig;
  readonly #sink: EngineSink;
  readonly #metadata: CommitMetadata;
  readonly #commits: Commits;
  readonly #counters = new Counters();
  readonly #flow: RecordFlow;
  readonly #intake: Intake;
  readonly #drains: Drains;
  readonly #ordinals = new Ordinals();
  /** Somebody wants to know after each event what is held and waits. */
  readonly #watchesHeld: boolean;
  /** Since `drainRequested`. */
  #stopping = false;
  #now = -Infinity;
  /** What the driver's timer is set to. */
  #timerAt = Infinity;

  /** @throws ConfigurationError naming the field */
  constructor(config: EngineConfig, sink: EngineSink) {
    this.#config = validateEngineConfig(config);
    this.#sink = sink;
    this.#metadata = new CommitMetadata(config.commitMetadataChars);
    this.#commits = new Commits(
      {
        intervalMs: config.commitIntervalMs,
        every: config.commitEvery ?? Infinity,
        whenIdleMs: config.commitWhenIdleMs ?? Infinity,
      },
      this.#metadata,
    );
    this.#flow = new RecordFlow(config, this.#commits, this.#counters, sink);
    this.#watchesHeld = this.#commits.watchesRest || this.#flow.failures.quota.isOn;
    this.#intake = new Intake(this.#flow.held, this.#ordinals, sink);
    this.#drains = new Drains(this.#flow, this.#commits, this.#metadata, sink, {
      commit: (behind) => this.#commit(behind),
      giveUp: (assignment, reason) => this.#giveUp(assignment, reason),
    });
  }

  assigned(partitions: readonly AssignedPartition[], now: number): readonly number[] {
    const at = this.#tick(now);
    const starts = partitions.map((partition) => this.#assign(partition));
    this.#settleEvent(at);
    return starts;
  }

  recordsFetched(
    partition: EpochPartition,
    records: readonly KafkaRecord[],
    nextPosition: number,
    now: number,
  ): void {
    const at = this.#tick(now);
    const assignment = this.#current(partition);
    // A draining partition's position must stay: what is dropped here is for the next owner, and a
    // position behind it would be committed.
    if (assignment === undefined || assignment.draining) {
      this.#counters.ignored.staleRecords += records.length;
    } else {
      const before = assignment.held;
      for (let index = 0; index < records.length; index++) {
        this.#flow.admit(records[index]!, assignment, at);
      }
      if (assignment.held > before) this.#admitted(assignment);
      assignment.gate.advancePosition(nextPosition);
      this.#commits.moved(assignment, at);
    }
    if (assignment?.shouldPause) this.#intake.tell([assignment]);
    this.#settleEvent(at);
  }

  handlerFinished(token: WorkToken, outcome: HandlerOutcome, now: number, random: number): void {
    const at = this.#tick(now);
    this.#flow.handlerFinished(token, outcome, at, random);
    this.#settleEvent(at);
  }

  batchFinished(
    batch: WorkToken,
    outcomes: readonly HandlerOutcome[],
    now: number,
    random: number,
  ): void {
    const at = this.#tick(now);
    this.#flow.batchFinished(batch, outcomes, at, random);
    this.#settleEvent(at);
  }

  notBegun(tokens: readonly WorkToken[], now: number): void {
    const at = this.#tick(now);
    for (const token of tokens) this.#flow.notBegun(token, at);
    this.#settleEvent(at);
  }

  deadLetterAcked(token: WorkToken, now: number): void {
    const at = this.#tick(now);
    this.#flow.deadLetterAcked(token, at);
    this.#settleEvent(at);
  }

  deadLetterFailed(token: WorkToken, error: PortError, now: number, random: number): void {
    const at = this.#tick(now);
    this.#flow.deadLetterFailed(token, error, at, random);
    this.#settleEvent(at);
  }

  commitAnswered(id: number, results: readonly CommitResult[], now: number): void {
    const at = this.#tick(now);
    const answer = this.#commits.answered(id, results, at);
    if (answer === null) {
      this.#counters.ignored.staleCommitAnswers++;
      return;
    }
    const { acknowledged, failed, stale, isTooLarge } = answer;
    this.#counters.ignored.staleCommitAnswers += stale;
    for (const { assignment, offset } of acknowledged) {
      this.#flow.held.memory.forgetBelow(assignment.ordinal, offset.offset);
    }
    if (acknowledged.length > 0) {
      this.#sink.notify({ type: "committed", offsets: acknowledged.map(({ offset }) => offset) });
    }
    if (failed.length > 0) {
      const error = failed.find((each) => each.error !== null)?.error?.message ?? "no answer";
      const offsets = failed.map(({ offset }) => offset);
      this.#sink.notify({ type: "commit-failed", offsets, error });
    }
    const isRepeatable = failed.every((each) => each.canBeSentAgain);
    const pauseMs = isTooLarge ? 0 : this.#config.commitIntervalMs;
    this.#drains.commitAnswered(id, isRepeatable ? at + pauseMs : Infinity);
    this.#settleEvent(at);
  }

  revoked(
    revocation: number,
    partitions: readonly EpochPartition[],
    deadlineAt: number,
    now: number,
  ): void {
    const at = this.#tick(now);
    const assignments = partitions
      .map((partition) => this.#current(partition))
      .filter((assignment) => assignment !== undefined);
    this.#beginDrain(new Drain(revocation, assignments, deadlineAt, at));
    this.#settleEvent(at);
  }

  lost(partitions: readonly EpochPartition[], now: number): void {
    const at = this.#tick(now);
    for (const partition of partitions) {
      const assignment = this.#current(partition);
      if (assignment !== undefined) this.#giveUp(assignment, "lost");
    }
    this.#settleEvent(at);
  }

  timerFired(now: number): void {
    const at = this.#tick(now);
    // Whatever it was set to is used up, also when it fires early.
    this.#timerAt = Infinity;
    this.#flow.timePassed(at);
    // Drains first: what they commit need not be committed twice.
    this.#drains.advance(at);
    this.#commitDue();
    this.#settleEvent(at);
  }

  pauseRequested(partitions: readonly TopicPartition[], now: number): void {
    this.#userPause(partitions, true, now);
  }

  resumeRequested(partitions: readonly TopicPartition[], now: number): void {
    this.#userPause(partitions, false, now);
  }

  drainRequested(deadlineAt: number, now: number): void {
    const at = this.#tick(now);
    if (this.#stopping) return;
    this.#stopping = true;
    this.#beginDrain(new Drain(null, this.#ordinals.all(), deadlineAt, at));
    this.#settleEvent(at);
  }

  record(token: WorkToken): KafkaRecord {
    const { held } = this.#flow;
    return held.work.record(held.slotOf(token));
  }

  attempt(token: WorkToken): number {
    const { held } = this.#flow;
    return held.work.attempt(held.slotOf(token));
  }

  epoch(token: WorkToken): number {
    const { held } = this.#flow;
    return held.work.assignment(held.slotOf(token)).epoch;
  }

  snapshot(_now: number): EngineSnapshot {
    const { scheduler, work } = this.#flow.held;
    return {
      running: scheduler.running,
      concurrency: scheduler.concurrency,
      held: { records: scheduler.heldRecords, bytes: scheduler.heldBytes },
      waitingForRetry: work.count(PHASE.backingOff),
      waitingForDeadLetter:
        work.count(PHASE.deadLetterSent) + work.count(PHASE.deadLetterBackingOff),
      partitions: this.#ordinals.all().map((assignment) => assignment.snapshot()),
      ignored: { ...this.#counters.ignored },
      totals: { ...this.#counters.totals },
    };
  }

  explain(topicPartition: TopicPartition, now: number): PartitionExplanation | null {
    const assignment = this.#ordinals.find(topicPartition);
    if (assignment === undefined) return null;
    return explain(assignment, this.#flow, this.#commits, this.#metadata, now);
  }

  /** The clock may be set back; the engine's is not. */
  #tick(now: number): number {
    if (!(now > this.#now)) return this.#now;
    this.#now = now;
    return now;
  }

  /** What every event may have made possible. */
  #settleEvent(now: number): void {
    if (!this.#drains.isEmpty) this.#drains.advance(now);
    this.#flow.attempts.begin(now);
    if (!this.#intake.isCalm) this.#intake.update();
    if (this.#watchesHeld) this.#updateHeld(now);
    this.#setTimer(now);
  }

  #assign(partition: AssignedPartition): number {
    const start = startPosition(partition, this.#config.startAt);
    const ordinal = this.#ordinals.of(partition);
    const former = this.#ordinals.current(ordinal);
    if (former !== undefined) {
      if (former.epoch === partition.epoch) return former.gate.position;
      if (former.epoch > partition.epoch) return start.offset;
      // Assigned anew without a word about the old epoch: that one is over.
      this.#giveUp(former, "lost");
    }
    const assignment = new Assignment(partition, ordinal, start, this.#metadata.isOn);
    this.#restore(assignment, partition, start.outOfRange);
    this.#ordinals.add(assignment);
    this.#flow.held.scheduler.place(ordinal, this.#ordinals.ofTopic(assignment.topic));
    assignment.draining = this.#stopping;
    this.#intake.joined(assignment);
    this.#flow.held.memory.forgetBelow(ordinal, start.offset);
    if (start.outOfRange) {
      this.#sink.notify({
        type: "offset-out-of-range",
        partition: assignment.epochPartition,
        committed: partition.committed!.offset,
        startAt: start.offset,
      });
    }
    this.#commits.moved(assignment, this.#now);
    return start.offset;
  }

  #restore(assignment: Assignment, { committed }: AssignedPartition, isOutOfRange: boolean): void {
    if (committed === null || isOutOfRange) return;
    const rejected = this.#metadata.restore(assignment, committed);
    if (rejected === null) return;
    this.#counters.ignored.rejectedMetadata++;
    this.#sink.notify({
      type: "metadata-rejected",
      partition: assignment.epochPartition,
      committed: committed.offset,
      reason: rejected,
    });
  }

  /** The assignment of this very epoch: records, revocations and losses of another are too late. */
  #current(partition: EpochPartition): Assignment | undefined {
    const assignment = this.#ordinals.current(this.#ordinals.of(partition));
    return assignment?.epoch === partition.epoch ? assignment : undefined;
  }

  #userPause(partitions: readonly TopicPartition[], paused: boolean, now: number): void {
    const at = this.#tick(now);
    const assignments: Assignment[] = [];
    for (const partition of partitions) {
      const ordinal = this.#ordinals.of(partition);
      this.#intake.userPaused(ordinal, paused);
      const assignment = this.#ordinals.current(ordinal);
      if (assignment === undefined) continue;
      assignment.pausedFor.user = paused;
      if (paused && assignment.draining) this.#flow.releaseWaiting(assignment, 0);
      assignments.push(assignment);
    }
    this.#intake.tell(assignments);
    this.#settleEvent(at);
  }

  /** Where the budget lets nothing more come, nothing waits for company. */
  #admitted(assignment: Assignment): void {
    for (const closed of this.#intake.admitted(assignment)) this.#flow.attempts.hurry(closed);
  }

  #updateHeld(now: number): void {
    this.#commits.rest(this.#flow.held.scheduler.heldRecords === 0, now);
    const { failures } = this.#flow;
    const changed = failures.quota.update(failures.waiting, () => failures.waitingAssignments());
    if (changed.length > 0) this.#intake.tell(changed);
  }

  #commitDue(): void {
    if (this.#commits.takeDue(this.#now)) this.#commit(this.#commits.behind());
  }

  #commit(behind: readonly Assignment[]): number | null {
    if (behind.length === 0) return null;
    const { id, offsets } = this.#commits.send(behind, this.#now);
    this.#sink.commit(id, offsets);
    // How full the metadata is shows when it is written.
    this.#intake.tell(behind);
    return id;
  }

  #beginDrain(drain: Drain): void {
    this.#drains.begin(drain);
    this.#intake.tell(drain.assignments);
  }

  /** The epoch is over. */
  #giveUp(assignment: Assignment, reason: AbortReason): void {
    assignment.draining = true;
    this.#flow.releaseWaiting(assignment, 0);
    this.#flow.attempts.abort((each) => each === assignment, reason);
    this.#flow.held.rememberAttempts(assignment);
    assignment.open = false;
    this.#ordinals.remove(assignment);
  }

  #setTimer(now: number): void {
    let at = Math.min(this.#flow.nextAt, this.#commits.dueAt);
    if (!this.#drains.isEmpty) at = Math.min(at, this.#drains.nextAt);
    if (at === this.#timerAt) return;
    if (this.#commits.dueAt <= now) {
      this.#commitDue();
      return this.#setTimer(now);
    }
    this.#timerAt = at;
    this.#sink.setTimer(at);
  }
}
