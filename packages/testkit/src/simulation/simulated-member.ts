import type { Adapter, TopicPartition } from "@sluice/core";
import type {
  BatchConsumerOptions,
  Consumer,
  ConsumerOptions,
  ConsumerStats,
} from "@sluice/runtime";
import { createConsumer } from "@sluice/runtime";
import type { SimProcess } from "../client/sim-process.ts";
import { keyOf } from "../partition-key.ts";
import { DEAD_LETTERS, GROUP, TOPIC } from "./case-header.ts";
import { CommitWatch } from "./commit-watch.ts";
import { CommitsInFlight } from "./commits-in-flight.ts";
import { Handling } from "./handling.ts";
import { tp } from "./recorder.ts";
import type { ScenarioConfig } from "./scenario-config.ts";
import type { Stage } from "./stage.ts";

/** One process of a run with its consumer: from its start until it is gone. */
export class SimulatedMember {
  readonly name: string;
  readonly process: SimProcess;
  readonly consumer: Consumer;
  state: "up" | "stopping" | "gone" = "up";
  readonly #stage: Stage;
  readonly #handling: Handling;
  readonly #commitWatch: CommitWatch;
  readonly #commitsInFlight: CommitsInFlight;
  readonly #gaveUp = new Set<string>();
  #lastCommit = -Infinity;
  /** Since the last commit nothing has happened that would bring the next one forward. */
  #isUndisturbed = false;
  #looks = 0;
  readonly #startedAt: number;
  /** Records that have become dead letters early. */
  #released = 0;

