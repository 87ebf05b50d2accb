import { PortError } from "../src/port/errors.ts";
import type { CommitOffset, CommitResult } from "../src/port/consumer-port.ts";
import type { KafkaRecord, TopicPartition } from "../src/port/record.ts";
import { ConsumerEngine } from "../src/engine/consumer-engine.ts";
import type { EngineConfig } from "../src/engine/engine.ts";
import type {
  AbortReason,
  DrainResult,
  EngineNotice,
  EngineSink,
  WorkToken,
} from "../src/engine/effects.ts";
import type { PartitionExplanation } from "../src/engine/explanation.ts";
import type { DeadLetterCause, HandlerOutcome } from "../src/engine/outcome.ts";
import { at, error, record } from "./drive.ts";

export const PARTITIONS = 3;
const MAX_FETCH = 4;
export const MAX_ATTEMPTS = 3;
const TOPIC = "orders";

/** Situations that a run has been in: a model that never gets there proves nothing. */
export type Situation = (
  typeof SITUATIONS | typeof TIMEOUT_SITUATIONS | typeof BATCH_SITUATIONS
)[number];
export type Seen = Record<Situation, number> & {
  /** Reasons why a frontier stood. */
  readonly explained: Set<string>;
};
export const SITUATIONS = [
  "settledOutOfOrder",
  "gapAtHead",
  "gapAtEnd",
  "retried",
  "exhausted",
  "deadLetterFailed",
  "commitFailed",
  "commitAppliedUnanswered",
  "commitFenced",
  "commitOvertaken",
  "completionsDuringCommit",
  "revokedWhileRunning",
  "releasedWithZombie",
  "releasedCommitted",
  "lostWhileRunning",
  "reassignedWithZombie",
  "laneHeldByZombie",
  "staleCompletion",
  "staleRecords",
  "staleToken",
  "attemptsRemembered",
  "budgetPause",
  "shareUsedUp",
  "openBesideClosed",
  "reopenedAlone",
  "recordsWhilePaused",
  "heldByUserPause",
  "takenBack",
  "outOfRange",
  "startedAtEnd",
  "drainedClean",
  "drainedForced",
  "holeFilled",
  "holeUnfillable",
  "holePausedByUser",
  "holeBehindZombie",
  "cutOffWithHole",
  "clockSetBack",
  "committedByCount",
  "committedWhenIdle",
  "heldOffAfterFailure",
  "quotaPause",
  "quotaSpares",
  "rateLimited",
  "releasedEarly",
  "releaseUnpaid",
] as const;
/** With timeouts. */
export const TIMEOUT_SITUATIONS = [
  "timedOut",
  "timedOutExhausted",
  "timedOutZombie",
  "timedOutInDrain",
  "lateResult",
] as const;
/** With batches. */
export const BATCH_SITUATIONS = [
  "batchFull",
  "batchLingered",
  "batchWaits",
  "batchHurriedByDrain",
  "batchHurriedByBudget",
  "batchOfOneLane",
  "batchOfManyLanes",
  "batchMixed",
  "settledBehindFailed",
  "lettersBehindRetry",
  "batchThrew",
  "ranAlone",
  "batchBesideAlone",
] as const;

/** What the oracle knows of one assignment. Plain sets, searched each time. */
interface Epoch {
  readonly partition: number;
  readonly epoch: number;
  readonly start: number;
  readonly admitted: number[];
  readonly fetchedAt: Map<number, number>;
  readonly settled: Set<number>;
  /** Retries that wait, by offset: when they are due. */
  readonly waiting: Map<number, number>;
  /** Whose failures may be another's: no batch takes them along. */
  readonly alone: Set<number>;
  position: number;
  sent: number;
  acknowledged: number;
  /** Its commits are refused for good, or its last one was. */
  refused: boolean;
  draining: boolean;
  /** Highest offset that was done or under way when the drain began. */
  mark: number;
  /** What was tried and let go of unsettled during the drain. */
  readonly givenUp: Set<number>;
  /** False from the cut-off of its drain on, and once the user pauses it during the drain. */
  fills: boolean;
  open: boolean;
  paused: boolean;
  fetches: number;
  /** Closed for the budget until it holds no more than this; null while it is open. */
  reopensAt: number | null;
  /** Fetches that may still arrive since the client was told to pause. */
  leftover: number;
}

interface Work {
  readonly token: WorkToken;
  readonly epoch: Epoch;
  readonly offset: number;
  readonly attempt: number;
  readonly startedAt: number;
  fired: "no" | "cancelled" | "timed out";
}

interface Letter extends Work {
  /** Infinity while it is on its way, else when it is to be sent again. */
  againAt: number;
  readonly cause: DeadLetterCause;
}

interface Pending {
  readonly epochs: readonly Epoch[];
  readonly startedAt: number;
  readonly deadlineAt: number;
}

/**
 * A group member around the engine: a log, a broker that stores commits, a client that fetches,
 * handlers that end when they are told to. It performs the engine's effects and checks each against
 * an oracle that keeps plain sets and knows nothing of gates, lanes or slots.
 */
export class EngineWorld implements EngineSink {
  readonly engine: ConsumerEngine;
  readonly #config: EngineConfig;
  readonly #seen: Seen;
  now = 1_000;
  /** What the engine believes: it clamps a clock that was set back. */
  #engineNow = 1_000;
  readonly #logs: { records: Map<number, KafkaRecord>; low: number; end: number }[] = [];
  /** Also of records that have been deleted since: one may still run. */
  readonly #keys: Map<number, Uint8Array | null>[] = [];
  readonly #committed: (number | null)[] = [];
  readonly #current: (Epoch | null)[] = [];
  readonly #userPaused = new Set<number>();
  #epochs = 0;
  readonly #tokens = new Set<WorkToken>();
  readonly #running = new Map<WorkToken, Work>();
  /** What each handler was given, by first token. Without batches one each. */
  readonly #handlers = new Map<WorkToken, readonly Work[]>();
  readonly #letters = new Map<WorkToken, Letter>();
  /** Failures that count, by partition and offset. */
  readonly #failed: Map<number, number>[] = [];
  readonly #commits = new Map<
    number,
    { epochs: Epoch[]; offsets: readonly CommitOffset[]; applied: boolean }
  >();
  readonly #revocations = new Map<number, Pending>();
  #lastRevocation = 0;
  #stop: Pending | null = null;
  #drained: DrainResult | null = null;
  #timerAt = Infinity;
  /** Handlers or a dead letter whose end is being told, so that their effects make sense. */
  #ending: readonly Work[] = [];
  /** Offsets that have been settled in any epoch, by partition, and how many of them again. */
  readonly #done: Set<number>[] = [];
  #repeated = 0;
  #staleCompletions = 0;
  #unknownTokens = 0;
  #lateResults = 0;
  /** 0 while everyone is open; 1 since three quarters of the budget are used, 2 since all of it is. */
  #level = 0;
  readonly #concurrency: number;
  /** What the engine tells of each assignment, as of the last event. */
  readonly #told = new Map<Epoch, PartitionExplanation>();
  readonly #rate: Bucket | null;
  readonly #payments: Bucket | null;
  /** Closed to new records because too many wait; null while the quota is not used up. */
  #quotaCloses: Set<Epoch> | null = null;
  #settledSinceCommit = 0;
  /** The last answer to a commit was a failure. */
  #commitFailed = false;
  /** Since when nothing has been held, null while something is. */
  #idleSince: number | null = 0;

