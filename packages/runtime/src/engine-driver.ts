import type {
  AbortReason,
  CommitOffset,
  DeadLetterCause,
  DrainResult,
  Engine,
  EngineNotice,
  EngineSink,
  HandlerOutcome,
  TopicPartition,
  WorkToken,
} from "@sluice/core";
import { random32 } from "./clock.ts";
import type { Clock } from "./clock.ts";
import type { Handler } from "./consumer-options.ts";
import { Attempt, Signals } from "./handler-context.ts";
import { failed, OK, outcomeOf } from "./handler-result.ts";

/** What the driver leaves to others. Called one at a time, in the engine's order. */
export interface Performer {
  deadLetter(token: WorkToken, cause: DeadLetterCause): void;
  commit(id: number, offsets: readonly CommitOffset[]): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  released(revocation: number): void;
  drained(result: DrainResult): void;
  notify(notice: EngineNotice): void;
  /** The engine or the driver itself failed; nothing more will be done. */
  crashed(error: unknown): void;
}

/**
 * The one loop: feeds one event, performs all effects in order, takes the next event. An event that
 * arrives meanwhile (a handler that finishes synchronously, a listener that calls `pause`) waits.
 */
export class EngineDriver implements EngineSink {
  readonly #engine: Engine;
  readonly #handler: Handler;
  readonly #performer: Performer;
  readonly #clock: Clock;
  readonly #signals = new Signals();

  /** A bare number is the token of a dispatch, the one effect that every record has. */
  readonly #effects: (WorkToken | (() => void))[] = [];
  /** The array never shrinks: cutting it costs more than all the rest of a dispatch. */
  #effectCount = 0;
  /** Pairs of token and outcome, or an event as a function. */
  #events: (WorkToken | HandlerOutcome | (() => void))[] = [];
  #busy = false;
  #dead = false;

  #now: number;
  #turnBegan: number;
  #waiting: Attempt[] = [];

