import type { OutgoingRecord, PortError } from "@sluice/core";
import { decodeCommitMetadata, encodeCommitMetadata, readEnvelope } from "@sluice/core";
import { portError } from "../client/sim-client.ts";
import type { Fate, RequestKind, SimNetwork } from "../client/sim-network.ts";
import type { SimProcess } from "../client/sim-process.ts";
import { keyOf } from "../partition-key.ts";
import type { Random } from "../random.ts";
import { GROUP, TOPIC } from "./case-header.ts";
import type { PlannedFault } from "./scenario.ts";
import type { SimulatedMember } from "./simulated-member.ts";
import type { Stage } from "./stage.ts";

/** Whom faults happen to. */
export interface FaultHost {
  member(name: string): SimulatedMember | undefined;
  /** Starts a process of that name, unless there is one. */
  start(name: string): void;
  /** What is done to the cluster meanwhile is nobody's commit. */
  asAnother(what: () => void): void;
}

/** Everything that goes wrong in a run, until all is well. */
export class Faults {
  readonly #stage: Stage;
  readonly #host: FaultHost;
  readonly #network: SimNetwork;
  readonly #random: Random;
  #healed = false;
  /** The broker goes down when it has just applied the next commit. */
  #downAtCommit = false;
  #refusals = 0;
  readonly #refusedOrigins = new Set<string>();
  readonly #lossesOfCommits: ("request" | "answer")[] = [];
  readonly #slowHeartbeats = new Map<string, { until: number; byMs: number }>();

  constructor(stage: Stage, host: FaultHost, network: SimNetwork, random: Random) {
    this.#stage = stage;
    this.#host = host;
    this.#network = network;
    this.#random = random;
  }

