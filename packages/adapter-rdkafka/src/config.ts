import {
  checkObject,
  checkOneOf,
  checkString,
  ConfigurationError,
  show,
  validateClientConfig,
  type ClientConfig,
  type ResolvedClientConfig,
  type SaslConfig,
} from "@sluice/core";

import type { ClientConf } from "./client.ts";

export interface RdkafkaConfig extends ClientConfig {
  /**
   * `classic` works with every broker; `consumer` is KIP-848, on by default since Kafka 4.0, where
   * the broker assigns and sets session and heartbeat. @defaultValue "classic"
   */
  readonly groupProtocol?: "classic" | "consumer";
  /**
   * Classic groups only. `cooperative-sticky` moves only what has to move; the other two take
   * everything away at each rebalance. All members of a group must agree.
   * @defaultValue "cooperative-sticky"
   */
  readonly assignor?: "range" | "roundrobin" | "cooperative-sticky";
  /** Static membership: a member that comes back under this id keeps its partitions. */
  readonly instanceId?: string;
  /**
   * librdkafka's own settings, passed on as they are except for those that Sluice's guarantees
   * stand on, which are refused.
   */
  readonly client?: Readonly<Record<string, string | number | boolean>>;
}

/** An {@link RdkafkaConfig} with its defaults filled in. */
export interface ResolvedRdkafkaConfig extends ResolvedClientConfig {
  readonly groupProtocol: "classic" | "consumer";
  readonly assignor: "range" | "roundrobin" | "cooperative-sticky";
  readonly instanceId: string | null;
  readonly client: Readonly<Record<string, string | number | boolean>>;
}

/** @throws ConfigurationError naming the field and what to write instead */
export function resolveConfig(config: RdkafkaConfig): ResolvedRdkafkaConfig {
  const common = validateClientConfig(config, {
    also: ["groupProtocol", "assignor", "instanceId", "client"],
  });
  const groupProtocol =
    config.groupProtocol === undefined
      ? "classic"
      : checkOneOf(config.groupProtocol, "groupProtocol", ["classic", "consumer"]);
  if (groupProtocol === "consumer" && config.assignor !== undefined) {
    throw new ConfigurationError(
      "assignor",
      'has no meaning with groupProtocol "consumer"',
      "The broker assigns (group.consumer.assignors): remove it.",
    );
  }
  return {
    ...common,
    groupProtocol,
    assignor:
      config.assignor === undefined
        ? "cooperative-sticky"
        : checkOneOf(config.assignor, "assignor", ["range", "roundrobin", "cooperative-sticky"]),
    instanceId:
      config.instanceId === undefined ? null : checkString(config.instanceId, "instanceId"),
    client: config.client === undefined ? {} : checkPassthrough(config.client),
  };
}

/** librdkafka's keys that a client of any role gets. */
export function commonConf(config: ResolvedRdkafkaConfig, clientId: string): ClientConf {
  const { tls, sasl, timeouts } = config;
  return {
    "bootstrap.servers": config.brokers.join(","),
    "client.id": clientId,
    "security.protocol": `${sasl === null ? "" : "sasl_"}${tls === null ? "plaintext" : "ssl"}`,
    ...(tls?.ca === undefined ? {} : { "ssl.ca.pem": tls.ca }),
    ...(tls?.cert === undefined ? {} : { "ssl.certificate.pem": tls.cert }),
    ...(tls?.key === undefined ? {} : { "ssl.key.pem": tls.key }),
    ...(sasl === null ? {} : saslConf(sasl)),
    // A request without an answer ends with its connection: bounds a black-holed network.
    "socket.timeout.ms": clamp(timeouts.requestMs, 10, 300_000),
    "socket.connection.setup.timeout.ms": clamp(timeouts.connectMs, 1000, 30_000),
    "socket.keepalive.enable": true,
    // With librdkafka's own 10 s a broker that came back is left alone for most of them.
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 500,
    "topic.metadata.refresh.fast.interval.ms": 50,
    "log.connection.close": false,
    ...config.client,
  };
}

function saslConf(sasl: SaslConfig): ClientConf {
  const mechanism = { "sasl.mechanisms": sasl.mechanism.toUpperCase() };
  if (sasl.mechanism !== "oauthbearer") {
    return { ...mechanism, "sasl.username": sasl.username, "sasl.password": sasl.password };
  }
  const { token } = sasl;
  // The addon takes a promise here, and tells librdkafka of its rejection.
  const refresh = async (): Promise<object> => {
    const { value, principal, expiresAtMs } = await token();
    return { tokenValue: value, principal, lifetime: expiresAtMs };
  };
  return { ...mechanism, oauthbearer_token_refresh_cb: refresh };
}

