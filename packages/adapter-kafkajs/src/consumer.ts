import type {
  CommitOffset,
  CommitResult,
  ConsumerEvents,
  ConsumerPort,
  ConsumerPortOptions,
  TopicPartition,
  Watermarks,
} from "@sluice/core";
import { PortError } from "@sluice/core";
import { Assignment } from "./assignment.ts";
import { ClusterClient } from "./cluster.ts";
import { Commits } from "./commits.ts";
import { errorOfCode, toPortError } from "./errors.ts";
import { Fetching } from "./fetching.ts";
import { GroupHooks } from "./group-hooks.ts";
import { logOffsets } from "./log-offsets.ts";
import type { MemberSettings, Settings } from "./settings.ts";
import { isolationLevel } from "./settings.ts";
import { abortController, Backoff, delay, within } from "./waiting.ts";
import { kafkajsCaps } from "./caps.ts";

const CLOSE_MARGIN_MS = 2000;
/** A topic that was created a moment ago is not yet known to every broker. */
const TOPIC_GRACE_MS = 2000;
/** Trouble that passes by itself sooner than this is not worth telling. */
const TROUBLE_MS = 3000;
const STALL_MARGIN_MS = 10_000;

/** A group member: keeps one kafkajs consumer going, and replaces it when it dies. */
export class KafkajsConsumer implements ConsumerPort {
  readonly caps: ConsumerPort["caps"] = kafkajsCaps();
  readonly #settings: MemberSettings;
  readonly #assignment = new Assignment();
  readonly #closed = abortController();
  #life: Life | null = null;
  #events: ConsumerEvents | null = null;
  #topics: readonly string[] = [];
  #closing: Promise<void> | null = null;
  #restarting: Promise<void> | null = null;

  constructor(config: Settings, options: ConsumerPortOptions) {
    this.#settings = { ...options, config };
  }

  async start(topics: readonly string[], events: ConsumerEvents): Promise<void> {
    if (this.#events !== null || this.#closed.signal.aborted) {
      throw new PortError("a consumer port is started once", FATAL);
    }
    this.#events = events;
    this.#topics = [...topics];
    const life = this.#newLife(events);
    try {
      await life.begin(this.#closed.signal);
    } catch (thrown) {
      await life.end(0);
      throw toPortError(thrown, "starting the consumer", "failed");
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) {
      const held = this.#assignment.get(at);
      if (held !== undefined) held.paused = true;
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) {
      const held = this.#assignment.get(at);
      if (held !== undefined) held.paused = false;
    }
    this.#life?.wake();
  }

  async commit(
    offsets: readonly CommitOffset[],
    timeoutMs: number,
  ): Promise<readonly CommitResult[]> {
    if (this.#life !== null) return this.#life.commits.commit(offsets, timeoutMs);
    const error = new PortError("the consumer is not running", {
      kind: "fenced",
      outcome: "failed",
    });
    return offsets.map(({ topic, partition, epoch, offset }) => ({
      topic,
      partition,
      epoch,
      offset,
      error,
    }));
  }

  async watermarks(
    partitions: readonly TopicPartition[],
    timeoutMs: number,
  ): Promise<Watermarks[]> {
    const life = this.#life;
    if (life === null) throw new PortError("the consumer is not running", FATAL);
    const asked = logOffsets(
      life.client.cluster,
      partitions,
      isolationLevel(this.#settings.isolation),
      timeoutMs,
    );
    const marks = await within(asked, timeoutMs);
    if (typeof marks !== "symbol") return marks;
    throw new PortError(`the log offsets were not answered within ${timeoutMs} ms`, {
      kind: "retriable",
      outcome: "failed",
    });
  }

  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async #close(drainMs: number): Promise<void> {
    this.#closed.abort();
    await this.#life?.close(drainMs);
    await this.#restarting;
  }

  #newLife(events: ConsumerEvents): Life {
    const life = new Life(this.#settings, this.#topics, this.#assignment, events, (error) => {
      if (this.#life !== life || this.#closed.signal.aborted) return;
      this.#restarting = this.#recover(life, events, error);
    });
    this.#life = life;
    return life;
  }

  /** kafkajs has died: for good, or to be replaced (T15). Its position and pauses died with it. */
  async #recover(dead: Life, events: ConsumerEvents, error: PortError): Promise<void> {
    const { signal } = this.#closed;
    const willRestart = error.kind === "retriable";
    events.down(error, willRestart);
    await dead.end(CLOSE_MARGIN_MS);
    const backoff = new Backoff(300, 10_000);
    let last = error;
    while (last.kind === "retriable") {
      await delay(backoff.next(), signal);
      if (signal.aborted) return;
      const life = this.#newLife(events);
      try {
        await life.begin(signal);
        return;
      } catch (thrown) {
        await life.end(0);
        last = toPortError(thrown, "restarting the consumer", "failed");
        this.#settings.logger.warn("the consumer could not be restarted", { error: last.message });
      }
    }
    if (willRestart) events.down(last, false);
  }
}

const FATAL = { kind: "fatal", outcome: "failed" } as const;

/** One kafkajs consumer from connect to disconnect. */
class Life {
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
