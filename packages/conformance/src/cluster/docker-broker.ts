import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ContainerRuntimeClient, StartedTestContainer } from "testcontainers";
import type { Broker } from "./broker.ts";
import type { Endpoint } from "./health.ts";

type Container = ReturnType<ContainerRuntimeClient["container"]["getById"]>;

/** What it takes to run one. */
export interface DockerBrokerParts {
  readonly node: number;
  readonly client: Endpoint;
  readonly witness: Endpoint;
  readonly engine: ContainerRuntimeClient;
  /** Creates the container and starts it for the first time. */
  readonly create: () => Promise<StartedTestContainer>;
}

/** Of log kept for reports. */
const LOG_LINES = 80;

/** A broker in a container. Its data stays with the container over a kill and a new start. */
export class DockerBroker implements Broker {
  readonly node: number;
  readonly client: Endpoint;
  readonly witness: Endpoint;
  readonly #parts: DockerBrokerParts;
  #container: Container | null = null;
  #exited: Promise<string> | null = null;
  #ended: string | null = null;
  #paused = false;
  #log: string[] = [];

  constructor(parts: DockerBrokerParts) {
    this.node = parts.node;
    this.client = parts.client;
    this.witness = parts.witness;
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { engine, create } = this.#parts;
    this.#ended = null;
    this.#paused = false;
    const since = Math.floor(Date.now() / 1000);
    if (this.#container === null) {
      this.#container = engine.container.getById((await create()).getId());
    } else {
      await this.#container.start();
    }
    const container = this.#container;
    const logged = this.#follow(await engine.container.logs(container, { since }));
    const waited = container.wait() as Promise<{ StatusCode: number }>;
    // Its last words may arrive after the engine knows of its end.
    this.#exited = Promise.all([waited, logged]).then(([{ StatusCode }]) => {
      // 128 and the signal, as a shell has it; a JVM that ends by SIGTERM says so itself.
      return (this.#ended = StatusCode === 137 ? "SIGKILL" : `code ${StatusCode}`);
    });
    this.#exited.catch(() => {});
  }

  get ended(): string | null {
    return this.#ended;
  }

  get exited(): Promise<string> {
    if (this.#exited === null) throw new Error(`node ${this.node} was never started`);
    return this.#exited;
  }

  async signal(signal: "kill" | "term" | "stop" | "cont"): Promise<void> {
    const container = this.#container;
    if (container === null) throw new Error(`node ${this.node} was never started`);
    if (signal === "stop" || signal === "cont") {
      if (this.#paused === (signal === "stop")) return;
      this.#paused = signal === "stop";
      await (this.#paused ? container.pause() : container.unpause());
      return;
    }
    // The engine refuses to signal what its freezer holds.
    if (this.#paused) await container.unpause();
    this.#paused = false;
    await container.kill({ signal: signal === "kill" ? "SIGKILL" : "SIGTERM" });
  }

  fillDisk(): Promise<void> {
    return Promise.reject(new Error("the disk of a container is not ours to fill"));
  }

  freeDisk(): Promise<void> {
    return Promise.resolve();
  }

  log(): string {
    return this.#log.join("\n");
  }

  /** Removes the container and its data, running or not. */
  async remove(): Promise<void> {
    await this.#container?.remove({ force: true, v: true }).catch((error: unknown) => {
      // Gone already.
      if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    });
  }

  async #follow(stream: Readable): Promise<void> {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.#log = [...this.#log, ...lines].slice(-LOG_LINES);
    });
    await finished(stream).catch(() => {});
  }
}
