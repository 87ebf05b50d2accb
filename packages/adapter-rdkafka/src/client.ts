import type { EventEmitter } from "node:events";

/**
 * The part of @confluentinc/kafka-javascript's low-level API that the adapter uses. Its own
 * `index.d.ts` lacks incrementalAssign, incrementalUnassign, assignmentLost and
 * setDefaultIsTimeoutOnlyForFirstMessage, and calls offsets `any`.
 */
export interface ClientModule {
  // Never with a second argument: a topic configuration, an empty one too, discards whatever of its
  // kind stands in the first, and with it message.timeout.ms.
  readonly KafkaConsumer: new (conf: ClientConf) => NativeConsumer;
  readonly Producer: new (conf: ClientConf) => NativeProducer;
  readonly AdminClient: { createFrom(client: NativeConsumer | NativeProducer): NativeAdmin };
  readonly OffsetSpec: { readonly EARLIEST: OffsetSpec; readonly LATEST: OffsetSpec };
}

/** Keys of librdkafka's configuration, and the callbacks that the addon takes beside them. */
export type ClientConf = Readonly<Record<string, unknown>>;

/** `code` is Kafka's, or librdkafka's own when negative; -1 when the addon lost it on the way. */
export interface NativeError extends Error {
  readonly code: number;
}

export type Callback<T> = (error: NativeError | null | undefined, result: T) => void;

export interface NativeClient extends EventEmitter {
  connect(metadata: { allTopics: boolean; timeout: number }, done: Callback<unknown>): void;
  isConnected(): boolean;
  getMetadata(
    options: { topic?: string; allTopics: false; timeout: number },
    done: Callback<unknown>,
  ): void;
}

export interface NativeConsumer extends NativeClient {
  disconnect(done: Callback<unknown>): void;
  subscribe(topics: readonly string[]): void;
  unsubscribe(): void;
  setDefaultConsumeTimeout(ms: number): void;
  setDefaultIsTimeoutOnlyForFirstMessage(only: boolean): void;
  /** Emits `partition.eof` with a {@link PartitionEnd} before it calls back. */
  consume(count: number, done: Callback<readonly NativeMessage[]>): void;
  assign(partitions: readonly NativeOffset[]): void;
  unassign(): void;
  incrementalAssign(partitions: readonly NativeOffset[]): void;
  incrementalUnassign(partitions: readonly NativePartition[]): void;
  assignmentLost(): boolean;
  commit(offsets: readonly NativeOffset[]): void;
  /** An element is a bare Error when that partition failed. */
  committed(
    partitions: readonly NativePartition[],
    timeoutMs: number,
    done: Callback<readonly (CommittedOffset | Error)[]>,
  ): void;
  seek(position: NativeOffset, timeoutMs: number, done: Callback<undefined>): void;
  /** Each `offset` is a time in, -1 for the end of the log, and an offset out. */
  offsetsForTimes(
    times: readonly NativeOffset[],
    timeoutMs: number,
    done: Callback<readonly NativeOffset[]>,
  ): void;
  pause(partitions: readonly NativePartition[]): void;
  resume(partitions: readonly NativePartition[]): void;
}

export interface NativeProducer extends NativeClient {
  disconnect(flushMs: number, done: Callback<unknown>): void;
  setPollInBackground(on: boolean): void;
  produce(
    topic: string,
    partition: number,
    value: Uint8Array | null,
    key: Uint8Array | null,
    timestamp: number | null,
    opaque: number,
    headers: readonly NativeHeader[],
  ): boolean;
}

export interface NativeAdmin {
  createTopic(
    topic: {
      topic: string;
      num_partitions: number;
      replication_factor: number;
      config?: Readonly<Record<string, string>>;
    },
    timeoutMs: number,
    done: Callback<undefined>,
  ): void;
  deleteTopic(topic: string, timeoutMs: number, done: Callback<undefined>): void;
  deleteGroups(
    groups: readonly string[],
    options: { timeout: number },
    done: Callback<readonly { name: string; errorCode?: number; error?: NativeError }[]>,
  ): void;
  describeTopics(
    topics: readonly string[],
    options: { timeout: number },
    done: Callback<readonly TopicDescription[]>,
  ): void;
  listOffsets(
    partitions: readonly (NativePartition & { offset: OffsetSpec })[],
    options: { timeout: number; isolationLevel: number },
    done: Callback<readonly ListedOffset[]>,
  ): void;
}

export interface NativePartition {
  readonly topic: string;
  readonly partition: number;
}

export interface NativeOffset extends NativePartition {
  /** A string or a bigint would silently become 0 (T02): see offsets.ts. */
  readonly offset: number;
  readonly metadata?: string;
  readonly leaderEpoch?: number;
}

export interface CommittedOffset extends NativePartition {
  /** Absent, or negative, when the group has none. */
  readonly offset?: number;
  readonly metadata?: string;
}

export interface NativeMessage extends NativePartition {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: readonly NativeHeader[];
  readonly leaderEpoch?: number;
}

/** One key each, so that order and repeats survive. */
export type NativeHeader = Readonly<Record<string, Uint8Array>>;

/** The fetcher has reached the end of a partition; `offset` is where it fetches next. */
export interface PartitionEnd extends NativePartition {
  readonly offset: number;
}

export interface DeliveryReport extends NativePartition {
  readonly offset: number;
  readonly opaque: number;
}

export interface LogEvent {
  /** syslog: 0 emergency to 7 debug. */
  readonly severity: number;
  readonly fac: string;
  readonly message: string;
}

export interface OffsetSpec {
  readonly timestamp: number;
}

export interface ListedOffset extends NativePartition {
  readonly offset: number;
  readonly error?: NativeError;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: readonly unknown[];
  readonly error?: NativeError;
}

/** Calls a function of the client that answers through a callback. */
export function call<T>(start: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error);
    });
  });
}
