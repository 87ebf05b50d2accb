import type { Socket } from "node:net";
import type { ActiveRule } from "./active-rule.ts";
import { Flow, type Parcel } from "./flow.ts";
import type { Ends } from "./ends.ts";
import { FrameSplitter, type Piece } from "./frame-splitter.ts";
import type { ConnectionInfo, Rule } from "./proxy.ts";
import { WireFrame } from "./wire-frame.ts";

/** What a connection asks of the proxy. */
export interface ConnectionHost {
  /** A frame has arrived: tell of it, and say which rule takes it. */
  arrived(frame: WireFrame): ActiveRule | null;
  left(frame: WireFrame, stage: "forwarded" | "discarded"): void;
  /** It carries no more; told at least once. */
  closed(connection: Connection): void;
}

/** A client's connection and the proxy's own to the broker, joined by two flows. */
export class Connection implements ConnectionInfo {
  readonly id: number;
  readonly node: number;
  clientId: string | null = null;
  group = false;
  readonly #ends: Ends;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #host: ConnectionHost;
  readonly #requests: Flow;
  readonly #responses: Flow;
  /** Requests by correlation id, which means nothing outside of this connection. */
  readonly #pending = new Map<number, WireFrame>();
  /** The client is gone, its held requests are not. */
  #lingering = false;
  #lingerTimer: NodeJS.Timeout | null = null;
  /** Cut, as a cable is: nothing passes, no close is told. */
  #blackhole: ActiveRule | null = null;
  /** A TLS socket closes at once with the TCP socket under it: the other side is still to be reset. */
  #isReset = false;
  #open = 2;

  constructor(id: number, node: number, ends: Ends, host: ConnectionHost) {
    const { client, upstream } = ends;
    this.id = id;
    this.node = node;
    this.#ends = ends;
    this.#client = client;
    this.#upstream = upstream;
    this.#host = host;
    this.#requests = this.#flow(client, this.#upstream, (bytes) => this.#request(bytes));
    this.#responses = this.#flow(this.#upstream, client, (bytes) => this.#response(bytes));
    client.on("end", () => this.#unlessCut(() => this.#clientEnded()));
    this.#upstream.on("end", () => this.#unlessCut(() => this.#responses.endOfSource()));
    client.on("error", () => this.#unlessCut(() => this.#clientBroke()));
    this.#upstream.on("error", () => this.#unlessCut(() => this.reset()));
    client.on("close", () => this.#closed());
    this.#upstream.on("close", () => this.#closed());
  }

  /** RST to both sides; what has not been written is discarded. Idempotent. */
  reset(): void {
    this.#requests.close();
    this.#responses.close();
    this.#isReset = true;
    this.#ends.reset();
    this.#host.closed(this);
  }

  /** A rule was removed: what it held may go. */
  pump(): void {
    if (this.#blackhole?.removed === true) {
      this.reset();
      return;
    }
    this.#requests.pump();
    this.#responses.pump();
  }

  #flow(source: Socket, destination: Socket, parcelOf: (bytes: Buffer) => Parcel): Flow {
    const splitter = new FrameSplitter();
    const flow = new Flow(source, destination, {
      reset: () => this.reset(),
      passed: (parcel) => this.#left(parcel, "forwarded"),
      discarded: (parcel) => this.#left(parcel, "discarded"),
      drained: () => this.#drained(flow, destination, splitter.rest()),
    });
    flow.countUnderWay(() => splitter.buffered);
    source.on("data", (chunk: Buffer) => {
      for (const piece of splitter.push(chunk)) flow.push(parcel(piece, parcelOf));
    });
    return flow;
  }

  #request(bytes: Buffer): Parcel {
    const frame = WireFrame.request(this.#sighting(), bytes);
    if (frame === null) return opaque(bytes);
    this.clientId ??= frame.clientId;
    if (GROUP_KEYS.has(frame.apiKey)) this.group = true;
    if (frame.answered) this.#pending.set(frame.correlationId, frame);
    return this.#arrived(bytes, frame);
  }

  #response(bytes: Buffer): Parcel {
    const frame = WireFrame.response(this.#sighting(), bytes, (correlationId) => {
      const request = this.#pending.get(correlationId) ?? null;
      this.#pending.delete(correlationId);
      return request;
    });
    return frame === null ? opaque(bytes) : this.#arrived(bytes, frame);
  }

