import type { ConsumerEvents } from "@sluice/core";
import { PortError } from "@sluice/core";
import type { PartitionAssigner } from "kafkajs";
import type { Assignment, Held, Membership } from "./assignment.ts";
import { epochPartition } from "./assignment.ts";
import { Coordinator } from "./coordinator.ts";
import { kafkaCode, toPortError } from "./errors.ts";
import { Heartbeats } from "./heartbeats.ts";
import type { Broker, Cluster } from "./internals.ts";
import { AssignerProtocol, rejoinError, stopError } from "./internals.ts";
import type { MemberSettings } from "./settings.ts";
import { Starting } from "./starting.ts";
import { abortController, Backoff, delay, untilAborted, within } from "./waiting.ts";

/** What the hooks tell the consumer they belong to. */
export interface HooksOwner {
  readonly events: ConsumerEvents;
  /** Something that waiting may mend. */
  trouble(error: PortError): void;
  /** A join has succeeded. */
  healthy(): void;
  /** Nothing mends this. */
  fatal(error: PortError): void;
  /** Once a heartbeat interval. */
  tick(): void;
  /** Something happened that a fetch waiting for nothing should look at. */
  wake(): void;
}

type Joining = "no" | "finding" | "joining" | "leading" | "syncing" | "failed";

/** Left of the rebalance timeout for what happens before and after the drain. */
const MARGIN_MS = 2000;

/**
 * The longest drain that cannot cost the member its place: the group waits `rebalanceTimeoutMs` for
 * its members, and this one may have heard of the rebalance a heartbeat and a fetch late.
 */
export function longestDrainMs(config: MemberSettings["config"]): number {
  const { rebalanceTimeoutMs, heartbeatIntervalMs, fetch } = config;
  return rebalanceTimeoutMs - heartbeatIntervalMs - fetch.maxWaitMs - MARGIN_MS;
}

/**
 * Wraps the calls by which kafkajs joins its group, so that the port's promises can be kept:
 *
 * - `cluster.findGroupCoordinator` begins every join, whatever led to it: a heartbeat's answer, a
 *   new partition, a refused member id. It is the revoke point (T23: kafkajs' own REBALANCING event
 *   comes for some of these only, and is not awaited).
 * - `broker.joinGroup` gives the generation and member id that commits must carry.
 * - `broker.syncGroup` gives the assignment, and is the awaited assign point: kafkajs fetches
 *   nothing before it has returned.
 * - `broker.heartbeat` no longer sends anything: {@link Heartbeats} does, all the time. It only
 *   tells kafkajs to join when there is a reason to.
 */
export class GroupHooks {
  readonly coordinator: Coordinator;
  readonly #cluster: Cluster;
  readonly #topics: ReadonlySet<string>;
  readonly #settings: MemberSettings;
  readonly #assignment: Assignment;
  readonly #owner: HooksOwner;
  readonly #wrapped = new WeakSet<Broker>();
  readonly #closed = abortController();
  /** Ends when the partitions held now are no longer. */
  #tenure = abortController();
  #interruption = abortController();
  readonly #starting: Starting;
  #joining: Joining = "no";
  #rejoin: "REBALANCE_IN_PROGRESS" | "UNKNOWN_MEMBER_ID" | null = null;
  #membership: Membership | null = null;
  #synced: Membership | null = null;
  #heartbeats: Heartbeats | null = null;
  #revoking: Promise<void> | null = null;
  #hasLeft = false;

