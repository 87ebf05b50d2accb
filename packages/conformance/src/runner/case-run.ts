import type { Cluster } from "../cluster/cluster.ts";
import type { Proxy, Rule, RuleHandle } from "../proxy/proxy.ts";
import type { FinishResult, SubjectConfig } from "../subject/protocol.ts";
import type { ProducedRecord, Witness } from "../witness/witness.ts";
import type { CaseSettings } from "./case-settings.ts";
import { condition, Unmet } from "./condition.ts";
import type { History } from "./history.ts";
import type { Decision, Ledger, RuleInForce, Work } from "./ledger.ts";
import { Member } from "./member.ts";
import { Random } from "./random.ts";
import type { SubjectUnderTest } from "./subject-under-test.ts";
import type { VectorTest } from "./vector-file.ts";
import type { WireView } from "./wire-view.ts";
import type { WorkloadRecord } from "./workload.ts";
import { evenWorkload, valueHash } from "./workload.ts";

/** Names that a case works with; fresh for every run of a case. */
export interface CaseNames {
  readonly group: string;
  readonly topic: string;
  readonly deadLetterTopic: string | null;
}

export interface CaseRunParts {
  readonly cluster: Cluster;
  readonly proxy: Proxy | null;
  readonly witness: Witness;
  readonly subject: SubjectUnderTest;
  readonly settings: CaseSettings;
  readonly names: CaseNames;
  readonly seed: number;
  readonly history: History;
  readonly ledger: Ledger;
  readonly wire: WireView;
  readonly produced: ProducedRecord[];
  readonly members: Map<string, Member>;
  /** What the case waits for or does now. */
  readonly step: (text: string) => void;
  readonly sabotage: Sabotage | null;
  /** Fires when the run is called off. */
  readonly signal: AbortSignal;
}

/** Ways to break the harness itself, for the self test: each must make a case unknown. */
export type Sabotage =
  "rules-off" | "nothing-held" | "kills-off" | "topics-off" | "wire-off" | "commit-log-off";

/** `group.consumer.session.timeout.ms` of the suite's clusters. */
const BROKER_SESSION_MS = 6_000;
const SUBJECT_START_MS = 20_000;
const DEFAULT_WAIT_MS = 20_000;
const HOOK_MS = 10_000;
const VECTOR_MS = 10_000;
const VECTORS_IN_FLIGHT = 64;

/**
 * What a case is written with. Every wait is for a condition and has a deadline; nothing sleeps.
 * Everything done here leaves its line in the history.
 */
export class CaseRun {
  readonly #parts: CaseRunParts;
  readonly random: Random;
  #holds: RuleInForce[] = [];
  /** Where the group's duty begins; 0 where nothing is said. */
  readonly #starts = new Map<number, number>();
  #partitions: number | null = null;

  constructor(parts: CaseRunParts) {
    this.#parts = parts;
    this.random = new Random(parts.seed);
  }