  #arrived(bytes: Buffer, frame: WireFrame): Parcel {
    const rule = this.#host.arrived(frame);
    if (rule?.rule.act.type === "blackhole") {
      this.#blackhole ??= rule;
      this.#requests.sink();
      this.#responses.sink();
      rule.didAct();
    }
    // On a cut cable no other rule has anything to act on.
    if (rule === null || this.#blackhole !== null) return { bytes, frame, rule, notBefore: 0 };
    const { act } = rule.rule;
    if (act.type === "rewrite") {
      rule.didAct();
      return { bytes: act.with(bytes, frame), frame, rule, notBefore: 0 };
    }
    const notBefore = waitsUntil(act, frame.t);
    // From here on the frame does not pass before the rule lets it: that is the act.
    if (notBefore > 0) rule.didAct();
    return { bytes, frame, rule, notBefore };
  }

  #unlessCut(run: () => void): void {
    if (this.#blackhole === null) run();
  }

  #left({ frame }: Parcel, stage: "forwarded" | "discarded"): void {
    if (frame === null) return;
    this.#host.left(frame, stage);
    if (frame.direction === "response") {
      frame.forget();
      if (frame.request instanceof WireFrame) frame.request.forget();
      this.#endLingering();
    } else if (!this.#pending.has(frame.correlationId)) frame.forget();
  }

  #drained(flow: Flow, destination: Socket, rest: Buffer): void {
    if (this.#blackhole !== null) return;
    if (rest.length > 0) destination.write(rest);
    if (flow === this.#requests && this.#lingering) this.#endLingering();
    else destination.end();
  }

  #clientEnded(): void {
    // What a client sent before it closed may still reach a broker on a real network; whether it
    // does here is the rule's choice, and the default is that it is lost with the connection.
    if (this.#requests.lingers) this.#lingering = true;
    else if (this.#requests.held) this.#requests.discard();
    // No Kafka client closes its sending side alone: an answer held for this one reaches nobody.
    if (this.#responses.held) this.#responses.sink();
    this.#requests.endOfSource();
  }

  #clientBroke(): void {
    if (!this.#lingering && !this.#requests.lingers) {
      this.reset();
      return;
    }
    this.#lingering = true;
    this.#responses.sink();
    this.#requests.endOfSource();
  }

  /**
   * The broker drops what it has not begun when a connection closes, so the last frame of a client
   * long gone has its answer before the proxy closes.
   */
  #endLingering(): void {
    if (!this.#lingering || !this.#requests.empty) return;
    if (this.#pending.size === 0) this.#upstream.end();
    else this.#lingerTimer ??= setTimeout(() => this.reset(), LINGER_ANSWER_MS);
  }

  #closed(): void {
    this.#open -= 1;
    if (this.#open === 0) {
      if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
      this.#requests.close();
      this.#responses.close();
      this.#host.closed(this);
    } else if (this.#blackhole !== null || this.#isReset) return;
    else if (this.#upstream.destroyed) this.#client.destroy();
    else if (!this.#lingering) this.#upstream.destroy();
  }

  #sighting(): { t: number; node: number; connection: number } {
    return { t: performance.now(), node: this.node, connection: this.id };
  }
}

/** OffsetCommit, JoinGroup, Heartbeat, SyncGroup, ConsumerGroupHeartbeat. */
const GROUP_KEYS: ReadonlySet<number> = new Set([8, 11, 12, 14, 68]);
const LINGER_ANSWER_MS = 5_000;

function parcel({ kind, bytes }: Piece, parcelOf: (bytes: Buffer) => Parcel): Parcel {
  return kind === "frame" ? parcelOf(bytes) : opaque(bytes);
}

function opaque(bytes: Buffer): Parcel {
  return { bytes, frame: null, rule: null, notBefore: 0 };
}

function waitsUntil(act: Rule["act"], arrived: number): number {
  if (act.type === "hold") return Infinity;
  if (act.type !== "delay") return 0;
  return arrived + (typeof act.ms === "number" ? act.ms : act.ms());
}
