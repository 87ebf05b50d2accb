import type { Adapter, Envelope, Headers, KafkaRecord, PortErrorKind } from "@sluice/core";
import { partitionFor, readEnvelope } from "@sluice/core";
import { simAdapter } from "./client/sim-adapter.ts";
import { portError } from "./client/sim-client.ts";
import type { ClientTuning } from "./client/sim-client.ts";
import { SimNetwork } from "./client/sim-network.ts";
import type { Fate, RequestKind } from "./client/sim-network.ts";
import { SimProcess } from "./client/sim-process.ts";
import { noWitness } from "./client/wire-witness.ts";
import { SimCluster } from "./cluster/sim-cluster.ts";
import type { Protocol } from "./cluster/sim-cluster.ts";
import { Random } from "./random.ts";
import { realNow, realTurn, VirtualTime } from "./virtual-time.ts";

export interface TestClusterOptions {
  /** Topics and their partition counts. */
  readonly topics: Readonly<Record<string, number>>;
  /** How partitions move between members. @defaultValue "cooperative" */
  readonly protocol?: Protocol;
  /** Of jitter, lanes and ids: the same seed gives the same run. @defaultValue 1 */
  readonly seed?: number;
  /** Where virtual time begins. @defaultValue 2026-01-01T00:00:00Z */
  readonly now?: Date;
  /** @defaultValue 10000 */
  readonly sessionTimeoutMs?: number;
  /** @defaultValue 60000 */
  readonly rebalanceTimeoutMs?: number;
  /**
   * How long, in **real** milliseconds, virtual time waits for handlers that are doing something
   * real: a query, a file. One that takes longer is taken to wait for virtual time. @defaultValue 100
   */
  readonly patienceMs?: number;
}

/** A record to produce; strings are written as UTF-8. */
export interface TestRecord {
  readonly key?: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers?: Readonly<Record<string, string | Uint8Array | null>>;
  /** Chosen by the key when absent, as the Java client would. */
  readonly partition?: number;
}

/** A dead letter, read. */
export interface DeadLetter {
  readonly record: KafkaRecord;
  /** Why, from where, after how many attempts. */
  readonly envelope: Envelope;
  /** The original key and value as text. */
  readonly key: string | null;
  readonly value: string | null;
}

/** What can go wrong with one commit on its way. */
export type CommitFailure =
  /** The broker has applied it, and nobody knows. */
  | "answer-lost"
  /** It never arrives. */
  | "request-lost";

/**
 * A Kafka in memory whose time is yours. Give {@link TestCluster.adapter} to `createConsumer` and
 * `createProducer`: they live in this cluster's time.
 *
 * What can happen without time passing happens by itself as soon as you await anything. Timers
 * (backoff, commit interval, heartbeats) fire only inside {@link TestCluster.advance},
 * {@link TestCluster.idle} and {@link TestCluster.run}, one after the other in the order in which they
 * are due; between two of them everything settles: promises, turns of the event loop, and handlers that
 * do something real, for up to `patienceMs`.
 */
export interface TestCluster {
  /** Virtual time, milliseconds since the Unix epoch. */
  readonly now: number;
  /**
   * An adapter for one process of its own.
   * @param name for {@link TestCluster.crash} and its like; `member-1`, `member-2`, … when absent
   * @throws RangeError when a process of that name is running
   */
  adapter(name?: string): Adapter;
  /** Answers the records as the log has them. @throws RangeError for a topic that does not exist */
  produce(topic: string, records: readonly TestRecord[]): Promise<readonly KafkaRecord[]>;
  /** Lets `ms` of virtual time pass, and everything happen that is due meanwhile. */
  advance(ms: number): Promise<void>;
  /**
   * Runs `task` and lets as much time pass as it takes to settle. For what waits for time, as
   * `consumer.stop()` does while a handler sleeps.
   * @throws Error when an hour of virtual time does not suffice
   */
  run<T>(task: () => T | PromiseLike<T>): Promise<T>;
  /**
   * Lets time pass until everything that was produced is handled and committed, by every group that
   * has members. @throws Error that says what is left after `withinMs` (virtual; 10 minutes)
   */
  idle(withinMs?: number): Promise<void>;
  /** Resolves after `ms` of virtual time: what a handler under test sleeps with. */
  sleep(ms: number): Promise<void>;

  /** Next offset that the group would read; null when it has committed nothing. */
  committed(group: string, topic: string, partition: number): number | null;
  /** Records (and markers) that the group has not committed yet, over all its topics. */
  lag(group: string): number;
  /** What a reader of committed records finds in a topic, by partition, then offset. */
  records(topic: string): readonly KafkaRecord[];
  deadLetters(topic: string): readonly DeadLetter[];

