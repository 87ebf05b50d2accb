import {
  PortError,
  type Caps,
  type CommitOffset,
  type CommitResult,
  type ConsumerEvents,
  type ConsumerPort,
  type ConsumerPortOptions,
  type TopicPartition,
  type Watermarks,
} from "@sluice/core";

import { Assignments, type Holding } from "./assignments.ts";
import { BrokerWatch, reachBrokers, STRANDED } from "./broker-watch.ts";
import {
  type ClientModule,
  type LogEvent,
  type NativeConsumer,
  type NativeMessage,
  type NativeOffset,
  type NativePartition,
  type PartitionEnd,
} from "./client.ts";
import { Commits } from "./commits.ts";
import { consumerConf, type ResolvedRdkafkaConfig } from "./config.ts";
import { connect, createClient } from "./connect.ts";
import { disconnect } from "./disconnect.ts";
import { asNative, ERR, portError } from "./errors.ts";
import { routeLog } from "./logger.ts";
import { Membership } from "./membership.ts";
import { OffsetReader } from "./offset-reader.ts";
import { isOffset } from "./offsets.ts";
import { Pausing } from "./pausing.ts";
import { PollLoop } from "./poll-loop.ts";
import { Rebalancer } from "./rebalance.ts";
import { RdkafkaRecord } from "./record.ts";
import { delay, monotonic } from "./timing.ts";
import { topicPartitions } from "./topics.ts";

/** On top of the drain: for the client to ask for its partitions back, and to disconnect. */
const RELEASE_MS = 2000;
const RELEASE_POLL_MS = 20;
const FATAL_LOG_MS = 250;

export interface ConsumerParts {
  readonly module: ClientModule;
  readonly config: ResolvedRdkafkaConfig;
  readonly caps: Caps;
  readonly options: ConsumerPortOptions;
}

/** A group member over librdkafka's low-level consumer. */
export class RdkafkaConsumer implements ConsumerPort {
  readonly caps: Caps;
  readonly #parts: ConsumerParts;
  readonly #client: NativeConsumer;
  readonly #assignments = new Assignments();
  readonly #pausing: Pausing;
  readonly #commits: Commits;
  readonly #loop: PollLoop;
  readonly #brokers: BrokerWatch;
  #reader: OffsetReader | undefined;
  #rebalancer: Rebalancer | undefined;
  #membership: Membership | undefined;
  #events: ConsumerEvents | undefined;
  #authenticationFailed: ((message: string) => void) | undefined;
  #dead = false;
  #closed: Promise<void> | undefined;
  /** Complaints already made; a missing topic is reported by the client again and again. */
  readonly #complaints = new Set<string>();

