import type { Headers, KafkaRecord } from "@sluice/core";

import type { NativeHeader, NativeMessage } from "./client.ts";
import type { HeaderBytes } from "./header-bytes.ts";
import { fromNativeHeaders } from "./headers.ts";

/** A record over the client's own buffers; headers are converted when somebody asks for them. */
export class RdkafkaRecord implements KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Of its headers mostly an estimate. */
  readonly size: number;
  readonly leaderEpoch?: number;
  #native: readonly NativeHeader[] | undefined;
  #headers: Headers | undefined;

  constructor(message: NativeMessage, headerBytes: HeaderBytes) {
    const { key, value, headers } = message;
    this.topic = message.topic;
    this.partition = message.partition;
    this.offset = message.offset;
    this.timestamp = message.timestamp;
    this.key = key;
    this.value = value;
    this.size = (key?.length ?? 0) + (value?.length ?? 0) + headerBytes.of(headers);
    if (message.leaderEpoch !== undefined) this.leaderEpoch = message.leaderEpoch;
    this.#native = headers;
  }

  get headers(): Headers {
    this.#headers ??= fromNativeHeaders(this.#native);
    this.#native = undefined;
    return this.#headers;
  }
}
