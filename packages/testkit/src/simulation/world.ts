import type { Adapter, KafkaRecord, OutgoingRecord } from "@sluice/core";
import { readEnvelope } from "@sluice/core";
import { bindEnvironment } from "@sluice/runtime/internals";
import { simAdapter } from "../client/sim-adapter.ts";
import { SimNetwork } from "../client/sim-network.ts";
import { SimProcess } from "../client/sim-process.ts";
import { METADATA_BYTES } from "../cluster/group-offsets.ts";
import { SimCluster } from "../cluster/sim-cluster.ts";
import { keyOf } from "../partition-key.ts";
import { Random } from "../random.ts";
import { VirtualTime } from "../virtual-time.ts";
import { AssignmentBook } from "./assignment-book.ts";
import { caseHeader, DEAD_LETTERS, GROUP, SETTLE_MS, TOPIC } from "./case-header.ts";
import type { CommitWatch } from "./commit-watch.ts";
import type { CommitsInFlight } from "./commits-in-flight.ts";
import { Coverage } from "./coverage.ts";
import { Faults } from "./faults.ts";
import { failsForGood } from "./planned-outcome.ts";
import { base64, headersOf, Recorder } from "./recorder.ts";
import type { PlannedRecord, Scenario } from "./scenario.ts";
import { SimulatedMember } from "./simulated-member.ts";
import type { Stage } from "./stage.ts";

const ORIGIN = 1_700_000_000_000;

/** One run of one scenario: the cluster, the members, what happens to them, and who writes it down. */
export class World implements Stage {
  readonly scenario: Scenario;
  readonly time: VirtualTime = new VirtualTime(ORIGIN);
  readonly cluster: SimCluster;
  readonly recorder: Recorder;
  readonly book: AssignmentBook;
  readonly coverage: Coverage = new Coverage();
  readonly problems: string[] = [];
  readonly planned: Map<KafkaRecord, PlannedRecord> = new Map();
  readonly begunBy: Map<KafkaRecord, string> = new Map();
  readonly commitWatches: Map<SimProcess, CommitWatch> = new Map();
  readonly commitsInFlight: Map<SimProcess, CommitsInFlight> = new Map();
  readonly #adapt: (adapter: Adapter) => Adapter;
  readonly #random: Random;
  readonly #network: SimNetwork;
  readonly #faults: Faults;
  readonly #members = new Map<string, SimulatedMember>();
  #healed = false;
  /** Whoever commits now is no member. */
  #isAnother = false;