  inject(fault: PlannedFault): void {
    const { recorder, cluster } = this.#stage;
    const detail = JSON.stringify(fault);
    recorder.add({ type: "fault", fault: fault.type, state: "injected", detail });
    switch (fault.type) {
      case "crash":
      case "stop":
      case "freeze":
      case "user-pause": {
        const member = this.#host.member(fault.member);
        if (member !== undefined) this.#happenTo(member, fault);
        return;
      }
      case "evict":
        return cluster.group(GROUP).coordinator.evict(fault.member);
      case "rebalance":
        return cluster.group(GROUP).coordinator.shake();
      case "broker-down":
        if (fault.duringCommit) this.#downAtCommit = true;
        else this.#stopBroker();
        return this.#later(fault, fault.forMs, () => {
          this.#downAtCommit = false;
          cluster.start();
        });
      case "lose-commits":
        for (let i = 0; i < fault.count; i++) this.#lossesOfCommits.push(fault.what);
        return;
      case "slow-heartbeats": {
        const until = this.#stage.time.now() + fault.forMs;
        this.#slowHeartbeats.set(fault.member, { until, byMs: fault.byMs });
        return;
      }
      case "refuse-dead-letters":
        this.#refusals += fault.count;
        return;
      default:
        return this.#happenToLog(fault);
    }
  }

  #happenTo(
    member: SimulatedMember,
    fault: Extract<PlannedFault, { type: "crash" | "stop" | "freeze" | "user-pause" }>,
  ): void {
    const { coverage, scenario } = this.#stage;
    const { process } = member;
    switch (fault.type) {
      case "crash":
        member.crash();
        return this.#later(fault, fault.restartAfterMs, () => this.#host.start(fault.member));
      case "stop":
        process.run(() => void member.stop(false));
        return this.#later(fault, fault.restartAfterMs, () => this.#host.start(fault.member));
      case "freeze":
        if (fault.forMs > scenario.config.sessionTimeoutMs) {
          coverage.hit("a process sleeps longer than its session");
        }
        process.pause();
        return this.#later(fault, fault.forMs, () => process.resume());
      case "user-pause":
        process.run(() => member.pause(fault.partition));
        return this.#later(fault, fault.forMs, () =>
          process.run(() => member.resume(fault.partition)),
        );
    }
  }

  #happenToLog(
    fault: Extract<
      PlannedFault,
      { type: "open-transaction" | "retention" | "elect" | "truncate" | "alien-metadata" }
    >,
  ): void {
    const { cluster, coverage, time } = this.#stage;
    const log = cluster.log({ topic: TOPIC, partition: fault.partition });
    const { offsets } = cluster.group(GROUP);
    switch (fault.type) {
      case "open-transaction":
        log.beginTransaction();
        return void time.setTimer(() => {
          log.endTransaction();
          cluster.wake(log);
        }, fault.forMs);
      case "retention":
        log.deleteBefore(log.end - fault.keep);
        if ((offsets.get(log)?.offset ?? 0) < log.low) coverage.hit("retention overtakes a reader");
        return;
      case "elect":
        log.leaderEpoch++;
        return;
      case "truncate": {
        const committed = offsets.get(log)?.offset ?? 0;
        log.truncate(fault.count === "uncommitted" ? committed : log.end - fault.count);
        return cluster.wake(log);
      }
      case "alien-metadata": {
        const committed = offsets.get(log);
        if (committed === null) return;
        const metadata = alien(fault.what, committed.offset, committed.metadata);
        this.#host.asAnother(() =>
          cluster.setOffsets(GROUP, [
            { topic: TOPIC, partition: fault.partition, ...committed, metadata },
          ]),
        );
        return;
      }
    }
  }

  /** A commit has taken effect. */
  committed(): void {
    if (!this.#downAtCommit) return;
    this.#downAtCommit = false;
    // Before the answer arrives.
    this.#stage.time.setTimer(() => this.#stopBroker(), 0);
  }

  /** A broker's refusal of a dead letter. */
  refuses(record: OutgoingRecord): PortError | null {
    const { origin } = readEnvelope({ ...record, offset: 0 }, { trusted: true });
    const place = origin === null ? "" : `${keyOf(origin)}@${origin.offset}`;
    if (this.#refusals > 0) {
      this.#refusals--;
      this.#refusedOrigins.add(place);
      return portError("authorization", "the topic of dead letters refuses it");
    }
    if (this.#refusedOrigins.delete(place)) {
      this.#stage.coverage.hit("a dead letter is refused, then accepted");
    }
    return null;
  }

  fate(kind: RequestKind, process: SimProcess): Fate {
    const { scenario, time, recorder, coverage } = this.#stage;
    const random = this.#random;
    const [low, high] = scenario.config.latencyMs;
    const requestMs = random.between(low, high);
    const answerMs = random.between(low, high);
    if (this.#healed) return { requestMs, answerMs, loses: "nothing" };
    const slow = this.#slowHeartbeats.get(process.name);
    const delayMs =
      kind === "heartbeat" && slow !== undefined && time.now() < slow.until ? slow.byMs : 0;
    const planned = kind === "commit" ? this.#lossesOfCommits.shift() : undefined;
    const chance = random.chance(scenario.config.loss);
    const loses = planned ?? (chance ? (random.chance(0.5) ? "request" : "answer") : "nothing");
    if (loses !== "nothing" && kind !== "fetch") {
      recorder.add({ type: "fault", fault: `lost ${loses}`, state: "observed", detail: kind });
    }
    if (kind === "commit" && loses === "answer") {
      coverage.hit("a commit is applied and its answer lost");
    }
    return { requestMs: requestMs + delayMs, answerMs, loses };
  }

  /** From here on nothing goes wrong. */
  heal(): void {
    this.#healed = true;
    this.#downAtCommit = false;
    this.#refusals = 0;
    this.#lossesOfCommits.length = 0;
    this.#slowHeartbeats.clear();
    this.#stage.cluster.start();
  }

  #later(fault: PlannedFault, ms: number, what: () => void): void {
    this.#stage.time.setTimer(() => {
      if (this.#healed) return;
      this.#stage.recorder.add({ type: "fault", fault: fault.type, state: "healed" });
      what();
    }, ms);
  }

  #stopBroker(): void {
    const { cluster, coverage } = this.#stage;
    if (!cluster.isUp || this.#healed) return;
    cluster.stop();
    if (this.#network.isCarrying("commit")) {
      coverage.hit("the broker goes down with commits under way");
    }
    this.#network.breakAll();
  }
}

/** What must not be taken for what is settled above this offset. */
function alien(
  what: Extract<PlannedFault, { type: "alien-metadata" }>["what"],
  offset: number,
  metadata: string,
): string {
  const settled = [offset + 2, offset + 40];
  const other = encodeCommitMetadata({ base: offset + 1, settled, leaderEpoch: 0, maxChars: 4000 });
  switch (what) {
    case "foreign":
      return "worker-7 2026-11-21";
    case "of another offset":
      return other.metadata;
    case "corrupt": {
      const { rejected } = decodeCommitMetadata(metadata, offset);
      const text = metadata === "" || rejected !== null ? other.metadata : metadata;
      const at = Math.floor(text.length / 2);
      return `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
    }
  }
}
