import { connect, createServer, type Server, type Socket } from "node:net";
import type { ConnectionInfo, Proxy, RuleHandle } from "./proxy.ts";

/** A listening port of the proxy and the broker's port behind it, both on 127.0.0.1. */
export interface ProxyPort {
  readonly node: number;
  readonly listen: number;
  readonly target: number;
}

/** Opens all ports. @throws Error when one is taken. */
export async function createProxy(ports: readonly ProxyPort[]): Promise<Proxy> {
  const proxy = new FrameProxy(ports);
  for (const node of new Set(ports.map((port) => port.node))) await proxy.listen(node);
  return proxy;
}

/** Transparent for now: bytes pass, rules are not yet carried out. */
class FrameProxy implements Proxy {
  readonly connections: readonly ConnectionInfo[] = [];
  readonly #ports: readonly ProxyPort[];
  readonly #servers = new Map<ProxyPort, Server>();
  readonly #pairs = new Map<Socket, { node: number; upstream: Socket }>();

  constructor(ports: readonly ProxyPort[]) {
    this.#ports = ports;
  }

  onFrame(): () => void {
    return () => {};
  }
  addRule(): RuleHandle {
    throw new Error("rules are not there yet");
  }
  removeAllRules(): void {}
  learnTopic(): void {}

  async listen(node: number): Promise<void> {
    for (const port of this.#ports.filter((p) => p.node === node && !this.#servers.has(p))) {
      const server = createServer({ noDelay: true }, (client) => this.#accept(port, client));
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port: port.listen, host: "127.0.0.1" }, resolve);
      });
      this.#servers.set(port, server);
    }
  }

  async unlisten(node: number): Promise<void> {
    const closed = this.#ports
      .filter((p) => p.node === node)
      .map(async (port) => {
        const server = this.#servers.get(port);
        this.#servers.delete(port);
        if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
      });
    for (const [client, pair] of this.#pairs) {
      if (pair.node !== node) continue;
      client.resetAndDestroy();
      pair.upstream.resetAndDestroy();
    }
    await Promise.all(closed);
  }

  async close(): Promise<void> {
    for (const node of new Set(this.#ports.map((p) => p.node))) await this.unlisten(node);
  }

  #accept(port: ProxyPort, client: Socket): void {
    const upstream = connect({ host: "127.0.0.1", port: port.target, noDelay: true });
    this.#pairs.set(client, { node: port.node, upstream });
    client.pipe(upstream);
    upstream.pipe(client);
    const reset = (): void => {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    client.on("error", reset);
    upstream.on("error", reset);
    client.on("close", () => {
      this.#pairs.delete(client);
      upstream.destroy();
    });
    upstream.on("close", () => client.destroy());
  }
}
