import type { SaslCredentials, TlsIdentity } from "../cluster/client-security.ts";

/**
 * Runner ↔ subject: JSON Lines on stdio, protocol 1. One process is one group member. Every message
 * has a JSON Schema in `@sluice/spec` (`schemas/v1/subject-command.schema.json` and
 * `subject-message.schema.json`) and the runner validates both directions.
 *
 * Rules: one JSON object a line, UTF-8, at most 1 MiB, flushed a line; stdout carries nothing else,
 * logs go to stderr. int64 are decimal strings, bytes are base64, null stays null. Unknown fields are
 * ignored; an unknown command is answered with `{"id", "error": {"code": "unsupported"}}`. Replies may
 * come out of order. End of standard input or SIGTERM means: stop, draining.
 */
export const PROTOCOL_VERSION = 1;

/** What the runner writes. All but `finish` are answered by {@link Reply}. */
export type Command =
  | { readonly id: number; readonly cmd: "hello"; readonly protocol: number }
  | {
      readonly id: number;
      readonly cmd: "vector";
      /** An operation of the specification's Appendix D. */
      readonly op: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly id: number; readonly cmd: "start"; readonly config: SubjectConfig }
  | {
      readonly cmd: "finish";
      readonly h: string;
      readonly result: FinishResult;
      readonly error?: FinishError;
    }
  | { readonly id: number; readonly cmd: "stats" }
  | ({ readonly id: number } & Hook)
  | {
      readonly id: number;
      readonly cmd: "stop";
      readonly mode: "drain";
      readonly deadlineMs: number;
    };

/** What only a subject can do to itself; for those that declare it. */
export type Hook =
  /** Answered before it begins: the process computes for so long, and does nothing else. */
  | { readonly cmd: "stall"; readonly ms: number }
  /** From now on the process's wall clock is so much ahead of the machine's (negative: behind). */
  | { readonly cmd: "clock"; readonly offsetMs: number };

/** `retry` and `throw` are failures of a retriable kind, `poison` of a permanent one. */
export type FinishResult = "ok" | "retry" | "throw" | "poison" | "dead-letter" | "skip";
export interface FinishError {
  readonly type: string;
  readonly message: string;
}

export interface SubjectConfig {
  readonly brokers: readonly string[];
  readonly group: string;
  /** Member name; the subject uses it as Kafka `client.id` (and `<member>-producer` to produce). */
  readonly member: string;
  /** Static membership: Kafka's `group.instance.id`. */
  readonly instanceId?: string;
  readonly topics: readonly string[];
  readonly concurrency: number;
  readonly ordering: "key" | "partition" | "none";
  readonly commitIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Longest wait of a rebalance for this member. */
  readonly rebalanceTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly groupProtocol: "classic" | "consumer";
  /** Classic only. */
  readonly assignor: "range" | "cooperative-sticky" | null;
  readonly isolation: "read_committed" | "read_uncommitted";
  readonly startAt: "earliest" | "latest";
  readonly retry: {
    readonly maxAttempts: number;
    readonly backoffMs: number;
    readonly jitter: "none";
  };
  readonly deadLetter: { readonly topic: string } | null;
  /**
   * Only to a subject that declares `bufferLimit`, and only where a case limits it: bytes that it may hold fetched and
   * not begun, to which one fetch may come. It is for client and subject together.
   */
  readonly bufferBytes?: number;
  /** Absent: no login. */
  readonly sasl?: SaslCredentials;
  /** Absent: plaintext. An empty object: TLS with the system's certificates. */
  readonly tls?: TlsIdentity;
}

/** What a subject writes: replies to commands, and events. */
export type Message = Reply | SubjectEvent;

export type Reply = { readonly id: number } & Answer;

/** `unsupported`: no such command or operation; `input`: not the form of the operation's input. */
export type Answer =
  | { readonly ok: Readonly<Record<string, unknown>> }
  | { readonly error: { readonly code: string; readonly message?: string } };

/** `ok` of `hello`. */
export interface Hello {
  readonly protocol: number;
  readonly spec: string;
  readonly name: string;
  readonly version: string;
  readonly language: string;
  readonly runtime: string;
  readonly client: { readonly name: string; readonly version: string };
  /** What is not declared is none or false: a subject that only answers vectors says no more. */
  readonly capabilities: Partial<Capabilities>;
}
export interface Capabilities {
  /** None: the subject takes no part in groups. */
  readonly groupProtocol: readonly ("classic" | "consumer")[];
  readonly rebalance: readonly ("eager" | "cooperative" | "consumer")[];
  readonly ordering: readonly ("key" | "partition" | "none")[];
  readonly retry: readonly "inline"[];
  readonly dlq: boolean;
  /** Drains on stop and revoke. */
  readonly graceful: boolean;
  readonly startAt: boolean;
  /** Commits tell what is settled above them, and an assignment restores it (SLC-CMD). */
  readonly commitMetadata: boolean;
  /** Takes an `instanceId`. */
  readonly staticMembership: boolean;
  /** Keeps to `bufferBytes`. */
  readonly bufferLimit: boolean;
  /** Commands beyond the necessary ones that it follows. */
  readonly hooks: readonly Hook["cmd"][];
  /** The operations that it answers. */
  readonly vectors: readonly string[];
  readonly headers: { readonly order: boolean; readonly empty: boolean; readonly null: boolean };
}

/** A hello of which every capability is told. */
export interface Introduction extends Hello {
  readonly capabilities: Capabilities;
}

export const NO_CAPABILITIES: Capabilities = {
  groupProtocol: [],
  rebalance: [],
  ordering: [],
  retry: [],
  dlq: false,
  graceful: false,
  startAt: false,
  commitMetadata: false,
  staticMembership: false,
  bufferLimit: false,
  hooks: [],
  vectors: [],
  headers: { order: false, empty: false, null: false },
};

/** `ok` of `stop`. */
export interface StopReport {
  readonly forced: boolean;
}

export type SubjectEvent =
  /** A handler has started and waits for `finish`. The only event that a verdict rests on. */
  | {
      readonly ev: "begin";
      readonly h: string;
      readonly epoch: string;
      readonly t: string;
      readonly p: number;
      readonly o: string;
      readonly key: string | null;
      /** First 16 bytes of SHA-256 over the value, base64. */
      readonly vh: string | null;
      readonly attempt: number;
    }
  /** The subject gave a handler up (revoked, lost, stopping); the runner may still finish it. */
  | { readonly ev: "dropped"; readonly h: string; readonly reason: string }
  | {
      readonly ev: "assigned" | "revoking" | "revoked" | "lost";
      readonly epoch: string;
      readonly partitions: readonly (readonly [string, number])[];
    }
  | {
      readonly ev: "diverted";
      readonly t: string;
      readonly p: number;
      readonly o: string;
      readonly to: string;
    }
  | {
      readonly ev: "commit";
      readonly offsets: readonly (readonly [string, number, string])[];
      readonly ok: boolean;
    }
  | {
      readonly ev: "stalled";
      readonly t: string;
      readonly p: number;
      readonly o: string;
      readonly ms: number;
    };
