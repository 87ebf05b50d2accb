import type {
  AssignedPartition,
  DeadLetterCause,
  DrainResult,
  Engine,
  EngineConfig,
  EngineSink,
  EpochPartition,
  KafkaRecord,
  PartitionExplanation,
  Revocation,
  TopicPartition,
  WorkToken,
} from "@sluice/core";
import { checkObject } from "@sluice/core";
import { checkTopics } from "./check-topics.ts";
import type {
  Consumer,
  ConsumerEventMap,
  ConsumerStats,
  HealthReport,
  StopResult,
} from "./consumer-options.ts";
import { DeadLetters } from "./dead-letters.ts";
import { EngineDriver } from "./engine-driver.ts";
import type { Environment } from "./environment.ts";
import { Envelopes } from "./envelopes.ts";
import { asPortError, messageOf } from "./errors.ts";
import type { ConsumerState } from "./health.ts";
import { onlySupported, onlySupportedOfBatch } from "./only-supported.ts";
import { ProducerLink } from "./producer-link.ts";
import { Reporter } from "./reporter.ts";
import { Revocations } from "./revocations.ts";
import { statsOf } from "./stats.ts";
import { SupervisedClient } from "./supervised-client.ts";
import { settlesWithin } from "./timing.ts";
import { UserPauses } from "./user-pauses.ts";
import { milliseconds } from "./validate-options.ts";
import type { ConsumerSettings } from "./validate-options.ts";
import { Watchdog } from "./watchdog.ts";

export type CreateEngine = (config: EngineConfig, sink: EngineSink) => Engine;

/**
 * Joins the engine with its port: carries events in, performs effects, keeps the port alive. What
 * becomes of a record is decided in the engine alone.
 */
export class ConsumerShell implements Consumer {
  readonly #settings: ConsumerSettings;
  readonly #environment: Environment;
  readonly #reporter: Reporter;
  readonly #driver: EngineDriver;
  readonly #client: SupervisedClient;
  readonly #watchdog: Watchdog;
  readonly #deadLetters: DeadLetters | null;
  readonly #envelopes: Envelopes;
  readonly #pauses = new UserPauses();

  #state: ConsumerState = "idle";
  #starting: Promise<void> | null = null;
  #stopping: Promise<StopResult> | null = null;
  #stopDeadline = Infinity;
  readonly #revocations = new Revocations();
  #drained: (result: DrainResult) => void = () => {};
  #writtenTo: ConsumerEventMap["deadLetter"]["to"] | null = null;

