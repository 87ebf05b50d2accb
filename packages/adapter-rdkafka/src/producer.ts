import {
  PortError,
  type Caps,
  type Outcome,
  type OutgoingRecord,
  type ProducerPort,
  type ProducerPortOptions,
  type Sent,
} from "@sluice/core";

import { BrokerWatch, reachBrokers, STRANDED } from "./broker-watch.ts";
import {
  call,
  type ClientModule,
  type DeliveryReport,
  type LogEvent,
  type NativeAdmin,
  type NativeError,
  type NativeProducer,
} from "./client.ts";
import { producerConf, type ResolvedRdkafkaConfig } from "./config.ts";
import { connect, createClient } from "./connect.ts";
import { ERR, portError } from "./errors.ts";
import { toNativeHeaders } from "./headers.ts";
import { routeLog } from "./logger.ts";
import { isOffset } from "./offsets.ts";
import { PartitionQueue, type Unsettled } from "./partition-queue.ts";
import { settlesWithin } from "./timing.ts";
import { topicPartitions } from "./topics.ts";
import { toNativeBytes } from "./values.ts";

const DISCONNECT_MS = 3000;
/** The share of what was queued when the client said "full" that must be gone before it is asked. */
const REFILL = 0.5;

export interface ProducerParts {
  readonly module: ClientModule;
  readonly config: ResolvedRdkafkaConfig;
  readonly caps: Caps;
  readonly options: ProducerPortOptions;
}

/**
 * The plain `Producer` with one delivery report per record. Reports are polled on librdkafka's own
 * thread; the record they belong to is known by a number handed along (`opaque`).
 */
export class RdkafkaProducer implements ProducerPort {
  readonly caps: Caps;
  readonly #parts: ProducerParts;
  readonly #client: NativeProducer;
  /** By id, oldest first. */
  readonly #unsettled = new Map<number, Unsettled>();
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #brokers: BrokerWatch;
  #stranded = false;
  #nextId = 1;
  #admin: NativeAdmin | undefined;
  #connected = false;
  #closed: Promise<void> | undefined;
  #lossyTold = false;
  #authenticationFailed: ((message: string) => void) | undefined;
  /** Callers of `writable`, once the client's queue was full. */
  #waiting: (() => void)[] = [];
  /** Accept again at this many unsettled records; Infinity while the queue is not full. */
  #acceptAt = Infinity;
  #flushed: (() => void)[] = [];

