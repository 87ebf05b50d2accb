import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ClientSecurity } from "./client-security.ts";
import { logIn } from "./sasl-login.ts";

/**
 * One connection of the runner to a broker, for the few questions it asks while no client library
 * could: is this broker up, has every partition a leader, does the coordinator answer? No retries, no
 * reconnects: what goes wrong is the answer.
 */
export class BrokerClient {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #correlation = 0;
  readonly #waiting = new Map<
    number,
    { resolve: (body: Buffer) => void; reject: (error: Error) => void }
  >();
  #failure: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("connection closed")));
  }

  /** Connected and logged in. @throws Error within twice `timeoutMs`, as kernel, peer or clock has it */
  static async connect(
    host: string,
    port: number,
    timeoutMs: number,
    { tls, sasl }: ClientSecurity = {},
  ): Promise<BrokerClient> {
    const socket =
      tls === undefined
        ? connect({ host, port, noDelay: true })
        : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new Error(`no connection within ${timeoutMs} ms`));
      }, timeoutMs);
      socket.once(tls === undefined ? "connect" : "secureConnect", () => {
        clearTimeout(timer);
        socket.removeListener("error", reject);
        resolve();
      });
      socket.once("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
    });
    const client = new BrokerClient(socket);
    try {
      if (sasl !== undefined) await logIn(client, sasl, timeoutMs);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Sends a request with header version 1 and resolves with the body after header version 0. */
  async request(
    apiKey: number,
    apiVersion: number,
    body: Buffer,
    timeoutMs: number,
  ): Promise<Buffer> {
    if (this.#failure) throw this.#failure;
    const correlation = (this.#correlation += 1);
    const clientId = Buffer.from("sluice-runner");
    const head = Buffer.alloc(14);
    head.writeInt32BE(10 + clientId.length + body.length, 0);
    head.writeInt16BE(apiKey, 4);
    head.writeInt16BE(apiVersion, 6);
    head.writeInt32BE(correlation, 8);
    head.writeInt16BE(clientId.length, 12);
    this.#socket.write(Buffer.concat([head, clientId, body]));
    return await new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(correlation);
        reject(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(correlation, {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 4) {
      const size = this.#buffer.readInt32BE(0);
      if (size < 4 || size > 1 << 26) {
        this.#fail(new Error("what answered does not speak Kafka's protocol"));
        this.#socket.destroy();
        return;
      }
      if (this.#buffer.length < 4 + size) return;
      const correlation = this.#buffer.readInt32BE(4);
      const body = Buffer.from(this.#buffer.subarray(8, 4 + size));
      this.#buffer = this.#buffer.subarray(4 + size);
      const waiting = this.#waiting.get(correlation);
      this.#waiting.delete(correlation);
      waiting?.resolve(body);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
