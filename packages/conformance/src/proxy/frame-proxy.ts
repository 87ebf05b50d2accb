import { createServer, type Server, type Socket } from "node:net";
import { ActiveRule } from "./active-rule.ts";
import { Connection } from "./connection.ts";
import { plainEnds, tlsEnds, type Ends, type ProxyTls } from "./ends.ts";
import type { ConnectionInfo, Frame, Proxy, Rule, RuleHandle } from "./proxy.ts";
import { ApiKey, type WireFrame } from "./wire-frame.ts";

/** A listening port of the proxy and the broker's port behind it, both on 127.0.0.1. */
export interface ProxyPort {
  readonly node: number;
  readonly listen: number;
  readonly target: number;
  /** The broker's port speaks TLS, and so does this one. */
  readonly tls?: ProxyTls;
}

/** Opens all ports. @throws Error when one is taken. */
export async function createProxy(ports: readonly ProxyPort[]): Promise<Proxy> {
  const proxy = new FrameProxy(ports);
  try {
    for (const node of new Set(ports.map((port) => port.node))) await proxy.listen(node);
  } catch (error) {
    await proxy.close();
    throw error;
  }
  return proxy;
}

type Listener = (frame: Frame, stage: "arrived" | "forwarded" | "discarded") => void;

class FrameProxy implements Proxy {
  readonly #ports: readonly ProxyPort[];
  readonly #servers = new Map<ProxyPort, Server>();
  readonly #connections = new Map<number, Connection>();
  /** Accepted, the TLS handshake not done. */
  readonly #greeting = new Map<Socket, ProxyPort>();
  readonly #listeners = new Set<Listener>();
  readonly #rules = new Set<ActiveRule>();
  readonly #topicNames = new Map<string, string>();
  #accepted = 0;

  constructor(ports: readonly ProxyPort[]) {
    this.#ports = ports;
  }

  get connections(): readonly ConnectionInfo[] {
    return [...this.#connections.values()];
  }

  onFrame(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  addRule(rule: Rule): RuleHandle {
    const active = new ActiveRule(rule, {
      removed: (removed) => {
        this.#rules.delete(removed);
        for (const connection of this.#connections.values()) connection.pump();
      },
      topicName: (id) => this.topicName(id),
    });
    this.#rules.add(active);
    return active;
  }

  removeAllRules(): void {
    for (const rule of [...this.#rules]) rule.remove();
  }

  learnTopic(id: string, name: string): void {
    this.#topicNames.set(id, name);
  }

  topicName(id: string): string | null {
    return this.#topicNames.get(id) ?? null;
  }

  async listen(node: number): Promise<void> {
    for (const port of this.#ports.filter((p) => p.node === node && !this.#servers.has(p))) {
      const options = { noDelay: true, allowHalfOpen: true };
      const server = createServer(options, (client) => this.#accept(port, client));
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port: port.listen, host: "127.0.0.1" }, () => {
          server.removeListener("error", reject);
          resolve();
        });
      });
      this.#servers.set(port, server);
    }
  }

  async unlisten(node: number): Promise<void> {
    const closing = this.#ports
      .filter((port) => port.node === node)
      .map((port) => this.#closePort(port));
    for (const connection of this.#connections.values()) {
      if (connection.node === node) connection.reset();
    }
    for (const [socket, port] of this.#greeting) {
      if (port.node === node) socket.resetAndDestroy();
    }
    await Promise.all(closing);
  }

  async close(): Promise<void> {
    this.removeAllRules();
    await Promise.all(this.#ports.map((port) => port.node).map((node) => this.unlisten(node)));
    this.#listeners.clear();
  }

  async #closePort(port: ProxyPort): Promise<void> {
    const server = this.#servers.get(port);
    this.#servers.delete(port);
    // Resolves when its last connection is closed, which the caller sees to.
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(port: ProxyPort, client: Socket): void {
    if (!this.#servers.has(port)) {
      client.resetAndDestroy();
      return;
    }
    if (port.tls === undefined) {
      this.#join(port, plainEnds(client, port.target));
      return;
    }
    this.#greeting.set(client, port);
    tlsEnds(client, port.target, port.tls)
      .then((ends) => this.#join(port, ends))
      // The client has its alert or has gone: nothing of it concerns the proxy.
      .catch(() => client.destroy())
      .finally(() => this.#greeting.delete(client));
  }

  #join(port: ProxyPort, ends: Ends): void {
    const id = (this.#accepted += 1);
    const connection = new Connection(id, port.node, ends, {
      arrived: (frame) => this.#arrived(frame),
      left: (frame, stage) => this.#tell(frame, stage),
      closed: () => this.#connections.delete(id),
    });
    this.#connections.set(id, connection);
    // Its port was closed during the handshake.
    if (!this.#servers.has(port)) connection.reset();
  }

  #arrived(frame: WireFrame): ActiveRule | null {
    if (frame.direction === "response") this.#learnFrom(frame);
    // Listeners first, so that one may add the rule which takes this very frame.
    this.#tell(frame, "arrived");
    for (const rule of this.#rules) if (rule.takes(frame)) return rule;
    return null;
  }

  #learnFrom(frame: WireFrame): void {
    if (frame.apiKey !== ApiKey.metadata && frame.apiKey !== ApiKey.createTopics) return;
    const topics = (frame.body?.["topics"] ?? []) as { topicId?: string; name?: string | null }[];
    for (const { topicId, name } of topics) {
      if (topicId !== undefined && topicId !== NO_TOPIC_ID && name) this.learnTopic(topicId, name);
    }
  }

  #tell(frame: WireFrame, stage: "arrived" | "forwarded" | "discarded"): void {
    for (const listener of this.#listeners) {
      try {
        listener(frame, stage);
      } catch (error) {
        // A defect of the harness must be loud, but must not tear the stream it looks at.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** 16 zero bytes. */
const NO_TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAA";
