import { createRequire } from "node:module";

/**
 * The parts of kafkajs that its public types do not show. kafkajs has no `exports` map and has had
 * no release since 2023; `patches.ts` refuses any version but the one these types were read from.
 */
const require = createRequire(import.meta.url);

export interface Cluster {
  readonly brokerPool: {
    readonly brokers: Readonly<Record<string, Broker>>;
    readonly metadata: unknown;
    findConnectedBroker(): Promise<Broker>;
  };
  /** The topics whose metadata is kept. */
  readonly targetTopics: Set<string>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findBroker(of: { readonly nodeId: number | string }): Promise<Broker>;
  findGroupCoordinator(of: { readonly groupId: string }): Promise<Broker>;
  findTopicPartitionMetadata(
    topic: string,
  ): readonly { readonly partitionId: number; readonly leader: number }[];
  /** What the group has committed, as kafkajs remembers it: `offsets[topic][partition]`. */
  committedOffsets(of: { readonly groupId: string }): Record<string, Record<number, string>>;
}

export interface Broker {
  readonly nodeId: number;
  readonly versions: unknown;
  readonly connectionPool: {
    readonly host: string;
    readonly port: number;
    readonly pool: readonly Connection[];
    send(exchange: Exchange): Promise<unknown>;
  };
  connect(): Promise<void>;
  isConnected(): boolean;
  lookupRequest(apiKey: number, definition: unknown): (args: unknown) => Exchange;
  fetch(request: FetchRequest): Promise<{ readonly responses: readonly [] }>;
  joinGroup(request: unknown): Promise<JoinGroupResponse>;
  syncGroup(request: unknown): Promise<{ readonly memberAssignment: Buffer }>;
  heartbeat(request: unknown): Promise<unknown>;
  leaveGroup(request: unknown): Promise<unknown>;
}

export interface Connection {
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  readonly connectionTimeout: number;
  readonly broker: string;
  socket: import("node:net").Socket | undefined;
  isConnected(): boolean;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
}

export interface RequestQueue {
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly throttledUntil: number;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

interface Exchange {
  readonly request: { readonly apiVersion: number };
  readonly response: {
    decode(payload: Buffer): Promise<unknown>;
    parse(decoded: unknown): Promise<unknown>;
  };
}

export interface FetchRequest {
  readonly maxWaitTime: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly FetchPartition[];
  }[];
}

interface FetchPartition {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly maxBytes: number;
}

interface JoinGroupResponse {
  readonly generationId: number;
  readonly memberId: string;
}

interface Responses {
  ListOffsets: ByTopic<{
    readonly partition: number;
    readonly errorCode: number;
    readonly offset: string;
  }>;
  OffsetCommit: ByTopic<{ readonly partition: number; readonly errorCode: number }>;
  OffsetFetch: ByTopic<{
    readonly partition: number;
    readonly errorCode: number;
    readonly offset: string;
    readonly metadata: string | null;
  }> & { readonly errorCode: number };
  Heartbeat: { readonly errorCode: number };
  LeaveGroup: { readonly errorCode: number };
  Metadata: {
    readonly topicMetadata: readonly {
      readonly topicErrorCode: number;
      readonly topic: string;
      readonly partitionMetadata: readonly {
        readonly partitionErrorCode: number;
        readonly partitionId: number;
        readonly leader: number;
      }[];
    }[];
  };
  InitProducerId: {
    readonly errorCode: number;
    readonly producerId: string;
    readonly producerEpoch: number;
  };
  Produce: {
    readonly topics: readonly {
      readonly topicName: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly errorCode: number;
        readonly baseOffset: string;
      }[];
    }[];
  };
}

interface ByTopic<P> {
  readonly responses: readonly { readonly topic: string; readonly partitions: readonly P[] }[];
}

export type ApiName = keyof Responses;
export type ResponseOf<A extends ApiName> = Responses[A];