  get cluster(): Cluster {
    return this.#parts.cluster;
  }
  get witness(): Witness {
    return this.#parts.witness;
  }
  get wire(): WireView {
    return this.#parts.wire;
  }
  get ledger(): Ledger {
    return this.#parts.ledger;
  }
  get history(): History {
    return this.#parts.history;
  }
  get subject(): SubjectUnderTest {
    return this.#parts.subject;
  }
  get settings(): CaseSettings {
    return this.#parts.settings;
  }
  get topic(): string {
    return this.#parts.names.topic;
  }
  get deadLetterTopic(): string | null {
    return this.#parts.names.deadLetterTopic;
  }
  get group(): string {
    return this.#parts.names.group;
  }
  /** Every acknowledged workload record of the main topic. */
  get produced(): readonly ProducedRecord[] {
    return this.#parts.produced;
  }
  get members(): readonly Member[] {
    return [...this.#parts.members.values()];
  }
  /** KIP-848 takes the session from the broker. */
  get sessionMs(): number {
    const { mode } = this.subject;
    return mode.groupProtocol === "consumer" ? BROKER_SESSION_MS : this.settings.sessionTimeoutMs;
  }
  /** The run was called off: nothing need be mended, the cluster is thrown away. */
  get calledOff(): boolean {
    return this.#parts.signal.aborted;
  }
  get seed(): number {
    return this.#parts.seed;
  }
  /** The runner's clock, as in the history. */
  get now(): number {
    return performance.now();
  }
  // --- members ---

  /** Starts a member and waits until it has answered `start`. @throws SubjectError */
  async start(name: string, overrides: Partial<SubjectConfig> = {}): Promise<Member> {
    this.step(`start ${name}`);
    const member = new Member(name, this.subject.command, this.history, this.ledger);
    this.#parts.members.set(name, member);
    await member.start({ ...this.#config(name), ...overrides }, SUBJECT_START_MS);
    return member;
  }

  /** A graceful stop with the case's own deadline. */
  async stop(name: string, deadlineMs: number = this.settings.limits.stopMs): Promise<void> {
    this.step(`stop ${name}`);
    await this.#parts.members.get(name)?.stop(deadlineMs);
  }

  /** SIGTERM; resolves when it has exited. */
  async terminate(name: string): Promise<void> {
    this.step(`end ${name}`);
    await this.#parts.members.get(name)?.terminate(this.settings.limits.stopMs);
  }

  /** SIGKILL; resolves when it has exited. */
  async kill(name: string): Promise<void> {
    this.step(`kill ${name}`);
    if (this.#parts.sabotage === "kills-off") {
      // As if it had been: only the signal is not sent.
      this.history.record({ type: "member", member: name, state: "killed" });
      return;
    }
    await this.#parts.members.get(name)?.kill();
  }

  /** SIGSTOP: the process stands still, its connections stay open. */
  pause(name: string): void {
    this.#parts.members.get(name)?.pause();
  }

  /** SIGCONT. */
  resume(name: string): void {
    this.#parts.members.get(name)?.resume();
  }

  /** Its process does nothing else for so long. Does not wait for the end. @throws SubjectError */
  async stall(name: string, ms: number): Promise<void> {
    await this.#parts.members.get(name)?.hook({ cmd: "stall", ms }, HOOK_MS);
  }

  /** The wall clock of its process jumps. @throws SubjectError */
  async shiftClock(name: string, offsetMs: number): Promise<void> {
    await this.#parts.members.get(name)?.hook({ cmd: "clock", offsetMs }, HOOK_MS);
  }

  /** Connections of a member that the proxy holds now. */
  connectionsOf(name: string): number {
    const connections = this.#parts.proxy?.connections ?? [];
    return connections.filter(({ clientId }) => clientId === name).length;
  }

  // --- vectors, which need no cluster ---

  /** A subject that is only asked, never started. @throws SubjectError */
  async startForVectors(name: string): Promise<Member> {
    const member = new Member(name, this.subject.command, this.history, this.ledger);
    this.#parts.members.set(name, member);
    await member.hello(SUBJECT_START_MS);
    return member;
  }

  /**
   * Asks the tests of a vector file, many at once, and keeps expectations and answers.
   *
   * @param seed they are of no file, but drawn by this seed
   * @throws SubjectError
   */
  async askVectors(
    member: Member,
    file: string,
    tests: Iterable<VectorTest>,
    seed?: number,
  ): Promise<void> {
    this.step(`ask the subject for ${file}`);
    const queue = tests[Symbol.iterator]();
    const askOn = async (): Promise<void> => {
      for (let next = queue.next(); next.done !== true; next = queue.next()) {
        const { tcId, op, comment, requirements, result, input, expect } = next.value;
        const answer = await member.vector(op, input, VECTOR_MS);
        this.history.record({
          type: "vector",
          file,
          tcId,
          ...(seed === undefined ? {} : { seed }),
          op,
          comment,
          requirements,
          result,
          input,
          expected: expect,
          answer,
        });
      }
    };
    await Promise.all(Array.from({ length: VECTORS_IN_FLIGHT }, askOn));
  }

  // --- the handler, which is ours ---

  /** Handlers that match are held until the rule is released. */
  hold(where: (work: Work) => boolean): RuleInForce {
    if (this.#parts.sabotage === "nothing-held") return { release: () => {} };
    const rule = this.ledger.decide((work) => (where(work) ? "hold" : undefined));
    this.#holds.push(rule);
    return rule;
  }

  /** How handlers end, by rule; what no rule decides ends `ok` at once. */
  script(rule: (work: Work) => Decision | undefined): RuleInForce {
    return this.ledger.decide(rule);
  }

  held(where?: (work: Work) => boolean): Work[] {
    return this.ledger.held(where);
  }

  finish(works: Work | readonly Work[], result: FinishResult = "ok"): void {
    for (const work of Array.isArray(works) ? (works as readonly Work[]) : [works as Work]) {
      this.ledger.finish(work, result);
    }
  }

  /** Lets go of everything that was held by {@link hold}. */
  releaseAll(): void {
    for (const hold of this.#holds) hold.release();
    this.#holds = [];
  }

  // --- conditions ---

  step(text: string): void {
    this.#parts.step(text);
  }

  /**
   * Waits for a condition that the subject has to bring about.
   * @throws Unmet at the deadline, or as soon as a member has died or broken the protocol
   */
  async until(
    what: string,
    holds: () => boolean,
    options: {
      readonly withinMs?: number;
      readonly blame?: "subject" | "environment" | (() => "subject" | "environment");
      readonly progress?: () => string;
    } = {},
  ): Promise<void> {
    this.step(what);
    const { blame = "subject" } = options;
    try {
      await condition(this.history, what, holds, {
        withinMs: options.withinMs ?? DEFAULT_WAIT_MS,
        blame: "subject",
        hopeless: () => this.#hopeless(),
        ...(options.progress === undefined ? {} : { progress: options.progress }),
      });
    } catch (error) {
      if (!(error instanceof Unmet) || blame === "subject") throw error;
      const side = typeof blame === "function" ? blame() : blame;
      throw side === "subject" ? error : new Unmet(error.condition, side, error.detail);
    }
  }

  /**
   * Until a time of the runner's clock, or until it is over.
   * @throws Unmet as soon as a member has died
   */
  async untilTime(time: number, over: () => boolean): Promise<void> {
    await condition(this.history, "time passes", () => over() || this.now >= time, {
      withinMs: Infinity,
      blame: "subject",
      hopeless: () => this.#hopeless(),
    });
  }

  /** As {@link until}, for what only the proxy can tell: if it has not seen the member, it is blind. */
  async untilWire(
    member: string,
    what: string,
    holds: () => boolean,
    options: { readonly withinMs?: number; readonly progress?: () => string } = {},
  ): Promise<void> {
    const blame = (): "subject" | "environment" =>
      this.wire.seen(member) ? "subject" : "environment";
    await this.until(what, holds, { ...options, blame });
  }

  /**
   * Waits until at least `count` matching handlers are held (G4). Handlers that began and are not
   * held although they should be are the harness's fault, not the subject's.
   */
  async untilHeld(
    what: string,
    count: number,
    where: (work: Work) => boolean,
    withinMs: number = DEFAULT_WAIT_MS,
  ): Promise<void> {
    const held = (): number => this.ledger.held(where).length;
    await this.until(what, () => held() >= count, {
      withinMs,
      blame: () => (this.ledger.works.filter(where).length >= count ? "environment" : "subject"),
      progress: () => `${held()} of ${count} held`,
    });
  }

  /** Waits until so many commit intervals have passed since a time. */
  async commitIntervals(count: number, since: number = this.now): Promise<void> {
    const span = count * this.settings.commitIntervalMs;
    await this.until(`${count} commit intervals pass`, () => this.now - since >= span, {
      withinMs: span + DEFAULT_WAIT_MS,
    });
  }

  /** Waits until every workload record is settled (or dead-lettered). */
  async untilSettled(withinMs: number = this.settings.limits.settleMs): Promise<void> {
    // What has settled stays so: to look at all of them after every event would slow the handlers down.
    let open: readonly ProducedRecord[] = [];
    let known = 0;
    const left = (): number => {
      open = [...open, ...this.produced.slice(known)].filter((record) => this.#isUnsettled(record));
      known = this.produced.length;
      return open.length;
    };
    await this.until("every record is settled", () => left() === 0, {
      withinMs,
      progress: () => `${left()} of ${this.produced.length} are not`,
    });
  }

  /** Workload records that are neither handled nor dead-lettered yet. */
  unsettled(where: (record: ProducedRecord) => boolean = () => true): number {
    return this.produced.filter((record) => where(record) && this.#isUnsettled(record)).length;
  }

  /** Partitions of the workload whose last record is not committed yet. */
  uncommitted(): number {
    const ends = new Map<number, number>();
    for (const { partition, offset } of this.produced) {
      ends.set(partition, Math.max(ends.get(partition) ?? 0, offset + 1));
    }
    return [...ends].filter(([partition, end]) => this.committed(partition) < end).length;
  }

  /** Highest offset of the main topic that a witness has seen committed, -1 for none. */
  committed(partition: number): number {
    return Math.max(
      this.wire.committed(this.topic, partition),
      this.wire.logged(this.topic, partition),
    );
  }

  // --- the workload ---

  /** Of the workload's topic, as many as there are now. */
  get partitions(): number {
    return this.#partitions ?? this.settings.partitions;
  }

  /** Resolves when brokers know the new partitions. */
  async addPartitions(partitions: number): Promise<void> {
    await this.witness.addPartitions(this.topic, partitions);
    this.#partitions = partitions;
  }

  /** Produces more; resolves when it is acknowledged. */
  async produce(records: readonly WorkloadRecord[]): Promise<ProducedRecord[]> {
    const produced = await this.witness.produce(this.topic, records);
    for (const record of produced) this.recordProduced(record);
    return produced;
  }

  /** Transactions with records in every partition; the first and every n-th after it is aborted. */
  async produceTransactions(count: number, records: number, abortEvery: number): Promise<void> {
    const transactions = Array.from({ length: count }, (_, i) => ({
      records: evenWorkload(this.seed + i, this.partitions, records, (p, o) => `k${p}-${o}`),
      abort: i % abortEvery === 0,
    }));
    const produced = await this.witness.produceTransactions(this.topic, transactions);
    for (const record of produced) this.recordProduced(record);
  }

  recordProduced(produced: ProducedRecord): void {
    const { partition, offset, record } = produced;
    this.#parts.produced.push(produced);
    this.history.record({
      type: "produced",
      topic: this.topic,
      partition,
      offset: String(offset),
      key: record.key?.toString("base64") ?? null,
      valueHash: valueHash(record.value),
    });
  }

  /** The group's duty in a partition begins here; what lies before is nobody's. */
  startsAt(partition: number, offset: number): void {
    this.#starts.set(partition, offset);
    this.history.record({ type: "start", topic: this.topic, partition, offset: String(offset) });
  }

  /** The script's verdict on a record: it must end in the dead letter topic. */
  expectDeadLetter(partition: number, offset: number): void {
    this.history.record({
      type: "expect",
      expect: "dead-letter",
      topic: this.topic,
      partition,
      offset: String(offset),
    });
  }

  // --- faults, phases and guards ---

  /** A fault is ordered: phase `inject`. */
  inject(fault: string, detail?: string): Injected {
    const { history } = this;
    history.record({ type: "phase", phase: "inject" });
    history.record({
      type: "fault",
      fault,
      state: "injected",
      ...(detail === undefined ? {} : { detail }),
    });
    return {
      observed: (how) => {
        history.record({ type: "fault", fault, state: "observed", detail: how });
        history.record({ type: "phase", phase: "impact" });
      },
      healed: () => {
        history.record({ type: "fault", fault, state: "healed" });
        history.record({ type: "phase", phase: "heal" });
      },
    };
  }

  /** A proxy rule. The case must see it act: {@link untilActing}. */
  rule(rule: Rule): RuleHandle {
    const { proxy, sabotage } = this.#parts;
    if (proxy === null) throw new Error("this case needs the proxy");
    return sabotage === "rules-off" ? deadRule : proxy.addRule(rule);
  }

  async untilActing(what: string, rule: RuleHandle, times = 1, withinMs?: number): Promise<void> {
    await this.until(what, () => rule.acted >= times, {
      ...(withinMs === undefined ? {} : { withinMs }),
      blame: "environment",
      progress: () => `${rule.matched} frames matched, ${rule.acted} were acted on`,
    });
  }

  /** The case's own vacuity guard: what makes it a real test. */
  guard(
    name: string,
    met: boolean,
    detail: string,
    kind: "environment" | "subject" = "environment",
  ): void {
    this.history.record({ type: "guard", guard: name, kind, met, detail });
  }

  /** The end of every fault: no paused member, no proxy rule, no held handler. */
  healEverything(): void {
    for (const member of this.#parts.members.values()) member.resume();
    this.#parts.proxy?.removeAllRules();
    this.releaseAll();
  }

  #isUnsettled({ partition, offset }: ProducedRecord): boolean {
    const { ledger, wire, topic } = this;
    return (
      offset >= (this.#starts.get(partition) ?? 0) &&
      !ledger.isOk(topic, partition, offset) &&
      !wire.isDiverted(topic, partition, offset) &&
      // Where nobody sees a dead letter's acknowledgement, it is due from the last failure on.
      (this.cluster.can.proxy || !ledger.isGivenUp(topic, partition, offset))
    );
  }

  #hopeless(): string | null {
    if (this.#parts.signal.aborted) return "the run was called off";
    for (const member of this.#parts.members.values()) {
      if (member.protocolError !== null) throw member.protocolError;
      if (member.diedUnexpectedly !== null) return member.diedUnexpectedly;
    }
    return null;
  }

  #config(member: string): SubjectConfig {
    const { settings, subject, cluster } = this;
    return {
      brokers: cluster.clientBrokers,
      ...cluster.clientSecurity,
      group: this.group,
      member,
      topics: [this.topic],
      concurrency: settings.concurrency,
      ordering: settings.ordering,
      commitIntervalMs: settings.commitIntervalMs,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      heartbeatMs: settings.heartbeatMs,
      rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
      drainTimeoutMs: settings.drainTimeoutMs,
      groupProtocol: subject.mode.groupProtocol,
      assignor: subject.mode.assignor,
      isolation: "read_committed",
      startAt: settings.startAt,
      retry: { ...settings.retry, jitter: "none" },
      deadLetter: this.deadLetterTopic === null ? null : { topic: this.deadLetterTopic },
      ...(settings.bufferBytes === null ? {} : { bufferBytes: settings.bufferBytes }),
    };
  }
}

export interface Injected {
  /** A witness saw the fault's effect: phase `impact`. Without it the case is unknown (G3). */
  observed(how: string): void;
  /** Phase `heal`. */
  healed(): void;
}

/** A sabotaged proxy's rule: it never matches anything. */
const deadRule: RuleHandle = {
  matched: 0,
  acted: 0,
  acting: () => new Promise(() => {}),
  release: () => {},
  remove: () => {},
};
