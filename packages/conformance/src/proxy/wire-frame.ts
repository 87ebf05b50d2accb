import { ByteReader } from "./byte-reader.ts";
import type { Frame } from "./proxy.ts";
import {
  decodeRequest,
  decodeResponse,
  isFlexible,
  responseHeaderHasTags,
  skipTags,
  type Message,
} from "./schema-interpreter.ts";

/** Which connection of which broker a frame was seen on, and when. */
export interface Sighting {
  readonly t: number;
  readonly node: number;
  readonly connection: number;
}

/** API keys by the names that this file and the proxy speak of. */
export const ApiKey = {
  produce: 0,
  fetch: 1,
  metadata: 3,
  apiVersions: 18,
  createTopics: 19,
} as const;

/** A frame as it was on the wire: header read at once, body decoded when somebody asks. */
export class WireFrame implements Frame {
  readonly t: number;
  readonly node: number;
  readonly connection: number;
  readonly direction: "request" | "response";
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly bytes: number;
  readonly request: Frame | null;
  /** Null once let go of. */
  #raw: Buffer | null;
  readonly #bodyAt: number;
  #decoded: { body: Record<string, unknown> | null; note: string | null } | null = null;

  private constructor(
    seen: Sighting,
    raw: Buffer,
    bodyAt: number,
    header: Pick<
      WireFrame,
      "direction" | "apiKey" | "apiVersion" | "correlationId" | "clientId" | "request"
    >,
  ) {
    this.t = seen.t;
    this.node = seen.node;
    this.connection = seen.connection;
    this.direction = header.direction;
    this.apiKey = header.apiKey;
    this.apiVersion = header.apiVersion;
    this.correlationId = header.correlationId;
    this.clientId = header.clientId;
    this.request = header.request;
    this.bytes = raw.length;
    this.#raw = raw;
    this.#bodyAt = bodyAt;
  }

  /** Null when the bytes hold no request header. */
  static request(seen: Sighting, raw: Buffer): WireFrame | null {
    const reader = new ByteReader(raw, 4);
    try {
      const apiKey = reader.int16();
      const apiVersion = reader.int16();
      const correlationId = reader.int32();
      // Never compact, not even in the flexible header: a broker must read it before it knows better.
      const length = reader.int16();
      const clientId = length < 0 ? null : reader.utf8(length);
      return new WireFrame(seen, raw, reader.position, {
        direction: "request",
        apiKey,
        apiVersion,
        correlationId,
        clientId,
        request: null,
      });
    } catch {
      return null;
    }
  }

  /** Null when the bytes do not even hold a correlation id. `answered` finds the request by it. */
  static response(
    seen: Sighting,
    raw: Buffer,
    answered: (correlationId: number) => WireFrame | null,
  ): WireFrame | null {
    if (raw.length < 8) return null;
    const correlationId = raw.readInt32BE(4);
    const request = answered(correlationId);
    return new WireFrame(seen, raw, 8, {
      direction: "response",
      apiKey: request?.apiKey ?? -1,
      apiVersion: request?.apiVersion ?? -1,
      correlationId,
      clientId: request?.clientId ?? null,
      request,
    });
  }

  get body(): Record<string, unknown> | null {
    return this.#decode().body;
  }

  get note(): string | null {
    return this.#decode().note;
  }

  /** A produce request with acks=0 is never answered. */
  get answered(): boolean {
    return this.apiKey !== ApiKey.produce || this.body?.["acks"] !== 0;
  }

  /** Lets go of the bytes of bulk data: who keeps frames must not keep every record that passed. */
  forget(): void {
    if (this.apiKey !== ApiKey.produce && this.apiKey !== ApiKey.fetch) return;
    this.#raw = null;
    if (this.#decoded !== null) this.#decoded = null;
  }

  #decode(): { body: Record<string, unknown> | null; note: string | null } {
    if (this.#decoded !== null) return this.#decoded;
    if (this.#raw === null) return { body: null, note: "records are let go of once passed on" };
    this.#decoded = this.#read(this.#raw);
    return this.#decoded;
  }

  #read(raw: Buffer): { body: Record<string, unknown> | null; note: string | null } {
    try {
      const message = this.#message(raw);
      if (message === null) return { body: null, note: "no schema for this API or version" };
      const { leftover } = message;
      const note = leftover > 0 ? `${leftover} bytes left over` : null;
      return { body: message.fields, note };
    } catch (error) {
      return { body: null, note: error instanceof Error ? error.message : String(error) };
    }
  }

  #message(raw: Buffer): Message | null {
    const reader = new ByteReader(raw, this.#bodyAt);
    if (this.direction === "request") {
      if (isFlexible(this.apiKey, this.apiVersion) === true) skipTags(reader);
      return decodeRequest(this.apiKey, this.apiVersion, reader);
    }
    if (responseHeaderHasTags(this.apiKey, this.apiVersion)) skipTags(reader);
    return decodeResponse(this.apiKey, this.#answerVersion(raw), reader);
  }

  /** A broker that lacks the version asked for answers ApiVersions in version 0 (KIP-511). */
  #answerVersion(raw: Buffer): number {
    const unsupported =
      this.apiKey === ApiKey.apiVersions &&
      raw.length >= 10 &&
      raw.readInt16BE(this.#bodyAt) === UNSUPPORTED_VERSION;
    return unsupported ? 0 : this.apiVersion;
  }
}

const UNSUPPORTED_VERSION = 35;