export function consumerConf(
  config: ResolvedRdkafkaConfig,
  options: { readonly group: string; readonly isolation: "read_committed" | "read_uncommitted" },
): ClientConf {
  const { fetch } = config;
  return {
    // Long polls and full queues, tuned in performance runs: with librdkafka's own second of backoff
    // a full queue leaves the fetcher idle.
    "fetch.queue.backoff.ms": 10,
    "queued.min.messages": 20_000,
    "queued.max.messages.kbytes": 32_768,
    "fetch.error.backoff.ms": 100,
    ...commonConf(config, config.clientId),
    "group.id": options.group,
    "group.protocol": config.groupProtocol,
    ...(config.instanceId === null ? {} : { "group.instance.id": config.instanceId }),
    ...(config.groupProtocol === "consumer"
      ? {}
      : {
          "session.timeout.ms": config.sessionTimeoutMs,
          "heartbeat.interval.ms": config.heartbeatIntervalMs,
          "partition.assignment.strategy": config.assignor,
        }),
    // Doubles as the rebalance timeout of both protocols.
    "max.poll.interval.ms": config.rebalanceTimeoutMs,
    "enable.auto.commit": false,
    "enable.auto.offset.store": false,
    // Tells the position behind a transaction's end marker, which is no record.
    "enable.partition.eof": true,
    // Retention may outrun a slow consumer: it goes on at what is left rather than not at all.
    "auto.offset.reset": "earliest",
    "isolation.level": options.isolation,
    "fetch.wait.max.ms": fetch.maxWaitMs,
    "fetch.min.bytes": fetch.minBytes,
    "max.partition.fetch.bytes": fetch.maxBytesPerPartition,
  };
}

export function producerConf(config: ResolvedRdkafkaConfig, clientId: string): ClientConf {
  return {
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 262_144,
    // The broker's limit decides, per topic; a lower one here would refuse what it accepts.
    "message.max.bytes": 104_857_600,
    ...commonConf(config, clientId),
    "enable.idempotence": true,
    "linger.ms": config.producer.lingerMs,
    "compression.type": config.producer.compression,
    "message.timeout.ms": config.timeouts.deliveryMs,
    "request.timeout.ms": config.timeouts.requestMs,
    dr_cb: true,
  };
}

/** Refused in `client`, with what to do instead. */
const refused: ReadonlyMap<RegExp, string> = new Map([
  [/^enable\.auto\.(commit|offset\.store)$|^auto\.commit\./, "Sluice commits what is settled."],
  [/_cb$|^enable\.partition\.eof$|^partitioner$/, "Sluice needs it for itself."],
  [/^enable\.idempotence$|acks$/, "Sluice's producer is idempotent and waits for all replicas."],
  [/^transactional\.id$|^delivery\.report\./, "Sluice's producer does not support it."],
  [/^(bootstrap\.servers|metadata\.broker\.list)$/, "Use brokers."],
  [/^client\.id$/, "Use clientId."],
  [/^auto\.offset\.reset$/, "Use startAt."],
  [/^group\.id$|^isolation\.level$/, "It is an option of the consumer."],
  [/^group\.protocol$/, "Use groupProtocol."],
  [/^group\.instance\.id$/, "Use instanceId."],
  [/^partition\.assignment\.strategy$/, "Use assignor."],
  [/^session\.timeout\.ms$/, "Use sessionTimeoutMs."],
  [/^heartbeat\.interval\.ms$/, "Use heartbeatIntervalMs."],
  [/^max\.poll\.interval\.ms$/, "Use rebalanceTimeoutMs."],
  [/^(message|delivery|request)\.timeout\.ms$/, "Use timeouts."],
  [/^linger\.ms$|^queue\.buffering\.max\.ms$/, "Use producer.lingerMs."],
  [/^compression\./, "Use producer.compression."],
]);

function checkPassthrough(client: unknown): Readonly<Record<string, string | number | boolean>> {
  if (typeof client !== "object" || client === null || Array.isArray(client)) {
    throw new ConfigurationError("client", `expected an object, got ${show(client)}`);
  }
  for (const [key, value] of Object.entries(checkObject(client, "client", Object.keys(client)))) {
    for (const [pattern, advice] of refused) {
      if (pattern.test(key)) throw new ConfigurationError(`client["${key}"]`, "is refused", advice);
    }
    if (!["string", "number", "boolean"].includes(typeof value)) {
      throw new ConfigurationError(
        `client["${key}"]`,
        `expected a string, a number, true or false, got ${show(value)}`,
      );
    }
  }
  return client as Readonly<Record<string, string | number | boolean>>;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
