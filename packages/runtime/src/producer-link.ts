import type {
  Adapter,
  OutgoingRecord,
  ProducerPort,
  ProducerPortOptions,
  Sent,
} from "@sluice/core";
import { PortError } from "@sluice/core";
import { asPortError } from "./errors.ts";
import type { Time } from "./time.ts";
import { settlesWithin } from "./timing.ts";

/**
 * A producer that outlives its ports: one that reports itself dead is closed and replaced by the
 * next `send`.
 */
export class ProducerLink {
  readonly #adapter: Adapter;
  readonly #options: ProducerPortOptions;
  readonly #time: Time;
  #port: Promise<ProducerPort> | null = null;
  #closed = false;
  readonly #retired = new Set<Promise<void>>();
  readonly #counts = new Map<string, { readonly count: number; readonly askedAt: number }>();

  constructor(adapter: Adapter, options: ProducerPortOptions, time: Time) {
    this.#adapter = adapter;
    this.#options = options;
    this.#time = time;
  }

  /** @throws PortError */
  async connect(): Promise<void> {
    await this.#connected();
  }

  /**
   * Partitions of a topic, asked again after five minutes or when `fresh`.
   * @throws PortError of kind `configuration` when the topic does not exist
   */
  async partitions(topic: string, fresh = false): Promise<number> {
    const known = this.#counts.get(topic);
    if (known !== undefined && !fresh && this.#time.now() - known.askedAt < COUNT_VALID_MS) {
      return known.count;
    }
    const port = await this.#connected();
    try {
      const count = await port.partitions(topic);
      this.#counts.set(topic, { count, askedAt: this.#time.now() });
      return count;
    } catch (thrown) {
      throw this.#judge(port, thrown, `looking up ${topic}`);
    }
  }

  /**
   * Waits for room in the client's queue and hands the record over. What is answered settles when
   * all in-sync replicas have the record; it is wrapped so that waiting for room is not waiting for
   * that. @throws PortError, as does `acknowledged`
   */
  async handOver(record: OutgoingRecord): Promise<{ readonly acknowledged: Promise<Sent> }> {
    const port = await this.#connected();
    try {
      await port.writable();
      const acknowledged = port.send(record).catch((thrown: unknown) => {
        throw this.#judge(port, thrown, `producing to ${record.topic}-${record.partition}`);
      });
      return { acknowledged };
    } catch (thrown) {
      throw this.#judge(port, thrown, "waiting for room to produce");
    }
  }

  /** @throws PortError */
  async flush(timeoutMs: number): Promise<void> {
    const port = await this.#port;
    if (port === null) return;
    try {
      await port.flush(timeoutMs);
    } catch (thrown) {
      throw this.#judge(port, thrown, "flushing");
    }
  }

  /** Flushes and disconnects; the next use connects again. Never rejects. */
  async disconnect(timeoutMs: number): Promise<void> {
    const current = this.#port;
    this.#port = null;
    if (current !== null) this.#retire(current, timeoutMs);
    await settlesWithin(this.#time, Promise.all(this.#retired), timeoutMs + CLOSE_SLACK_MS);
  }

  /** Flushes and disconnects for good. Idempotent; never rejects. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    await this.disconnect(timeoutMs);
  }

  #connected(): Promise<ProducerPort> {
    if (this.#closed) {
      return Promise.reject(
        new PortError("the producer is closed", { kind: "fatal", outcome: "failed" }),
      );
    }
    if (this.#port === null) {
      const connecting = this.#open();
      this.#port = connecting;
      // A failed attempt is not kept: the next send tries again.
      connecting.catch(() => {
        if (this.#port === connecting) this.#port = null;
      });
    }
    return this.#port;
  }

  async #open(): Promise<ProducerPort> {
    const port = this.#adapter.producer(this.#options);
    try {
      await port.connect();
      return port;
    } catch (thrown) {
      await port.close(0).catch(() => {});
      throw asPortError(thrown, "connecting the producer");
    }
  }

  #judge(port: ProducerPort, thrown: unknown, doing: string): PortError {
    const error = asPortError(thrown, doing);
    if (error.kind === "fatal") void this.#discard(port);
    return error;
  }

  async #discard(dead: ProducerPort): Promise<void> {
    const current = this.#port;
    if (current === null || (await current.catch(() => null)) !== dead) return;
    if (this.#port !== current) return;
    this.#options.logger.warn("the producer is dead and will be replaced");
    this.#port = null;
    this.#retire(current, 0);
  }

  #retire(port: Promise<ProducerPort>, timeoutMs: number): void {
    const done = port
      .then((opened) => opened.close(timeoutMs))
      .catch(() => {})
      .finally(() => this.#retired.delete(done));
    this.#retired.add(done);
  }
}

/** As long as the Java client's `metadata.max.age.ms`: topics grow. */
const COUNT_VALID_MS = 300_000;
const CLOSE_SLACK_MS = 5000;
