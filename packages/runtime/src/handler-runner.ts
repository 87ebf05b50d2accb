import type { AbortReason, Engine, HandlerOutcome, TopicPartition, WorkToken } from "@sluice/core";
import type { Handler } from "./consumer-options.ts";
import type { Envelopes } from "./envelopes.ts";
import { BatchAttempt } from "./handler-batch.ts";
import { Attempt, Signals } from "./handler-context.ts";
import { failed, OK, outcomeOf } from "./handler-result.ts";
import { keyOf } from "./partitions.ts";
import type { Time } from "./time.ts";

/** The one that the consumer was given, made to fit. */
export type Handling =
  { readonly each: Handler } | { readonly batch: (attempt: BatchAttempt) => unknown };

/** Of a batch, one for each record. */
export type Ended = HandlerOutcome | readonly HandlerOutcome[];

/**
 * Calls the handler. Handlers that compute would otherwise run one after the other until everything
 * held is done: no heartbeat leaves meanwhile and the member is evicted. After `TURN_MS` of them
 * the event loop turns.
 */
export class HandlerRunner {
  readonly #handler: Handler;
  readonly #batchHandler: (attempt: BatchAttempt) => unknown;
  readonly #finished: (token: WorkToken, ended: Ended) => void;
  readonly #time: Time;
  readonly #envelopes: Envelopes;
  readonly #signals = new Signals();
  readonly #waiting: (Attempt | BatchAttempt)[] = [];
  /** Index of the first that has not begun. */
  #next = 0;
  #isTurnComing = false;
  #turnBegan: number;
  readonly #heldBack = new HeldBack();

  /** @param finished told once for each attempt; inside `run` when the handler is synchronous */
  constructor(
    handling: Handling,
    finished: (token: WorkToken, ended: Ended) => void,
    time: Time,
    envelopes: Envelopes,
  ) {
    this.#handler = "each" in handling ? handling.each : never;
    this.#batchHandler = "batch" in handling ? handling.batch : never;
    this.#finished = finished;
    this.#time = time;
    this.#envelopes = envelopes;
    this.#turnBegan = time.now();
  }