  constructor(
    cluster: Cluster,
    topics: readonly string[],
    settings: MemberSettings,
    assignment: Assignment,
    owner: HooksOwner,
  ) {
    this.#cluster = cluster;
    this.#topics = new Set(topics);
    this.#settings = settings;
    this.#assignment = assignment;
    this.#owner = owner;
    const find = cluster.findGroupCoordinator.bind(cluster);
    const { sessionTimeoutMs, timeouts } = settings.config;
    const attemptMs = Math.min(timeouts.requestMs, Math.max(1000, sessionTimeoutMs / 3));
    this.coordinator = new Coordinator(() => find({ groupId: settings.group }), attemptMs);
    this.#starting = new Starting(cluster, settings, this.coordinator, owner);
    cluster.findGroupCoordinator = (of) => this.#beforeJoin(() => find(of));
    const refresh = cluster.refreshMetadata.bind(cluster);
    // A leader looks at the metadata between its join and its sync; if that fails, kafkajs has left
    // the join without a word to any other wrap.
    cluster.refreshMetadata = () =>
      refresh().catch((error: unknown) => {
        if (this.#joining === "leading") this.#joining = "failed";
        throw error;
      });
  }

  /** The assigner, wrapped for the same reason as `refreshMetadata`. */
  wrapAssigner(assigner: ReturnType<PartitionAssigner>): ReturnType<PartitionAssigner> {
    return {
      ...assigner,
      assign: async (group) => {
        try {
          return await assigner.assign(group);
        } catch (error) {
          this.#joining = "failed";
          throw error;
        }
      },
    };
  }

  get isJoining(): boolean {
    return this.#joining !== "no" && this.#joining !== "failed";
  }

  get isClosing(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Fires when what is being fetched will not be wanted. */
  get interruption(): AbortSignal {
    return this.#interruption.signal;
  }

  /** What kafkajs must be told so that it joins, or null. */
  rejoinWanted(): Error | null {
    if (this.isClosing) return null;
    if (this.#rejoin !== null) return rejoinError(this.#rejoin);
    return this.#joining === "failed" ? rejoinError("REBALANCE_IN_PROGRESS") : null;
  }

  /** The coordinator has accepted something that only a member may ask. */
  confirmed(membership: Membership): void {
    if (membership === this.#synced) this.#heartbeats?.confirmed();
  }

  /** A commit was refused because the member or its generation is no longer known (T23). */
  refused(membership: Membership, memberIdIsValid: boolean): void {
    if (membership === this.#synced) this.#gone("a commit was refused", memberIdIsValid);
  }

  /**
   * kafkajs says it has joined.
   * A join that went by the wraps has lost us the revoke point: nothing may be consumed like that.
   */
  joined(memberId: string, assigned: Readonly<Record<string, readonly number[]>>): void {
    if (this.isClosing) return;
    if (this.#synced === null || this.#synced.memberId !== memberId) {
      this.#owner.fatal(
        new PortError("kafkajs joined the group without calling the adapter's hooks", {
          kind: "fatal",
          outcome: "failed",
        }),
      );
      return;
    }
    this.#joining = "no";
    // Positions are the adapter's own. kafkajs only fetches what it believes it knows an offset of,
    // and would otherwise look up, and for an offset out of range overwrite, the group's (T05).
    const known = this.#cluster.committedOffsets({ groupId: this.#settings.group });
    for (const [topic, partitions] of Object.entries(assigned)) {
      known[topic] = Object.fromEntries(partitions.map((partition) => [partition, "0"]));
    }
    this.#owner.healthy();
  }

  /** Ends the assignment as lost: nothing can be committed any more. */
  loseAll(reason: string): void {
    this.#lose(this.#assignment.all(), reason);
    this.#tenure.abort();
  }

  /** Drains within `drainMs`, then leaves the group. Never rejects. */
  async close(drainMs: number, leaveMs: number): Promise<void> {
    this.#closed.abort();
    await this.#revokeAll(drainMs);
    await this.leave(leaveMs);
  }

  async leave(timeoutMs: number): Promise<void> {
    this.#heartbeats?.stop();
    const membership = this.#membership;
    if (membership === null || this.#hasLeft) return;
    this.#hasLeft = true;
    const args = { groupId: this.#settings.group, memberId: membership.memberId };
    try {
      await this.coordinator.send("LeaveGroup", args, ({ errorCode }) => errorCode, timeoutMs);
    } catch (thrown) {
      this.#settings.logger.warn("could not say goodbye to the group; its session will expire", {
        error: String(thrown),
      });
    }
  }

  /** Takes a partition anew whose log no longer reaches up to its position. */
  async reassign(held: Held): Promise<void> {
    const membership = held.membership;
    if (!this.#lose([held], "its log ends before its position")) return;
    await this.#start(this.#assignment.take([held], membership));
  }

  async #beforeJoin(find: () => Promise<Broker>): Promise<Broker> {
    this.#joining = "finding";
    await this.#revokeAll(this.#deadlineMs());
    this.#heartbeats?.stop();
    this.#rejoin = null;
    this.#interruption = abortController();
    const backoff = new Backoff(100, 1000);
    for (;;) {
      if (this.isClosing) throw stopError("the consumer is closing");
      try {
        const broker = await find();
        this.coordinator.found(broker);
        this.#wrap(broker);
        return broker;
      } catch (thrown) {
        const error = toPortError(thrown, `looking for group ${this.#settings.group}`, "failed");
        if (error.kind !== "retriable") {
          this.#joining = "failed";
          throw thrown;
        }
        this.#owner.trouble(error);
        await delay(backoff.next(), this.#closed.signal);
      }
    }
  }

  #wrap(broker: Broker): void {
    if (this.#wrapped.has(broker)) return;
    this.#wrapped.add(broker);
    const join = broker.joinGroup.bind(broker);
    const sync = broker.syncGroup.bind(broker);
    broker.joinGroup = async (request) => {
      this.#joining = "joining";
      const response = await join(request).catch((thrown: unknown) => this.#joinFailed(thrown));
      const { generationId, memberId } = response;
      this.#membership = { generation: generationId, memberId };
      this.#hasLeft = false;
      if (this.isClosing) {
        await this.leave(MARGIN_MS);
        throw stopError("the consumer is closing");
      }
      this.#joining = "leading";
      return response;
    };
    broker.syncGroup = async (request) => {
      this.#joining = "syncing";
      const response = await sync(request).catch((thrown: unknown) => this.#joinFailed(thrown));
      await this.#assigned(response.memberAssignment);
      return response;
    };
    broker.heartbeat = () => {
      const error = this.rejoinWanted();
      return error === null ? Promise.resolve({}) : Promise.reject(error);
    };
    broker.leaveGroup = async () => {
      // kafkajs leaves when it crashes: what it held is gone, and no drain can be waited for.
      this.loseAll("the client stopped");
      await this.leave(MARGIN_MS);
      return {};
    };
  }

  /** @throws what makes kafkajs try again, where trying again can help */
  #joinFailed(thrown: unknown): never {
    this.#joining = "failed";
    const error = toPortError(thrown, `joining group ${this.#settings.group}`, "failed");
    if (error.kind === "retriable" && kafkaCode(thrown) !== 16) {
      this.#owner.trouble(error);
      throw rejoinError("REBALANCE_IN_PROGRESS");
    }
    throw thrown;
  }

  async #assigned(bytes: Buffer): Promise<void> {
    const membership = this.#membership;
    if (membership === null) throw stopError("a sync without a join");
    // Two of kafkajs' fetchers may begin a join at the same time: the second one's was not preceded
    // by a revoke, because at that time nothing was held.
    this.loseAll("another join overtook this one");
    this.#heartbeats?.stop();
    this.#tenure = abortController();
    this.#synced = membership;
    const { group, config } = this.#settings;
    const { heartbeatIntervalMs: intervalMs, sessionTimeoutMs: sessionMs } = config;
    this.#heartbeats = new Heartbeats(
      this.coordinator,
      { group, intervalMs, sessionMs },
      membership,
      {
        rebalancing: () => this.#rebalancing(),
        gone: (reason, memberIdIsValid) => this.#gone(reason, memberIdIsValid),
        tick: () => this.#owner.tick(),
      },
    );
    const topics = AssignerProtocol.MemberAssignment.decode(bytes)?.assignment ?? {};
    const partitions = Object.entries(topics)
      .filter(([topic]) => this.#topics.has(topic))
      .flatMap(([topic, own]) => own.map((partition) => ({ topic, partition })));
    await this.#start(this.#assignment.take(partitions, membership));
  }

  /** Lets the partitions be fetched once it is known where to start. */
  async #start(taken: readonly Held[]): Promise<void> {
    if (taken.length === 0) return;
    const { signal } = this.#tenure;
    try {
      const positions = await this.#starting.positions(taken, signal);
      if (positions === null) return;
      taken.forEach((held, i) => {
        held.position = positions[i] ?? null;
        if (held.stage === "starting") held.stage = "consuming";
      });
      this.#owner.wake();
    } catch (thrown) {
      const error = toPortError(thrown, "starting an assignment", "failed");
      this.#owner.fatal(error);
      throw stopError(error.message);
    }
  }

  #deadlineMs(): number {
    return Math.min(this.#settings.drainTimeoutMs, longestDrainMs(this.#settings.config));
  }

  #revokeAll(deadlineMs: number): Promise<void> {
    // Close and a rebalance may meet: there is one drain.
    this.#revoking ??= this.#revoke(deadlineMs).finally(() => (this.#revoking = null));
    return this.#revoking;
  }

  async #revoke(deadlineMs: number): Promise<void> {
    const started = performance.now();
    const held = this.#assignment.all();
    if (held.length === 0) return;
    for (const one of held) one.stage = "revoking";
    await this.#heartbeats?.probe(Math.min(deadlineMs / 4, MARGIN_MS));
    const revoked = held.filter((one) => this.#assignment.holds(one));
    if (revoked.length === 0) return;
    const partitions = revoked.filter(({ announced }) => announced).map(epochPartition);
    if (partitions.length > 0) {
      const left = Math.max(0, deadlineMs - (performance.now() - started));
      const drained = this.#owner.events
        .revoked({ partitions, deadlineMs: left })
        .catch((error: unknown) => {
          this.#settings.logger.error("the drain of a revocation failed", { error: String(error) });
        });
      await within(untilAborted(drained, this.#tenure.signal), left);
    }
    this.#assignment.drop(revoked);
    this.#tenure.abort();
  }

  #lose(partitions: readonly Held[], reason: string): boolean {
    const dropped = this.#assignment.drop(partitions);
    const lost = dropped.filter(({ announced }) => announced);
    if (lost.length > 0) {
      this.#settings.logger.warn(`partitions are lost: ${reason}`, {
        partitions: lost.map(({ key }) => key),
      });
      this.#owner.events.lost(lost.map(epochPartition));
    }
    return dropped.length > 0;
  }

  /** The group waits for its members from now on: the drain begins before kafkajs gets round to it. */
  #rebalancing(): void {
    this.#wantRejoin("REBALANCE_IN_PROGRESS");
    if (!this.isClosing) void this.#revokeAll(this.#deadlineMs());
  }

  #gone(reason: string, memberIdIsValid: boolean): void {
    this.#heartbeats?.stop();
    this.loseAll(reason);
    if (!memberIdIsValid) this.#hasLeft = true;
    this.#wantRejoin(memberIdIsValid ? "REBALANCE_IN_PROGRESS" : "UNKNOWN_MEMBER_ID");
  }

  #wantRejoin(type: "REBALANCE_IN_PROGRESS" | "UNKNOWN_MEMBER_ID"): void {
    this.#rejoin = type;
    this.#interruption.abort();
    this.#owner.wake();
  }
}
