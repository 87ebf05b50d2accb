import { randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createProxy } from "../proxy/frame-proxy.ts";
import type { Proxy } from "../proxy/proxy.ts";
import { LOG4J_PROPERTIES, tail } from "./broker-log.ts";
import {
  brokerPlaces,
  brokerProperties,
  formatProperties,
  scramArguments,
  PORTS_PER_NODE,
  type BrokerPlace,
} from "./broker-properties.ts";
import type { Cluster } from "./cluster.ts";
import { refusal, silence, unhealthy, until } from "./health.ts";
import { findJava } from "./java.ts";
import { findKafka, type KafkaJars } from "./kafka-jars.ts";
import { claimPorts, type PortClaim } from "./ports.ts";
import { Supervisor, type Supervised } from "./supervisor.ts";

export interface LocalClusterOptions {
  /** @defaultValue 1 */
  readonly nodes?: 1 | 3;
  /** A listener with PLAIN and SCRAM beside the plain one. @defaultValue true */
  readonly sasl?: boolean;
  /** Broker settings on top of the suite's own. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Progress, a line at a time. @defaultValue silent */
  readonly log?: (line: string) => void;
  /** Gives the start up; what was started is ended. */
  readonly signal?: AbortSignal;
}

export interface LocalCluster extends Cluster {
  readonly kind: "local";
  readonly proxy: Proxy;
}

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Starts a real Kafka, one or three combined brokers and controllers as JVM processes on 127.0.0.1,
 * with the frame proxy before their CLIENT and SASL listeners.
 *
 * Brokers, ports and data are gone after `close()`, and also when this process dies of anything.
 *
 * @throws EnvironmentError when Java, Maven or Kafka's jars are missing or do not fit.
 * @throws Error with the end of the broker's log when a broker does not come up.
 */
export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const log = options.log ?? (() => {});
  const java = await findJava();
  const jars = await findKafka(log);
  options.signal?.throwIfAborted();
  const parts: Parts = { java, jars, options, log };
  const count = options.nodes ?? 1;
  const claim = await claimPorts(count * PORTS_PER_NODE);
  let supervisor: Supervisor | null = null;
  let proxy: Proxy | null = null;
  try {
    supervisor = await Supervisor.start();
    const brokers = brokerPlaces(count, claim.ports, supervisor.dir);
    proxy = await createProxy(brokers.flatMap((b) => proxyPorts(b, options.sasl ?? true)));
    const cluster = new JvmCluster(parts, brokers, supervisor, proxy, claim);
    await cluster.start();
    return cluster;
  } catch (error) {
    await proxy?.close();
    await supervisor?.close();
    await claim.release();
    throw error;
  }
}

interface Parts {
  readonly java: string;
  readonly jars: KafkaJars;
  readonly options: LocalClusterOptions;
  readonly log: (line: string) => void;
}

class JvmCluster implements LocalCluster {
  readonly kind = "local";
  readonly reason: string;
  readonly kafkaVersion: string;
  readonly can: Cluster["can"];
  readonly nodes: readonly number[];
  readonly clientBrokers: readonly string[];
  readonly witnessBrokers: readonly string[];
  readonly saslBrokers: readonly string[];
  readonly prefix: string = `sluice-${randomBytes(3).toString("hex")}`;
  readonly proxy: Proxy;

  readonly #parts: Parts;
  readonly #brokers: readonly BrokerPlace[];
  readonly #supervisor: Supervisor;
  readonly #claim: PortClaim;
  readonly #running = new Map<number, Supervised>();
  readonly #frozen = new Set<number>();
  #closing: Promise<void> | null = null;

  constructor(
    parts: Parts,
    brokers: readonly BrokerPlace[],
    supervisor: Supervisor,
    proxy: Proxy,
    claim: PortClaim,
  ) {
    const sasl = parts.options.sasl ?? true;
    this.#parts = parts;
    this.#brokers = brokers;
    this.#supervisor = supervisor;
    this.#claim = claim;
    this.proxy = proxy;
    this.reason = `local: Kafka ${parts.jars.version} (${parts.jars.source}), ${brokers.length} node(s), run by ${parts.java}; no --brokers were given`;
    this.kafkaVersion = parts.jars.version;
    this.can = { proxy: true, brokerFaults: true, commitLog: true, sasl };
    this.nodes = brokers.map((b) => b.node);
    this.clientBrokers = brokers.map((b) => `127.0.0.1:${b.ports.clientProxy}`);
    this.witnessBrokers = brokers.map((b) => `127.0.0.1:${b.ports.witness}`);
    this.saslBrokers = sasl ? brokers.map((b) => `127.0.0.1:${b.ports.saslProxy}`) : [];
  }

