/**
 * The Kafka-frame proxy between subjects and brokers: one listening port per broker, in the runner's
 * process. It forwards original bytes, never re-encodes (a `rewrite` is its rule's own doing), and
 * decodes with Kafka's own message schemas. A frame is never swallowed while the stream goes on: real
 * TCP cannot do that. Allowed are: pass, hold everything behind it, delay, slow down, reset, or lose
 * the whole connection.
 *
 * Before a TLS listener it ends TLS and begins it anew, so that every rule works there too. What it
 * cannot see then is the client's own handshake with the broker: the client trusts the proxy's
 * certificate (of the same authority, for the same host), the broker sees the proxy's.
 */
export interface Proxy {
  /** Every frame, once when it arrives and once when it is passed on or discarded. */
  onFrame(
    listener: (frame: Frame, stage: "arrived" | "forwarded" | "discarded") => void,
  ): () => void;
  addRule(rule: Rule): RuleHandle;
  removeAllRules(): void;
  /** Close the listening port of a node and reset its connections (its broker is about to die). */
  unlisten(node: number): Promise<void>;
  listen(node: number): Promise<void>;
  /** Topic ids seen so far or told by the witness: KIP-516 APIs carry ids only. */
  learnTopic(id: string, name: string): void;
  /** Of an id in a body (base64url, as Kafka prints it); null when nobody has told it yet. */
  topicName(id: string): string | null;
  readonly connections: readonly ConnectionInfo[];
  close(): Promise<void>;
}

export interface Frame {
  /** Runner's monotonic clock, milliseconds, when the last byte arrived at the proxy. */
  readonly t: number;
  readonly node: number;
  readonly connection: number;
  readonly direction: "request" | "response";
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  /** From the request header; null until a request with one was seen. */
  readonly clientId: string | null;
  readonly bytes: number;
  /**
   * Decoded on first use, with Kafka's field names in camelCase, int64 as bigint, uuid as base64url;
   * null when this API or version has no schema. Of Produce and Fetch it is let go of once the
   * exchange has been passed on: take what you need in the listener.
   */
  readonly body: Record<string, unknown> | null;
  /** Why `body` is null, or that bytes were left over. */
  readonly note?: string | null;
  /** Of a response: the decoded request it answers. */
  readonly request: Frame | null;
}

export interface ConnectionInfo {
  readonly id: number;
  readonly node: number;
  readonly clientId: string | null;
  /** A frame of key 8, 11, 12, 14 or 68 was seen: this is the group connection. */
  readonly group: boolean;
}

export interface Rule {
  readonly name: string;
  /** The first rule added whose match takes a frame acts on it; later rules do not see it. */
  readonly match: {
    readonly apiKeys?: readonly number[];
    /** Both when left out. */
    readonly direction?: "request" | "response";
    readonly clientId?: string | ((clientId: string | null) => boolean);
    /**
     * Only frames that name the topic, and the partition when one is given. A request inside an
     * incremental fetch session names only what changed (KIP-227); its answer names what it carries.
     */
    readonly partition?: TopicPartition;
    readonly where?: (frame: Frame) => boolean;
  };
  /**
   * - hold: this frame and all behind it in that direction of that connection wait for `release`.
   * - delay: as hold, released after `ms`; a function is asked once for each frame (jitter).
   * - reset: RST to both sides instead of passing the frame on (its effect at the broker stands).
   * - cut: pass `bytes` of the frame on, let them leave, then RST both sides.
   * - slice: pass the frame on in writes of `bytes`.
   * - throttle: pass the frame on at `bytesPerSecond`; what is behind it waits.
   * - blackhole: from this frame on the connection is a cut cable. Nothing passes in either
   *   direction, neither side is told of the other's close, and bytes are lost. Removing the rule
   *   resets what is left. (A partition that heals, with TCP sending all again, is a `hold`.)
   * - rewrite: pass on what the function answers to the frame's bytes, its length prefix included:
   *   what a broker says at times that cannot be brought about.
   */
  readonly act:
    | { readonly type: "hold" }
    | { readonly type: "delay"; readonly ms: number | (() => number) }
    | { readonly type: "reset" }
    | { readonly type: "cut"; readonly bytes: number }
    | { readonly type: "slice"; readonly bytes: number }
    | { readonly type: "throttle"; readonly bytesPerSecond: number }
    | { readonly type: "blackhole" }
    | { readonly type: "rewrite"; readonly with: (bytes: Buffer, frame: Frame) => Buffer };
  /** Stop matching after this many frames. @defaultValue Infinity */
  readonly times?: number;
  /** Held frames go on to the broker although the client has closed (a delayed old commit). */
  readonly linger?: boolean;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition?: number;
}

export interface RuleHandle {
  /**
   * Frames that matched, and those on which the action was carried out: held, delayed or lost from
   * when they arrive, reset and cut when the RST is sent, sliced and throttled when the last byte is
   * written.
   */
  readonly matched: number;
  readonly acted: number;
  /**
   * Resolves when the n-th match has been acted on; rejects when the rule is removed before that or
   * its condition throws. @defaultValue 1
   */
  acting(n?: number): Promise<void>;
  /** Lets held frames go, in order, and removes the rule. */
  release(): void;
  /** Removes the rule; held frames go too, slow ones at once. */
  remove(): void;
}