  /** @param adapt what the members are given for their adapter: a test plants defects with it */
  constructor(scenario: Scenario, adapt: (adapter: Adapter) => Adapter = unchanged) {
    this.#adapt = adapt;
    this.scenario = scenario;
    const { config, seed } = scenario;
    this.#random = new Random(seed ^ 0x5eed);
    this.cluster = new SimCluster(this.time, config.protocol, {
      sessionTimeoutMs: config.sessionTimeoutMs,
      rebalanceTimeoutMs: config.rebalanceTimeoutMs,
      metadataBytes: config.metadataBytes,
      onExpired: () => this.coverage.hit("a session runs out"),
    });
    this.cluster.createTopic(TOPIC, config.partitions);
    this.cluster.createTopic(DEAD_LETTERS, 2);
    this.#network = new SimNetwork(this.cluster);
    const tellsAll = config.commitMetadata && config.metadataBytes === METADATA_BYTES;
    this.book = new AssignmentBook({ ...config, tellsAll }, this.coverage, (problem) =>
      this.problems.push(problem),
    );
    this.recorder = new Recorder(
      this.time,
      this.book,
      this.commitWatches,
      this.commitsInFlight,
      config.protocol === "consumer",
    );
    this.#faults = new Faults(
      this,
      {
        member: (name) => this.#members.get(name),
        start: (name) => this.#start(name),
        asAnother: (what) => this.#asAnother(what),
      },
      this.#network,
      this.#random.fork(),
    );
    this.#network.fate = (kind, process) => this.#faults.fate(kind, process);
    this.#recordCommits();
  }

  /** Everything bad first, then everything well: then nothing may be left undone. */
  async run(): Promise<void> {
    const { recorder, scenario, time } = this;
    recorder.add(caseHeader(scenario));
    recorder.add({ type: "guard", guard: "healthy", kind: "environment", met: true, detail: "" });
    if (scenario.config.startAt === "latest") this.#asAnother(() => this.#commitStart());
    for (const { name, at } of scenario.members) this.#at(at, () => this.#start(name));
    for (const planned of scenario.records) this.#at(planned.at, () => this.#produce(planned));
    for (const fault of scenario.faults) this.#at(fault.at, () => this.#faults.inject(fault));
    recorder.add({ type: "phase", phase: "inject" });
    const end = Math.max(
      0,
      ...[...scenario.members, ...scenario.records].map(({ at }) => at),
      // What a slow connection carries holds up all that comes after.
      ...scenario.faults.map((fault) =>
        fault.type === "slow-heartbeats" ? fault.at + fault.forMs + fault.byMs : fault.at,
      ),
    );
    await time.advanceTo(ORIGIN + end + 1000);
    await this.#heal();
    await time.advanceTo(time.now() + SETTLE_MS, () => this.#isDone());
    if (!this.#isDone()) {
      this.problems.push(`not done ${SETTLE_MS} ms after all was well: ${this.#left()}`);
    }
    for (const member of this.#members.values()) void member.stop(true);
    await time.advanceTo(time.now() + 60_000, () =>
      [...this.#members.values()].every(({ state }) => state === "gone"),
    );
    this.#witnessTopics();
  }

  /** It was asked to stop when things went ill, and has come to it since. */
  left(name: string, forGood: boolean): void {
    if (this.#healed && !forGood) this.#start(name);
  }

  #at(ms: number, what: () => void): void {
    this.time.setTimer(what, ORIGIN + ms - this.time.now());
  }

  #recordCommits(): void {
    let sequence = 0;
    this.cluster.onCommitted = (_, { topic, partition, offset, metadata }) => {
      this.#faults.committed();
      this.recorder.add({
        type: "committed",
        topic,
        partition,
        offset: String(offset),
        metadata,
        seq: sequence++,
        own: this.#isAnother,
      });
    };
  }

  #asAnother(what: () => void): void {
    this.#isAnother = true;
    what();
    this.#isAnother = false;
  }

  /** "Latest" means here: what is produced once the group has begun. */
  #commitStart(): void {
    for (const { partition } of this.cluster.logs(TOPIC)!) {
      this.cluster.setOffsets(GROUP, [{ topic: TOPIC, partition, offset: 0, metadata: "" }]);
    }
  }

  #start(name: string): void {
    const former = this.#members.get(name);
    if (former !== undefined && former.state !== "gone") return;
    const { config } = this.scenario;
    const process = new SimProcess(name, this.time, this.#random.fork());
    const adapter = simAdapter(
      {
        cluster: this.cluster,
        network: this.#network,
        process,
        witness: this.recorder,
        tuning: {
          heartbeatMs: config.heartbeatMs,
          fetchRecords: config.fetchRecords,
          barrierMs: Math.floor(config.rebalanceTimeoutMs * 0.8),
          retryMs: 200,
          deliveryMs: 5000,
          onCut: () => this.coverage.hit("a partition is assigned anew after its log was cut"),
        },
      },
      (record) => this.#faults.refuses(record),
    );
    const adapted = this.#adapt(adapter);
    bindEnvironment(adapted, process.environment);
    this.#members.set(name, new SimulatedMember(this, process, adapted));
  }

  #produce(planned: PlannedRecord): void {
    const { partition, key, before } = planned;
    const log = this.cluster.log({ topic: TOPIC, partition });
    const number = String(this.planned.size);
    const record: OutgoingRecord = {
      topic: TOPIC,
      partition,
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(number),
      headers: [["n", Buffer.from(number)]],
    };
    if (before === "gap") log.skip(this.#random.between(1, 50));
    if (before === "marker") log.appendMarker();
    if (before === "aborted") log.appendAborted(record, this.time.now());
    const appended = this.cluster.append(record);
    this.planned.set(appended, planned);
    for (const member of this.#members.values()) member.look();
    const place = { topic: TOPIC, partition, offset: String(appended.offset) };
    this.recorder.add({
      type: "produced",
      ...place,
      key: base64(record.key),
      valueHash: base64(record.value),
    });
    if (failsForGood(planned, this.scenario.config)) {
      this.recorder.add({ type: "expect", expect: "dead-letter", ...place });
    }
  }

  async #heal(): Promise<void> {
    const { recorder, scenario } = this;
    this.#healed = true;
    recorder.add({ type: "phase", phase: "heal" });
    this.#faults.heal();
    for (const { process } of this.#members.values()) process.resume();
    await this.time.settle();
    for (const member of this.#members.values()) {
      if (member.state === "up") member.resume(null);
    }
    for (const { name } of scenario.members) this.#start(name);
    for (const type of new Set(scenario.faults.map((fault) => fault.type))) {
      recorder.add({ type: "fault", fault: type, state: "healed" });
    }
    recorder.add({ type: "phase", phase: "quiesce" });
  }

  /** Asked at each step of time: what is cheap to ask comes first. */
  #isDone(): boolean {
    const { coordinator, offsets } = this.cluster.group(GROUP);
    for (const log of this.cluster.logs(TOPIC)!) {
      if ((offsets.get(log)?.offset ?? log.low) < log.end) return false;
    }
    for (const { running } of this.#members.values()) if (running > 0) return false;
    return coordinator.isStable && this.#left() === "";
  }

  /** What is still to be done, in words. */
  #left(): string {
    const { coordinator, offsets } = this.cluster.group(GROUP);
    const left = this.cluster
      .logs(TOPIC)!
      .filter((log) => (offsets.get(log)?.offset ?? log.low) < log.end)
      .map((log) => `${keyOf(log)} ${offsets.get(log)?.offset ?? "never committed"} of ${log.end}`);
    if (!coordinator.isStable) left.push("the group is rebalancing");
    for (const member of this.#members.values()) left.push(member.left());
    return left.filter((each) => each !== "").join("; ");
  }

  #witnessTopics(): void {
    for (const log of this.cluster.logs(TOPIC)!) {
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
    for (const log of this.cluster.logs(DEAD_LETTERS)!) {
      for (const record of log.visible()) {
        this.recorder.add({
          type: "dead-letter",
          ...contentOf(record),
          origin: originOf(record),
        });
      }
    }
  }
}

function unchanged(adapter: Adapter): Adapter {
  return adapter;
}

interface Content {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly valueHash: string | null;
  readonly headers: ReturnType<typeof headersOf>;
}

function contentOf(record: KafkaRecord): Content {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: String(record.offset),
    key: base64(record.key),
    valueHash: base64(record.value),
    headers: headersOf(record.headers),
  };
}

function originOf(record: KafkaRecord): {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: number;
  readonly attempts: number;
} | null {
  const { origin, retryCount } = readEnvelope(record, { trusted: true });
  if (origin === null) return null;
  const { topic, partition, offset, timestamp } = origin;
  const attempts = retryCount + 1;
  return { topic, partition, offset: String(offset), timestamp: timestamp ?? -1, attempts };
}