  async start(): Promise<void> {
    const { options, log } = this.#parts;
    const before = performance.now();
    await writeFile(join(this.#supervisor.dir, "log4j2.properties"), LOG4J_PROPERTIES);
    await Promise.all(this.#brokers.map((broker) => this.#writeProperties(broker)));
    const clusterId = randomUUID().replaceAll("-", "").slice(0, 22);
    await Promise.all(this.#brokers.map((broker) => this.#format(broker, clusterId)));
    options.signal?.throwIfAborted();
    await Promise.all(this.#brokers.map((broker) => this.#spawn(broker)));
    await until(
      "the cluster did not become ready",
      START_TIMEOUT_MS,
      async () => {
        this.#throwIfEnded();
        return await this.#unhealthy();
      },
      options.signal,
    );
    const ms = Math.round(performance.now() - before);
    log(`Kafka ${this.kafkaVersion}: ${this.nodes.length} node(s) ready in ${ms} ms`);
  }

  async signal(node: number, signal: "kill" | "term"): Promise<void> {
    const process = this.#process(node);
    await this.proxy.unlisten(node);
    if (this.#frozen.delete(node) && signal === "term")
      this.#supervisor.signal(name(node), "SIGCONT");
    this.#supervisor.signal(name(node), signal === "kill" ? "SIGKILL" : "SIGTERM");
    const timer = new AbortController();
    const ended = await Promise.race([
      process.exited.then(() => true),
      deadline(STOP_TIMEOUT_MS, timer.signal).then(() => false),
    ]);
    timer.abort();
    if (!ended) throw new Error(`node ${node} did not end within ${STOP_TIMEOUT_MS} ms`);
    this.#running.delete(node);
  }

  async freeze(node: number): Promise<void> {
    this.#process(node);
    this.#frozen.add(node);
    this.#supervisor.signal(name(node), "SIGSTOP");
  }

  async thaw(node: number): Promise<void> {
    this.#process(node);
    this.#frozen.delete(node);
    this.#supervisor.signal(name(node), "SIGCONT");
  }

  async restart(node: number): Promise<void> {
    const broker = this.#place(node);
    if (this.#running.get(node)?.ended() === null) throw new Error(`node ${node} is running`);
    await this.#spawn(broker);
    const ports = broker.ports;
    await until(`node ${node} did not listen`, START_TIMEOUT_MS, async () => {
      this.#throwIfEnded();
      return await refusal({ host: "127.0.0.1", port: ports.client });
    });
    await this.proxy.listen(node);
    await until(`node ${node} did not answer`, START_TIMEOUT_MS, async () => {
      this.#throwIfEnded();
      return await silence({ host: "127.0.0.1", port: ports.witness });
    });
  }

  async healthy(timeoutMs: number): Promise<void> {
    await until("the cluster did not become healthy", timeoutMs, () => this.#unhealthy());
  }

  log(node: number): string {
    return tail(this.#logFile(this.#place(node)));
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.proxy.close();
      await this.#supervisor.close();
      await this.#claim.release();
    })();
    return this.#closing;
  }

  async #writeProperties(broker: BrokerPlace): Promise<void> {
    const { sasl = true, properties = {} } = this.#parts.options;
    const text = formatProperties(brokerProperties(broker, this.#brokers, sasl, properties));
    await writeFile(this.#propertiesFile(broker), text);
  }

  async #format(broker: BrokerPlace, clusterId: string): Promise<void> {
    const scram = (this.#parts.options.sasl ?? true) ? scramArguments() : [];
    const process = await this.#supervisor.run(
      `format-${broker.node}`,
      this.#parts.java,
      this.#javaArguments("kafka.tools.StorageTool", [
        ...["format", "-t", clusterId, "-c", this.#propertiesFile(broker)],
        ...scram,
      ]),
      this.#logFile(broker),
    );
    const exit = await process.exited;
    if (exit.code !== 0) {
      throw new Error(`node ${broker.node} could not be formatted:\n${this.log(broker.node)}`);
    }
  }

  async #spawn(broker: BrokerPlace): Promise<void> {
    const process = await this.#supervisor.run(
      name(broker.node),
      this.#parts.java,
      this.#javaArguments("kafka.Kafka", [this.#propertiesFile(broker)]),
      this.#logFile(broker),
    );
    this.#running.set(broker.node, process);
    // Also when it dies of itself: a port that accepts and then resets is not what a dead broker
    // looks like to a client, it refuses.
    void process.exited.then(() => this.proxy.unlisten(broker.node));
  }

  #javaArguments(main: string, args: readonly string[]): string[] {
    return [
      ...["-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
      `-Dlog4j2.configurationFile=${join(this.#supervisor.dir, "log4j2.properties")}`,
      ...["-cp", join(this.#parts.jars.libs, "*"), main, ...args],
    ];
  }

  async #unhealthy(): Promise<string | null> {
    const running = this.#brokers.filter((b) => this.#running.get(b.node)?.ended() === null);
    if (running.length === 0) return "no broker is running";
    return await unhealthy(
      running.map((b) => ({ host: "127.0.0.1", port: b.ports.witness })),
      running.map((b) => b.node),
    );
  }

  #throwIfEnded(): void {
    for (const [node, process] of this.#running) {
      const exit = process.ended();
      if (exit === null) continue;
      const how = exit.signal ?? `code ${exit.code}`;
      throw new Error(`node ${node} ended with ${how}:\n${this.log(node)}`);
    }
  }

  #process(node: number): Supervised {
    this.#place(node);
    const process = this.#running.get(node);
    if (!process || process.ended() !== null) throw new Error(`node ${node} is not running`);
    return process;
  }

  #place(node: number): BrokerPlace {
    const broker = this.#brokers.find((b) => b.node === node);
    if (!broker) throw new Error(`there is no node ${node}, only ${this.nodes.join(", ")}`);
    return broker;
  }

  #propertiesFile(broker: BrokerPlace): string {
    return join(this.#supervisor.dir, `node-${broker.node}.properties`);
  }

  #logFile(broker: BrokerPlace): string {
    return join(this.#supervisor.dir, `node-${broker.node}.log`);
  }
}

function name(node: number): string {
  return `node-${node}`;
}

function proxyPorts(
  { node, ports }: BrokerPlace,
  sasl: boolean,
): { node: number; listen: number; target: number }[] {
  const client = { node, listen: ports.clientProxy, target: ports.client };
  return sasl ? [client, { node, listen: ports.saslProxy, target: ports.sasl }] : [client];
}

function deadline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
