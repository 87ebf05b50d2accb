import type { OutgoingRecord, ProducerPort, ProducerPortOptions, Sent } from "@sluice/core";
import { PortError } from "@sluice/core";
import { keyOf } from "./assignment.ts";
import { kafkajsCaps } from "./caps.ts";
import { ClusterClient } from "./cluster.ts";
import { toPortError } from "./errors.ts";
import { toBuffer, toKafkajs } from "./headers.ts";
import { CompressionTypes } from "./internals.ts";
import type { LaneOwner, Pending } from "./partition-lane.ts";
import { PartitionLane } from "./partition-lane.ts";
import type { ProducerIdentity } from "./producer-id.ts";
import { initProducerId } from "./producer-id.ts";
import type { Settings } from "./settings.ts";
import { Topics } from "./topics.ts";
import { abortController, TIMED_OUT, within } from "./waiting.ts";

/** As much as the Java client's `buffer.memory`. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_RECORDS = 100_000;
/** What a record costs beyond its bytes, roughly. */
const RECORD_OVERHEAD = 64;
const CLOSE_MARGIN_MS = 2000;

/**
 * An idempotent producer on kafkajs' connections and encoders, with sequence numbers, batches and
 * retries of its own: kafkajs' producer loses records under a lost answer (T17), see
 * {@link PartitionLane}.
 */
export class KafkajsProducer implements ProducerPort {
  readonly caps: ProducerPort["caps"] = kafkajsCaps();
  readonly #client: ClusterClient;
  readonly #topics: Topics;
  readonly #options: ProducerPortOptions;
  readonly #deliveryMs: number;
  readonly #laneOwner: LaneOwner;
  readonly #lanes = new Map<string, PartitionLane>();
  readonly #pending = new Set<Pending>();
  readonly #closed = abortController();
  #bytes = 0;
  #waiters: (() => void)[] = [];
  #identity: ProducerIdentity | null = null;
  #asking: Promise<ProducerIdentity> | null = null;
  #closing: Promise<void> | null = null;
  #lossyHeaders = 0;

