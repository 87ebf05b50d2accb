import type { Caps } from "./caps.ts";
import type { Logger } from "./logger.ts";
import type { OutgoingRecord } from "./record.ts";

/**
 * An idempotent producer with acks=all. Records of one topic-partition are appended in the order of
 * the `send` calls as long as none fails.
 */
export interface ProducerPort {
  readonly caps: Caps;
  /** @throws PortError of kind `configuration`, `authentication` or `retriable`. */
  connect(): Promise<void>;
  /**
   * Number of partitions of a topic.
   * @throws PortError of kind `configuration` when the topic does not exist.
   */
  partitions(topic: string): Promise<number>;
  /**
   * Resolves with the offset once all in-sync replicas have the record. Batching is the adapter's
   * affair.
   * @throws PortError; `outcome: "unknown"` when the record may have been written.
   */
  send(record: OutgoingRecord): Promise<Sent>;
  /** Resolves when the client's queue accepts records again; at once if it does now. */
  writable(): Promise<void>;
  /** Resolves when every `send` so far has settled. @throws PortError `retriable` on timeout. */
  flush(timeoutMs: number): Promise<void>;
  /** Flushes, then disconnects. Idempotent. Unsettled sends reject with `outcome: "unknown"`. */
  close(timeoutMs: number): Promise<void>;
}

export interface Sent {
  /** Offset of the record in its partition; safe integer. */
  readonly offset: number;
}

export interface ProducerPortOptions {
  readonly logger: Logger;
  /** Its `client.id` is `<clientId>-<suffix>`: wire and broker logs tell it from the consumer. */
  readonly clientIdSuffix?: string;
}