  run(engine: Pick<Engine, "record" | "attempt" | "epoch">, token: WorkToken, now: number): void {
    const record = engine.record(token);
    if (this.#heldBack.takes(record, token)) return;
    const attempt = new Attempt(
      this.#signals,
      this.#envelopes,
      token,
      record,
      engine.attempt(token),
      engine.epoch(token),
    );
    if (this.#mayRun(now)) this.#call(attempt);
    else this.#defer(attempt);
  }

  runBatch(
    engine: Pick<Engine, "record" | "attempt" | "epoch">,
    tokens: readonly WorkToken[],
    now: number,
  ): void {
    const first = tokens[0] as WorkToken;
    if (this.#heldBack.takes(engine.record(first), first)) return;
    const batch = new BatchAttempt(
      this.#signals,
      this.#envelopes,
      first,
      tokens.map((token) => engine.record(token)),
      tokens.map((token) => engine.attempt(token)),
      engine.epoch(first),
    );
    if (this.#mayRun(now)) void this.#callBatch(batch);
    else this.#defer(batch);
  }

  /** From here on nothing of these partitions begins that has not, until `letGo`. */
  holdBack(partitions: readonly TopicPartition[]): void {
    this.#heldBack.add(partitions);
    const waiting = this.#waiting;
    let kept = this.#next;
    for (let each = this.#next; each < waiting.length; each++) {
      const attempt = waiting[each] as Attempt | BatchAttempt;
      // What was aborted ends in its turn, without having begun.
      const isOver = this.#signals.isAborted(attempt.token);
      const at = attempt instanceof BatchAttempt ? attempt.records[0]! : attempt.record;
      if (isOver || !this.#heldBack.takes(at, attempt.token)) waiting[kept++] = attempt;
    }
    waiting.length = kept;
  }

  /**
   * Once for each `holdBack`, when the engine knows: answers the tokens of what has not begun and will
   * not, of a batch the first.
   */
  letGo(): readonly WorkToken[] {
    const tokens = this.#heldBack.take();
    for (const token of tokens) this.#signals.forget(token);
    return tokens;
  }

  #mayRun(now: number): boolean {
    return this.#waiting.length === 0 && now - this.#turnBegan < TURN_MS;
  }

  #defer(attempt: Attempt | BatchAttempt): void {
    this.#waiting.push(attempt);
    this.#comeBack();
  }

  #comeBack(): void {
    if (this.#isTurnComing) return;
    this.#isTurnComing = true;
    this.#time.nextTurn(this.#nextTurn);
  }

  abort(token: WorkToken, reason: AbortReason): void {
    this.#signals.abort(token, reason);
  }

  readonly #nextTurn = (): void => {
    const waiting = this.#waiting;
    this.#turnBegan = this.#time.now();
    while (this.#next < waiting.length) {
      const attempt = waiting[this.#next++] as Attempt | BatchAttempt;
      const isBatch = attempt instanceof BatchAttempt;
      if (this.#signals.isAborted(attempt.token)) {
        this.#finish(attempt, isBatch ? attempt.ended(CANCELLED) : CANCELLED);
      } else if (isBatch) void this.#callBatch(attempt);
      else this.#call(attempt);
      if (this.#time.now() - this.#turnBegan >= TURN_MS) break;
    }
    waiting.splice(0, this.#next);
    this.#next = 0;
    this.#isTurnComing = false;
    if (waiting.length > 0) this.#comeBack();
  };

  #call(attempt: Attempt): void {
    let outcome: HandlerOutcome;
    try {
      const result: unknown = this.#handler(attempt.record, attempt);
      if (isThenable(result)) {
        this.#await(attempt, result);
        return;
      }
      // At once, without a promise: about a third of the cost of a record.
      outcome = result === undefined ? OK : outcomeOf(result);
    } catch (thrown) {
      outcome = failed(thrown);
    }
    this.#finish(attempt, outcome);
  }

  #await(attempt: Attempt, result: PromiseLike<unknown>): void {
    // Only a native promise is trusted to call back once, and later.
    const promise = result instanceof Promise ? result : Promise.resolve(result);
    promise.then(
      (value: unknown) => this.#finish(attempt, value === undefined ? OK : outcomeOf(value)),
      (thrown: unknown) => this.#finish(attempt, failed(thrown)),
    );
  }

  /** Never rejects. A promise more for a batch costs nothing. */
  async #callBatch(batch: BatchAttempt): Promise<void> {
    let ended: readonly HandlerOutcome[];
    try {
      const returned = await this.#batchHandler(batch);
      ended = batch.returned(
        Array.isArray(returned) ? await Promise.allSettled(returned) : returned,
      );
    } catch (thrown) {
      ended = batch.ended(failed(thrown));
    }
    this.#finish(batch, ended);
  }

  #finish(attempt: Attempt | BatchAttempt, ended: Ended): void {
    attempt.finished = true;
    this.#signals.forget(attempt.token);
    this.#finished(attempt.token, ended);
  }
}

/** What was dispatched and may not begin any more, because its partition was paused meanwhile. */
class HeldBack {
  readonly #partitions = new Set<string>();
  #tokens: WorkToken[] = [];
  #holds = 0;

  add(partitions: readonly TopicPartition[]): void {
    this.#holds++;
    for (const partition of partitions) this.#partitions.add(keyOf(partition));
  }

  takes(record: TopicPartition, token: WorkToken): boolean {
    if (this.#holds === 0 || !this.#partitions.has(keyOf(record))) return false;
    this.#tokens.push(token);
    return true;
  }

  take(): readonly WorkToken[] {
    const tokens = this.#tokens;
    this.#tokens = [];
    if (--this.#holds === 0) this.#partitions.clear();
    return tokens;
  }
}

/** Longest time that handlers run without the event loop turning, one handler's own time apart. */
const TURN_MS = 10;

const CANCELLED: HandlerOutcome = {
  type: "failed",
  error: { kind: "cancelled", class: "AbortError", message: "cancelled before it began" },
};

/** The other kind of handler. */
const never = (): never => {
  throw new Error("the engine and the handler do not agree whether there are batches");
};

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value instanceof Promise) return true;
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}