  constructor(config: EngineConfig, seen: Seen) {
    const { concurrency, rateLimit, earlyRelease } = config;
    if (typeof concurrency !== "number") throw new Error("this world has a fixed concurrency");
    this.#config = config;
    this.#concurrency = concurrency;
    this.#rate =
      rateLimit === undefined ? null : new Bucket(rateLimit.perSecond / 1_000, rateLimit.burst);
    this.#payments =
      earlyRelease === undefined
        ? null
        : new Bucket(earlyRelease.perMinute / 60_000, earlyRelease.burst);
    this.#seen = seen;
    this.engine = new ConsumerEngine(config, this);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      this.#logs.push({ records: new Map(), low: 0, end: 0 });
      this.#keys.push(new Map());
      this.#committed.push(null);
      this.#current.push(null);
      this.#failed.push(new Map());
      this.#done.push(new Set());
    }
  }

  /** Records that have been settled more than once: done by two owners. */
  get repeated(): number {
    return this.#repeated;
  }

  // What happens to the member

  assign(partition: number): void {
    const log = this.#logs[partition]!;
    const former = this.#current[partition];
    const committed = this.#committed[partition]!;
    const inRange = committed !== null && committed >= log.low && committed <= log.end;
    const atEnd = !inRange && this.#config.startAt === "latest";
    // One outside the log is replaced at once too, before the log grows over it.
    const atOnce = !inRange && (committed !== null || atEnd);
    const start = inRange ? committed : atEnd ? log.end : log.low;
    if (committed !== null && !inRange) this.#seen.outOfRange++;
    if (atEnd) this.#seen.startedAtEnd++;
    if ([...this.#running.values()].some((work) => work.epoch.partition === partition)) {
      this.#seen.reassignedWithZombie++;
    }
    const epoch: Epoch = {
      partition,
      epoch: ++this.#epochs,
      start,
      admitted: [],
      fetchedAt: new Map(),
      settled: new Set(),
      waiting: new Map(),
      alone: new Set(),
      position: start,
      sent: -1,
      acknowledged: atOnce ? -1 : start,
      refused: false,
      draining: this.#stop !== null || this.#drained !== null,
      mark: -1,
      givenUp: new Set(),
      fills: true,
      open: true,
      paused: false,
      fetches: 0,
      leftover: 0,
      reopensAt: null,
    };
    this.#event(() => {
      if (former) this.#over(former);
      this.#current[partition] = epoch;
      this.#forgetFailures(partition, start);
      const [answer] = this.engine.assigned(
        [
          {
            ...at(partition, epoch.epoch),
            committed: committed === null ? null : { offset: committed, metadata: "" },
            low: log.low,
            high: log.end,
          },
        ],
        this.#clock(),
      );
      check(answer === start, `started at ${answer}, not ${start}`);
    });
  }

  /** The partition comes back, if it is gone. */
  rejoin(partition: number): void {
    if (!this.#current[partition]) this.assign(partition);
  }

  /** Fetches up to `count` records of these keys; `gap` offsets are skipped where the log is extended. */
  fetch(partition: number, keys: readonly (string | null)[], gap: number, trailing: number): void {
    const epoch = this.#current[partition];
    if (!epoch) return;
    if (epoch.paused) {
      if (epoch.leftover === 0) return;
      epoch.leftover--;
      this.#seen.recordsWhilePaused++;
    }
    const log = this.#logs[partition]!;
    if (epoch.position >= log.end) {
      if (gap > 0) this.#seen.gapAtHead++;
      log.end += gap;
      for (const key of keys) {
        const added = record(partition, log.end++, key);
        log.records.set(added.offset, added);
        this.#keys[partition]!.set(added.offset, added.key);
      }
      if (trailing > 0) this.#seen.gapAtEnd++;
      log.end += trailing;
    }
    const records: KafkaRecord[] = [];
    for (const [offset, each] of log.records) {
      if (offset >= epoch.position && records.length < MAX_FETCH) records.push(each);
    }
    const last = records.at(-1);
    const isEnd = last === undefined || [...log.records.keys()].at(-1) === last.offset;
    const position = isEnd ? log.end : last.offset + 1;
    this.#event(() => {
      epoch.fetches++;
      if (!epoch.draining) {
        for (const { offset } of records) {
          epoch.admitted.push(offset);
          epoch.fetchedAt.set(offset, this.#clockNow());
          if (this.#failed[partition]!.has(offset)) epoch.alone.add(offset);
        }
        epoch.position = position;
        if (records.length > 0) this.#closeForBudget(epoch);
      }
      this.engine.recordsFetched(at(partition, epoch.epoch), records, position, this.#clock());
    });
  }

  /** Records of an epoch that is over, or that were delivered before. */
  fetchStale(partition: number): void {
    const epoch = this.#current[partition];
    const log = this.#logs[partition]!;
    const records = [...log.records.values()];
    const last = records.at(-1);
    if (last === undefined) return;
    this.#seen.staleRecords++;
    this.#event(() => {
      if (epoch && !epoch.draining) {
        const old = records.filter(({ offset }) => offset < epoch.position).slice(-MAX_FETCH);
        epoch.fetches++;
        this.engine.recordsFetched(at(partition, epoch.epoch), old, 0, this.#clock());
      }
      this.engine.recordsFetched(
        at(partition, (epoch?.epoch ?? this.#epochs) - 1),
        [record(partition, log.end + 5)],
        log.end + 6,
        this.#clock(),
      );
    });
  }

  /** Records of a batch end in these ways, over and over. */
  finish(pick: number, ...ways: readonly Way[]): void {
    const token = pickOf([...this.#handlers.keys()], pick);
    if (token === undefined) return;
    const works = this.#handlers.get(token)!;
    const each = works.map((_, index) => ways[index % ways.length]!);
    const isShared = each.filter((way) => way === "threw").length > 1;
    if (isShared) this.#seen.batchThrew++;
    // What one record alone was left for is its own failure.
    const how = (index: number): Way =>
      each[index] === "threw" && !isShared ? "failed" : each[index]!;
    const outcomes = works.map((_, index) => outcomeOf(how(index)));
    this.#event(() => {
      this.#handlers.delete(token);
      for (const work of works) this.#running.delete(work.token);
      for (const [index, work] of works.entries()) this.#end(work, how(index), works.length);
      if (new Set(outcomes.map(({ type }) => type)).size > 1) this.#seen.batchMixed++;
      this.#ending = works;
      if (this.#config.batch === null) {
        this.engine.handlerFinished(token, outcomes[0]!, this.#clock(), pick >>> 0);
      } else {
        this.engine.batchFinished(token, outcomes, this.#clock(), pick >>> 0);
      }
      this.#ending = [];
    });
  }

  #end(work: Work, how: Way, together: number): void {
    const { epoch, offset, attempt, fired } = work;
    if (!epoch.open) return this.#stale();
    if (fired === "timed out") {
      this.#lateResults++;
      this.#seen.lateResult++;
      if (attempt === MAX_ATTEMPTS) this.#seen.timedOutExhausted++;
    } else if (how === "ok" || how === "skip") {
      return this.#settle(work);
    }
    if (fired !== "cancelled") this.#failed[epoch.partition]!.set(offset, attempt);
    const isExhausted = fired === "no" && (how === "poison" || how === "dead-letter");
    const becomesLetter = isExhausted || attempt === MAX_ATTEMPTS;
    if (epoch.draining && (fired === "cancelled" || !becomesLetter)) this.#giveUp(epoch, [offset]);
    const isShared = fired === "timed out" ? together > 1 : how === "threw";
    if (isShared || attempt + 1 >= MAX_ATTEMPTS) epoch.alone.add(offset);
  }

  /** What was dispatched is not given to its handler after all. */
  takeBack(pick: number): void {
    const token = pickOf([...this.#handlers.keys()], pick);
    if (token === undefined) return;
    const works = this.#handlers.get(token)!;
    this.#seen.takenBack++;
    this.#event(() => {
      this.#handlers.delete(token);
      for (const work of works) this.#running.delete(work.token);
      for (const { epoch, offset, attempt, fired } of works) {
        if (!epoch.open) {
          this.#stale();
          continue;
        }
        if (epoch.draining) this.#giveUp(epoch, [offset]);
        if (fired !== "timed out") continue;
        // It cannot have taken long before it began.
        const failed = this.#failed[epoch.partition]!;
        if (attempt > 1) failed.set(offset, attempt - 1);
        else failed.delete(offset);
      }
      this.engine.notBegun([token], this.#clock());
    });
  }

  answerDeadLetter(pick: number, written: boolean): void {
    const sent = [...this.#letters].filter(([, letter]) => letter.againAt === Infinity);
    const found = pickOf(sent, pick);
    if (found === undefined) return;
    const [token, letter] = found;
    this.#event(() => {
      if (!letter.epoch.open) this.#stale();
      if (written || letter.epoch.draining) this.#letters.delete(token);
      if (!written && letter.epoch.draining) this.#giveUp(letter.epoch, [letter.offset]);
      if (written) {
        if (letter.epoch.open) this.#settle(letter);
        this.engine.deadLetterAcked(token, this.#clock());
      } else {
        this.#seen.deadLetterFailed++;
        this.#ending = [letter];
        const unwritable = new PortError("no", { kind: "retriable", outcome: "unknown" });
        this.engine.deadLetterFailed(token, unwritable, this.#clock(), pick >>> 0);
        this.#ending = [];
        const isOver = !this.#letters.has(token);
        check(
          isOver || letter.againAt < Infinity,
          "a failed dead letter is neither released nor sent again",
        );
      }
    });
  }

  /** Answers about attempts that are over. */
  answerStaleToken(pick: number): void {
    const over = [...this.#tokens].filter(
      (token) => !this.#running.has(token) && !this.#letters.has(token),
    );
    const token = pickOf(over, pick);
    if (token === undefined) return;
    this.#seen.staleToken++;
    this.#event(() => {
      this.#unknownTokens += 4;
      this.engine.handlerFinished(token, { type: "ok" }, this.#clock(), 0);
      this.engine.batchFinished(token, [{ type: "ok" }], this.#clock(), 0);
      this.engine.deadLetterAcked(token, this.#clock());
      this.engine.notBegun([token], this.#clock());
    });
  }

  answerCommit(pick: number, how: "ok" | "retriable" | "rebalancing" | "fenced" | "missing"): void {
    const id = pickOf([...this.#commits.keys()], pick);
    if (id === undefined) return;
    const { epochs, offsets, applied } = this.#commits.get(id)!;
    const answer = how === "ok" && !applied ? "retriable" : how;
    this.#event(() => {
      this.#commits.delete(id);
      this.#commitFailed = answer !== "ok";
      if (answer === "ok") {
        for (const [index, epoch] of epochs.entries()) {
          if (!epoch.open) continue;
          epoch.acknowledged = Math.max(epoch.acknowledged, offsets[index]!.offset);
          this.#forgetFailures(epoch.partition, offsets[index]!.offset);
          if (this.#frontier(epoch) > offsets[index]!.offset) this.#seen.completionsDuringCommit++;
        }
      } else {
        this.#seen.commitFailed++;
        if (applied) this.#seen.commitAppliedUnanswered++;
        if (answer === "fenced") this.#seen.commitFenced++;
        // Sent again by a draining partition only if that can help before the deadline.
        for (const epoch of epochs) {
          if (answer === "fenced" || (answer === "rebalancing" && epoch.draining))
            epoch.refused = true;
        }
      }
      const results: CommitResult[] =
        answer === "missing"
          ? []
          : offsets.map((offset) =>
              answer === "ok"
                ? { ...offset }
                : {
                    ...offset,
                    error: new PortError("no", {
                      kind: answer,
                      outcome: applied ? "unknown" : "failed",
                    }),
                  },
            );
      this.engine.commitAnswered(id, results, this.#clock());
    });
  }

  revoke(partitions: readonly number[], forMs: number): void {
    const epochs = partitions
      .map((partition) => this.#current[partition])
      .filter((epoch): epoch is Epoch => epoch !== null && epoch !== undefined);
    const id = ++this.#lastRevocation;
    if (this.#works(epochs).length > 0) this.#seen.revokedWhileRunning++;
    this.#event(() => {
      const deadlineAt = this.now + forMs;
      const pending = { epochs, startedAt: this.#clockNow(), deadlineAt };
      this.#revocations.set(id, pending);
      for (const epoch of epochs) this.#drain(epoch);
      this.engine.revoked(
        id,
        epochs.map((epoch) => at(epoch.partition, epoch.epoch)),
        pending.deadlineAt,
        this.#clock(),
      );
    });
  }

  lose(partition: number): void {
    const epoch = this.#current[partition];
    if (!epoch) return;
    if (this.#works([epoch]).length > 0) this.#seen.lostWhileRunning++;
    this.#event(() => {
      this.#over(epoch);
      this.engine.lost([at(partition, epoch.epoch)], this.#clock());
      for (const work of this.#running.values()) {
        check(
          work.epoch !== epoch || work.fired !== "no",
          "a handler of a lost partition was not told",
        );
      }
    });
  }

  /** Old records are deleted while nobody owns the partition. */
  truncate(partition: number, by: number): void {
    const log = this.#logs[partition]!;
    if (this.#current[partition]) return;
    log.low = Math.min(log.end, log.low + by);
    for (const offset of log.records.keys()) if (offset < log.low) log.records.delete(offset);
  }

  userPause(partition: number, paused: boolean): void {
    this.#event(() => {
      const partitions = [{ topic: TOPIC, partition }];
      const epoch = this.#current[partition];
      if (paused && epoch?.draining) {
        if (this.#holes(epoch).length > 0) this.#seen.holePausedByUser++;
        epoch.fills = false;
      }
      if (paused) this.#userPaused.add(partition);
      else this.#userPaused.delete(partition);
      if (paused) this.engine.pauseRequested(partitions, this.#clock());
      else this.engine.resumeRequested(partitions, this.#clock());
    });
  }

  /** Time passes and the timer fires, on time or late; or it fires though it is not due. */
  pass(ms: number, spurious: boolean): void {
    this.now += ms;
    if (this.now < this.#timerAt && !spurious) return;
    this.#event(() => {
      this.#timerAt = Infinity;
      this.engine.timerFired(this.#clock());
    });
  }

  setClockBack(ms: number): void {
    this.#seen.clockSetBack++;
    this.now -= ms;
    this.#event(() => this.engine.timerFired(this.#clock()));
  }

  requestDrain(forMs: number): void {
    if (this.#stop !== null || this.#drained !== null) return;
    this.#event(() => {
      const epochs = this.#current.filter((epoch) => epoch !== null);
      this.#stop = { epochs, startedAt: this.#clockNow(), deadlineAt: this.now + forMs };
      for (const epoch of epochs) this.#drain(epoch);
      this.engine.drainRequested(this.#stop.deadlineAt, this.#clock());
    });
  }

  /**
   * Everything gets well: handlers succeed, answers are good, timers fire on time, partitions come
   * back. Then all must be settled and committed to the end.
   */
  heal(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      if (this.#userPaused.has(partition)) this.userPause(partition, false);
    }
    for (let round = 0; ; round++) {
      check(
        round < 2_000,
        `not at rest after ${round} rounds: ${JSON.stringify(this.engine.snapshot(this.now))}`,
      );
      while (this.#running.size > 0) this.finish(0, "ok");
      while ([...this.#letters.values()].some((letter) => letter.againAt === Infinity)) {
        this.answerDeadLetter(0, true);
      }
      if (this.#commits.size > 0) this.answerCommit(0, "ok");
      else if (this.#mayFetch()) this.#fetchAll();
      else if (this.#timerAt < Infinity) this.pass(Math.max(0, this.#timerAt - this.now), true);
      else if (!this.#makeProgress()) break;
    }
    check(this.#revocations.size === 0, "a revocation was never released");
    check(this.#stop === null, "a stop was never drained");
    if (this.#drained !== null) return;
    for (const epoch of this.#current) {
      const where = `${epoch!.partition}`;
      check(
        this.#unsettled(epoch!).length === 0,
        `partition ${where} has unsettled records at rest`,
      );
      const isCommitted = this.#committed[epoch!.partition] === epoch!.position;
      check(
        isCommitted || epoch!.position === epoch!.start,
        `partition ${where} is not committed to its end`,
      );
    }
    check(this.engine.snapshot(this.now).held.records === 0, "records are held at rest");
  }

  #mayFetch(): boolean {
    return (
      this.#drained === null &&
      this.#current.some((epoch) => epoch !== null && this.#lags(epoch) && !epoch.paused)
    );
  }

  #lags(epoch: Epoch): boolean {
    return !epoch.draining && epoch.position < this.#logs[epoch.partition]!.end;
  }

  #fetchAll(): void {
    for (const epoch of this.#current) {
      if (epoch && this.#lags(epoch) && !epoch.paused) this.fetch(epoch.partition, [], 0, 0);
    }
  }

  /** Partitions come back, until each has an epoch that works. False when all have. */
  #makeProgress(): boolean {
    if (this.#drained !== null) {
      const owned = this.#current.flatMap((epoch) => (epoch ? [epoch.partition] : []));
      if (owned.length > 0) this.revoke(owned, 1_000);
      return owned.length > 0;
    }
    const broken = this.#current.findIndex((epoch) => epoch === null || epoch.refused);
    if (broken === -1) return false;
    if (this.#current[broken] !== null) this.lose(broken);
    this.assign(broken);
    return true;
  }

  // Effects

  dispatch(token: WorkToken): void {
    check(this.#config.batch === null, "a record by itself, with batches");
    this.#handlers.set(token, [this.#begin(token, [])]);
  }

  dispatchBatch(tokens: readonly WorkToken[]): void {
    const { lingerMs, by } = this.#config.batch!;
    const size = this.#fullBatch;
    check(tokens.length > 0 && tokens.length <= size, `a batch of ${tokens.length}`);
    const works: Work[] = [];
    for (const token of tokens) works.push(this.#begin(token, works));
    const { epoch, offset } = works[0]!;
    for (const [index, work] of works.entries()) {
      check(work.epoch === epoch, "a batch of more than one partition");
      check(index === 0 || work.offset > works[index - 1]!.offset, "a batch out of order");
    }
    const lanes = new Set(works.map((work) => this.#lane(epoch, work.offset)));
    check(by === "partition" || lanes.size === 1, "a batch of more than one lane");
    this.#seen[lanes.size > 1 ? "batchOfManyLanes" : "batchOfOneLane"]++;
    this.#handlers.set(tokens[0]!, works);
    if (works.some((work) => epoch.alone.has(work.offset))) {
      check(works.length === 1, `${offset} is to run alone, and runs in ${works.length}`);
      this.#seen.ranAlone++;
      return;
    }
    if (works.length === size) {
      this.#seen.batchFull++;
      return;
    }
    const left = this.#takeable(epoch, works).filter(
      (each) => by === "partition" || lanes.has(this.#lane(epoch, each)),
    );
    // One that runs alone ends the batch before it; which that is depends on when it became ready.
    if (left.some((each) => epoch.alone.has(each))) {
      this.#seen.batchBesideAlone++;
      return;
    }
    check(left.length === 0, `a batch of ${works.length} without ${left.join()}`);
    const isOver = epoch.fetchedAt.get(offset)! + lingerMs <= this.#engineNow;
    if (isOver && lingerMs > 0) this.#seen.batchLingered++;
    if (isOver) return;
    if (epoch.draining) this.#seen.batchHurriedByDrain++;
    else if (epoch.reopensAt !== null) this.#seen.batchHurriedByBudget++;
    else check(by === "lane" && this.#isAlone(epoch, offset), "a batch did not wait for company");
  }

  /** @param along what has begun in the same batch */
  #begin(token: WorkToken, along: readonly Work[]): Work {
    check(!this.#tokens.has(token), `token ${token} was given out twice`);
    this.#tokens.add(token);
    const { topic, partition, offset } = this.engine.record(token);
    const epoch = this.#current[partition];
    check(
      topic === TOPIC && epoch?.epoch === this.engine.epoch(token),
      "a record of another epoch was dispatched",
    );
    const where = `${partition}@${offset} of epoch ${epoch!.epoch}`;
    check(this.#handlers.size < this.#concurrency, `${where} is one handler too many`);
    check(this.#rate?.take(this.#engineNow) !== false, `${where} is faster than the rate`);
    check(this.#drained === null, `${where} was dispatched after a stop`);
    if (epoch!.draining) {
      check(this.#holes(epoch!).includes(offset), `D2: ${where} fills no hole`);
      this.#seen.holeFilled++;
    }
    check(!this.#userPaused.has(partition), `${where} was dispatched though the user has paused`);
    check(
      this.#dispatchable(epoch!, along).includes(offset),
      `${where} was dispatched out of turn`,
    );
    const failed = this.#failed[partition]!.get(offset) ?? 0;
    const attempt = Math.min(failed, MAX_ATTEMPTS - 1) + 1;
    check(
      this.engine.attempt(token) === attempt,
      `${where}: attempt ${this.engine.attempt(token)}, not ${attempt}`,
    );
    if (failed > 0 && !epoch!.waiting.has(offset)) this.#seen.attemptsRemembered++;
    const dueAt = epoch!.waiting.get(offset);
    check(dueAt === undefined || dueAt <= this.#engineNow, `${where} did not wait for its backoff`);
    epoch!.waiting.delete(offset);
    const startedAt = this.#engineNow;
    const work: Work = { token, epoch: epoch!, offset, attempt, startedAt, fired: "no" };
    this.#running.set(token, work);
    return work;
  }

  abort(token: WorkToken, reason: AbortReason): void {
    const works = this.#handlers.get(token);
    const work = works?.[0];
    check(work?.fired === "no", `abort(${reason}) for a handler that does not run, or again`);
    for (const each of works!) each.fired = reason === "timeout" ? "timed out" : "cancelled";
    if (reason === "timeout") return this.#timedOut(works!);
    if (reason === "lost") return check(!work!.epoch.open, "told that it is lost and it is not");
    const drains = reason === "stopping" ? [this.#stop] : [...this.#revocations.values()];
    const isTime = drains.some((pending) => {
      const concerns = reason === "stopping" || pending!.epochs.includes(work!.epoch);
      return concerns && this.#engineNow >= handlersUntil(pending!);
    });
    check(isTime, `abort(${reason}) too early`);
  }

  deadLetter(token: WorkToken, cause: DeadLetterCause): void {
    const again = this.#letters.get(token);
    if (again !== undefined) {
      check(again.againAt <= this.#engineNow, "a dead letter was sent again too early");
      check(again.cause === cause, "a dead letter has changed");
      again.againAt = Infinity;
      return;
    }
    if (cause.reason === "blocked") return this.#releaseEarly(token, cause);
    const work = this.#ending.find((each) => each.token === token);
    check(
      work?.epoch.open === true && work.fired !== "cancelled",
      "a dead letter of a record that has not just failed",
    );
    const expected =
      cause.reason === "retries-exhausted"
        ? work!.attempt === MAX_ATTEMPTS
        : cause.reason !== "expired";
    check(
      expected && cause.attempts === work!.attempt,
      `a dead letter after ${work!.attempt} attempts: ${cause.reason}`,
    );
    this.#seen.exhausted++;
    const lane = this.#lane(work!.epoch, work!.offset);
    for (const offset of work!.epoch.waiting.keys()) {
      if (offset < work!.offset && this.#lane(work!.epoch, offset) === lane)
        this.#seen.lettersBehindRetry++;
    }
    this.#letters.set(token, { ...work!, againAt: Infinity, cause });
  }

  #releaseEarly(token: WorkToken, cause: DeadLetterCause): void {
    const { partition, offset } = this.engine.record(token);
    const epoch = this.#current[partition]!;
    const where = `${partition}@${offset}`;
    check(this.engine.epoch(token) === epoch.epoch, `${where} is of an epoch that is over`);
    check(!epoch.draining && offset === this.#frontier(epoch), `${where} holds nothing up`);
    check(epoch.waiting.has(offset), `${where} does not wait and is given up early`);
    check(
      this.#works([epoch]).every((work) => work.offset !== offset),
      `${where} runs`,
    );
    check(this.#isBlocked(epoch), `${where} is given up early and does not keep the others back`);
    check(this.#payments!.take(this.#engineNow), `${where} is given up early and not paid for`);
    const attempt = this.#failed[partition]!.get(offset)!;
    check(cause.attempts === attempt, `${where} has failed ${attempt} times`);
    epoch.waiting.delete(offset);
    this.#seen.releasedEarly++;
    const startedAt = this.#engineNow;
    const work: Work = { token, epoch, offset, attempt, startedAt, fired: "no" };
    this.#letters.set(token, { ...work, againAt: Infinity, cause });
  }

  /** Nearly everything behind the frontier's record is settled. */
  #isBlocked(epoch: Epoch): boolean {
    const { settledPercent, minBehind } = this.#config.earlyRelease!;
    const behind = epoch.admitted.filter((offset) => offset > this.#frontier(epoch));
    const settled = behind.filter((offset) => epoch.settled.has(offset)).length;
    return behind.length >= minBehind && settled / behind.length >= settledPercent / 100;
  }

  /** Whoever keeps the others back, waits and can be paid for is not there any more. */
  #checkRelease(epoch: Epoch): void {
    if (this.#payments === null || epoch.draining) return;
    const { waitsFor } = this.#told.get(epoch)!;
    if (waitsFor?.phase !== "backingOff" || !this.#isBlocked(epoch)) return;
    this.#seen.releaseUnpaid++;
    const where = `${epoch.partition}@${waitsFor.offset}`;
    check(!this.#payments.has(this.#engineNow), `${where} keeps the others back`);
    check(this.#timerAt <= this.#payments.nextAt, `${where} has no timer for its release`);
  }

  commit(id: number, offsets: readonly CommitOffset[]): void {
    const draining = this.#revocations.size + (this.#stop === null ? 0 : 1);
    check(
      !this.#commits.has(id) && offsets.length > 0,
      "a commit without an id of its own or without offsets",
    );
    if (this.#commits.size > 0) this.#seen.commitOvertaken++;
    else if (draining === 0) this.#countCommit();
    this.#settledSinceCommit = 0;
    this.#commitFailed = false;
    check(this.#commits.size === 0 || draining > 0, "a second commit in flight without a drain");
    const applied = id % 4 !== 0;
    const epochs = offsets.map(({ partition, epoch: number, offset }) => {
      const epoch = this.#current[partition];
      check(
        epoch?.epoch === number && epoch.open,
        `P4: commit of ${partition} in epoch ${number}, which is over`,
      );
      for (const each of this.#logs[partition]!.records.keys()) {
        const isPassed = each >= epoch!.start && each < offset;
        check(
          !isPassed || epoch!.settled.has(each),
          `P1: commit ${offset} passes unsettled ${partition}@${each}`,
        );
      }
      check(
        offset === this.#frontier(epoch!),
        `commit ${offset} of ${partition} is not the frontier ${this.#frontier(epoch!)}`,
      );
      check(offset >= epoch!.sent, `P3: commit ${offset} of ${partition} after ${epoch!.sent}`);
      check(offset > epoch!.acknowledged, `commit ${offset} of ${partition} says nothing new`);
      epoch!.sent = offset;
      if (applied) {
        const before = this.#committed[partition]!;
        check(
          before === null || before < this.#logs[partition]!.low || offset >= before,
          `P3: the broker goes back from ${before} to ${offset}`,
        );
        this.#committed[partition] = offset;
      }
      return epoch!;
    });
    this.#commits.set(id, { epochs, offsets, applied });
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) {
      const epoch = this.#current[partition];
      // A partition that was given up in the same event.
      if (!epoch) continue;
      check(!epoch.paused, `partition ${partition} was paused twice`);
      epoch.paused = true;
      epoch.leftover = 1;
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) {
      const epoch = this.#current[partition];
      check(epoch?.paused === true, `partition ${partition} was resumed and not paused`);
      epoch!.paused = false;
    }
  }

  setTimer(atTime: number): void {
    this.#timerAt = atTime;
  }

  released(revocation: number): void {
    const pending = this.#revocations.get(revocation);
    check(pending !== undefined, `revocation ${revocation} was released twice, or never asked for`);
    this.#revocations.delete(revocation);
    const { epochs, deadlineAt } = pending!;
    const open = epochs.filter((epoch) => epoch.open);
    this.#checkHoles(open);
    const works = this.#works(open);
    if (works.length > 0) this.#seen.releasedWithZombie++;
    if (works.some(({ fired }) => fired === "timed out")) this.#seen.timedOutZombie++;
    check(
      works.length === 0 || this.#engineNow >= handlersUntil(pending!),
      "released while something ran and there was time",
    );
    for (const work of this.#running.values()) {
      check(
        !open.includes(work.epoch) || work.fired !== "no",
        "a handler outlives its partition and was not told",
      );
    }
    for (const epoch of open) {
      const isCommitted = epoch.acknowledged === this.#frontier(epoch);
      if (isCommitted && epoch.settled.size > 0) this.#seen.releasedCommitted++;
      check(
        isCommitted || epoch.refused || this.#engineNow >= deadlineAt,
        `released ${epoch.partition} with ${this.#frontier(epoch)} not committed and time left`,
      );
      this.#over(epoch);
    }
  }

  drained(result: DrainResult): void {
    check(this.#stop !== null && this.#drained === null, "drained twice, or never asked for");
    this.#checkHoles(this.#current.filter((epoch) => epoch !== null));
    const isOutstanding = this.#running.size + this.#letters.size > 0;
    check(
      (result === "forced") === isOutstanding,
      `drained ${result}, outstanding: ${isOutstanding}`,
    );
    check(
      !isOutstanding || this.#engineNow >= handlersUntil(this.#stop!),
      "drained while something ran and there was time",
    );
    this.#seen[result === "clean" ? "drainedClean" : "drainedForced"]++;
    this.#drained = result;
    this.#stop = null;
  }

  notify(notice: EngineNotice): void {
    if (notice.type !== "retry-scheduled" && notice.type !== "dead-letter-failed") return;
    const work = this.#ending.find(({ offset }) => offset === notice.offset)!;
    if (notice.type === "dead-letter-failed") {
      (work as Letter).againAt = notice.retryAt;
    } else {
      this.#seen.retried++;
      work.epoch.waiting.set(notice.offset, notice.at);
      // Also one that is released early in the same event has waited.
      this.#quotaCloses?.add(work.epoch);
    }
  }

  // The oracle

  #event(happens: () => void): void {
    happens();
    const snapshot = this.engine.snapshot(this.now);
    check(
      snapshot.running === this.#handlers.size,
      `running ${snapshot.running}, not ${this.#handlers.size}`,
    );
    check(snapshot.ignored.lateResults === this.#lateResults, "late results are miscounted");
    check(
      snapshot.ignored.staleCompletions === this.#staleCompletions,
      "stale completions are miscounted",
    );
    check(snapshot.ignored.unknownTokens === this.#unknownTokens, "unknown tokens are miscounted");
    check(snapshot.waitingForDeadLetter === this.#letters.size, "dead letters are miscounted");
    const open = this.#current.filter((epoch) => epoch !== null);
    check(snapshot.partitions.length === open.length, "an assignment is missing or left over");
    for (const partition of snapshot.partitions) {
      const epoch = this.#current[partition.partition]!;
      const where = `partition ${partition.partition}`;
      check(
        partition.epoch === epoch.epoch && partition.position === epoch.position,
        `${where}: position ${partition.position}, not ${epoch.position}`,
      );
      check(
        partition.frontier === this.#frontier(epoch),
        `${where}: frontier ${partition.frontier}, not ${this.#frontier(epoch)}`,
      );
      check(
        partition.held === this.#heldOf(epoch),
        `${where}: held ${partition.held}, not ${this.#heldOf(epoch)}`,
      );
      check(partition.draining === epoch.draining, `${where}: draining`);
      const shouldPause = epoch.draining || partition.pausedFor.length > 0;
      check(
        epoch.fetches === 0 || epoch.paused === shouldPause,
        `${where}: the client has not been told`,
      );
      check(
        partition.pausedFor.includes("user") === this.#userPaused.has(partition.partition),
        `${where}: paused by the user`,
      );
    }
    this.#told.clear();
    for (const epoch of open) {
      const partition = { topic: TOPIC, partition: epoch.partition };
      this.#told.set(epoch, this.engine.explain(partition, this.now)!);
      this.#checkExplanation(epoch);
    }
    this.#updateQuota(open, snapshot.waitingForRetry);
    this.#checkBudget(snapshot.held.records);
    for (const { deadlineAt } of this.#revocations.values())
      check(this.#engineNow < deadlineAt, "a revocation was not released by its deadline");
    check(
      this.#stop === null || this.#engineNow < this.#stop.deadlineAt,
      "a stop was not drained by its deadline",
    );
    const mayBegin = this.#mayBegin();
    if (this.#handlers.size < this.#concurrency) {
      for (const epoch of open) {
        if (this.#userPaused.has(epoch.partition)) {
          if (!epoch.draining && this.#unsettled(epoch).length > 0) this.#seen.heldByUserPause++;
          continue;
        }
        const takeable = this.#takeable(epoch, []);
        if (takeable.length > 0 && !mayBegin) {
          this.#seen.rateLimited++;
          const { nextAt } = this.#rate!;
          check(this.#timerAt <= nextAt, "no timer for the next of a limited rate");
          continue;
        }
        const [idle] = takeable.filter((offset) => !this.#waits(epoch, offset));
        check(idle === undefined, `${epoch.partition}@${idle} could run and does not`);
      }
    }
    for (const epoch of open) this.#checkRelease(epoch);
    this.#checkTimer(open, snapshot.held.records);
  }

  /** What the engine says of the frontier is what this model knows of it. */
  #checkExplanation(epoch: Epoch): void {
    const where = `explanation of ${epoch.partition}`;
    const told = this.#told.get(epoch)!;
    const frontier = this.#frontier(epoch);
    const { waitsFor, held, settledAhead, commit } = told;
    const unsettled = this.#unsettled(epoch);
    check(
      (waitsFor === null) === (unsettled.length === 0),
      `${where}: waits for ${JSON.stringify(waitsFor)}`,
    );
    const heldInAll = Object.values(held).reduce((sum, each) => sum + each, 0);
    check(heldInAll === this.#heldOf(epoch), `${where}: ${heldInAll} held`);
    const ahead = [...epoch.settled].filter((offset) => offset > frontier).length;
    check(settledAhead === ahead, `${where}: ${settledAhead} settled ahead, not ${ahead}`);
    const requests = [...this.#commits.values()].filter(({ epochs }) => epochs.includes(epoch));
    check((commit.inFlight === null) === (requests.length === 0), `${where}: commit in flight`);
    if (waitsFor === null) return;
    check(waitsFor.offset === frontier, `${where}: ${waitsFor.offset} is not the frontier`);
    const phases = this.#phasesOf(epoch, frontier);
    check(phases.includes(waitsFor.phase), `${where}: ${waitsFor.phase}, not ${phases.join("/")}`);
    this.#seen.explained.add(waitsFor.phase === "released" ? "released" : waitsFor.reason);
  }

  /** While too many wait, the partitions that have some are closed, and no others. */
  #updateQuota(open: readonly Epoch[], waitingForRetry: number): void {
    const { maxWaiting = Infinity } = this.#config.retry;
    const waiting = open.filter((epoch) => {
      const { held } = this.#told.get(epoch)!;
      return held.backingOff + held.deadLetterBackingOff > 0;
    });
    const letters = [...this.#letters.values()].filter(({ againAt }) => againAt < Infinity).length;
    const count = waitingForRetry + letters;
    if (this.#quotaCloses === null && count >= maxWaiting) this.#quotaCloses = new Set();
    if (this.#quotaCloses === null) return;
    if (count <= maxWaiting * 0.9) {
      this.#quotaCloses = null;
      return;
    }
    for (const epoch of waiting) this.#quotaCloses.add(epoch);
    this.#seen.quotaPause++;
    if (open.some((epoch) => !this.#quotaCloses!.has(epoch))) this.#seen.quotaSpares++;
  }

  #phasesOf(epoch: Epoch, offset: number): string[] {
    const isIt = (work: Work): boolean => work.epoch === epoch && work.offset === offset;
    if ([...this.#running.values()].some(isIt)) return ["running"];
    const letter = [...this.#letters.values()].find(isIt);
    if (letter !== undefined) {
      return [letter.againAt === Infinity ? "deadLetter" : "deadLetterBackingOff"];
    }
    if (epoch.draining) return [this.#holes(epoch).includes(offset) ? "queued" : "released"];
    const dueAt = epoch.waiting.get(offset);
    if (dueAt === undefined) return ["queued"];
    // Due, it goes on with the timer.
    return dueAt > this.#engineNow ? ["backingOff"] : ["backingOff", "queued"];
  }

  #checkBudget(held: number): void {
    const zombies = this.#zombies();
    const open = this.#current.filter((epoch) => epoch !== null);
    const expected = this.#expectedHeld();
    check(held === expected, `held ${held}, not ${expected}`);
    const { records } = this.#config.budget;
    this.#openForBudget(open, held);
    const told = open.filter((epoch) => !epoch.draining && epoch.fetches > 0);
    for (const epoch of told) {
      const isClosed = this.#quotaCloses?.has(epoch) === true;
      const shouldPause =
        epoch.reopensAt !== null || this.#userPaused.has(epoch.partition) || isClosed;
      check(
        epoch.paused === shouldPause,
        `partition ${epoch.partition} with ${held} held: paused is ${epoch.paused}`,
      );
    }
    const isClosed = (epoch: Epoch): boolean => epoch.reopensAt !== null;
    if (told.some(isClosed)) this.#seen.budgetPause++;
    if (told.some(isClosed) && !told.every(isClosed)) this.#seen.openBesideClosed++;
    // Each partition: the fetch that went over, or the first of an assignment, and one left over.
    check(
      held - zombies < records + 2 * MAX_FETCH * PARTITIONS,
      `${held} held is more than the budget and a fetch`,
    );
  }

  #countCommit(): void {
    const { commitEvery = Infinity, commitWhenIdleMs = Infinity } = this.#config;
    if (this.#settledSinceCommit >= commitEvery) this.#seen.committedByCount++;
    else if (this.#idleSince !== null && this.#engineNow >= this.#idleSince + commitWhenIdleMs) {
      this.#seen.committedWhenIdle++;
    }
  }

  /**
   * Whoever has a share of the budget once three quarters of it are used, or anything at all once all
   * of it is: all of them then, later each by a fetch of its own.
   */
  #closeForBudget(fetched: Epoch): void {
    const { records } = this.#config.budget;
    const held = this.#expectedHeld();
    if (held < records * 0.75) return;
    const isFull = held >= records;
    const open = this.#current.filter((epoch) => epoch !== null);
    const share = records / open.length;
    const isNew = this.#level < (isFull ? 2 : 1);
    if (isNew) this.#level = isFull ? 2 : 1;
    for (const epoch of isNew ? open : [fetched]) {
      const own = this.#heldOf(epoch);
      if (epoch.reopensAt !== null || own < (isFull ? 1 : share)) continue;
      if (!isFull) this.#seen.shareUsedUp++;
      epoch.reopensAt = Math.floor(Math.min(own, share) * 0.6);
    }
  }

  #openForBudget(open: readonly Epoch[], held: number): void {
    const isOver = held <= this.#config.budget.records * 0.6;
    if (isOver) this.#level = 0;
    for (const epoch of open) {
      if (epoch.reopensAt === null) continue;
      const hasRoom = this.#heldOf(epoch) <= epoch.reopensAt;
      if (hasRoom && !isOver) this.#seen.reopenedAlone++;
      if (hasRoom || isOver) epoch.reopensAt = null;
    }
  }

  #expectedHeld(): number {
    const open = this.#current.filter((epoch) => epoch !== null);
    return this.#zombies() + open.reduce((total, epoch) => total + this.#heldOf(epoch), 0);
  }

  #zombies(): number {
    const works = [...this.#running.values(), ...this.#letters.values()];
    return works.filter((work) => !work.epoch.open).length;
  }

  /** No batch has more records than may begin at once. */
  get #fullBatch(): number {
    const { batch, rateLimit } = this.#config;
    return Math.min(batch?.size ?? 1, rateLimit?.burst ?? Infinity);
  }

  /** What begins waits until all of a full batch could, or all that is there. */
  #mayBegin(): boolean {
    if (this.#rate === null) return true;
    const waiting = this.#current.reduce((sum, epoch) => {
      const { backingOff = 0 } = (epoch && this.#told.get(epoch)?.held) ?? {};
      return sum + backingOff;
    }, 0);
    const queued = this.#expectedHeld() - this.#running.size - waiting - this.#letters.size;
    return this.#rate.has(this.#engineNow, Math.max(1, Math.min(this.#fullBatch, queued)));
  }

  /** What may run, or run along: all of it could be one batch, were that large enough. */
  #takeable(epoch: Epoch, along: readonly Work[]): number[] {
    const holes = this.#holes(epoch);
    const isDue = (offset: number): boolean =>
      epoch.draining ? holes.includes(offset) : (epoch.waiting.get(offset) ?? 0) <= this.#engineNow;
    if (this.#config.batch === null) return this.#dispatchable(epoch, []).filter(isDue);
    const taken: number[] = [];
    const together = [...along];
    for (const offset of this.#unsettled(epoch)) {
      if (!this.#dispatchable(epoch, together).includes(offset) || !isDue(offset)) continue;
      taken.push(offset);
      together.push({ epoch, offset } as Work);
    }
    return taken;
  }

  /** Whether what may run waits for company, and rightly so. */
  #waits(epoch: Epoch, offset: number): boolean {
    if (this.#config.batch === null || epoch.draining) return false;
    if (epoch.reopensAt !== null) return false;
    const { lingerMs, by } = this.#config.batch;
    if (by === "lane" && this.#isAlone(epoch, offset)) return false;
    let group = this.#takeable(epoch, []).filter(
      (each) => by === "partition" || this.#lane(epoch, each) === this.#lane(epoch, offset),
    );
    const heads = this.#dispatchable(epoch, []);
    const alone = group.filter((each) => epoch.alone.has(each));
    if (alone.some((each) => by === "lane" || heads.includes(each))) return false;
    // Behind another of its lane: neither it nor what follows it there can join.
    group = group.filter(
      (each) =>
        !alone.some((one) => one <= each && this.#lane(epoch, one) === this.#lane(epoch, each)),
    );
    const until = Math.min(...group.map((each) => epoch.fetchedAt.get(each)!)) + lingerMs;
    const waits = group.length < this.#fullBatch && until > this.#engineNow;
    if (waits) this.#seen.batchWaits++;
    return waits;
  }

  #isAlone(epoch: Epoch, offset: number): boolean {
    return this.#lane(epoch, offset) === `${epoch.epoch}:${offset}`;
  }

  #timedOut(works: readonly Work[]): void {
    for (const { startedAt, epoch, offset, attempt } of works) {
      check(epoch.open, "a handler of an epoch that is over timed out");
      const ranMs = this.#engineNow - startedAt;
      check(ranMs >= this.#config.handlerTimeoutMs, `timed out after ${ranMs} ms`);
      this.#failed[epoch.partition]!.set(offset, attempt);
      this.#seen.timedOut++;
      if (epoch.draining) this.#seen.timedOutInDrain++;
    }
  }

  /** Whatever is due in future has a timer. */
  #checkTimer(open: readonly Epoch[], held: number): void {
    const { commitEvery = Infinity, commitWhenIdleMs = Infinity } = this.#config;
    if (held > 0) this.#idleSince = null;
    else this.#idleSince ??= this.#engineNow;
    let dueAt = Infinity;
    for (const epoch of open) {
      for (const each of epoch.waiting.values()) {
        if (each > this.#engineNow) dueAt = Math.min(dueAt, each);
      }
      const isBehind = this.#frontier(epoch) > epoch.acknowledged && !epoch.refused;
      const mayCommit = this.#drained === null && this.#commits.size === 0;
      if (!isBehind || !mayCommit) continue;
      dueAt = Math.min(dueAt, this.#engineNow + this.#config.commitIntervalMs);
      if (this.#commitFailed) {
        this.#seen.heldOffAfterFailure++;
        continue;
      }
      check(
        this.#settledSinceCommit < commitEvery,
        `${this.#settledSinceCommit} are settled, ${epoch.partition} is behind and not committed`,
      );
      if (held === 0) dueAt = Math.min(dueAt, this.#engineNow + commitWhenIdleMs);
    }
    for (const letter of this.#letters.values()) dueAt = Math.min(dueAt, letter.againAt);
    for (const { fired, startedAt } of this.#running.values()) {
      if (fired !== "no" || this.#drained !== null) continue;
      dueAt = Math.min(dueAt, startedAt + this.#config.handlerTimeoutMs);
    }
    const begins = this.#handlers.size < this.#concurrency && this.#mayBegin();
    for (const epoch of begins ? open : []) {
      if (this.#userPaused.has(epoch.partition)) continue;
      for (const offset of this.#takeable(epoch, [])) {
        dueAt = Math.min(dueAt, epoch.fetchedAt.get(offset)! + this.#config.batch!.lingerMs);
      }
    }
    for (const pending of this.#revocations.values()) dueAt = Math.min(dueAt, pending.deadlineAt);
    if (this.#stop !== null) dueAt = Math.min(dueAt, this.#stop.deadlineAt);
    check(this.#timerAt <= dueAt, `the timer is set to ${this.#timerAt}, due at ${dueAt}`);
    check(
      this.#timerAt > this.#engineNow,
      `the timer is set to ${this.#timerAt}, which has passed at ${this.#engineNow}`,
    );
  }

  #unsettled(epoch: Epoch): number[] {
    return epoch.admitted.filter((offset) => !epoch.settled.has(offset));
  }

  #frontier(epoch: Epoch): number {
    return Math.min(epoch.position, ...this.#unsettled(epoch));
  }

  #heldOf(epoch: Epoch): number {
    if (!epoch.draining) return this.#unsettled(epoch).length;
    return this.#works([epoch]).length + this.#holes(epoch).length;
  }

  /** What a drain still has to start, so that the frontier can pass what was started before. */
  #holes(epoch: Epoch): number[] {
    if (!epoch.draining || !epoch.fills || !epoch.open) return [];
    const end = Math.min(epoch.mark, ...epoch.givenUp);
    const works = this.#works([epoch]);
    return this.#unsettled(epoch).filter(
      (offset) => offset < end && !works.some((work) => work.offset === offset),
    );
  }

  /** D2: what was done in time does not run again, but for what lies above a record given up. */
  #checkHoles(epochs: readonly Epoch[]): void {
    for (const epoch of epochs) {
      if (!epoch.draining || !epoch.fills) continue;
      const frontier = this.#frontier(epoch);
      const end = Math.min(...epoch.givenUp);
      const again = [...epoch.settled].find((offset) => offset > frontier && offset < end);
      check(again === undefined, `D2: ${epoch.partition}@${again} is done and will run again`);
    }
  }

  #giveUp(epoch: Epoch, offsets: readonly number[]): void {
    const before = epoch.draining ? this.#holes(epoch) : [];
    for (const offset of offsets) epoch.givenUp.add(offset);
    const lowest = Math.min(...offsets);
    if (before.some((offset) => offset > lowest)) this.#seen.holeUnfillable++;
  }

  #works(epochs: readonly Epoch[]): Work[] {
    return [...this.#running.values(), ...this.#letters.values()].filter((work) =>
      epochs.includes(work.epoch),
    );
  }

  /**
   * K1: the offsets that may run: first of their lane, but for what runs along in the same batch,
   * and nothing holds the lane. Records in backoff are among them. A dead letter on its way holds
   * what lies behind it.
   */
  #dispatchable(epoch: Epoch, along: readonly Work[]): number[] {
    const held = new Map<string, Work>();
    for (const work of this.#running.values()) {
      if (work.epoch.partition === epoch.partition && !along.includes(work))
        held.set(this.#lane(work.epoch, work.offset), work);
    }
    for (const work of this.#letters.values()) {
      if (work.epoch.partition === epoch.partition && work.epoch !== epoch)
        held.set(this.#lane(work.epoch, work.offset), work);
    }
    const isLetter = (offset: number): boolean =>
      [...this.#letters.values()].some((each) => each.epoch === epoch && each.offset === offset);
    const seen = new Set<string>();
    const result: number[] = [];
    for (const offset of this.#unsettled(epoch)) {
      const lane = this.#lane(epoch, offset);
      const holder = held.get(lane);
      if (holder !== undefined && holder.epoch !== epoch) {
        this.#seen.laneHeldByZombie++;
        if (this.#holes(epoch).includes(offset)) this.#seen.holeBehindZombie++;
      }
      if (along.some((work) => work.offset === offset)) continue;
      if (holder === undefined && !seen.has(lane) && !isLetter(offset)) result.push(offset);
      seen.add(lane);
    }
    return result;
  }

  #lane(epoch: Epoch, offset: number): string {
    if (this.#config.ordering === "partition") return "all";
    const key = this.#keys[epoch.partition]!.get(offset) ?? null;
    if (this.#config.ordering === "none" || key === null) return `${epoch.epoch}:${offset}`;
    return `key ${[...key].join()}`;
  }

  #settle({ epoch, offset }: Work): void {
    check(!epoch.settled.has(offset), "settled twice");
    if (offset > this.#frontier(epoch)) this.#seen.settledOutOfOrder++;
    const lane = this.#lane(epoch, offset);
    if (this.#unsettled(epoch).some((each) => each < offset && this.#lane(epoch, each) === lane)) {
      this.#seen.settledBehindFailed++;
    }
    epoch.settled.add(offset);
    this.#settledSinceCommit++;
    const done = this.#done[epoch.partition]!;
    if (done.has(offset)) this.#repeated++;
    done.add(offset);
    this.#failed[epoch.partition]!.delete(offset);
  }

  #stale(): void {
    this.#staleCompletions++;
    this.#seen.staleCompletion++;
  }

  #drain(epoch: Epoch): void {
    if (epoch.draining) return;
    epoch.draining = true;
    const givenUp: number[] = [];
    for (const [offset, dueAt] of epoch.waiting) {
      if (dueAt > this.#clockNow()) givenUp.push(offset);
    }
    for (const [token, letter] of this.#letters) {
      if (letter.epoch !== epoch || letter.againAt === Infinity) continue;
      givenUp.push(letter.offset);
      this.#letters.delete(token);
    }
    for (const offset of givenUp) epoch.waiting.delete(offset);
    const underWay = this.#works([epoch]).map(({ offset }) => offset);
    epoch.mark = Math.max(...epoch.settled, ...underWay);
    this.#giveUp(epoch, givenUp);
    if (this.#userPaused.has(epoch.partition)) {
      if (this.#holes(epoch).length > 0) this.#seen.holePausedByUser++;
      epoch.fills = false;
    }
  }

  #over(epoch: Epoch): void {
    this.#drain(epoch);
    epoch.waiting.clear();
    epoch.open = false;
    if (this.#current[epoch.partition] === epoch) this.#current[epoch.partition] = null;
  }

  #forgetFailures(partition: number, committed: number): void {
    const failed = this.#failed[partition]!;
    for (const offset of failed.keys()) if (offset < committed) failed.delete(offset);
  }

  /** What the driver says the time is. */
  #clock(): number {
    this.#engineNow = this.#clockNow();
    const drains = [...this.#revocations.values(), ...(this.#stop === null ? [] : [this.#stop])];
    for (const pending of drains) {
      if (this.#engineNow < handlersUntil(pending)) continue;
      for (const epoch of pending.epochs) {
        if (this.#holes(epoch).length > 0) this.#seen.cutOffWithHole++;
        epoch.fills = false;
      }
    }
    return this.now;
  }

  /** What the engine will take it for. */
  #clockNow(): number {
    return Math.max(this.#engineNow, this.now);
  }
}

/** A token bucket, with tokens in fractions. */
class Bucket {
  readonly #perMs: number;
  readonly #burst: number;
  #level: number;
  #at = 0;
  #asked = 1;

  constructor(perMs: number, burst: number) {
    this.#perMs = perMs;
    this.#burst = burst;
    this.#level = burst;
  }

  has(now: number, count = 1): boolean {
    this.#asked = count;
    this.#level = Math.min(this.#burst, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
    return this.#level > count - 1e-6;
  }

  take(now: number): boolean {
    const has = this.has(now);
    if (has) this.#level--;
    return has;
  }

  /** As of the last asking. */
  get nextAt(): number {
    return this.#at + Math.ceil((this.#asked - this.#level) / this.#perMs - 1e-6);
  }
}

/**
 * When a drain stops filling holes and waiting for handlers: at most 2 s, or a quarter, before its
 * deadline.
 */
function handlersUntil({ startedAt, deadlineAt }: Pending): number {
  return deadlineAt - Math.min(2_000, Math.max(0, deadlineAt - startedAt) / 4);
}

export type Way = "threw" | "ok" | "skip" | "failed" | "poison" | "retry" | "dead-letter";

function outcomeOf(how: Way): HandlerOutcome {
  switch (how) {
    case "ok":
      return { type: "ok" };
    case "skip":
      return { type: "skip", reason: "because" };
    case "retry":
      return { type: "retry", afterMs: 30, error: error("poison") };
    case "threw":
      return { type: "failed", error: error("poison"), ofBatch: true };
    case "dead-letter":
      return { type: "dead-letter", error: error("transient") };
    default:
      return { type: "failed", error: error(how === "poison" ? how : "transient") };
  }
}

function pickOf<T>(from: readonly T[], pick: number): T | undefined {
  return from[pick % Math.max(1, from.length)];
}

function check(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