  constructor(parts: ProducerParts) {
    const { module, config, options } = parts;
    this.#parts = parts;
    this.caps = parts.caps;
    const suffix = options.clientIdSuffix;
    const clientId = suffix === undefined ? config.clientId : `${config.clientId}-${suffix}`;
    this.#client = createClient(() => new module.Producer(producerConf(config, clientId)));
    const log = routeLog(options.logger, {
      authentication: (message) => this.#authenticationFailed?.(message),
      fatal: () => {},
    });
    this.#client.on("event.log", (event: LogEvent) => log(event));
    // The log has said it already, with more words.
    this.#client.on("event.error", () => {});
    this.#brokers = new BrokerWatch({
      client: this.#client,
      listening: () => this.#unsettled.size > 0,
      reach: () => reachBrokers(module, config, options.logger),
      onStranded: () => this.#onStranded(),
    });
    this.#client.on("delivery-report", (error: NativeError | null, report: DeliveryReport) => {
      this.#onReport(error, report);
    });
  }

  async connect(): Promise<void> {
    const { module, config } = this.#parts;
    try {
      await connect(this.#client, config, (listener) => {
        this.#authenticationFailed = listener;
      });
    } finally {
      this.#authenticationFailed = undefined;
    }
    this.#connected = true;
    this.#client.setPollInBackground(true);
    this.#admin = module.AdminClient.createFrom(this.#client);
    this.#brokers.start();
  }

  async partitions(topic: string): Promise<number> {
    const admin = this.#open();
    const timeout = this.#parts.config.timeouts.requestMs;
    let count: number | null | undefined;
    try {
      [count] = await topicPartitions(admin, [topic], timeout);
    } catch (error) {
      throw portError(`reading the partitions of ${topic}`, error, "failed");
    }
    if (count === null || count === undefined) {
      throw new PortError(`rdkafka: there is no topic ${topic}. Create it first`, {
        kind: "configuration",
        outcome: "failed",
        code: ERR.unknownTopicOrPartition,
      });
    }
    return count;
  }

  async send(record: OutgoingRecord): Promise<Sent> {
    this.#open();
    const id = this.#nextId;
    this.#nextId += 1;
    try {
      return await new Promise<Sent>((resolve, reject) => {
        const unsettled: Unsettled = { id, record, resolve, reject, alone: false };
        this.#unsettled.set(id, unsettled);
        this.#queueOf(record).add(unsettled);
      });
    } finally {
      this.#unsettled.delete(id);
      this.#wake();
    }
  }

  writable(): Promise<void> {
    if (this.#unsettled.size <= this.#acceptAt) this.#acceptAt = Infinity;
    if (this.#acceptAt === Infinity) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async flush(timeoutMs: number): Promise<void> {
    const newest = this.#nextId;
    const settled = new Promise<void>((resolve) => {
      const check = (): void => {
        const [oldest] = this.#unsettled.keys();
        if (oldest === undefined || oldest >= newest) resolve();
        else this.#flushed.push(check);
      };
      check();
    });
    if (await settlesWithin(settled, timeoutMs)) return;
    throw new PortError(
      `rdkafka: ${this.#unsettled.size} records were not acknowledged within ${timeoutMs} ms`,
      { kind: "retriable", outcome: "unknown" },
    );
  }

  close(timeoutMs: number): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#brokers.stop();
    if (!this.#connected) return;
    await this.flush(timeoutMs).catch(() => {});
    for (const { record, reject } of this.#unsettled.values()) {
      reject(
        new PortError(`rdkafka: closed before ${place(record)} had acknowledged the record`, {
          kind: "retriable",
          outcome: "unknown",
        }),
      );
    }
    // Flushed already: what is left is given up.
    const gone = call((done) => this.#client.disconnect(1, done));
    if (!(await settlesWithin(gone, DISCONNECT_MS))) {
      this.#parts.options.logger.warn("the producer did not disconnect in time");
    }
  }

  /** What is on its way may have been written, but nobody will ever say so. */
  #onStranded(): void {
    this.#stranded = true;
    for (const { reject } of this.#unsettled.values()) reject(stranded("unknown"));
  }

  #open(): NativeAdmin {
    if (this.#stranded) throw stranded("failed");
    if (this.#admin !== undefined && this.#closed === undefined) return this.#admin;
    throw new PortError(
      `rdkafka: the producer is ${this.#closed === undefined ? "not connected" : "closed"}`,
      { kind: "fatal", outcome: "failed" },
    );
  }

  #queueOf({ topic, partition }: OutgoingRecord): PartitionQueue {
    const key = `${topic}\0${partition}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new PartitionQueue((unsettled) => this.#dispatch(unsettled));
      this.#queues.set(key, queue);
    }
    return queue;
  }

  #dispatch(unsettled: Unsettled): void {
    const { id, record } = unsettled;
    try {
      // The partition is always given: the client's own choice is another hash (trap T22).
      this.#client.produce(
        record.topic,
        record.partition,
        toNativeBytes(record.value),
        toNativeBytes(record.key),
        record.timestamp ?? null,
        id,
        toNativeHeaders(record.headers, (name) => this.#tellLossy(name)),
      );
    } catch (error) {
      const refused = portError(`writing to ${place(record)}`, error, "failed");
      if (refused.kind === "backpressure") {
        this.#acceptAt = Math.floor((this.#unsettled.size - 1) * REFILL);
      }
      this.#queueOf(record).settled(unsettled, refused);
    }
  }

  #onReport(error: NativeError | null, { opaque, offset }: DeliveryReport): void {
    if (error === null || error === undefined) this.#brokers.heard();
    const unsettled = this.#unsettled.get(opaque);
    if (unsettled === undefined) return;
    const { record } = unsettled;
    const queue = this.#queueOf(record);
    if (error !== null && error !== undefined) {
      queue.settled(unsettled, portError(`writing to ${place(record)}`, error));
    } else if (isOffset(offset)) {
      queue.settled(unsettled, { offset });
    } else {
      const message = `rdkafka: ${place(record)} acknowledged at an impossible offset ${offset}`;
      queue.settled(unsettled, new PortError(message, { kind: "fatal", outcome: "unknown" }));
    }
  }

  #wake(): void {
    for (const check of this.#flushed.splice(0)) check();
    if (this.#unsettled.size > this.#acceptAt) return;
    this.#acceptAt = Infinity;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #tellLossy(name: string): void {
    if (this.#lossyTold) return;
    this.#lossyTold = true;
    this.#parts.options.logger.warn(
      `header ${JSON.stringify(name)} is null, which this client cannot write: it goes out empty`,
    );
  }
}

function stranded(outcome: Outcome): PortError {
  return new PortError(`rdkafka: ${STRANDED}`, { kind: "fatal", outcome });
}

function place({ topic, partition }: OutgoingRecord): string {
  return `${topic}-${partition}`;
}