  /** SIGKILL: what is in the memory of this process is gone, and nothing of it is heard any more. */
  crash(name: string): void;
  /** SIGSTOP: neither timers nor answers reach the process until {@link TestCluster.resume}. */
  pause(name: string): void;
  resume(name: string): void;
  /** The group throws this member out; it learns of it with its next heartbeat: partitions lost. */
  evict(name: string): void;
  /** Deals a group's partitions anew. */
  rebalance(group: string): void;
  readonly broker: {
    /** Connections are refused until `start`. */
    stop(): void;
    start(): void;
  };
  readonly fail: {
    /** What becomes of the next commit that anybody sends; called twice, of the next two. */
    nextCommit(failure: CommitFailure): void;
    /** The next records produced to this topic are refused. @param times 1 when absent */
    nextProduce(topic: string, kind: PortErrorKind, times?: number): void;
  };
}

export function createTestCluster(options: TestClusterOptions): TestCluster {
  return new VirtualCluster(options);
}

class VirtualCluster implements TestCluster {
  readonly #time: VirtualTime;
  readonly #cluster: SimCluster;
  readonly #network: SimNetwork;
  readonly #random: Random;
  readonly #patienceMs: number;
  readonly #processes = new Map<string, SimProcess>();
  readonly #commitFailures: CommitFailure[] = [];
  readonly #produceFailures: { readonly topic: string; readonly kind: PortErrorKind }[] = [];
  #lastName = 0;
  #keyless = 0;
  #sleeping = 0;
  /** Handlers that were waited for in vain. */
  #stuck = "";

  constructor({
    topics,
    protocol = "cooperative",
    seed = 1,
    now = new Date("2026-01-01T00:00:00Z"),
    sessionTimeoutMs = 10_000,
    rebalanceTimeoutMs = 60_000,
    patienceMs = 100,
  }: TestClusterOptions) {
    this.#time = new VirtualTime(now.getTime());
    this.#cluster = new SimCluster(this.#time, protocol, { sessionTimeoutMs, rebalanceTimeoutMs });
    this.#network = new SimNetwork(this.#cluster);
    this.#network.fate = (kind) => this.#fate(kind);
    this.#random = new Random(seed);
    this.#patienceMs = patienceMs;
    for (const [topic, partitions] of Object.entries(topics)) {
      this.#cluster.createTopic(topic, partitions);
    }
  }

  get now(): number {
    return this.#time.now();
  }