  constructor(settings: Settings, options: ProducerPortOptions) {
    const { clientIdSuffix: suffix, logger } = options;
    const clientId = suffix === undefined ? settings.clientId : `${settings.clientId}-${suffix}`;
    this.#options = options;
    this.#deliveryMs = settings.timeouts.deliveryMs;
    this.#client = new ClusterClient(settings, logger, clientId, { groupId: clientId });
    this.#topics = new Topics(this.#client.cluster);
    const { compression, lingerMs } = settings.producer;
    this.#laneOwner = {
      requestMs: settings.timeouts.requestMs,
      lingerMs,
      compression: compression === "gzip" ? CompressionTypes.GZIP : CompressionTypes.None,
      closed: this.#closed.signal,
      identity: () => this.#ownIdentity(),
      retire: (identity) => this.#retire(identity),
      leader: (topic, partition) => this.#topics.leader(topic, partition),
      leaderMoved: (topic) => this.#topics.forget(topic),
    };
  }

  async connect(): Promise<void> {
    await this.#client.connect(this.#closed.signal);
    try {
      await this.#ownIdentity();
    } catch (thrown) {
      const error = toPortError(thrown, "connecting the producer", "failed");
      // What waiting mends, the first batch waits for.
      if (error.kind !== "retriable") throw error;
    }
  }

  async partitions(topic: string): Promise<number> {
    try {
      return await this.#topics.partitions(topic);
    } catch (thrown) {
      throw toPortError(thrown, `asking for the partitions of ${topic}`, "failed");
    }
  }

  send(record: OutgoingRecord): Promise<Sent> {
    const refusal = this.#refusal();
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const pending = this.#accept(record, resolve, reject);
      this.#pending.add(pending);
      this.#bytes += pending.bytes;
      this.#lane(record.topic, record.partition).add(pending);
    });
  }

  writable(): Promise<void> {
    if (!this.#isFull || this.#closed.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async flush(timeoutMs: number): Promise<void> {
    for (const lane of this.#lanes.values()) lane.flush();
    if (this.#pending.size === 0) return;
    const settled = Promise.all([...this.#pending].map((pending) => settlement(pending)));
    if ((await within(settled, timeoutMs)) !== TIMED_OUT) return;
    throw new PortError(`${this.#pending.size} records were not acknowledged in ${timeoutMs} ms`, {
      kind: "retriable",
      outcome: "unknown",
    });
  }

  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.flush(timeoutMs).catch(() => {});
    this.#closed.abort();
    const error = new PortError("the producer was closed before the broker had answered", {
      kind: "retriable",
      outcome: "unknown",
    });
    for (const pending of this.#pending) pending.reject(error);
    for (const wake of this.#waiters.splice(0)) wake();
    await this.#client.close(CLOSE_MARGIN_MS);
  }

  #refusal(): PortError | null {
    if (this.#closing !== null) {
      return new PortError("the producer is closed", { kind: "fatal", outcome: "failed" });
    }
    if (!this.#isFull) return null;
    return new PortError(`${this.#pending.size} records wait to be sent: wait for writable()`, {
      kind: "backpressure",
      outcome: "failed",
    });
  }

  get #isFull(): boolean {
    return this.#pending.size >= MAX_RECORDS || this.#bytes >= MAX_BYTES;
  }

  #accept(
    record: OutgoingRecord,
    resolve: (sent: Sent) => void,
    reject: (error: PortError) => void,
  ): Pending {
    const { key, value, timestamp = Date.now() } = record;
    const { headers, lossy } = toKafkajs(record.headers);
    if (lossy) this.#countLossy(record);
    const message = {
      key: key === null ? null : toBuffer(key),
      value: value === null ? null : toBuffer(value),
      // As text: kafkajs takes a number 0 for "now", and sorts them as text.
      timestamp: String(timestamp),
      headers,
    };
    const bytes = RECORD_OVERHEAD + sizeOf(record);
    const release = (): void => {
      if (!this.#pending.delete(pending)) return;
      this.#bytes -= bytes;
      if (!this.#isFull) for (const wake of this.#waiters.splice(0)) wake();
    };
    const pending: Pending = {
      record,
      message,
      bytes,
      deadline: performance.now() + this.#deliveryMs,
      resolve: (sent) => {
        release();
        resolve(sent);
        settle(pending);
      },
      reject: (error) => {
        release();
        reject(error);
        settle(pending);
      },
    };
    return pending;
  }

  #lane(topic: string, partition: number): PartitionLane {
    const key = keyOf(topic, partition);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new PartitionLane(topic, partition, this.#laneOwner);
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  async #ownIdentity(): Promise<ProducerIdentity> {
    if (this.#identity !== null) return this.#identity;
    this.#asking ??= this.#client
      .anyBroker()
      .then((broker) => initProducerId(broker))
      .then((identity) => (this.#identity = identity))
      .finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** At once: the lane's next batch asks for its identity right after. */
  #retire(identity: ProducerIdentity): void {
    if (this.#identity !== identity) return;
    this.#identity = null;
    this.#options.logger.warn(
      "the fate of a batch is unknown: what follows goes out under a new producer id",
      { producerId: identity.producerId },
    );
  }

  #countLossy({ topic, partition }: OutgoingRecord): void {
    this.#lossyHeaders++;
    if (this.#lossyHeaders > 1) return;
    this.#options.logger.warn(
      `${keyOf(topic, partition)}: kafkajs cannot write these headers as they are: null values ` +
        "become empty, and the order among different names may change (told once)",
    );
  }
}

const settlements = new WeakMap<Pending, { promise: Promise<void>; resolve: () => void }>();

/** Resolves when the record has been answered for. Made only for those a flush waits for. */
function settlement(pending: Pending): Promise<void> {
  let known = settlements.get(pending);
  if (known === undefined) {
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => (resolve = done));
    known = { promise, resolve };
    settlements.set(pending, known);
  }
  return known.promise;
}

function settle(pending: Pending): void {
  settlements.get(pending)?.resolve();
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, content] of headers) bytes += name.length + (content?.length ?? 0);
  return bytes;
}
