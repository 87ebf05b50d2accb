import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createProxy } from "../src/proxy/frame-proxy.ts";
import type { Frame, Proxy } from "../src/proxy/proxy.ts";

/** "0009 00 'abc'" and the like: hex, with quoted text as its UTF-8 bytes; spaces mean nothing. */
export function bytesOf(text: string): Buffer {
  const parts = text.match(/'[^']*'|[0-9a-fA-F]{2}/g) ?? [];
  return Buffer.concat(
    parts.map((p) => (p.startsWith("'") ? Buffer.from(p.slice(1, -1)) : Buffer.from(p, "hex"))),
  );
}

export function sized(content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(content.length);
  return Buffer.concat([size, content]);
}

export function requestFrame(
  apiKey: number,
  apiVersion: number,
  correlationId: number,
  clientId: string | null,
  body: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(10);
  head.writeInt16BE(apiKey, 0);
  head.writeInt16BE(apiVersion, 2);
  head.writeInt32BE(correlationId, 4);
  head.writeInt16BE(clientId === null ? -1 : Buffer.byteLength(clientId), 8);
  return sized(Buffer.concat([head, Buffer.from(clientId ?? ""), body]));
}

export function responseFrame(correlationId: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32BE(correlationId);
  return sized(Buffer.concat([head, body]));
}

/** One end of a connection as a test looks at it. */
export class Peer {
  readonly socket: Socket;
  #chunks: Buffer[] = [];
  /** "end" for FIN, an error code for a reset. */
  over: string | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
    });
    socket.on("end", () => (this.over ??= "end"));
    socket.on("error", (error: NodeJS.ErrnoException) => (this.over = error.code ?? "error"));
  }

  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }
}

/** The proxy before a server that records what it gets and answers as the test says. */
export interface Bench {
  readonly proxy: Proxy;
  readonly port: number;
  /** Both ends of a new connection through the proxy. */
  connect(): Promise<{ client: Peer; broker: Peer }>;
  readonly frames: { readonly frame: Frame; readonly stage: string }[];
  close(): Promise<void>;
}

export async function bench(): Promise<Bench> {
  const accepted: Peer[] = [];
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
    accepted.push(new Peer(socket)),
  );
  await listening(server);
  const port = await freePort();
  const target = (server.address() as AddressInfo).port;
  const proxy = await createProxy([{ node: 1, listen: port, target }]);
  const frames: { frame: Frame; stage: string }[] = [];
  proxy.onFrame((frame, stage) => frames.push({ frame, stage }));
  const clients: Peer[] = [];
  return {
    proxy,
    port,
    frames,
    async connect() {
      const before = accepted.length;
      const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
      const client = new Peer(socket);
      clients.push(client);
      await once(socket, "connect");
      await eventually(() => accepted.length > before);
      return { client, broker: accepted[before] as Peer };
    },
    async close() {
      await proxy.close();
      for (const peer of [...clients, ...accepted]) peer.socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Polls a condition. @throws Error when it does not hold within `ms`. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await listening(server);
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function listening(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}
