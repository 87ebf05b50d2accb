import type { KafkaRecord, TopicPartition } from "@sluice/core";
import type { BatchContext, BatchResult, HandlerContext, HandlerResult } from "@sluice/runtime";
import type { SimProcess } from "../client/sim-process.ts";
import { keyOf } from "../partition-key.ts";
import { laneOf } from "./assignment-page.ts";
import { GROUP } from "./case-header.ts";
import { FailedAttempts } from "./failed-attempts.ts";
import { outcomeOf } from "./planned-outcome.ts";
import type { PlannedOutcome } from "./planned-outcome.ts";
import { base64 } from "./recorder.ts";
import { mostAtOnce } from "./scenario-config.ts";
import type { Stage } from "./stage.ts";

type EpochPartition = TopicPartition & { readonly epoch: number };
type RecordAt = TopicPartition & { readonly offset: number };

/** One handler that runs, with the records that it was given. */
interface Call {
  readonly records: readonly KafkaRecord[];
  readonly attempts: readonly number[];
  /** Of each record, for the ledger. */
  readonly handles: readonly string[];
  readonly epoch: number;
  readonly durationMs: number;
  readonly heedsSignal: boolean;
  /** Why its signal has fired. */
  fired: "no" | "cancelled" | "timed out";
}

/**
 * The handlers of one process. Their begins and ends are the ledger; and each begin is judged by what
 * only its process can know: what is paused, how often it has failed here, how much may run.
 */
export class Handling {
  readonly #stage: Stage;
  readonly #process: SimProcess;
  readonly #calls = new Set<Call>();
  #lastCall = 0;
  /** Epochs of what is held, and which of them are being given up. */
  readonly #held = new Map<string, number>();
  readonly #draining = new Set<number>();
  readonly #attempts: FailedAttempts;
  /** Partitions that the user has paused, those but these when it is all. */
  #allPaused = false;
  readonly #otherwise = new Set<number>();
  #pausedAt = -Infinity;
  #tokens = Infinity;
  #tokensAt = 0;

  constructor(stage: Stage, process: SimProcess) {
    this.#stage = stage;
    this.#process = process;
    this.#attempts = new FailedAttempts(stage.scenario.config.maxAttempts);
  }

  get running(): number {
    return this.#calls.size;
  }