  constructor(settings: ConsumerSettings, createEngine: CreateEngine, environment: Environment) {
    const { adapter, logger, deadLetter, group, isolation, drainTimeoutMs, topics } = settings;
    this.#settings = settings;
    this.#environment = environment;
    const { time } = environment;
    this.#reporter = new Reporter(logger, settings.engine.stallAfterMs);
    this.#envelopes = new Envelopes(settings.envelopes);
    this.#driver = this.#createDriver(createEngine);
    this.#client = new SupervisedClient(
      () => adapter.consumer({ group, isolation, logger, drainTimeoutMs }),
      topics,
      {
        assigned: (partitions) => this.#assigned(partitions),
        revoked: (revocation) => this.#revoked(revocation),
        lost: (partitions) => this.#lost(partitions),
        records: (partition, records, nextPosition) =>
          this.#driver.feed((engine, now) =>
            engine.recordsFetched(partition, records, nextPosition, now),
          ),
        interrupted: (error) => this.#reporter.interrupted(error),
        failed: (error) => this.#fail(error),
      },
      logger,
      time,
    );
    this.#deadLetters =
      deadLetter === null
        ? null
        : new DeadLetters(
            new ProducerLink(adapter, { logger, clientIdSuffix: "dead-letters" }, time),
            deadLetter,
            group,
            this.#envelopes,
            { caps: adapter.caps, logger },
          );
    this.#watchdog = new Watchdog(
      {
        snapshot: () => this.#snapshot(),
        watermarks: (partitions) => this.#client.watermarks(partitions, WATERMARKS_TIMEOUT_MS),
        notDelivering: (...quiet) => this.#reporter.notDelivering(...quiet),
        deliveringAgain: (at) => this.#reporter.deliveringAgain(at),
      },
      time,
      settings.idleAfterMs,
    );
  }

  start(): Promise<void> {
    if (this.#state === "stopping" || this.#state === "stopped") {
      return Promise.reject(new Error("this consumer was stopped; create a new one"));
    }
    if (this.#state === "failed") {
      return Promise.reject(new Error("this consumer has failed; create a new one"));
    }
    return (this.#starting ??= this.#start());
  }

  stop(options: { readonly drainTimeoutMs?: number } = {}): Promise<StopResult> {
    checkObject(options, "", ["drainTimeoutMs"]);
    const { drainTimeoutMs } = this.#settings;
    const timeoutMs = milliseconds(options.drainTimeoutMs, "drainTimeoutMs", 0, drainTimeoutMs);
    return (this.#stopping ??= this.#stop(timeoutMs));
  }

  pause(partitions?: readonly TopicPartition[]): void {
    this.#pauses.pause(partitions);
    this.#driver.pauseAll(partitions ?? this.#snapshot().partitions);
  }

  resume(partitions?: readonly TopicPartition[]): void {
    this.#pauses.resume(partitions);
    const targets = partitions ?? this.#snapshot().partitions;
    this.#reporter.resumed(targets);
    this.#driver.feed((engine, now) => engine.resumeRequested(targets, now));
  }

  on<E extends keyof ConsumerEventMap>(
    event: E,
    listener: (payload: ConsumerEventMap[E]) => void,
  ): () => void {
    return this.#reporter.emitter.on(event, listener);
  }

  health(): HealthReport {
    return this.#reporter.health.report(this.#state, this.#now());
  }

  stats(): ConsumerStats {
    return statsOf(this.#snapshot(), {
      anomalies: this.#envelopes.anomalies,
      lossyMoves: this.#deadLetters?.lossyMoves ?? 0,
    });
  }

  explain(topic: string, partition: number): PartitionExplanation | null {
    return this.#driver.engine.explain({ topic, partition }, this.#now());
  }

  // Starting and stopping.

  async #start(): Promise<void> {
    this.#state = "starting";
    this.#reporter.health.cured("start");
    const { adapter, logger, topics, deadLetter } = this.#settings;
    try {
      await checkTopics(adapter, logger, topics, deadLetter?.topic ?? null, this.#environment.time);
      this.#goOn();
      await this.#deadLetters?.connect();
      this.#goOn();
      await this.#client.start();
      this.#goOn();
    } catch (error) {
      if (this.#state === "starting") {
        // Nothing was consumed: `start` may be called again.
        this.#reporter.health.degraded("start", messageOf(error));
        await this.#deadLetters?.disconnect(LEAVE_MS);
        this.#starting = null;
        this.#state = "idle";
      }
      throw error;
    }
    this.#state = "running";
    this.#watchdog.start();
  }

  #goOn(): void {
    if (this.#state !== "starting") {
      throw new Error("the consumer was stopped before it had started");
    }
  }

  async #stop(drainTimeoutMs: number): Promise<StopResult> {
    const before = this.#state;
    this.#state = "stopping";
    const deadline = this.#now() + drainTimeoutMs;
    this.#stopDeadline = deadline;
    const left = (atLeast: number): number => Math.max(deadline - this.#now(), atLeast);
    this.#watchdog.stop();
    if (before === "starting" && this.#starting !== null) {
      await settlesWithin(this.#environment.time, this.#starting, left(0));
    }
    const drained = await this.#drain(deadline);
    const leftTheGroup = await this.#client.close(left(LEAVE_MS));
    await this.#deadLetters?.close(left(LEAVE_MS));
    this.#driver.dispose();
    this.#state = before === "failed" ? "failed" : "stopped";
    const result = drained === "clean" && leftTheGroup ? "clean" : "forced";
    this.#reporter.stopped(result === "clean");
    return { result };
  }

  #drain(deadline: number): Promise<DrainResult> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (this.#driver.dead) resolve("forced");
      else this.#driver.feed((engine, now) => engine.drainRequested(deadline, now));
    });
  }

  #fail(error: Error): void {
    if (this.#state !== "stopping" && this.#state !== "stopped") this.#state = "failed";
    this.#watchdog.stop();
    void this.#client.close(0);
    void this.#deadLetters?.close(LEAVE_MS);
    this.#reporter.failed(error);
  }

  // What the client says.

  #assigned(partitions: readonly AssignedPartition[]): Promise<readonly number[]> {
    this.#reporter.health.cured("client");
    // The engine keeps the wish until the client can be told. It also keeps an old one: paused with
    // all others -> revoked -> all resumed, which names what is held alone -> assigned again.
    const paused = partitions.filter((partition) => this.#pauses.includes(partition));
    const others = partitions.filter((partition) => !this.#pauses.includes(partition));
    if (paused.length > 0) this.#driver.feed((engine, now) => engine.pauseRequested(paused, now));
    if (others.length > 0) this.#driver.feed((engine, now) => engine.resumeRequested(others, now));
    this.#reporter.resumed(others);
    return new Promise((resolve) => {
      this.#driver.feed((engine, now) => {
        const starts = engine.assigned(partitions, now);
        resolve(starts);
        this.#reporter.assigned(partitions, starts);
      });
    });
  }

  async #revoked({ partitions, deadlineMs }: Revocation): Promise<void> {
    // The engine must be through before the client gives up waiting, and timers fire late.
    const marginMs = Math.min(LATENESS_MS, deadlineMs / 10);
    // What a stop has not been able to finish in its time is not waited for a second time.
    const stopMs = Math.max(0, this.#stopDeadline - this.#now());
    const drainMs = Math.floor(
      Math.min(deadlineMs - marginMs, this.#settings.drainTimeoutMs, stopMs),
    );
    this.#reporter.revoking(partitions, drainMs);
    const { id, released } = this.#revocations.begin(partitions);
    this.#driver.feed((engine, now) => engine.revoked(id, partitions, now + drainMs, now));
    if (this.#driver.dead) this.#revocations.release(id);
    const givenUp = await released;
    if (givenUp.length > 0) this.#reporter.revoked(givenUp);
  }

  #lost(partitions: readonly EpochPartition[]): void {
    this.#revocations.lost(partitions);
    this.#driver.feed((engine, now) => engine.lost(partitions, now));
    this.#reporter.lost(partitions);
  }

  // What the engine wants done.

  #createDriver(createEngine: CreateEngine): EngineDriver {
    const { engine: config, handling } = this.#settings;
    const refused = (record: KafkaRecord, error: Error): void => this.#unsupported(record, error);
    return new EngineDriver(
      (sink) => createEngine(config, sink),
      "each" in handling
        ? { each: onlySupported(handling.each, this.#envelopes, refused) }
        : { batch: onlySupportedOfBatch(handling.batch, this.#envelopes, refused) },
      {
        deadLetter: (token, cause) => this.#deadLetter(token, cause),
        commit: (id, offsets) =>
          void this.#client
            .commit(offsets, COMMIT_TIMEOUT_MS)
            .then((results) =>
              this.#driver.feed((engine, now) => engine.commitAnswered(id, results, now)),
            ),
        pause: (partitions) => this.#client.pause(partitions),
        resume: (partitions) => this.#client.resume(partitions),
        released: (revocation) => this.#revocations.release(revocation),
        drained: (result) => this.#drained(result),
        notify: (notice, now) => this.#reporter.notice(notice, now, this.#writtenTo),
        crashed: (error) => this.#crashed(error),
      },
      this.#environment,
      this.#envelopes,
    );
  }

  /** With a dead letter topic the record is set aside there; else its partition waits for somebody. */
  #unsupported({ topic, partition }: KafkaRecord, error: Error): void {
    if (this.#deadLetters !== null) return;
    this.pause([{ topic, partition }]);
    this.#reporter.unsupported({ topic, partition }, error);
  }

  #deadLetter(token: WorkToken, cause: DeadLetterCause): void {
    if (this.#deadLetters === null) throw new Error("a dead letter without a topic for it");
    this.#deadLetters.write(this.#driver.engine.record(token), cause, this.#now()).then(
      (to) => {
        // Its notice is published while this event is fed.
        this.#writtenTo = to;
        this.#driver.feed((engine, now) => engine.deadLetterAcked(token, now));
        this.#writtenTo = null;
      },
      (thrown: unknown) => {
        const error = asPortError(thrown, "dead letter");
        this.#driver.feed((engine, now) =>
          engine.deadLetterFailed(token, error, now, this.#environment.random32()),
        );
      },
    );
  }

  /** A defect of Sluice. Nothing more is committed: what is not settled runs again elsewhere. */
  #crashed(cause: unknown): void {
    this.#revocations.releaseAll();
    this.#drained("forced");
    this.#fail(new Error(`internal error: ${messageOf(cause)}`, { cause }));
  }

  #now(): number {
    return this.#environment.time.now();
  }

  #snapshot(): ReturnType<Engine["snapshot"]> {
    return this.#driver.engine.snapshot(this.#now());
  }
}

/** Longest wait for the answer to a commit. The engine sends again, or gives up with the epoch. */
const COMMIT_TIMEOUT_MS = 10_000;
const LATENESS_MS = 250;
/** `stop` leaves the group properly even when the drain has used up its time. */
const LEAVE_MS = 2000;
const WATERMARKS_TIMEOUT_MS = 5000;
