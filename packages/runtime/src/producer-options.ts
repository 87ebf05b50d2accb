import type { Adapter, Headers, Logger, PortError } from "@sluice/core";

/** Options of `createProducer`. */
export interface ProducerOptions {
  readonly adapter: Adapter;
  /** Which partition a key belongs to; murmur2 is Java's. @defaultValue "murmur2" */
  readonly partitioner?: "murmur2" | "crc32" | "fnv1a-abs" | "fnv1a-mask";
  /**
   * Write the trace id of a record's `traceparent` as `X-Trace-ID` too, for readers of that older
   * convention; one that the record has stays. @defaultValue false
   */
  readonly writeTraceId?: boolean;
  readonly logger?: Logger;
}

/** A record to produce. Strings are written as UTF-8. */
export interface Message {
  readonly topic: string;
  /** Null or absent: any partition. An empty key is a key like any other. */
  readonly key?: string | Uint8Array | null;
  /** Null is a tombstone; an empty value is not. */
  readonly value: string | Uint8Array | null;
  /** By name, or as a list of name and value where order or repeats matter. */
  readonly headers?:
    | Readonly<Record<string, string | Uint8Array | null>>
    | readonly (readonly [name: string, value: string | Uint8Array | null])[]
    | Headers;
  /** Chosen by the key when absent. */
  readonly partition?: number;
  /** Milliseconds since the Unix epoch; the client's clock when absent. */
  readonly timestamp?: number;
}

/** What became of one record. */
export type SendResult =
  | {
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly error?: undefined;
    }
  | {
      readonly topic: string;
      /** Null when none could be chosen. */
      readonly partition: number | null;
      readonly offset?: undefined;
      /** `outcome: "unknown"` when the record may have been written all the same. */
      readonly error: PortError;
    };

export interface Producer {
  /** @throws PortError when the cluster cannot be reached or refuses the credentials */
  connect(): Promise<void>;
  /**
   * Resolves once all in-sync replicas have the record. Records of one partition are written in the
   * order of the calls as long as none fails.
   * @throws PortError
   */
  send(message: Message): Promise<{
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  }>;
  /**
   * One result for each message, in order. Never rejects because of some: those that were written
   * and those that were not stand side by side.
   */
  sendBatch(messages: readonly Message[]): Promise<readonly SendResult[]>;
  /** Resolves when every `send` so far has settled. @throws PortError on timeout */
  flush(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Flushes and disconnects. Idempotent. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}