  constructor(stage: Stage, process: SimProcess, adapter: Adapter) {
    this.#stage = stage;
    this.name = process.name;
    this.process = process;
    this.#startedAt = stage.time.now();
    this.#handling = new Handling(stage, process);
    this.#commitWatch = new CommitWatch(
      { process, isUp: () => this.state === "up", stats: () => this.consumer.stats() },
      stage.scenario.config,
      stage.time,
      (problem) => stage.problems.push(problem),
    );
    stage.commitWatches.set(process, this.#commitWatch);
    this.#commitsInFlight = new CommitsInFlight(
      process.name,
      () => stage.time.now(),
      (problem) => stage.problems.push(problem),
    );
    stage.commitsInFlight.set(process, this.#commitsInFlight);
    this.consumer = createConsumer(this.#options(adapter, stage.scenario.config));
    stage.recorder.add({ type: "member", member: this.name, state: "started" });
    this.#listen();
    process.run(() => void this.#startUntilItDoes());
  }

  /** Handlers that run; those of a dead process do not. */
  get running(): number {
    return this.#handling.running;
  }

  pause(partition: number | null): void {
    const partitions = partition === null ? undefined : [{ topic: TOPIC, partition }];
    if (this.consumer.stats().heldRecords > 0) {
      this.#stage.coverage.hit("the user pauses a partition that holds records");
    }
    this.#handling.paused(partition, true);
    this.consumer.pause(partitions);
  }

  resume(partition: number | null): void {
    this.#handling.paused(partition, false);
    this.consumer.resume(partition === null ? undefined : [{ topic: TOPIC, partition }]);
  }

  crash(): void {
    if (this.state === "gone") return;
    const { coverage, recorder, book } = this.#stage;
    if (this.running > 0) coverage.hit("a process dies with handlers running");
    this.state = "gone";
    this.process.crash();
    book.killed(this.process);
    recorder.add({ type: "member", member: this.name, state: "killed" });
  }

  /** @param forGood once all is well: then nothing may be left undone */
  async stop(forGood: boolean): Promise<void> {
    if (this.state !== "up") return;
    this.state = "stopping";
    this.#isUndisturbed = false;
    const { coverage, recorder, scenario } = this.#stage;
    if (this.running > 0) coverage.hit("a member stops with handlers running");
    recorder.add({ type: "member", member: this.name, state: "stopping", deadlineMs: 30_000 });
    const { partitions } = this.consumer.stats();
    const { drainTimeoutMs } = scenario.config;
    this.#commitsInFlight.stopping(drainTimeoutMs);
    const { result } = await this.consumer.stop(forGood ? {} : { drainTimeoutMs });
    if (this.process.isDead) return;
    if (forGood) this.#judgeStop(result, partitions);
    this.state = "gone";
    this.process.crash();
    recorder.add({ type: "member", member: this.name, state: "exited", code: 0 });
    this.#stage.left(this.name, forGood);
  }

  /** What is still to be done, in words; empty when nothing is. */
  left(): string {
    if (this.state !== "up") return "";
    const { heldRecords, partitions } = this.consumer.stats();
    if (heldRecords === 0 && !isUncommitted(partitions)) return "";
    return `${this.name} holds ${heldRecords}: ${JSON.stringify(partitions)}`;
  }

  /** Takes note of what only its own report shows, now and then: reports cost more than the work. */
  look(): void {
    if (this.state === "gone" || this.#looks++ % LOOK_EVERY !== 0) return;
    const { coverage, problems, scenario } = this.#stage;
    const { partitions, totals, concurrency, heldRecords } = this.consumer.stats();
    const { budgetRecords, fetchRecords } = scenario.config;
    // One fetch that reaches it, and the first one of what has just been assigned.
    if (heldRecords > budgetRecords + 2 * fetchRecords * scenario.config.partitions) {
      problems.push(`${this.name} holds ${heldRecords} records, of a budget of ${budgetRecords}`);
    }
    for (const { pausedFor } of partitions) {
      if (pausedFor.includes("budget")) coverage.hit("the budget pauses a partition");
      if (pausedFor.includes("retries")) coverage.hit("the quota of retries pauses a partition");
      if (pausedFor.includes("metadata")) {
        coverage.hit("commit metadata that is full pauses a partition");
      }
    }
    if (totals["restored"]! > 0) coverage.hit("commit metadata is restored");
    if (totals["rejectedMetadata"]! > 0) {
      coverage.hit("commit metadata of somebody else is not taken");
    }
    const { min, max } = { min: 0, max: 0, ...limitsOf(scenario.config) };
    const first = Math.min(max, Math.max(min, 8));
    if (max > 0 && concurrency !== first) coverage.hit("the number of handlers adapts");
    const partition = partitions[this.#looks % Math.max(1, partitions.length)];
    if (partition === undefined) return;
    const frontier = this.consumer.explain(TOPIC, partition.partition)?.waitsFor ?? null;
    if (frontier === null || frontier.phase === "released") return;
    if (frontier.reason === "rate") coverage.hit("the rate keeps a record waiting");
    if (frontier.reason === "linger") coverage.hit("a record waits for its batch to fill");
  }

  #options(adapter: Adapter, config: ScenarioConfig): ConsumerOptions | BatchConsumerOptions {
    const common: Omit<ConsumerOptions, "handler" | "batchHandler" | "batch"> = {
      adapter,
      group: GROUP,
      topics: [TOPIC],
      deadLetter: { topic: DEAD_LETTERS },
      ordering: config.ordering,
      concurrency: config.concurrency,
      commitIntervalMs: config.commitIntervalMs,
      commitMetadata: config.commitMetadata,
      drainTimeoutMs: config.drainTimeoutMs,
      budget: { records: config.budgetRecords },
      retry: {
        maxAttempts: config.maxAttempts,
        backoff: config.backoff,
        ...(config.maxWaiting === null ? {} : { maxWaiting: config.maxWaiting }),
      },
      startAt: config.startAt,
      ...(config.handlerTimeoutMs === null ? {} : { handlerTimeoutMs: config.handlerTimeoutMs }),
      ...(config.rateLimit === null ? {} : { rateLimit: config.rateLimit }),
      ...(config.earlyRelease === null ? {} : { earlyRelease: config.earlyRelease }),
      ...(config.commitEvery === null ? {} : { commitEvery: config.commitEvery }),
      ...(config.commitWhenIdleMs === null ? {} : { commitWhenIdleMs: config.commitWhenIdleMs }),
    };
    const { batch } = config;
    return batch === null
      ? { ...common, handler: (record, context) => this.#handling.one(record, context) }
      : {
          ...common,
          batch,
          batchHandler: (records, context) => this.#handling.many(records, context),
        };
  }

  async #startUntilItDoes(): Promise<void> {
    const { time } = this.process.environment;
    while (this.state === "up") {
      try {
        await this.consumer.start();
        this.#stage.recorder.add({ type: "member", member: this.name, state: "ready" });
        return;
      } catch {
        await new Promise<void>((resolve) => void time.setTimer(resolve, 500));
      }
    }
  }

  #listen(): void {
    const { consumer, name } = this;
    const handling = this.#handling;
    const { book, coverage, problems, scenario, time } = this.#stage;
    consumer.on("assigned", ({ partitions }) => {
      this.#claim("assigned", partitions);
      handling.assigned(partitions);
      this.#commitWatch.assigned();
      for (const partition of partitions) {
        if (this.#gaveUp.has(keyOf(partition))) {
          coverage.hit("a partition comes back to the member that gave it up");
        }
        if (handling.isPaused(partition.partition)) {
          coverage.hit("a partition is assigned that the user has paused");
        }
      }
    });
    consumer.on("revoking", ({ partitions, deadlineMs }) => {
      this.#isUndisturbed = false;
      this.#commitsInFlight.revoking(partitions, deadlineMs);
      this.#claim("revoking", partitions);
      this.#commitWatch.givingUp();
      handling.draining(partitions);
      if (!handling.isBusy(partitions)) return;
      coverage.hit("a partition is revoked while a handler runs over it");
      if (scenario.config.batch !== null) {
        coverage.hit("a partition is revoked while a batch of it runs");
      }
    });
    consumer.on("revoked", ({ partitions }) => {
      this.#claim("revoked", partitions);
      book.revoked(this.process, partitions);
      this.#giveUp(partitions);
    });
    consumer.on("lost", ({ partitions }) => {
      this.#isUndisturbed = false;
      this.#claim("lost", partitions);
      this.#commitWatch.givingUp();
      this.#giveUp(partitions);
      if (handling.isBusy(partitions)) {
        coverage.hit("a partition is lost while a handler runs over it");
      }
    });
    consumer.on("deadLetter", (at) => {
      handling.isDeadLetter(at);
      book.deadLettered(this.process, at, time.now());
      if (at.reason.startsWith("blocked")) this.#judgeRelease(at);
    });
    consumer.on("timedOut", (at) => {
      coverage.hit("a handler times out");
      if (handling.isDraining(at) || this.state === "stopping") {
        coverage.hit("a handler times out while its partition is drained");
      }
    });
    consumer.on("staleCompletion", () => coverage.hit("a late completion is dropped"));
    consumer.on("offsetOutOfRange", () => coverage.hit("a committed offset is outside the log"));
    consumer.on("committed", ({ offsets }) => {
      handling.committed(offsets);
      const { commitIntervalMs, commitEvery, commitWhenIdleMs } = scenario.config;
      const isEarly = time.now() - this.#lastCommit < commitIntervalMs && this.#isUndisturbed;
      if (isEarly && commitEvery !== null && commitWhenIdleMs === null) {
        coverage.hit("a commit goes out for the count of records");
      }
      if (isEarly && commitEvery === null && commitWhenIdleMs !== null) {
        coverage.hit("a commit goes out when nothing is held");
      }
      this.#lastCommit = time.now();
      this.#isUndisturbed = this.state === "up";
      this.look();
    });
    consumer.on("commitFailed", ({ error }) => {
      this.#isUndisturbed = false;
      if (error.includes("is refused")) coverage.hit("a commit is refused");
      if (error.includes("error 12")) coverage.hit("commit metadata is too long for the broker");
    });
    consumer.on("down", ({ error, willRestart }) => {
      this.#commitWatch.givingUp();
      if (!willRestart) problems.push(`${name} has failed: ${error.stack ?? error.message}`);
    });
  }

  #claim(
    word: "assigned" | "revoking" | "revoked" | "lost",
    partitions: readonly (TopicPartition & { readonly epoch: number })[],
  ): void {
    for (const partition of partitions) {
      this.#stage.recorder.add({
        type: "claim",
        member: this.name,
        claim: word,
        epoch: String(partition.epoch),
        partitions: [tp(partition)],
      });
    }
  }

  #giveUp(partitions: readonly (TopicPartition & { readonly epoch: number })[]): void {
    this.#handling.gaveUp(partitions);
    for (const partition of partitions) this.#gaveUp.add(keyOf(partition));
  }

  /** What held when it was decided, which is a while ago, holds all the more now. */
  #judgeRelease(at: TopicPartition & { readonly epoch: number; readonly offset: number }): void {
    const { book, coverage, problems, scenario, time } = this.#stage;
    const { minBehind, settledPercent, perMinute, burst } = scenario.config.earlyRelease!;
    coverage.hit("a record is released early");
    const where = `${this.name} released ${keyOf(at)}@${at.offset} early`;
    const { delivered, settled } = book.behind(this.process, at);
    if (delivered < minBehind || settled * 100 < minBehind * settledPercent) {
      problems.push(`${where} with ${settled} of ${delivered} settled behind it`);
    }
    const minutes = (time.now() - this.#startedAt) / 60_000;
    if (++this.#released > burst + perMinute * minutes) {
      problems.push(`${where}, its ${this.#released}th in ${minutes.toFixed(2)} minutes`);
    }
  }

  #judgeStop(result: "clean" | "forced", before: ConsumerStats["partitions"]): void {
    const { problems } = this.#stage;
    if (result !== "clean") problems.push(`the last stop of ${this.name} was ${result}`);
    if (isUncommitted(before)) {
      problems.push(`${this.name} stopped with something uncommitted: ${JSON.stringify(before)}`);
    }
    const { heldRecords, running } = this.consumer.stats();
    if (heldRecords + running > 0) {
      problems.push(`${this.name} stopped with ${heldRecords} records held`);
    }
  }
}

const LOOK_EVERY = 6;

/** Who was given an empty partition has nothing to commit. */
function isUncommitted(partitions: ConsumerStats["partitions"]): boolean {
  return partitions.some(
    (partition) => partition.committed !== null && partition.committed !== partition.frontier,
  );
}

function limitsOf({ concurrency }: ScenarioConfig): { min?: number; max?: number } {
  return typeof concurrency === "number" ? {} : concurrency;
}