  #deadline = Infinity;
  #armedFor = Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    createEngine: (sink: EngineSink) => Engine,
    handler: Handler,
    performer: Performer,
    clock: Clock,
  ) {
    this.#handler = handler;
    this.#performer = performer;
    this.#clock = clock;
    this.#now = clock();
    this.#turnBegan = this.#now;
    this.#engine = createEngine(this);
  }

  /** Feeds an event: `event` calls one method of the engine with the given time. */
  feed(event: (engine: Engine, now: number) => void): void {
    if (this.#dead) return;
    if (this.#busy) {
      this.#events.push(() => event(this.#engine, this.#now));
      return;
    }
    this.#enter();
    try {
      event(this.#engine, this.#now);
      this.#pump();
    } catch (error) {
      this.#crash(error);
    }
  }

  /** Reads without changing anything: `record`, `snapshot`. */
  get engine(): Pick<Engine, "record" | "epoch" | "snapshot"> {
    return this.#engine;
  }

  /** After a crash: nothing is fed or answered any more. */
  get dead(): boolean {
    return this.#dead;
  }

  /** No timer any more. Late completions are still counted. */
  dispose(): void {
    this.#deadline = Infinity;
    clearTimeout(this.#timer);
    this.#armedFor = -Infinity;
  }

  // Effects: queued here, performed by the pump.

  dispatch(token: WorkToken): void {
    this.#effects[this.#effectCount++] = token;
  }
  abort(token: WorkToken, reason: AbortReason): void {
    this.#queue(() => this.#signals.abort(token, reason));
  }
  deadLetter(token: WorkToken, cause: DeadLetterCause): void {
    this.#queue(() => this.#performer.deadLetter(token, cause));
  }
  commit(id: number, offsets: readonly CommitOffset[]): void {
    this.#queue(() => this.#performer.commit(id, offsets));
  }
  pause(partitions: readonly TopicPartition[]): void {
    this.#queue(() => this.#performer.pause(partitions));
  }
  resume(partitions: readonly TopicPartition[]): void {
    this.#queue(() => this.#performer.resume(partitions));
  }
  released(revocation: number): void {
    this.#queue(() => this.#performer.released(revocation));
  }
  drained(result: DrainResult): void {
    this.#queue(() => this.#performer.drained(result));
  }
  notify(notice: EngineNotice): void {
    this.#queue(() => this.#performer.notify(notice));
  }
  setTimer(at: number): void {
    this.#deadline = at;
  }

  #enter(): void {
    this.#busy = true;
    this.#now = this.#clock();
  }

  #pump(): void {
    for (;;) {
      this.#performEffects();
      if (this.#events.length === 0) break;
      this.#takeEvents();
    }
    this.#armTimer();
    this.#busy = false;
  }

  #queue(effect: () => void): void {
    this.#effects[this.#effectCount++] = effect;
  }

  #performEffects(): void {
    const effects = this.#effects;
    const count = this.#effectCount;
    // Performing adds no effects: only the next event does.
    for (let i = 0; i < count; i++) {
      const effect = effects[i] as WorkToken | (() => void);
      if (typeof effect === "number") {
        this.#run(effect);
        if (i + 1 < count) this.#now = this.#clock();
      } else {
        effects[i] = 0;
        effect();
      }
    }
    this.#effectCount = 0;
  }

  #takeEvents(): void {
    const events = this.#events;
    this.#events = [];
    for (let i = 0; i < events.length; i++) {
      this.#now = this.#clock();
      const event = events[i] as WorkToken | (() => void);
      if (typeof event === "number") {
        this.#feedFinished(event, events[++i] as HandlerOutcome);
      } else {
        event();
      }
      this.#performEffects();
    }
  }

  #feedFinished(token: WorkToken, outcome: HandlerOutcome): void {
    this.#engine.handlerFinished(token, outcome, this.#now, outcome === OK ? 0 : random32());
  }

  // Running handlers.

  #run(token: WorkToken): void {
    const engine = this.#engine;
    const attempt = new Attempt(
      this.#signals,
      token,
      engine.record(token),
      engine.attempt(token),
      engine.epoch(token),
    );
    if (this.#waiting.length === 0 && this.#now - this.#turnBegan < TURN_MS) {
      this.#call(attempt);
    } else if (this.#waiting.push(attempt) === 1) {
      setImmediate(this.#nextTurn);
    }
  }

  /**
   * Handlers that compute would otherwise run one after the other until everything held is done:
   * no heartbeat leaves meanwhile and the member is evicted. After `TURN_MS` the event loop turns.
   */
  readonly #nextTurn = (): void => {
    const waiting = this.#waiting;
    this.#turnBegan = this.#clock();
    let next = 0;
    do {
      const attempt = waiting[next++] as Attempt;
      if (this.#signals.isAborted(attempt.token)) {
        this.#finish(attempt, CANCELLED);
      } else {
        this.#call(attempt);
      }
    } while (next < waiting.length && this.#clock() - this.#turnBegan < TURN_MS);
    waiting.splice(0, next);
    if (waiting.length > 0) setImmediate(this.#nextTurn);
  };

  #call(attempt: Attempt): void {
    let outcome: HandlerOutcome;
    try {
      const result: unknown = this.#handler(attempt.record, attempt);
      if (isThenable(result)) {
        this.#await(attempt, result);
        return;
      }
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
    if (attempt.finished || this.#dead) return;
    attempt.finished = true;
    const { token } = attempt;
    this.#signals.forget(token);
    if (this.#busy) {
      this.#events.push(token, outcome);
      return;
    }
    this.#enter();
    try {
      this.#feedFinished(token, outcome);
      this.#pump();
    } catch (error) {
      this.#crash(error);
    }
  }

  // The one timer.

  #armTimer(): void {
    // An armed timer that fires too early only looks again: moving it at each event would cost more.
    if (this.#deadline >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = this.#deadline;
    const delay = Math.min(Math.max(this.#deadline - this.#now, 0), LONGEST_TIMER_MS);
    this.#timer = setTimeout(this.#timerFired, delay);
  }

  readonly #timerFired = (): void => {
    this.#armedFor = Infinity;
    if (this.#deadline === Infinity) return;
    this.feed((engine, now) => {
      if (now < this.#deadline) return;
      this.#deadline = Infinity;
      engine.timerFired(now);
    });
  };

  #crash(error: unknown): void {
    this.#dead = true;
    this.#busy = false;
    this.dispose();
    this.#performer.crashed(error);
  }
}

/** Longest time that handlers run without the event loop turning, one handler's own time apart. */
const TURN_MS = 10;
const LONGEST_TIMER_MS = 2_147_483_647;

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
