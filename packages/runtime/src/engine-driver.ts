import type {
  AbortReason,
  CommitOffset,
  DeadLetterCause,
  DrainResult,
  Engine,
  EngineNotice,
  EngineSink,
  TopicPartition,
  WorkToken,
} from "@sluice/core";
import { DeadlineTimer } from "./deadline-timer.ts";
import type { Environment } from "./environment.ts";
import type { Envelopes } from "./envelopes.ts";
import { OK } from "./handler-result.ts";
import { HandlerRunner } from "./handler-runner.ts";
import type { Ended, Handling } from "./handler-runner.ts";
import { TurnClock } from "./turn-clock.ts";

/** What the driver leaves to others. Called one at a time, in the engine's order. */
export interface Performer {
  deadLetter(token: WorkToken, cause: DeadLetterCause): void;
  commit(id: number, offsets: readonly CommitOffset[]): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  released(revocation: number): void;
  drained(result: DrainResult): void;
  /** @param now the time of the event that caused it */
  notify(notice: EngineNotice, now: number): void;
  /** The engine or the driver itself failed; nothing more will be done. */
  crashed(error: unknown): void;
}

/**
 * The one loop: feeds one event, performs all effects in order, takes the next event. An event that
 * arrives meanwhile (a handler that finishes synchronously, a listener that calls `pause`) waits.
 */
export class EngineDriver implements EngineSink {
  readonly #engine: Engine;
  readonly #performer: Performer;
  readonly #clock: TurnClock;
  readonly #handlers: HandlerRunner;
  readonly #timer: DeadlineTimer;
  readonly #random32: () => number;

  /** A bare number is the token of a dispatch, the one effect that every record has. */
  readonly #effects: (WorkToken | (() => void))[] = [];
  /** The array never shrinks: cutting it costs more than all the rest of a dispatch. */
  #effectCount = 0;
  /** Pairs of token and outcome, or an event as a function. */
  #events: (WorkToken | Ended | (() => void))[] = [];
  #busy = false;
  #dead = false;
  #deadline = Infinity;
  #now: number;

  constructor(
    createEngine: (sink: EngineSink) => Engine,
    handling: Handling,
    performer: Performer,
    { time, random32 }: Pick<Environment, "time" | "random32">,
    envelopes: Envelopes,
  ) {
    this.#performer = performer;
    this.#clock = new TurnClock(time);
    this.#timer = new DeadlineTimer(time, () => this.#timerFired());
    this.#random32 = random32;
    this.#now = time.now();
    this.#handlers = new HandlerRunner(
      handling,
      (token, ended) => this.#handlerFinished(token, ended),
      time,
      envelopes,
    );
    this.#engine = createEngine(this);
  }

  /** Feeds an event: `event` calls one method of the engine with the given time. */
  feed(event: (engine: Engine, now: number) => void): void {
    if (this.#dead) return;
    if (this.#busy) {
      this.#events.push(() => event(this.#engine, this.#now));
      return;
    }
    this.#busy = true;
    this.#now = this.#clock.readExactly();
    try {
      event(this.#engine, this.#now);
      this.#pump();
    } catch (error) {
      this.#crash(error);
    }
  }

  /** Of these partitions nothing begins from here on, what has been dispatched already included. */
  pauseAll(partitions: readonly TopicPartition[]): void {
    this.#handlers.holdBack(partitions);
    this.feed((engine, now) => {
      engine.pauseRequested(partitions, now);
      const tokens = this.#handlers.letGo();
      if (tokens.length > 0) engine.notBegun(tokens, now);
    });
  }

  /** Reads without changing anything. */
  get engine(): Pick<Engine, "record" | "snapshot" | "explain"> {
    return this.#engine;
  }

  /** After a crash: nothing is fed or answered any more. */
  get dead(): boolean {
    return this.#dead;
  }

  /** No timer any more. Late completions are still counted. */
  dispose(): void {
    this.#timer.dispose();
  }

  // Effects: queued here, performed by the pump.

  dispatch(token: WorkToken): void {
    this.#effects[this.#effectCount++] = token;
  }
  dispatchBatch(tokens: readonly WorkToken[]): void {
    this.#queue(() => this.#handlers.runBatch(this.#engine, tokens, this.#now));
  }
  abort(token: WorkToken, reason: AbortReason): void {
    this.#queue(() => this.#handlers.abort(token, reason));
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
    const now = this.#now;
    this.#queue(() => this.#performer.notify(notice, now));
  }
  setTimer(at: number): void {
    this.#deadline = at;
  }

  #queue(effect: () => void): void {
    this.#effects[this.#effectCount++] = effect;
  }

  #pump(): void {
    this.#performEffects();
    while (this.#events.length > 0) this.#takeEvents();
    this.#timer.arm(this.#deadline, this.#now);
    this.#busy = false;
  }

  #performEffects(): void {
    const effects = this.#effects;
    const count = this.#effectCount;
    // Performing adds no effects: only the next event does.
    for (let i = 0; i < count; i++) {
      const effect = effects[i] as WorkToken | (() => void);
      if (typeof effect === "number") {
        this.#handlers.run(this.#engine, effect, this.#now);
        if (i + 1 < count) this.#now = this.#clock.read();
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
      const event = events[i] as WorkToken | (() => void);
      if (typeof event === "number") {
        this.#feedFinished(event, events[++i] as Ended);
      } else {
        this.#now = this.#clock.readExactly();
        event();
      }
      this.#performEffects();
    }
  }

  /** As `feed`, without a function for each record. */
  #handlerFinished(token: WorkToken, ended: Ended): void {
    if (this.#dead) return;
    if (this.#busy) {
      this.#events.push(token, ended);
      return;
    }
    this.#busy = true;
    try {
      this.#feedFinished(token, ended);
      this.#pump();
    } catch (error) {
      this.#crash(error);
    }
  }

  #feedFinished(token: WorkToken, ended: Ended): void {
    if (ended === OK) {
      this.#now = this.#clock.read();
      this.#engine.handlerFinished(token, OK, this.#now, 0);
      return;
    }
    // A backoff counts from here: with a time that was read a while ago it would end too early (SLC-RTY-005).
    this.#now = this.#clock.readExactly();
    if (isBatch(ended)) this.#engine.batchFinished(token, ended, this.#now, this.#random32());
    else this.#engine.handlerFinished(token, ended, this.#now, this.#random32());
  }

  #timerFired(): void {
    this.feed((engine, now) => {
      if (now < this.#deadline) return;
      this.#deadline = Infinity;
      engine.timerFired(now);
    });
  }

  #crash(error: unknown): void {
    this.#dead = true;
    this.#busy = false;
    this.dispose();
    this.#performer.crashed(error);
  }
}

const isBatch: (ended: Ended) => ended is Extract<Ended, readonly unknown[]> = Array.isArray;