  one(record: KafkaRecord, context: HandlerContext): HandlerResult {
    const call = this.#begin([record], [context.attempt], context.epoch);
    return this.#run(call, context, ([outcome]) => {
      if (outcome!.throws !== undefined) throw outcome!.throws;
      return outcome!.returns;
    }) as HandlerResult;
  }

  many(records: readonly KafkaRecord[], context: BatchContext): BatchResult | Promise<BatchResult> {
    const attempts = records.map((record) => context.of(record).attempt);
    const call = this.#begin(records, attempts, context.epoch);
    const way = this.#lastCall % 4;
    return this.#run(call, context, (outcomes) => answer(outcomes, records, context, way));
  }

  // What its process hears.

  assigned(partitions: readonly (EpochPartition & { readonly startAt: number })[]): void {
    for (const { startAt, ...partition } of partitions) {
      this.#held.set(keyOf(partition), partition.epoch);
      this.#attempts.forgetBelow({ ...partition, offset: startAt });
    }
  }

  committed(offsets: readonly RecordAt[]): void {
    for (const offset of offsets) this.#attempts.forgetBelow(offset);
  }

  draining(partitions: readonly EpochPartition[]): void {
    for (const { epoch } of partitions) this.#draining.add(epoch);
  }

  gaveUp(partitions: readonly EpochPartition[]): void {
    const { problems } = this.#stage;
    for (const partition of partitions) {
      for (const { epoch, fired, durationMs, records } of this.#calls) {
        if (epoch !== partition.epoch || fired !== "no" || durationMs === 0) continue;
        problems.push(
          `${this.#process.name} gave ${keyOf(partition)} up, and the handler of ${placeOf(records[0]!)} was not told`,
        );
      }
      if (this.#holds(partition, partition.epoch)) this.#held.delete(keyOf(partition));
    }
  }

  isDraining({ epoch }: EpochPartition): boolean {
    return this.#draining.has(epoch);
  }

  isBusy(partitions: readonly TopicPartition[]): boolean {
    const keys = new Set(partitions.map(keyOf));
    return [...this.#calls].some(({ records }) => keys.has(keyOf(records[0]!)));
  }

  isDeadLetter(at: RecordAt): void {
    this.#attempts.settled(at);
  }

  /** @param partition null for all */
  paused(partition: number | null, paused: boolean): void {
    this.#pausedAt = this.#stage.time.now();
    if (partition === null) {
      this.#allPaused = paused;
      this.#otherwise.clear();
    } else if (this.#allPaused === paused) this.#otherwise.delete(partition);
    else this.#otherwise.add(partition);
  }

  isPaused(partition: number): boolean {
    return this.#allPaused !== this.#otherwise.has(partition);
  }

  // Calls.

  #begin(records: readonly KafkaRecord[], attempts: readonly number[], epoch: number): Call {
    const { book, planned } = this.#stage;
    const plans = records.map((record) => planned.get(record)!);
    this.#judgeLimits(records);
    book.began(this.#process, epoch, records);
    const number = ++this.#lastCall;
    const call: Call = {
      records,
      attempts,
      handles: records.map((_, i) => `${this.#process.incarnation}.${number}.${i}`),
      epoch,
      durationMs: Math.max(...plans.map(({ durationMs }) => durationMs)),
      heedsSignal: plans.some(({ heedsSignal }) => heedsSignal),
      fired: "no",
    };
    for (const [i, record] of records.entries()) this.#beginOne(call, record, i);
    this.#calls.add(call);
    this.#notice(records);
    return call;
  }

  #beginOne({ handles, attempts, epoch }: Call, record: KafkaRecord, index: number): void {
    const { coverage, recorder, problems, begunBy } = this.#stage;
    const { name, incarnation } = this.#process;
    const attempt = attempts[index]!;
    recorder.add({
      type: "begin",
      member: name,
      handle: handles[index]!,
      epoch: String(epoch),
      topic: record.topic,
      partition: record.partition,
      offset: String(record.offset),
      key: base64(record.key),
      valueHash: base64(record.value),
      attempt,
    });
    if ((begunBy.get(record) ?? incarnation) !== incarnation) {
      coverage.hit("an attempt is made in another process");
    }
    begunBy.set(record, incarnation);
    const objection = this.#attempts.objection(record, attempt);
    if (objection !== null) problems.push(`${name} began ${objection}`);
  }

  #judgeLimits(records: readonly KafkaRecord[]): void {
    const { scenario, problems, time } = this.#stage;
    const { name } = this.#process;
    const { partition } = records[0]!;
    const most = mostAtOnce(scenario.config);
    const where = `${name} began ${placeOf(records[0]!)}`;
    if (this.#calls.size >= most) problems.push(`${where} with ${most} handlers running`);
    // What was handed out before may still be waiting for its turn of the event loop.
    const lanes = new Set(records.map((record) => laneOf(scenario.config.ordering, record)));
    for (const { records: others } of this.#calls) {
      // Also one of an earlier epoch, which is not over before it has returned.
      const other = others.find((each) => {
        const lane = laneOf(scenario.config.ordering, each);
        return lane !== null && each.partition === partition && lanes.has(lane);
      });
      if (other !== undefined)
        problems.push(`${where} while ${other.offset} of its lane ran there`);
    }
    if (this.isPaused(partition) && time.now() > this.#pausedAt) {
      problems.push(`${where}, which the user had paused`);
    }
    const { rateLimit } = scenario.config;
    if (rateLimit === null) return;
    const refilled = ((time.now() - this.#tokensAt) / 1000) * rateLimit.perSecond;
    this.#tokens = Math.min(rateLimit.burst, this.#tokens + refilled) - records.length;
    this.#tokensAt = time.now();
    if (this.#tokens < -0.001) problems.push(`${where} faster than the rate allows`);
  }

  #notice(records: readonly KafkaRecord[]): void {
    const { cluster, coverage } = this.#stage;
    if (cluster.protocol === "cooperative" && !cluster.group(GROUP).coordinator.isStable) {
      coverage.hit("records flow while a cooperative group rebalances");
    }
    if (records.length === 1) return;
    const keys = records.flatMap(({ key }) => (key === null ? [] : base64(key)));
    if (new Set(keys).size < keys.length) coverage.hit("a batch holds several records of a lane");
  }

  /** @param answered what the handler does with the outcomes of its records */
  #run<R>(
    call: Call,
    context: { readonly signal: AbortSignal },
    answered: (outcomes: readonly PlannedOutcome[]) => R,
  ): R | Promise<R> {
    if (call.durationMs === 0) return answered(this.#end(call));
    const { time } = this.#process.environment;
    const { signal } = context;
    return new Promise((resolve, reject) => {
      const timer = time.setTimer(() => {
        try {
          resolve(answered(this.#end(call)));
        } catch (thrown) {
          reject(thrown);
        }
      }, call.durationMs);
      signal.addEventListener("abort", () => {
        this.#fire(call, signal);
        if (!call.heedsSignal || !this.#calls.has(call)) return;
        time.clearTimer(timer);
        this.#end(call);
        reject(signal.reason as Error);
      });
    });
  }

  #fire(call: Call, { reason }: AbortSignal): void {
    this.#stage.coverage.hit("a handler's signal fires");
    const isTimeout = (reason as Error).name === "TimeoutError";
    call.fired = isTimeout ? "timed out" : "cancelled";
    // It has failed then, whatever comes later.
    if (isTimeout) for (const i of call.records.keys()) this.#rememberFailure(call, i);
  }

  /** What each record has come to, by its plan, unless the handler was told to give up. */
  #end(call: Call): readonly PlannedOutcome[] {
    const { book, coverage, planned, recorder, time } = this.#stage;
    const { records, attempts, epoch, fired } = call;
    this.#calls.delete(call);
    const gaveUp = fired === "timed out" || (fired === "cancelled" && call.heedsSignal);
    const outcomes = records.map((record, i) =>
      gaveUp ? GAVE_UP : outcomeOf(planned.get(record)!, attempts[i]!),
    );
    for (const [i, record] of records.entries()) {
      const { result } = outcomes[i]!;
      recorder.add({
        type: "finish",
        member: this.#process.name,
        handle: call.handles[i]!,
        result,
      });
      book.ended(this.#process, epoch, record);
      if (result === "ok" || result === "skip") {
        book.settled(this.#process, epoch, record, time.now());
        if (fired === "no" && this.#holds(record, epoch)) {
          this.#stage.commitWatches.get(this.#process)?.settled();
        }
      }
      if (fired === "no") this.#attempts.made(record, attempts[i]!);
      if (result !== "throw" && result !== "retry") this.#attempts.settled(record);
      else if (fired === "no") this.#rememberFailure(call, i);
    }
    if (fired === "timed out" && !this.#holds(records[0]!, epoch)) {
      coverage.hit("a handler that has timed out outlives its partition");
    }
    if (new Set(outcomes.map(({ result }) => result)).size > 1) {
      coverage.hit("a batch has outcomes that differ");
    }
    return outcomes;
  }

  #rememberFailure({ records, attempts, epoch }: Call, index: number): void {
    const record = records[index]!;
    this.#attempts.made(record, attempts[index]!);
    // What comes back after its partition has gone is not heard.
    if (this.#holds(record, epoch)) this.#attempts.failed(record, attempts[index]!);
  }

  #holds(partition: TopicPartition, epoch: number): boolean {
    return this.#held.get(keyOf(partition)) === epoch;
  }
}

const GAVE_UP: PlannedOutcome = { result: "throw", returns: undefined };

/** Says what the records have come to in one of the ways that there are. */
function answer(
  outcomes: readonly PlannedOutcome[],
  records: readonly KafkaRecord[],
  context: BatchContext,
  way: number,
): BatchResult {
  const failures = outcomes.filter(({ throws }) => throws !== undefined);
  if (way === 0) {
    return outcomes.map(({ returns, throws }) =>
      throws === undefined ? Promise.resolve(returns) : Promise.reject(throws),
    );
  }
  const entries = outcomes.map(({ returns, throws }) =>
    throws === undefined ? returns : { outcome: "failed" as const, error: throws },
  );
  if (way === 1) return entries;
  const [first] = failures;
  // What a handler throws for several at once is nobody's own, and cannot say that each is poison (ADR 0019).
  const isAlike =
    failures.every(({ result }) => result === first?.result) &&
    (failures.length === 1 || first?.result !== "poison");
  for (const [i, entry] of entries.entries()) {
    if (way === 2 || !isAlike || outcomes[i]!.throws === undefined) {
      context.done(records[i]!, entry ?? undefined);
    }
  }
  if (way === 3 && isAlike && first !== undefined) throw first.throws!;
}

function placeOf(at: RecordAt): string {
  return `${keyOf(at)}@${at.offset}`;
}