// kafkajs is CommonJS, and Node sees only some of its names from ESM: all are taken from here.
const lib = require("kafkajs") as typeof import("kafkajs");
export const Kafka: typeof lib.Kafka = lib.Kafka;
export const logLevel: typeof lib.logLevel = lib.logLevel;
export const PartitionAssigners: typeof lib.PartitionAssigners = lib.PartitionAssigners;
export const AssignerProtocol: typeof lib.AssignerProtocol = lib.AssignerProtocol;
export const CompressionTypes: typeof lib.CompressionTypes = lib.CompressionTypes;
export const CompressionCodecs: Record<number, () => unknown> = (
  lib as unknown as { CompressionCodecs: Record<number, () => unknown> }
).CompressionCodecs;

export const kafkajsVersion: string = (require("kafkajs/package.json") as { version: string })
  .version;
export const ConnectionClass = require("kafkajs/src/network/connection") as {
  readonly prototype: Connection;
};
export const RequestQueueClass = require("kafkajs/src/network/requestQueue") as {
  readonly prototype: RequestQueue;
};
const errors = require("kafkajs/src/errors") as {
  readonly KafkaJSProtocolError: new (of: object) => Error;
  readonly KafkaJSNonRetriableError: new (message: string) => Error;
};
const apiKeys = require("kafkajs/src/protocol/requests/apiKeys") as Record<string, number>;
const { requests } = require("kafkajs/src/protocol/requests") as {
  readonly requests: Record<string, unknown>;
};
const compression = require("kafkajs/src/protocol/message/compression") as {
  lookupCodec(type: number): { decompress(bytes: Buffer): Promise<Buffer> } | null;
};
/** Null for what is not compressed. @throws KafkaJSNotImplemented for a codec that is missing */
export const lookupCodec: typeof compression.lookupCodec = compression.lookupCodec;
const { errorCodes } = require("kafkajs/src/protocol/error") as {
  readonly errorCodes: readonly { readonly type: string; readonly code: number }[];
};

/**
 * Sends one request and answers what the broker said, error codes included. kafkajs' own methods
 * throw at the first error of a response and so lose what was said about the other partitions.
 * @throws what kafkajs throws when there is no answer
 */
export function call<A extends ApiName>(
  broker: Broker,
  api: A,
  args: object,
): Promise<ResponseOf<A>> {
  return send(broker, api, args, (payload, { response }) => response.decode(payload)) as Promise<
    ResponseOf<A>
  >;
}

/** The same for Fetch, whose answer `read` reads, given the version that was asked for. */
export function callFetch<T>(
  broker: Broker,
  request: FetchRequest,
  read: (payload: Buffer, version: number) => Promise<T>,
): Promise<T> {
  return send(broker, "Fetch", request, (payload, exchange) =>
    read(payload, exchange.request.apiVersion),
  ) as Promise<T>;
}

async function send(
  broker: Broker,
  api: string,
  args: object,
  read: (payload: Buffer, exchange: Exchange) => Promise<unknown>,
): Promise<unknown> {
  if (!broker.versions) await broker.connect();
  const exchange = broker.lookupRequest(apiKeys[api] as number, requests[api])(args);
  return broker.connectionPool.send({
    ...exchange,
    response: {
      decode: (payload) => read(payload, exchange),
      parse: (said) => Promise.resolve(said),
    },
  });
}

/** Kafka's name of an error code. */
export function errorName(code: number): string {
  return errorCodes.find((known) => known.code === code)?.type ?? `error ${code}`;
}

/** The error that makes kafkajs join the group anew, with or without its member id. */
export function rejoinError(type: "REBALANCE_IN_PROGRESS" | "UNKNOWN_MEMBER_ID"): Error {
  const code = type === "UNKNOWN_MEMBER_ID" ? 25 : 27;
  return new errors.KafkaJSProtocolError({ type, code, retriable: false, message: type });
}

/** The error that makes kafkajs give up. */
export function stopError(message: string): Error {
  return new errors.KafkaJSNonRetriableError(message);
}

/**
 * Breaks a broker's connection number `index` (0 everything but Fetch, 1 Fetch): what waits on it
 * is rejected, and the next request connects anew. kafkajs itself sends again on a dead connection
 * for as long as it has retries.
 */
export function breakConnection(broker: Broker, index: 0 | 1, reason: string): void {
  broker.connectionPool.pool[index]?.socket?.destroy(new Error(reason));
}