  adapter(name: string = `member-${++this.#lastName}`): Adapter {
    const former = this.#processes.get(name);
    if (former !== undefined && !former.isDead) {
      throw new RangeError(`a process "${name}" is running; crash it first or choose another name`);
    }
    const process = new SimProcess(name, this.#time, this.#random.fork());
    this.#processes.set(name, process);
    const { rebalanceTimeoutMs, sessionTimeoutMs } = this.#cluster.settings;
    const tuning: ClientTuning = {
      heartbeatMs: Math.max(1, Math.floor(sessionTimeoutMs / 4)),
      fetchRecords: 500,
      barrierMs: Math.floor(rebalanceTimeoutMs * 0.9),
      retryMs: 100,
      deliveryMs: 30_000,
    };
    return simAdapter(
      {
        cluster: this.#cluster,
        network: this.#network,
        process,
        witness: noWitness,
        tuning,
      },
      ({ topic }) => this.#refuses(topic),
    );
  }

  async produce(topic: string, records: readonly TestRecord[]): Promise<readonly KafkaRecord[]> {
    const logs = this.#cluster.logs(topic);
    if (logs === null) throw new RangeError(`there is no topic "${topic}" in this cluster`);
    const appended = records.map(({ key, value, headers = {}, partition }) => {
      const keyBytes = bytes(key ?? null);
      const chosen =
        partition ??
        partitionFor("murmur2", keyBytes, logs.length) ??
        this.#keyless++ % logs.length;
      return this.#cluster.append({
        topic,
        partition: chosen,
        key: keyBytes,
        value: bytes(value),
        headers: Object.entries(headers).map(([name, text]): Headers[number] => [
          name,
          bytes(text),
        ]),
      });
    });
    await this.#time.settle();
    return appended;
  }

  advance(ms: number): Promise<void> {
    return this.#time.advanceTo(this.now + ms, never, () => this.#realWork());
  }

  async run<T>(task: () => T | PromiseLike<T>): Promise<T> {
    let settled = false;
    const running = (async () => task())().finally(() => (settled = true));
    // It is awaited below, when it has settled.
    running.catch(() => {});
    await this.#time.advanceTo(
      this.now + RUN_LIMIT_MS,
      () => settled,
      () => this.#realWork(),
    );
    if (!settled) throw new Error("the task has not settled within an hour of virtual time");
    return running;
  }

  async idle(withinMs: number = IDLE_LIMIT_MS): Promise<void> {
    let left: string | null = null;
    await this.#time.advanceTo(
      this.now + withinMs,
      () => (left = this.#left()) === null,
      () => this.#realWork(),
    );
    if (left !== null) {
      throw new Error(`not idle after ${withinMs} ms of virtual time: ${left as string}`);
    }
  }

  async sleep(ms: number): Promise<void> {
    this.#sleeping++;
    await this.#time.sleep(ms);
    this.#sleeping--;
  }

  committed(group: string, topic: string, partition: number): number | null {
    return this.#cluster.group(group).offsets.get({ topic, partition })?.offset ?? null;
  }

  lag(group: string): number {
    const { offsets, topics } = this.#cluster.group(group);
    return [...topics]
      .flatMap((topic) => this.#cluster.logs(topic) ?? [])
      .reduce((sum, log) => {
        const from = Math.max(offsets.get(log)?.offset ?? log.low, log.low);
        return sum + Math.max(0, log.lastStableOffset - from);
      }, 0);
  }

  records(topic: string): readonly KafkaRecord[] {
    const logs = this.#cluster.logs(topic);
    if (logs === null) throw new RangeError(`there is no topic "${topic}" in this cluster`);
    return logs.flatMap((log) => log.visible());
  }

  deadLetters(topic: string): readonly DeadLetter[] {
    return this.records(topic).map((record) => ({
      record,
      envelope: readEnvelope(record, { trusted: true }),
      key: text(record.key),
      value: text(record.value),
    }));
  }

  crash(name: string): void {
    this.#process(name).crash();
  }

  pause(name: string): void {
    this.#process(name).pause();
  }

  resume(name: string): void {
    this.#process(name).resume();
  }

  evict(name: string): void {
    this.#process(name);
    for (const { coordinator } of this.#cluster.groups.values()) coordinator.evict(name);
  }

  rebalance(group: string): void {
    this.#cluster.group(group).coordinator.shake();
  }

  readonly broker: TestCluster["broker"] = {
    stop: () => {
      this.#cluster.stop();
      this.#network.breakAll();
    },
    start: () => this.#cluster.start(),
  };

  readonly fail: TestCluster["fail"] = {
    nextCommit: (failure) => void this.#commitFailures.push(failure),
    nextProduce: (topic, kind, times = 1) => {
      for (let i = 0; i < times; i++) this.#produceFailures.push({ topic, kind });
    },
  };

  #process(name: string): SimProcess {
    const process = this.#processes.get(name);
    if (process !== undefined) return process;
    const names = [...this.#processes.keys()].join(", ") || "none";
    throw new RangeError(`there is no process "${name}"; there are: ${names}`);
  }

  #fate(kind: RequestKind): Fate {
    const failure = kind === "commit" ? this.#commitFailures.shift() : undefined;
    const loses =
      failure === undefined ? "nothing" : failure === "answer-lost" ? "answer" : "request";
    return { requestMs: 0, answerMs: 0, loses };
  }

  #refuses(topic: string): ReturnType<typeof portError> | null {
    const index = this.#produceFailures.findIndex((failure) => failure.topic === topic);
    if (index === -1) return null;
    const [failure] = this.#produceFailures.splice(index, 1);
    return portError(failure!.kind, `${topic} refuses the record, as the test wants it`);
  }

  /** What keeps the cluster from being idle, in words. */
  #left(): string | null {
    for (const [name, { coordinator, topics }] of this.#cluster.groups) {
      if (coordinator.isEmpty) continue;
      if (!coordinator.isStable) return `the group ${name} is rebalancing`;
      const lag = this.lag(name);
      if (lag > 0) {
        return `the group ${name} has a lag of ${lag} in ${[...topics].join(", ")}; ${this.#busy()}`;
      }
    }
    const { running, waiting } = this.#work();
    return running + waiting > 0 ? this.#busy() : null;
  }

  #busy(): string {
    const { running, waiting } = this.#work();
    const hint =
      running > this.#sleeping
        ? `; a handler that does something real is waited for ${this.#patienceMs} ms (patienceMs)`
        : "";
    return `${running} handlers are running, ${waiting} records wait for a retry or a dead letter${hint}`;
  }

  #work(): { readonly running: number; readonly waiting: number; readonly done: number } {
    let running = 0;
    let waiting = 0;
    let done = 0;
    for (const process of this.#processes.values()) {
      if (process.isDead) continue;
      for (const consumer of process.consumers) {
        const { status } = consumer.health();
        if (status === "stopped" || status === "failed") continue;
        const stats = consumer.stats();
        running += stats.running;
        waiting += stats.waitingForRetry + stats.waitingForDeadLetter;
        for (const total of Object.values(stats.totals)) done += total;
      }
    }
    return { running, waiting, done };
  }

  /** Handlers that neither sleep nor have been waited for are given real time. */
  async #realWork(): Promise<void> {
    const until = realNow() + this.#patienceMs;
    for (;;) {
      const { running, done } = this.#work();
      if (running <= this.#sleeping) return;
      const state = `${running} ${this.#sleeping} ${done}`;
      if (state === this.#stuck) return;
      if (realNow() > until) {
        this.#stuck = state;
        return;
      }
      await realTurn();
      if (this.#time.isRunnable) return;
    }
  }
}

const IDLE_LIMIT_MS = 600_000;
const RUN_LIMIT_MS = 3_600_000;

function never(): boolean {
  return false;
}

function bytes(value: string | Uint8Array | null): Uint8Array | null {
  return typeof value === "string" ? Buffer.from(value) : value;
}

function text(value: Uint8Array | null): string | null {
  return value === null ? null : Buffer.from(value).toString("utf8");
}
