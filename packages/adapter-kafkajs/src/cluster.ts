import type { Logger, SaslConfig } from "@sluice/core";
import { PortError } from "@sluice/core";
import type {
  Consumer,
  ConsumerConfig,
  Kafka as KafkaType,
  KafkaConfig,
  PartitionAssigner,
  SASLOptions,
} from "kafkajs";
import type { Socket } from "node:net";
import { connect as connectPlain, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { toPortError } from "./errors.ts";
import type { Broker, Cluster } from "./internals.ts";
import { call, Kafka, logLevel, PartitionAssigners } from "./internals.ts";
import { logInto } from "./logger.ts";
import type { Settings } from "./settings.ts";
import { Backoff, delay, TIMED_OUT, within } from "./waiting.ts";

/**
 * A kafkajs consumer and the cluster object inside it. kafkajs hands the cluster to the factory of
 * a partition assigner, the one public way to it; a producer and an admin use the same way with a
 * consumer that never runs.
 */
export class ClusterClient {
  readonly kafka: KafkaType;
  readonly consumer: Consumer;
  readonly cluster: Cluster;
  readonly #settings: Settings;
  readonly #sockets = new Set<Socket>();

  constructor(settings: Settings, logger: Logger, clientId: string, options: MemberOptions) {
    this.#settings = settings;
    let cluster: Cluster | null = null;
    const assigner: PartitionAssigner = (given) => {
      cluster = given.cluster as unknown as Cluster;
      const assigning = PartitionAssigners.roundRobin(given);
      return options.wrapAssigner?.(assigning) ?? assigning;
    };
    this.kafka = new Kafka(kafkaConfig(settings, logger, clientId, this.#sockets));
    const { wrapAssigner: _, ...consumer } = options;
    this.consumer = this.kafka.consumer({
      allowAutoTopicCreation: false,
      ...consumer,
      partitionAssigners: [assigner],
    });
    if (cluster === null) throw new Error("kafkajs did not call the partition assigner's factory");
    this.cluster = cluster;
  }

  /**
   * Connects within `timeouts.connectMs`.
   * @throws PortError naming the brokers that were tried
   */
  async connect(signal?: AbortSignal): Promise<void> {
    const { brokers, timeouts } = this.#settings;
    const deadline = performance.now() + timeouts.connectMs;
    const backoff = new Backoff(100, 1000);
    let last: unknown;
    while (signal?.aborted !== true) {
      try {
        const answer = await within(this.consumer.connect(), deadline - performance.now());
        if (answer !== TIMED_OUT) return;
      } catch (thrown) {
        last = thrown;
        const error = toPortError(thrown, `connecting to ${brokers.join(", ")}`, "failed");
        if (error.kind !== "retriable") throw error;
      }
      const left = deadline - performance.now();
      if (left <= 0) break;
      await delay(Math.min(left, backoff.next()), signal);
    }
    const why =
      last === undefined ? "" : ` Last: ${toPortError(last, "", "failed").message.slice(2)}.`;
    throw new PortError(
      `no broker answered within ${timeouts.connectMs} ms; tried ${brokers.join(", ")}.${why}`,
      { kind: "retriable", outcome: "failed", cause: last },
    );
  }

  /** Partition count of each topic; null for one that does not exist. @throws what kafkajs throws */
  async partitionCounts(topics: readonly string[]): Promise<readonly (number | null)[]> {
    if (topics.length === 0) return [];
    const broker = await this.cluster.brokerPool.findConnectedBroker();
    const { topicMetadata } = await call(broker, "Metadata", {
      topics,
      allowAutoTopicCreation: false,
    });
    return topics.map((name) => {
      const found = topicMetadata.find(({ topic }) => topic === name);
      if (found === undefined || found.partitionMetadata.length === 0) return null;
      return found.partitionMetadata.length;
    });
  }

  /** Any broker that answers. */
  anyBroker(): Promise<Broker> {
    return this.cluster.brokerPool.findConnectedBroker();
  }

  /** Disconnects; what does not end within `ms` is cut off. Never rejects. */
  async close(ms: number): Promise<void> {
    const disconnected = this.consumer.disconnect().catch(() => {});
    if ((await within(disconnected, ms)) !== TIMED_OUT && this.#sockets.size === 0) return;
    for (const socket of this.#sockets) socket.destroy(new Error("the client is closed"));
    await within(disconnected, 1000);
    for (const socket of this.#sockets) socket.destroy();
  }
}

export interface MemberOptions extends Omit<ConsumerConfig, "partitionAssigners"> {
  readonly wrapAssigner?: (
    assigner: ReturnType<PartitionAssigner>,
  ) => ReturnType<PartitionAssigner>;
}

// kafkajs retries inside its calls; everything above has its own deadline and tries again.
const RETRY = { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 } as const;
const CONNECT_MS = 5000;
const KEEP_ALIVE_MS = 60_000;

function saslOptions(sasl: SaslConfig): SASLOptions {
  if (sasl.mechanism !== "oauthbearer") return { ...sasl };
  const { mechanism, token } = sasl;
  return { mechanism, oauthBearerProvider: async () => ({ value: (await token()).value }) };
}

function kafkaConfig(
  { brokers, tls, sasl, timeouts, client }: Settings,
  logger: Logger,
  clientId: string,
  sockets: Set<Socket>,
): KafkaConfig {
  const ssl = tls === null && client.tls === undefined ? undefined : { ...tls, ...client.tls };
  return {
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === null ? {} : { sasl: saslOptions(sasl) }),
    connectionTimeout: client.connectionTimeout ?? Math.min(CONNECT_MS, timeouts.connectMs),
    ...(client.authenticationTimeout === undefined
      ? {}
      : { authenticationTimeout: client.authenticationTimeout }),
    ...(client.reauthenticationThreshold === undefined
      ? {}
      : { reauthenticationThreshold: client.reauthenticationThreshold }),
    requestTimeout: timeouts.requestMs,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator: logInto(logger),
    // As kafkajs does it, but the sockets are known: `close` must not wait for a dead cluster.
    socketFactory: ({ host, port, ssl: options, onConnect }) => {
      const socket = options
        ? connectTls(
            { host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...options },
            onConnect,
          )
        : connectPlain({ host, port }, onConnect);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      return socket;
    },
  };
}
