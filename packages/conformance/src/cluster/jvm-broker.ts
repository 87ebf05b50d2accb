import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { tail } from "./broker-log.ts";
import type { BrokerPlace } from "./broker-properties.ts";
import type { Broker } from "./broker.ts";
import type { Endpoint } from "./health.ts";
import type { Supervised, Supervisor } from "./supervisor.ts";

/** What all brokers of a local cluster are run with. */
export interface Jvm {
  readonly java: string;
  /** Folder with Kafka's jars. */
  readonly libs: string;
  readonly supervisor: Supervisor;
}

const SIGNALS = { kill: "SIGKILL", term: "SIGTERM", stop: "SIGSTOP", cont: "SIGCONT" } as const;

/** Bytes of one file. One, not none: `prlimit` of 0 would refuse empty files, too, and tell less. */
const FULL = "1";

/** A broker as a JVM process of this machine. */
export class JvmBroker implements Broker {
  readonly node: number;
  readonly client: Endpoint;
  readonly witness: Endpoint;
  readonly propertiesFile: string;
  readonly #jvm: Jvm;
  readonly #logFile: string;
  #process: Supervised | null = null;
  #diskFull = false;

  constructor({ node, ports }: BrokerPlace, jvm: Jvm) {
    this.node = node;
    this.client = { host: "127.0.0.1", port: ports.client };
    this.witness = { host: "127.0.0.1", port: ports.witness };
    this.#jvm = jvm;
    this.propertiesFile = join(jvm.supervisor.dir, `node-${node}.properties`);
    this.#logFile = join(jvm.supervisor.dir, `node-${node}.log`);
  }

  /** Prepares the data folder. @throws Error with what the tool said */
  async format(clusterId: string, more: readonly string[]): Promise<void> {
    const tool = await this.#java(`format-${this.node}`, "kafka.tools.StorageTool", [
      ...["format", "-t", clusterId, "-c", this.propertiesFile],
      ...more,
    ]);
    const { code } = await tool.exited;
    if (code !== 0) throw new Error(`node ${this.node} could not be formatted:\n${this.log()}`);
  }

  async start(): Promise<void> {
    this.#process = await this.#java(this.#name, "kafka.Kafka", [this.propertiesFile]);
  }

  get ended(): string | null {
    const exit = this.#process?.ended() ?? null;
    return exit === null ? null : (exit.signal ?? `code ${exit.code}`);
  }

  get exited(): Promise<string> {
    return this.#started.exited.then(({ code, signal }) => signal ?? `code ${code}`);
  }

  signal(signal: "kill" | "term" | "stop" | "cont"): Promise<void> {
    this.#jvm.supervisor.signal(this.#name, SIGNALS[signal]);
    return Promise.resolve();
  }

  async fillDisk(): Promise<void> {
    this.#diskFull = true;
    // Of the running process: its next write to any file fails with "File too large", as it would
    // with "No space left on device". Kafka halts when its only log folder has failed.
    const limit = `--fsize=${FULL}:${FULL}`;
    await promisify(execFile)("prlimit", ["--pid", String(this.#started.pid), limit]);
  }

  freeDisk(): Promise<void> {
    this.#diskFull = false;
    return Promise.resolve();
  }

  log(): string {
    return tail(this.#logFile);
  }

  get #name(): string {
    return `node-${this.node}`;
  }

  get #started(): Supervised {
    if (this.#process === null) throw new Error(`node ${this.node} was never started`);
    return this.#process;
  }

  async #java(name: string, main: string, args: readonly string[]): Promise<Supervised> {
    const { java, libs, supervisor } = this.#jvm;
    const command = [
      java,
      ...["-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
      `-Dlog4j2.configurationFile=${join(supervisor.dir, "log4j2.properties")}`,
      ...["-cp", join(libs, "*"), main, ...args],
    ];
    if (this.#diskFull) command.unshift("prlimit", `--fsize=${FULL}:${FULL}`);
    const [file = java, ...rest] = command;
    return await supervisor.run(name, file, rest, this.#logFile);
  }
}
