import type { Caps, OutgoingRecord, PortError, ProducerPort, Sent } from "@sluice/core";
import { keyOf } from "../partition-key.ts";
import { capsOf, portError } from "./sim-client.ts";
import type { SimClient } from "./sim-client.ts";
import { Connection } from "./sim-network.ts";

/** What a broker makes of a record before it appends it: null takes it. */
export type ProduceGuard = (record: OutgoingRecord) => PortError | null;

/**
 * An idempotent producer: a record whose acknowledgement is lost is sent again under the same number,
 * until its delivery time is over, and the broker appends it once. One record of a partition is on its
 * way at a time.
 */
export class SimProducerPort implements ProducerPort {
  readonly caps: Caps;
  readonly #client: SimClient;
  readonly #guard: ProduceGuard;
  readonly #connection: Connection;
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #unsettled = new Set<Promise<unknown>>();
  #closed = false;

  constructor(client: SimClient, guard: ProduceGuard) {
    this.#client = client;
    this.#guard = guard;
    this.caps = capsOf(client.cluster.protocol);
    this.#connection = new Connection(client.process);
  }

  connect(): Promise<void> {
    return this.#client.network.send<void>(this.#connection, "metadata", (answer) => answer());
  }

  async partitions(topic: string): Promise<number> {
    const count = await this.#client.network.send<number | null>(
      this.#connection,
      "metadata",
      (answer) => answer(this.#client.cluster.logs(topic)?.length ?? null),
    );
    if (count === null) throw portError("configuration", `the topic "${topic}" does not exist`);
    return count;
  }

  send(record: OutgoingRecord): Promise<Sent> {
    const key = keyOf(record);
    const before = this.#lines.get(key) ?? Promise.resolve();
    const sent = before.then(() => this.#deliver(record));
    const settled = this.#settled(sent);
    void settled.finally(() => this.#unsettled.delete(settled));
    this.#unsettled.add(settled);
    this.#lines.set(key, settled);
    return sent;
  }

  writable(): Promise<void> {
    return Promise.resolve();
  }

  async flush(timeoutMs: number): Promise<void> {
    const { time } = this.#client.process.environment;
    const flushed = Promise.all(this.#unsettled).then(() => true);
    const late = new Promise<boolean>(
      (resolve) => void time.setTimer(() => resolve(false), timeoutMs),
    );
    if (!(await Promise.race([flushed, late]))) {
      throw portError("retriable", "flush: not everything was acknowledged in time", "unknown");
    }
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#closed) return;
    await this.flush(timeoutMs).catch(() => {});
    this.#closed = true;
  }

  async #settled(sent: Promise<unknown>): Promise<void> {
    try {
      await sent;
    } catch {
      // Its sender hears of it.
    }
  }

  async #deliver(record: OutgoingRecord): Promise<Sent> {
    const { cluster, network, process, witness, tuning } = this.#client;
    const { time } = process.environment;
    const until = time.now() + tuning.deliveryMs;
    /** Set by the broker, which knows the record's number when it comes again. */
    let appended: number | null = null;
    for (;;) {
      if (this.#closed) throw portError("fatal", "the producer is closed", "unknown");
      try {
        const result = await network.send<number | PortError>(
          this.#connection,
          "produce",
          (answer) => {
            const refused = appended === null ? this.#guard(record) : null;
            if (refused !== null) return answer(refused);
            appended ??= cluster.append(record).offset;
            answer(appended);
          },
        );
        if (typeof result !== "number") throw result;
        witness.produceAcked(process, record, result);
        return { offset: result };
      } catch (thrown) {
        const error = thrown as PortError;
        if (error.kind !== "retriable" || time.now() >= until) throw error;
      }
      await new Promise<void>((resolve) => void time.setTimer(resolve, tuning.retryMs));
    }
  }
}
