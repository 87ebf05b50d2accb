import type { AbortReason, Engine, HandlerOutcome, WorkToken } from "@sluice/core";
import type { Handler } from "./consumer-options.ts";
import type { Envelopes } from "./envelopes.ts";
import { Attempt, Signals } from "./handler-context.ts";
import { failed, OK, outcomeOf } from "./handler-result.ts";
import type { Time } from "./time.ts";

/**
 * Calls the handler. Handlers that compute would otherwise run one after the other until everything
 * held is done: no heartbeat leaves meanwhile and the member is evicted. After `TURN_MS` of them
 * the event loop turns.
 */
export class HandlerRunner {
  readonly #handler: Handler;
  readonly #finished: (token: WorkToken, outcome: HandlerOutcome) => void;
  readonly #time: Time;
  readonly #envelopes: Envelopes;
  readonly #signals = new Signals();
  readonly #waiting: Attempt[] = [];
  #turnBegan: number;

  /** @param finished told once for each attempt; inside `run` when the handler is synchronous */
  constructor(
    handler: Handler,
    finished: (token: WorkToken, outcome: HandlerOutcome) => void,
    time: Time,
    envelopes: Envelopes,
  ) {
    this.#handler = handler;
    this.#finished = finished;
    this.#time = time;
    this.#envelopes = envelopes;
    this.#turnBegan = time.now();
  }

  run(engine: Pick<Engine, "record" | "attempt" | "epoch">, token: WorkToken, now: number): void {
    const attempt = new Attempt(
      this.#signals,
      this.#envelopes,
      token,
      engine.record(token),
      engine.attempt(token),
      engine.epoch(token),
    );
    if (this.#waiting.length === 0 && now - this.#turnBegan < TURN_MS) {
      this.#call(attempt);
    } else if (this.#waiting.push(attempt) === 1) {
      this.#time.nextTurn(this.#nextTurn);
    }
  }

  abort(token: WorkToken, reason: AbortReason): void {
    this.#signals.abort(token, reason);
  }

  readonly #nextTurn = (): void => {
    const waiting = this.#waiting;
    this.#turnBegan = this.#time.now();
    let next = 0;
    do {
      const attempt = waiting[next++] as Attempt;
      if (this.#signals.isAborted(attempt.token)) this.#finish(attempt, CANCELLED);
      else this.#call(attempt);
    } while (next < waiting.length && this.#time.now() - this.#turnBegan < TURN_MS);
    waiting.splice(0, next);
    if (waiting.length > 0) this.#time.nextTurn(this.#nextTurn);
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

  #finish(attempt: Attempt, outcome: HandlerOutcome): void {
    attempt.finished = true;
    this.#signals.forget(attempt.token);
    this.#finished(attempt.token, outcome);
  }
}

/** Longest time that handlers run without the event loop turning, one handler's own time apart. */
const TURN_MS = 10;

const CANCELLED: HandlerOutcome = {
  type: "failed",
  error: { kind: "cancelled", class: "AbortError", message: "cancelled before it began" },
};

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value instanceof Promise) return true;
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}
