import type { ConsumerEvents } from "@sluice/core";
import { PortError } from "@sluice/core";
import type { Assignment } from "./assignment.ts";
import { ClusterClient } from "./cluster.ts";
import { Commits } from "./commits.ts";
import { errorOfCode, toPortError } from "./errors.ts";
import { Fetching } from "./fetching.ts";
import { GroupHooks } from "./group-hooks.ts";
import type { MemberSettings } from "./settings.ts";
import { Backoff, delay } from "./waiting.ts";

/** Limit of each step of an end: leaving the group, disconnecting. */
export const CLOSE_MARGIN_MS = 2000;
/** A topic that was created a moment ago is not yet known to every broker. */
const TOPIC_GRACE_MS = 2000;
/** Trouble that passes by itself sooner than this is not worth telling. */
const TROUBLE_MS = 3000;
const STALL_MARGIN_MS = 10_000;

/** One kafkajs consumer from connect to disconnect. */
export class Life {
  readonly client: ClusterClient;
  readonly commits: Commits;
  readonly events: ConsumerEvents;
  readonly #settings: MemberSettings;
  readonly #topics: readonly string[];
  readonly #hooks: GroupHooks;
  readonly #fetching: Fetching;
  readonly #onDeath: (error: PortError) => void;
  #isOver = false;
  #troubleSince: number | null = null;
  #troubleTold = false;

  constructor(
    settings: MemberSettings,
    topics: readonly string[],
    assignment: Assignment,
    events: ConsumerEvents,
    onDeath: (error: PortError) => void,
  ) {
    this.#settings = settings;
    this.#topics = topics;
    this.#onDeath = onDeath;
    this.events = events;
    const { config, group, isolation, logger } = settings;
    const { fetch, client } = config;
    let hooks: GroupHooks | null = null;
    this.client = new ClusterClient(config, logger, config.clientId, {
      groupId: group,
      sessionTimeout: config.sessionTimeoutMs,
      rebalanceTimeout: config.rebalanceTimeoutMs,
      // kafkajs' heartbeats send nothing, they only ask the hooks: often is cheap.
      heartbeatInterval: Math.min(100, config.heartbeatIntervalMs),
      maxWaitTimeInMs: fetch.maxWaitMs,
      minBytes: fetch.minBytes,
      maxBytesPerPartition: fetch.maxBytesPerPartition,
      ...(client.maxBytes === undefined ? {} : { maxBytes: client.maxBytes }),
      ...(client.metadataMaxAge === undefined ? {} : { metadataMaxAge: client.metadataMaxAge }),
      readUncommitted: isolation === "read_uncommitted",
      // What can be mended by waiting is waited for; a restart is the adapter's affair.
      retry: {
        retries: Number.MAX_SAFE_INTEGER,
        initialRetryTime: 100,
        maxRetryTime: 1000,
        restartOnFailure: () => Promise.resolve(false),
      },
      wrapAssigner: (assigner) => ({
        ...assigner,
        assign: (of) => (hooks?.wrapAssigner(assigner) ?? assigner).assign(of),
      }),
    });
    hooks = new GroupHooks(this.client.cluster, topics, settings, assignment, this);
    this.#hooks = hooks;
    this.#fetching = new Fetching(this.client.cluster, settings, assignment, hooks, this);
    this.commits = new Commits(group, assignment, hooks);
  }

  /**
   * Resolves when kafkajs has begun to join.
   * @throws PortError
   */
  async begin(signal: AbortSignal): Promise<void> {
    const { consumer } = this.client;
    await this.client.connect(signal);
    await this.#checkTopics(signal);
    await this.#subscribe(signal);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (!this.#isOver) this.#hooks.joined(payload.memberId, payload.memberAssignment);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.fatal(toPortError(payload.error, "the kafkajs consumer stopped", "failed"));
    });
    consumer
      .run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        // Never called: `Fetching` hands the records on.
        eachBatch: () => Promise.resolve(),
      })
      .catch((thrown: unknown) => this.fatal(toPortError(thrown, "running kafkajs", "failed")));
  }

  wake(): void {
    this.#fetching.wake();
  }

  /** Drains, leaves the group and disconnects: `drainMs` and a few seconds, whatever is dead. */
  async close(drainMs: number): Promise<void> {
    await this.#hooks.close(drainMs, CLOSE_MARGIN_MS);
    await this.end(CLOSE_MARGIN_MS);
  }

  /** Disconnects; what is still held is lost. */
  async end(ms: number): Promise<void> {
    this.#isOver = true;
    this.#hooks.loseAll("the client is gone");
    await this.#hooks.close(0, ms);
    this.wake();
    await this.client.close(ms);
  }

  trouble(error: PortError): void {
    if (this.#isOver) return;
    this.#settings.logger.debug("trouble with the cluster", { error: error.message });
    const now = performance.now();
    this.#troubleSince ??= now;
    if (this.#troubleTold || now - this.#troubleSince < TROUBLE_MS) return;
    this.#troubleTold = true;
    this.events.down(error, true);
  }

  healthy(): void {
    this.#troubleSince = null;
    this.#troubleTold = false;
  }

  fatal(error: PortError): void {
    if (this.#isOver || this.#hooks.isClosing) return;
    this.#isOver = true;
    this.#hooks.loseAll(error.message);
    this.#onDeath(error);
  }

  tick(): void {
    // Our heartbeats keep the membership: if kafkajs' loop has died without a word, nobody else
    // would ever be given the partitions.
    // A fetch, and then the metadata, may each take their time when a broker is silent.
    const limit = 3 * this.#settings.config.timeouts.requestMs + STALL_MARGIN_MS;
    if (this.#hooks.isJoining || this.#fetching.idleMs < limit) return;
    this.fatal(
      new PortError(`kafkajs has not fetched for ${Math.round(limit)} ms`, {
        kind: "retriable",
        outcome: "failed",
      }),
    );
  }

  /** A partition that has no leader at the moment is no reason to give up at once. */
  async #subscribe(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + this.#settings.config.timeouts.connectMs;
    const backoff = new Backoff(100, 1000);
    for (;;) {
      try {
        const topics = [...this.#topics];
        return await this.client.consumer.subscribe({ topics, fromBeginning: true });
      } catch (thrown) {
        const { kind } = toPortError(thrown, "subscribing", "failed");
        if (kind !== "retriable" || signal.aborted || performance.now() >= deadline) throw thrown;
        await delay(backoff.next(), signal);
      }
    }
  }

  async #checkTopics(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + TOPIC_GRACE_MS;
    const backoff = new Backoff(50, 400);
    for (;;) {
      const counts = await this.client.partitionCounts(this.#topics);
      const missing = this.#topics.filter((_, i) => counts[i] === null);
      if (missing.length === 0) return;
      if (performance.now() >= deadline || signal.aborted) {
        const error = errorOfCode(3, `topic ${missing.join(", ")} does not exist`);
        throw new PortError(error.message, { kind: "configuration", outcome: "failed", code: 3 });
      }
      await delay(backoff.next(), signal);
    }
  }
}
