import type { Adapter, KafkaRecord, OutgoingRecord, TopicPartition } from "@sluice/core";
import { readEnvelope } from "@sluice/core";
import type { Consumer, ConsumerStats, HandlerContext, HandlerResult } from "@sluice/runtime";
import { bindEnvironment } from "@sluice/runtime/internals";
import { createConsumer } from "@sluice/runtime";
import { simAdapter } from "../client/sim-adapter.ts";
import { portError } from "../client/sim-client.ts";
import { SimNetwork } from "../client/sim-network.ts";
import type { Fate, RequestKind } from "../client/sim-network.ts";
import { SimProcess } from "../client/sim-process.ts";
import { SimCluster } from "../cluster/sim-cluster.ts";
import { keyOf } from "../partition-key.ts";
import { Random } from "../random.ts";
import { VirtualTime } from "../virtual-time.ts";
import { caseHeader, DEAD_LETTERS, GROUP, SETTLE_MS, TOPIC } from "./case-header.ts";
import { Coverage } from "./coverage.ts";
import { failsForGood, outcomeOf } from "./planned-outcome.ts";
import type { Returns } from "./planned-outcome.ts";
import { base64, headersOf, Recorder, tp } from "./recorder.ts";
import type { PlannedFault, PlannedRecord, Scenario } from "./scenario.ts";

const ORIGIN = 1_700_000_000_000;

/** One run of one scenario: the cluster, the members, what happens to them, and who writes it down. */
export class World {
  readonly recorder: Recorder;
  readonly coverage: Coverage = new Coverage();
  /** What is wrong beyond what the history shows. */
  readonly problems: string[] = [];
  readonly #scenario: Scenario;
  readonly #adapt: (adapter: Adapter) => Adapter;
  readonly #time = new VirtualTime(ORIGIN);
  readonly #random: Random;
  readonly #cluster: SimCluster;
  readonly #network: SimNetwork;
  readonly #members = new Map<string, MemberRun>();
  readonly #planned = new Map<KafkaRecord, PlannedRecord>();
  #healed = false;
  /** The broker goes down when it has just applied the next commit. */
  #downAtCommit = false;
  #settingUp = false;
  readonly #isTruncated: boolean;
  #handles = 0;
  #refusals = 0;
  readonly #lossesOfCommits: ("request" | "answer")[] = [];
  readonly #slowHeartbeats = new Map<string, { until: number; byMs: number }>();
  readonly #refusedOrigins = new Set<string>();
  readonly #begunBy = new Map<string, string>();