  constructor(parts: ConsumerParts) {
    const { module, config, options } = parts;
    this.#parts = parts;
    this.caps = parts.caps;
    this.#client = createClient(
      () =>
        new module.KafkaConsumer({
          ...consumerConf(config, options),
          rebalance_cb: (error: { code: number; message: string }, list: NativePartition[]) => {
            this.#rebalancer?.onRebalance(error, list);
          },
          offset_commit_cb: (error: Error | undefined, offsets: NativeOffset[]) => {
            this.#commits.onCallback(error, offsets);
          },
        }),
    );
    this.#pausing = new Pausing(this.#client, options.logger);
    this.#commits = new Commits(this.#client, this.#assignments, {
      member: true,
      onAcknowledged: () => {
        this.#membership?.answered();
        this.#brokers.heard();
      },
      mayHaveLeft: () => this.#mayHaveLeft(),
    });
    this.#loop = new PollLoop(
      this.#client,
      (messages, ends) => this.#deliver(messages, ends),
      (error) => this.#onConsumeError(error),
    );
    const log = routeLog(options.logger, {
      authentication: (message) => this.#onAuthentication(message),
      fatal: (message) => this.#onFatal(message),
      neglected: () => this.#onNeglected(),
    });
    this.#client.on("event.log", (event: LogEvent) => log(event));
    // The log has said it already, with more words.
    this.#client.on("event.error", () => {});
    this.#brokers = new BrokerWatch({
      client: this.#client,
      listening: () => true,
      reach: () => reachBrokers(module, config, options.logger),
      onStranded: () => this.#die(STRANDED),
    });
  }

  async start(topics: readonly string[], events: ConsumerEvents): Promise<void> {
    const { module, config, options } = this.#parts;
    this.#events = events;
    try {
      await connect(this.#client, config, (listener) => {
        this.#authenticationFailed = listener;
      });
      if (this.#closed !== undefined) throw await this.#abandonStart();
      this.#reader = new OffsetReader(module, this.#client, options.isolation);
      const admin = module.AdminClient.createFrom(this.#client);
      const counts = await topicPartitions(admin, topics, config.timeouts.connectMs);
      const missing = topics.filter((_, index) => counts[index] === null);
      if (missing.length > 0) throw missingTopic(missing);
      if (this.#closed !== undefined) throw await this.#abandonStart();
    } catch (error) {
      await this.close(0);
      throw error instanceof PortError ? error : portError("starting the consumer", error);
    } finally {
      this.#authenticationFailed = undefined;
    }
    this.#rebalancer = new Rebalancer({
      client: this.#client,
      loop: this.#loop,
      reader: this.#reader,
      assignments: this.#assignments,
      pausing: this.#pausing,
      events,
      logger: options.logger,
      incremental: this.caps.rebalance !== "eager",
      deadlineMs: drainDeadline(config, options.drainTimeoutMs),
      mayHaveLeft: () => this.#mayHaveLeft(),
      onBroken: (error) => this.#die(error.message.replace(/^rdkafka: /, ""), error),
    });
    this.#watchMembership(this.#reader, events);
    this.#client.subscribe(topics);
    this.#loop.start();
    this.#brokers.start();
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false);
  }

  commit(offsets: readonly CommitOffset[], timeoutMs: number): Promise<readonly CommitResult[]> {
    return this.#commits.commit(offsets, timeoutMs);
  }

  async watermarks(
    partitions: readonly TopicPartition[],
    timeoutMs: number,
  ): Promise<Watermarks[]> {
    if (this.#reader === undefined || this.#closed !== undefined) {
      throw new PortError("rdkafka: the consumer does not run", {
        kind: "retriable",
        outcome: "failed",
      });
    }
    try {
      return await this.#reader.watermarks(partitions, timeoutMs);
    } catch (error) {
      throw portError("reading watermarks", error);
    }
  }

  close(drainMs: number): Promise<void> {
    this.#closed ??= this.#close(drainMs);
    return this.#closed;
  }

  /**
   * The order that keeps the last commit (trap T11): drained and committed as a member in good
   * standing, then out of the group by `unsubscribe`, whose revocation is answered while the loop
   * still runs, and only then `disconnect`, from whose beginning on commits throw.
   */
  async #close(drainMs: number): Promise<void> {
    this.#brokers.stop();
    if (this.#rebalancer !== undefined) await this.#leave(this.#rebalancer, drainMs);
    await this.#disconnect();
  }

  #disconnect(): Promise<void> {
    const { logger } = this.#parts.options;
    return disconnect(this.#client, this.#commits, () => this.#loop.stop(), logger);
  }

  async #leave(rebalancer: Rebalancer, drainMs: number): Promise<void> {
    const { logger } = this.#parts.options;
    await rebalancer.close(drainMs);
    this.#membership?.stop();
    try {
      this.#client.unsubscribe();
    } catch (error) {
      logger.warn(`unsubscribe refused: ${asNative(error).message}`);
    }
    const deadline = monotonic() + RELEASE_MS;
    while (monotonic() < deadline && (this.#assignments.size > 0 || !rebalancer.idle)) {
      await delay(RELEASE_POLL_MS);
    }
    rebalancer.detach();
  }

  /** Closed while connecting: the close did not know of this connection. */
  async #abandonStart(): Promise<PortError> {
    await this.#disconnect();
    return new PortError("rdkafka: closed while starting", {
      kind: "retriable",
      outcome: "failed",
    });
  }

  #setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    const holdings = this.#assignments.of(partitions);
    for (const holding of holdings) holding.paused = paused;
    if (this.#closed === undefined) this.#pausing.apply(holdings);
  }

  #deliver(messages: readonly NativeMessage[], ends: readonly PartitionEnd[]): void {
    if (messages.length + ends.length > 0) this.#brokers.heard();
    let from = 0;
    while (from < messages.length) {
      const { topic, partition } = messages[from] as NativeMessage;
      let to = from + 1;
      while (to < messages.length && isOf(messages[to], topic, partition)) to += 1;
      const holding = this.#assignments.get(topic, partition);
      if (holding?.state === "active") this.#pass(holding, messages.slice(from, to));
      from = to;
    }
    for (const { topic, partition, offset } of ends) {
      const holding = this.#assignments.get(topic, partition);
      // A transaction's end marker moves the position without a record.
      if (holding?.state !== "active" || !isOffset(offset) || offset <= holding.position) continue;
      holding.position = offset;
      this.#events?.records(holding.id, [], offset);
    }
  }

  #pass(holding: Holding, messages: readonly NativeMessage[]): void {
    const records: RdkafkaRecord[] = [];
    for (const message of messages) {
      if (message.offset < holding.position) {
        this.#complainOfReset(holding, message.offset);
        continue;
      }
      if (!isOffset(message.offset)) {
        this.#stopPartition(holding, message.offset);
        break;
      }
      records.push(new RdkafkaRecord(message, holding.headerBytes));
    }
    const last = records.at(-1);
    if (last === undefined) return;
    holding.position = last.offset + 1;
    this.#events?.records(holding.id, records, holding.position);
  }

  /**
   * A position past the end of the log makes the client begin at its start. What lies before the
   * start that was answered, or has been passed on already, is not passed on.
   */
  #complainOfReset(holding: Holding, offset: number): void {
    if (holding.wentBack) return;
    holding.wentBack = true;
    const { topic, partition, position } = holding;
    this.#complain(
      new PortError(
        `rdkafka: position ${position} of ${topic}-${partition} is past the end of its log; the ` +
          `client went back to ${offset}, and what comes before ${position} is not passed on`,
        { kind: "retriable", outcome: "failed" },
      ),
    );
  }

  #stopPartition(holding: Holding, offset: number): void {
    holding.paused = true;
    this.#pausing.apply([holding]);
    const where = `${holding.topic}-${holding.partition}`;
    this.#complain(
      new PortError(`rdkafka: ${where} has reached offset ${offset}, past 2^53-1; it is stopped`, {
        kind: "fatal",
        outcome: "failed",
      }),
    );
  }

  #watchMembership(reader: OffsetReader, events: ConsumerEvents): void {
    const { config, options } = this.#parts;
    const classic = config.groupProtocol === "classic";
    this.#membership = new Membership({
      reader,
      assignments: this.#assignments,
      logger: options.logger,
      sessionTimeoutMs: config.sessionTimeoutMs,
      whileDrainingOnly: classic,
      onLost: (reason) => {
        if (classic) this.#rebalancer?.disownDraining();
        else this.#rebalancer?.disown();
        const error = new PortError(`rdkafka: the group membership is lost: ${reason}`, {
          kind: "fenced",
          outcome: "failed",
        });
        events.down(error, true);
      },
      onBack: () => {
        if (!classic) void this.#rebalancer?.readopt();
      },
    });
    this.#membership.start();
  }

  #onConsumeError(error: Error): void {
    const { code, message } = asNative(error);
    if (this.#closed !== undefined) return;
    if (code === ERR.fatal) {
      // Why is only in the log, which may be a moment behind.
      void delay(FATAL_LOG_MS).then(() => this.#onFatal(message));
    } else if (code === ERR.maxPollExceeded) {
      this.#parts.options.logger.error(
        `the event loop was blocked for longer than ${this.#parts.config.rebalanceTimeoutMs} ms`,
      );
      this.#onNeglected();
    } else {
      this.#complain(portError("consuming", error));
    }
  }

  /** Nothing was polled because nothing ran: the client may have left the group meanwhile. */
  #mayHaveLeft(): boolean {
    return this.#loop.neglectedMs > this.#parts.config.rebalanceTimeoutMs;
  }

  /**
   * The client has left the group, and goes on as if it had not with what a rebalance under way does
   * not take away: until its next join is refused, which revokes that too. A static member does not
   * leave, and keeps what is not being revoked.
   */
  #onNeglected(): void {
    const { groupProtocol, instanceId } = this.#parts.config;
    if (groupProtocol === "classic" && instanceId !== null) this.#rebalancer?.disownDraining();
    else this.#rebalancer?.disown();
  }

  #onAuthentication(message: string): void {
    if (this.#authenticationFailed !== undefined) {
      this.#authenticationFailed(message);
      return;
    }
    this.#complain(
      new PortError(`rdkafka: authentication failed: ${message}`, {
        kind: "authentication",
        outcome: "failed",
        code: -169,
      }),
    );
  }

  #onFatal(message: string): void {
    const { instanceId } = this.#parts.config;
    const duplicate = instanceId !== null && /instance/i.test(message);
    this.#die(
      duplicate
        ? `another member of group ${this.#parts.options.group} uses the instanceId ` +
            `${JSON.stringify(instanceId)} (${message}). Give each member its own`
        : message,
    );
  }

  /** Reports once that the client object is beyond help. */
  #die(message: string, cause?: unknown): void {
    if (this.#dead || this.#closed !== undefined) return;
    this.#dead = true;
    this.#rebalancer?.disown();
    // A dead client has let go of everything and will not ask.
    this.#assignments.end(this.#assignments.all());
    const error = new PortError(`rdkafka: ${message}`, {
      kind: "fatal",
      outcome: "failed",
      code: ERR.fatal,
      cause,
    });
    this.#events?.down(error, false);
  }

  /** Reports what the client goes on trying, once. */
  #complain(error: PortError): void {
    const { message } = error;
    if (this.#dead || this.#closed !== undefined || this.#complaints.has(message)) return;
    this.#complaints.add(message);
    this.#events?.down(error, true);
  }
}

function isOf(message: NativeMessage | undefined, topic: string, partition: number): boolean {
  return message?.partition === partition && message.topic === topic;
}

function missingTopic(topics: readonly string[]): PortError {
  return new PortError(`rdkafka: there is no topic ${topics.join(", ")}. Create it first`, {
    kind: "configuration",
    outcome: "failed",
    code: ERR.unknownTopicOrPartition,
  });
}

/**
 * A rebalance waits `rebalanceTimeoutMs` for a member, counted from when the group learned of it;
 * this member hears of it a heartbeat later and needs time for its last commit's answer.
 */
function drainDeadline(config: ResolvedRdkafkaConfig, wantedMs: number): number {
  const heartbeatMs = config.groupProtocol === "consumer" ? 5000 : config.heartbeatIntervalMs;
  const limit = config.rebalanceTimeoutMs;
  return Math.min(wantedMs, Math.max(limit - heartbeatMs - 2000, Math.floor(limit / 2)));
}
