import { randomBytes } from "node:crypto";
import type { Proxy } from "../proxy/proxy.ts";
import type { Broker } from "./broker.ts";
import type { ClientSecurity } from "./client-security.ts";
import type { Cluster } from "./cluster.ts";
import { refusal, silence, unhealthy, until } from "./health.ts";

/** What tells one kind of our clusters from another. */
export interface OwnClusterParts<Kind extends Cluster["kind"]> {
  readonly kind: Kind;
  readonly reason: string;
  readonly kafkaVersion: string;
  readonly can: Cluster["can"];
  readonly clientBrokers: readonly string[];
  readonly clientSecurity: ClientSecurity;
  readonly witnessBrokers: readonly string[];
  readonly saslBrokers: readonly string[];
  readonly brokers: readonly Broker[];
  readonly proxy: Proxy;
  /** Ends everything and removes it. Called once. */
  readonly close: () => Promise<void>;
}

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 30_000;
const DISK_TIMEOUT_MS = 30_000;

/** A cluster that was started for this run: its brokers may be killed, and the proxy is before them. */
export class OwnCluster<Kind extends Cluster["kind"]> implements Cluster {
  readonly kind: Kind;
  readonly reason: string;
  readonly kafkaVersion: string;
  readonly can: Cluster["can"];
  readonly nodes: readonly number[];
  readonly clientBrokers: readonly string[];
  readonly clientSecurity: ClientSecurity;
  readonly witnessBrokers: readonly string[];
  readonly witnessSecurity: ClientSecurity = {};
  readonly saslBrokers: readonly string[];
  readonly prefix: string = `sluice-${randomBytes(3).toString("hex")}`;
  readonly proxy: Proxy;

  readonly #parts: OwnClusterParts<Kind>;
  readonly #running = new Set<Broker>();
  readonly #frozen = new Set<Broker>();
  #closing: Promise<void> | null = null;

  constructor(parts: OwnClusterParts<Kind>) {
    this.#parts = parts;
    this.kind = parts.kind;
    this.reason = parts.reason;
    this.kafkaVersion = parts.kafkaVersion;
    this.can = parts.can;
    this.nodes = parts.brokers.map((b) => b.node);
    this.clientBrokers = parts.clientBrokers;
    this.clientSecurity = parts.clientSecurity;
    this.witnessBrokers = parts.witnessBrokers;
    this.saslBrokers = parts.saslBrokers;
    this.proxy = parts.proxy;
  }

  /** Starts all brokers and waits until they are ready. @throws Error with a broker's log */
  async start(log: (line: string) => void, signal?: AbortSignal): Promise<void> {
    const before = performance.now();
    await Promise.all(this.#parts.brokers.map((broker) => this.#spawn(broker)));
    await until(
      "the cluster did not become ready",
      START_TIMEOUT_MS,
      async () => {
        this.#throwIfEnded();
        return await this.#unhealthy();
      },
      signal,
    );
    const ms = Math.round(performance.now() - before);
    log(`Kafka ${this.kafkaVersion}: ${this.nodes.length} node(s) ready in ${ms} ms`);
  }

  async signal(node: number, signal: "kill" | "term"): Promise<void> {
    const broker = this.#broker(node);
    await this.proxy.unlisten(node);
    if (this.#frozen.delete(broker) && signal === "term") await broker.signal("cont");
    await broker.signal(signal);
    await within(STOP_TIMEOUT_MS, broker.exited, `node ${node} did not end`);
    this.#running.delete(broker);
  }

  async freeze(node: number): Promise<void> {
    const broker = this.#broker(node);
    this.#frozen.add(broker);
    await broker.signal("stop");
  }

  async thaw(node: number): Promise<void> {
    const broker = this.#broker(node);
    this.#frozen.delete(broker);
    await broker.signal("cont");
  }

  async restart(node: number): Promise<void> {
    const broker = this.#known(node);
    if (this.#running.has(broker) && broker.ended === null) {
      throw new Error(`node ${node} is running`);
    }
    await this.#spawn(broker);
    try {
      await until(`node ${node} did not listen`, START_TIMEOUT_MS, async () => {
        this.#throwIfEnded(broker);
        return await refusal(broker.client);
      });
      await this.proxy.listen(node);
      await until(`node ${node} did not answer`, START_TIMEOUT_MS, async () => {
        this.#throwIfEnded(broker);
        return await silence(broker.witness);
      });
    } catch (error) {
      if (broker.ended !== null) this.#running.delete(broker);
      throw error;
    }
  }

  async fillDisk(node: number): Promise<string> {
    const broker = this.#broker(node);
    if (!this.can.diskFull) throw new Error(`cluster ${this.kind} cannot fill a broker's disk`);
    await broker.fillDisk();
    const how = await within(
      DISK_TIMEOUT_MS,
      broker.exited,
      `node ${node} did not notice that its disk is full`,
    );
    this.#running.delete(broker);
    return how;
  }

  async freeDisk(node: number): Promise<void> {
    await this.#known(node).freeDisk();
  }

  async healthy(timeoutMs: number): Promise<void> {
    await until("the cluster did not become healthy", timeoutMs, () => this.#unhealthy());
  }

  log(node: number): string {
    return this.#known(node).log();
  }

  close(): Promise<void> {
    this.#closing ??= this.#parts.close();
    return this.#closing;
  }

  async #spawn(broker: Broker): Promise<void> {
    await broker.start();
    this.#running.add(broker);
    // Also when it dies of itself: a port that accepts and then resets is not what a dead broker
    // looks like to a client, it refuses.
    void broker.exited.then(() => this.proxy.unlisten(broker.node));
  }

  async #unhealthy(): Promise<string | null> {
    const running = [...this.#running].filter((broker) => broker.ended === null);
    if (running.length === 0) return "no broker is running";
    return await unhealthy(
      running.map((b) => b.witness),
      running.map((b) => b.node),
    );
  }

  #throwIfEnded(...brokers: readonly Broker[]): void {
    for (const broker of brokers.length > 0 ? brokers : this.#running) {
      if (broker.ended === null) continue;
      throw new Error(`node ${broker.node} ended with ${broker.ended}:\n${broker.log()}`);
    }
  }

  #broker(node: number): Broker {
    const broker = this.#known(node);
    if (!this.#running.has(broker) || broker.ended !== null) {
      throw new Error(`node ${node} is not running`);
    }
    return broker;
  }

  #known(node: number): Broker {
    const broker = this.#parts.brokers.find((b) => b.node === node);
    if (!broker) throw new Error(`there is no node ${node}, only ${this.nodes.join(", ")}`);
    return broker;
  }
}

async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