  /** @param adapt what the members are given for their adapter: a test plants defects with it */
  constructor(scenario: Scenario, adapt: (adapter: Adapter) => Adapter = unchanged) {
    this.#adapt = adapt;
    this.#scenario = scenario;
    const { config, seed } = scenario;
    this.#random = new Random(seed ^ 0x5eed);
    this.#isTruncated = scenario.faults.some(({ type }) => type === "truncate");
    this.#cluster = new SimCluster(this.#time, config.protocol, {
      sessionTimeoutMs: config.sessionTimeoutMs,
      rebalanceTimeoutMs: config.rebalanceTimeoutMs,
      metadataBytes: config.metadataBytes,
      onExpired: () => this.coverage.hit("a session runs out"),
    });
    this.#cluster.createTopic(TOPIC, config.partitions);
    this.#cluster.createTopic(DEAD_LETTERS, 2);
    this.#network = new SimNetwork(this.#cluster);
    const fates = this.#random.fork();
    this.#network.fate = (kind, process) => this.#fate(fates, kind, process);
    this.recorder = new Recorder(this.#time, config.protocol === "consumer");
    let sequence = 0;
    this.#cluster.onCommitted = (_, { topic, partition, offset, metadata }) => {
      if (this.#downAtCommit) {
        // Before the answer arrives.
        this.#downAtCommit = false;
        this.#time.setTimer(() => this.#stopBroker(), 0);
      }
      this.recorder.add({
        type: "committed",
        topic,
        partition,
        offset: String(offset),
        metadata,
        seq: sequence++,
        own: this.#settingUp,
      });
    };
  }

  /** Everything bad first, then everything well: then nothing may be left undone. */
  async run(): Promise<void> {
    const { recorder } = this;
    const scenario = this.#scenario;
    recorder.add(caseHeader(scenario));
    recorder.add({ type: "guard", guard: "healthy", kind: "environment", met: true, detail: "" });
    this.#settingUp = true;
    if (scenario.config.startAt === "latest") this.#commitStart();
    this.#settingUp = false;
    for (const { name, at } of scenario.members) this.#at(at, () => this.#start(name));
    for (const planned of scenario.records) this.#at(planned.at, () => this.#produce(planned));
    for (const fault of scenario.faults) this.#at(fault.at, () => this.#inject(fault));
    recorder.add({ type: "phase", phase: "inject" });
    const end = Math.max(
      0,
      ...[...scenario.members, ...scenario.records].map(({ at }) => at),
      // What a slow connection carries holds up all that comes after.
      ...scenario.faults.map((fault) =>
        fault.type === "slow-heartbeats" ? fault.at + fault.forMs + fault.byMs : fault.at,
      ),
    );
    await this.#time.advanceTo(ORIGIN + end + 1000);
    await this.#heal();
    await this.#time.advanceTo(this.#time.now() + SETTLE_MS, () => this.#isDone());
    if (!this.#isDone())
      this.problems.push(`not done ${SETTLE_MS} ms after all was well: ${this.#left()}`);
    for (const member of this.#members.values()) void this.#stop(member, true);
    await this.#time.advanceTo(this.#time.now() + 60_000, () =>
      [...this.#members.values()].every(({ state }) => state === "gone"),
    );
    this.#witnessTopics();
  }

  #at(ms: number, what: () => void): void {
    this.#time.setTimer(what, ORIGIN + ms - this.#time.now());
  }

  // Members.

  #start(name: string): void {
    const former = this.#members.get(name);
    if (former !== undefined && former.state !== "gone") return;
    const { config } = this.#scenario;
    const process = new SimProcess(name, this.#time, this.#random.fork());
    const adapter = simAdapter(
      {
        cluster: this.#cluster,
        network: this.#network,
        process,
        witness: this.recorder,
        tuning: {
          heartbeatMs: config.heartbeatMs,
          fetchRecords: config.fetchRecords,
          barrierMs: Math.floor(config.rebalanceTimeoutMs * 0.8),
          retryMs: 200,
          deliveryMs: 5000,
        },
      },
      (record) => this.#refuses(record),
    );
    const adapted = this.#adapt(adapter);
    bindEnvironment(adapted, process.environment);
    const consumer: Consumer = createConsumer({
      adapter: adapted,
      group: GROUP,
      topics: [TOPIC],
      deadLetter: { topic: DEAD_LETTERS },
      ordering: config.ordering,
      concurrency: config.concurrency,
      commitIntervalMs: config.commitIntervalMs,
      drainTimeoutMs: config.drainTimeoutMs,
      budget: { records: config.budgetRecords },
      retry: { maxAttempts: config.maxAttempts, backoff: config.backoff },
      startAt: config.startAt,
      handler: (record, context) => this.#handle(member, record, context),
    });
    const member: MemberRun = {
      name,
      process,
      consumer,
      state: "up",
      running: new Map(),
      gaveUp: new Set(),
      failed: new Map(),
    };
    this.#members.set(name, member);
    this.recorder.add({ type: "member", member: name, state: "started" });
    this.#listen(member);
    process.run(() => void this.#startUntilItDoes(member));
  }

  async #startUntilItDoes(member: MemberRun): Promise<void> {
    const { time } = member.process.environment;
    while (member.state === "up") {
      try {
        await member.consumer.start();
        this.recorder.add({ type: "member", member: member.name, state: "ready" });
        return;
      } catch {
        await new Promise<void>((resolve) => void time.setTimer(resolve, 500));
      }
    }
  }

  #listen({ name, consumer, running, gaveUp, failed }: MemberRun): void {
    const claim = (
      word: "assigned" | "revoking" | "revoked" | "lost",
      partitions: readonly (TopicPartition & { readonly epoch: number })[],
    ): void => {
      for (const partition of partitions) {
        this.recorder.add({
          type: "claim",
          member: name,
          claim: word,
          epoch: String(partition.epoch),
          partitions: [tp(partition)],
        });
      }
    };
    const isBusy = (partitions: readonly TopicPartition[]): boolean => {
      const keys = new Set(partitions.map(keyOf));
      return [...running.values()].some((record) => keys.has(keyOf(record)));
    };
    consumer.on("assigned", ({ partitions }) => {
      claim("assigned", partitions);
      if (partitions.some((partition) => gaveUp.has(keyOf(partition)))) {
        this.coverage.hit("a partition comes back to the member that gave it up");
      }
    });
    consumer.on("revoking", ({ partitions }) => {
      claim("revoking", partitions);
      if (isBusy(partitions))
        this.coverage.hit("a partition is revoked while a handler runs over it");
    });
    consumer.on("revoked", ({ partitions }) => {
      claim("revoked", partitions);
      for (const partition of partitions) gaveUp.add(keyOf(partition));
    });
    consumer.on("lost", ({ partitions }) => {
      claim("lost", partitions);
      for (const partition of partitions) gaveUp.add(keyOf(partition));
      if (isBusy(partitions)) this.coverage.hit("a partition is lost while a handler runs over it");
    });
    consumer.on("deadLetter", (at) => failed.delete(`${keyOf(at)}@${at.offset}`));
    consumer.on("staleCompletion", () => this.coverage.hit("a late completion is dropped"));
    consumer.on("offsetOutOfRange", () =>
      this.coverage.hit("a committed offset is outside the log"),
    );
    consumer.on("committed", () => this.#lookAt(consumer));
    consumer.on("commitFailed", ({ error }) => {
      if (error.includes("is refused")) this.coverage.hit("a commit is refused");
      if (error.includes("error 12"))
        this.coverage.hit("commit metadata is too long for the broker");
    });
    consumer.on("down", ({ error, willRestart }) => {
      if (!willRestart) this.problems.push(`${name} has failed: ${error.stack ?? error.message}`);
    });
  }

  async #stop(member: MemberRun, forGood: boolean): Promise<void> {
    if (member.state !== "up") return;
    member.state = "stopping";
    const { name, consumer, running, process } = member;
    const { drainTimeoutMs } = this.#scenario.config;
    if (running.size > 0) this.coverage.hit("a member stops with handlers running");
    this.recorder.add({ type: "member", member: name, state: "stopping", deadlineMs: 30_000 });
    const partitions = consumer.stats().partitions;
    const { result } = await consumer.stop(forGood ? {} : { drainTimeoutMs });
    if (process.isDead) return;
    if (forGood && result !== "clean") this.problems.push(`the last stop of ${name} was ${result}`);
    if (forGood && this.#isUncommitted(partitions)) {
      this.problems.push(
        `${name} stopped with something uncommitted: ${JSON.stringify(partitions)}`,
      );
    }
    const { heldRecords, running: stillRunning } = consumer.stats();
    if (forGood && heldRecords + stillRunning > 0) {
      this.problems.push(`${name} stopped with ${heldRecords} records held`);
    }
    member.state = "gone";
    process.crash();
    this.recorder.add({ type: "member", member: name, state: "exited", code: 0 });
    // It was asked to stop when things went ill, and has come to it since.
    if (this.#healed && !forGood) this.#start(name);
  }

  #crash(member: MemberRun): void {
    if (member.state === "gone") return;
    if (member.running.size > 0) this.coverage.hit("a process dies with handlers running");
    member.state = "gone";
    member.process.crash();
    this.recorder.add({ type: "member", member: member.name, state: "killed" });
  }

  // Handlers: their begins and ends are the ledger.

  #handle(
    member: MemberRun,
    record: KafkaRecord,
    { attempt, epoch, signal }: HandlerContext,
  ): HandlerResult {
    const { name, process, running } = member;
    const planned = this.#planned.get(record)!;
    const handle = `${process.incarnation}.${++this.#handles}`;
    running.set(handle, record);
    const place = `${keyOf(record)}@${record.offset}`;
    this.recorder.add({
      type: "begin",
      member: name,
      handle,
      epoch: String(epoch),
      topic: record.topic,
      partition: record.partition,
      offset: String(record.offset),
      key: base64(record.key),
      valueHash: base64(record.value),
      attempt,
    });
    if (
      !this.#isTruncated &&
      this.recorder.wasSettledAtStart(process, { ...record, epoch }, record.offset)
    ) {
      this.problems.push(`${name} began ${place} again, which its start's metadata calls settled`);
    }
    if (
      this.#cluster.protocol === "cooperative" &&
      !this.#cluster.group(GROUP).coordinator.isStable
    ) {
      this.coverage.hit("records flow while a cooperative group rebalances");
    }
    if ((this.#begunBy.get(place) ?? process.incarnation) !== process.incarnation) {
      this.coverage.hit("an attempt is made in another process");
    }
    this.#begunBy.set(place, process.incarnation);
    const failed = member.failed.get(place) ?? 0;
    if (attempt < Math.min(failed + 1, this.#scenario.config.maxAttempts)) {
      this.problems.push(
        `${name} began attempt ${attempt} of ${place} after ${failed} had failed there`,
      );
    }
    const end = (): Returns => {
      running.delete(handle);
      const outcome = outcomeOf(planned, attempt);
      this.recorder.add({ type: "finish", member: name, handle, result: outcome.result });
      if (outcome.result === "throw" || outcome.result === "retry") {
        this.#rememberFailure(member, record, epoch, attempt);
      } else member.failed.delete(place);
      if (outcome.throws !== undefined) throw outcome.throws;
      return outcome.returns;
    };
    const { durationMs, heedsSignal } = planned;
    if (durationMs === 0) return end();
    return new Promise((resolve, reject) => {
      const timer = process.environment.time.setTimer(() => {
        try {
          resolve(end());
        } catch (thrown) {
          reject(thrown);
        }
      }, durationMs);
      signal.addEventListener("abort", () => {
        this.coverage.hit("a handler's signal fires");
        if (!heedsSignal || !running.delete(handle)) return;
        process.environment.time.clearTimer(timer);
        this.recorder.add({ type: "finish", member: name, handle, result: "throw" });
        reject(signal.reason as Error);
      });
    });
  }

  /** Attempts are counted over assignments as long as the process lives. */
  #rememberFailure(member: MemberRun, record: KafkaRecord, epoch: number, attempt: number): void {
    const isHeld = member.consumer
      .stats()
      .partitions.some((held) => held.epoch === epoch && keyOf(held) === keyOf(record));
    // What comes back after its partition has gone is not heard.
    if (isHeld) member.failed.set(`${keyOf(record)}@${record.offset}`, attempt);
  }

  // The topic.

  /** "Latest" means here: what is produced once the group has begun. */
  #commitStart(): void {
    for (const log of this.#cluster.logs(TOPIC)!) {
      this.#cluster.setOffsets(GROUP, [
        { topic: TOPIC, partition: log.partition, offset: 0, metadata: "" },
      ]);
    }
  }

  #produce(planned: PlannedRecord): void {
    const { partition, key, before } = planned;
    const log = this.#cluster.log({ topic: TOPIC, partition });
    const record: OutgoingRecord = {
      topic: TOPIC,
      partition,
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(`${this.#planned.size}`),
      headers: [["n", Buffer.from(String(this.#planned.size))]],
    };
    if (before === "gap") log.skip(this.#random.between(1, 50));
    if (before === "marker") log.appendMarker();
    if (before === "aborted") log.appendAborted(record, this.#time.now());
    const appended = this.#cluster.append(record);
    this.#planned.set(appended, planned);
    this.#lookAtMembers();
    this.recorder.add({
      type: "produced",
      topic: TOPIC,
      partition,
      offset: String(appended.offset),
      key: base64(record.key),
      valueHash: base64(record.value),
    });
    if (failsForGood(planned)) {
      this.recorder.add({
        type: "expect",
        expect: "dead-letter",
        topic: TOPIC,
        partition,
        offset: String(appended.offset),
      });
    }
  }

  #lookAtMembers(): void {
    for (const { state, consumer } of this.#members.values()) {
      if (state !== "gone") this.#lookAt(consumer);
    }
  }

  #lookAt(consumer: Consumer): void {
    const { partitions, totals } = consumer.stats();
    for (const { pausedFor } of partitions) {
      if (pausedFor.includes("budget")) this.coverage.hit("the budget pauses a partition");
      if (pausedFor.includes("metadata")) {
        this.coverage.hit("commit metadata that is full pauses a partition");
      }
    }
    if (totals["restored"]! > 0) this.coverage.hit("commit metadata is restored");
  }

  #refuses(record: OutgoingRecord): ReturnType<typeof portError> | null {
    const { origin } = readEnvelope({ ...record, offset: 0 }, { trusted: true });
    const place = origin === null ? "" : `${keyOf(origin)}@${origin.offset}`;
    if (this.#refusals > 0) {
      this.#refusals--;
      this.#refusedOrigins.add(place);
      return portError("authorization", "the topic of dead letters refuses it");
    }
    if (this.#refusedOrigins.delete(place)) {
      this.coverage.hit("a dead letter is refused, then accepted");
    }
    return null;
  }

  // Faults.

  #inject(fault: PlannedFault): void {
    const detail = JSON.stringify(fault);
    this.recorder.add({ type: "fault", fault: fault.type, state: "injected", detail });
    const later = (ms: number, what: () => void): void =>
      void this.#time.setTimer(() => {
        if (this.#healed) return;
        this.recorder.add({ type: "fault", fault: fault.type, state: "healed" });
        what();
      }, ms);
    const member = "member" in fault ? this.#members.get(fault.member) : undefined;
    switch (fault.type) {
      case "crash":
        if (member === undefined) return;
        this.#crash(member);
        return later(fault.restartAfterMs, () => this.#start(fault.member));
      case "stop":
        if (member === undefined) return;
        member.process.run(() => void this.#stop(member, false));
        return later(fault.restartAfterMs, () => this.#start(fault.member));
      case "freeze":
        if (member === undefined) return;
        if (fault.forMs > this.#scenario.config.sessionTimeoutMs) {
          this.coverage.hit("a process sleeps longer than its session");
        }
        member.process.pause();
        return later(fault.forMs, () => member.process.resume());
      case "evict":
        return this.#cluster.group(GROUP).coordinator.evict(fault.member);
      case "user-pause":
        if (member === undefined) return;
        member.process.run(() => member.consumer.pause());
        return later(fault.forMs, () => member.process.run(() => member.consumer.resume()));
      case "rebalance":
        return this.#cluster.group(GROUP).coordinator.shake();
      case "broker-down":
        if (fault.duringCommit) this.#downAtCommit = true;
        else this.#stopBroker();
        return later(fault.forMs, () => {
          this.#downAtCommit = false;
          this.#cluster.start();
        });
      case "lose-commits":
        for (let i = 0; i < fault.count; i++) this.#lossesOfCommits.push(fault.what);
        return;
      case "slow-heartbeats":
        this.#slowHeartbeats.set(fault.member, {
          until: this.#time.now() + fault.forMs,
          byMs: fault.byMs,
        });
        return;
      case "refuse-dead-letters":
        this.#refusals += fault.count;
        return;
      case "open-transaction": {
        const log = this.#cluster.log({ topic: TOPIC, partition: fault.partition });
        log.beginTransaction();
        return void this.#time.setTimer(() => {
          log.endTransaction();
          this.#cluster.wake(log);
        }, fault.forMs);
      }
      case "retention": {
        const log = this.#cluster.log({ topic: TOPIC, partition: fault.partition });
        log.deleteBefore(log.end - fault.keep);
        const committed = this.#cluster.group(GROUP).offsets.get(log)?.offset ?? 0;
        if (committed < log.low) this.coverage.hit("retention overtakes a reader");
        return;
      }
      case "truncate": {
        const log = this.#cluster.log({ topic: TOPIC, partition: fault.partition });
        log.truncate(log.end - fault.count);
        return this.#cluster.wake(log);
      }
    }
  }

  #stopBroker(): void {
    if (!this.#cluster.isUp || this.#healed) return;
    this.#cluster.stop();
    if (this.#network.isCarrying("commit")) {
      this.coverage.hit("the broker goes down with commits under way");
    }
    this.#network.breakAll();
  }

  async #heal(): Promise<void> {
    this.#healed = true;
    this.#downAtCommit = false;
    this.#refusals = 0;
    this.#lossesOfCommits.length = 0;
    this.#slowHeartbeats.clear();
    this.recorder.add({ type: "phase", phase: "heal" });
    this.#cluster.start();
    for (const { process } of this.#members.values()) process.resume();
    await this.#time.settle();
    for (const member of this.#members.values()) {
      if (member.state === "up") member.consumer.resume();
    }
    for (const { name } of this.#scenario.members) this.#start(name);
    for (const type of new Set(this.#scenario.faults.map((fault) => fault.type))) {
      this.recorder.add({ type: "fault", fault: type, state: "healed" });
    }
    this.recorder.add({ type: "phase", phase: "quiesce" });
  }

  #fate(random: Random, kind: RequestKind, process: SimProcess): Fate {
    const [low, high] = this.#scenario.config.latencyMs;
    const requestMs = random.between(low, high);
    const answerMs = random.between(low, high);
    if (this.#healed) return { requestMs, answerMs, loses: "nothing" };
    const slow = this.#slowHeartbeats.get(process.name);
    const delayMs =
      kind === "heartbeat" && slow !== undefined && this.#time.now() < slow.until ? slow.byMs : 0;
    const planned = kind === "commit" ? this.#lossesOfCommits.shift() : undefined;
    const chance = random.chance(this.#scenario.config.loss);
    const loses = planned ?? (chance ? (random.chance(0.5) ? "request" : "answer") : "nothing");
    if (loses !== "nothing" && kind !== "fetch") {
      this.recorder.add({ type: "fault", fault: `lost ${loses}`, state: "observed", detail: kind });
    }
    if (kind === "commit" && loses === "answer") {
      this.coverage.hit("a commit is applied and its answer lost");
    }
    return { requestMs: requestMs + delayMs, answerMs, loses };
  }

  // The end.

  #isDone(): boolean {
    if ([...this.#members.values()].some(({ running }) => running.size > 0)) return false;
    return this.#left() === "";
  }

  #left(): string {
    const { coordinator, offsets } = this.#cluster.group(GROUP);
    const left = this.#cluster
      .logs(TOPIC)!
      .filter((log) => (offsets.get(log)?.offset ?? log.low) < log.end)
      .map((log) => `${keyOf(log)} ${offsets.get(log)?.offset ?? "never committed"} of ${log.end}`);
    if (!coordinator.isStable) left.push("the group is rebalancing");
    for (const { name, state, consumer } of this.#members.values()) {
      const { heldRecords, partitions } = consumer.stats();
      if (state !== "up") continue;
      if (heldRecords > 0 || this.#isUncommitted(partitions)) {
        left.push(`${name} holds ${heldRecords}: ${JSON.stringify(partitions)}`);
      }
    }
    return left.join("; ");
  }

  /** Who was given an empty partition has nothing to commit. */
  #isUncommitted(partitions: ConsumerStats["partitions"]): boolean {
    return partitions.some(
      (partition) => partition.committed !== null && partition.committed !== partition.frontier,
    );
  }

  #witnessTopics(): void {
    for (const log of this.#cluster.logs(TOPIC)!) {
      this.recorder.add({
        type: "log-range",
        topic: TOPIC,
        partition: log.partition,
        start: String(log.low),
        end: String(log.end),
      });
      for (const record of log.visible()) {
        this.recorder.add({ type: "visible", ...contentOf(record), timestamp: record.timestamp });
      }
    }
    for (const log of this.#cluster.logs(DEAD_LETTERS)!) {
      for (const record of log.visible()) {
        const { origin, retryCount } = readEnvelope(record, { trusted: true });
        this.recorder.add({
          type: "dead-letter",
          ...contentOf(record),
          origin:
            origin === null
              ? null
              : {
                  topic: origin.topic,
                  partition: origin.partition,
                  offset: String(origin.offset),
                  timestamp: origin.timestamp ?? -1,
                  attempts: retryCount + 1,
                },
        });
      }
    }
  }
}

function unchanged(adapter: Adapter): Adapter {
  return adapter;
}

interface MemberRun {
  readonly name: string;
  readonly process: SimProcess;
  readonly consumer: Consumer;
  state: "up" | "stopping" | "gone";
  /** By handle. */
  readonly running: Map<string, KafkaRecord>;
  readonly gaveUp: Set<string>;
  /** Attempts that have failed in this process, by record. */
  readonly failed: Map<string, number>;
}

function contentOf(record: KafkaRecord): {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly valueHash: string | null;
  readonly headers: ReturnType<typeof headersOf>;
} {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: String(record.offset),
    key: base64(record.key),
    valueHash: base64(record.value),
    headers: headersOf(record.headers),
  };
}
