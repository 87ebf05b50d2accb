import type { Adapter, ClientConfig } from "@sluice/core";
import { checkObject, ConfigurationError, validateClientConfig } from "@sluice/core";
import { KafkajsAdmin } from "./admin.ts";
import { kafkajsCaps } from "./caps.ts";
import { registerCodecs } from "./codecs.ts";
import { KafkajsConsumer } from "./consumer.ts";
import { longestDrainMs } from "./group-hooks.ts";
import { applyPatches } from "./patches.ts";
import { KafkajsProducer } from "./producer.ts";
import type { ClientOptions, Settings } from "./settings.ts";

/** The neutral configuration, and what only kafkajs has. */
export interface KafkajsConfig extends ClientConfig {
  readonly client?: ClientOptions;
}

/**
 * Sluice's ports on kafkajs 2.2.4.
 * @throws ConfigurationError for a setting that is wrong or unknown, and for another kafkajs version
 */
export function kafkajs(config: KafkajsConfig): Adapter {
  applyPatches();
  const settings = check(config);
  registerCodecs(settings.client.codecs);
  return {
    name: "kafkajs",
    caps: kafkajsCaps(),
    consumer: (options) => new KafkajsConsumer(settings, options),
    producer: (options) => new KafkajsProducer(settings, options),
    admin: ({ logger }) => new KafkajsAdmin(settings, logger),
  };
}

const CLIENT_KEYS = [
  "authenticationTimeout",
  "reauthenticationThreshold",
  "connectionTimeout",
  "metadataMaxAge",
  "maxBytes",
  "tls",
  "codecs",
];

/** kafkajs' own settings that would break the protocol or go by the adapter, and what to use. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["autoCommit", "Sluice commits what is settled, nothing else may."],
  ["autoCommitInterval", "Sluice commits what is settled, nothing else may."],
  ["autoCommitThreshold", "Sluice commits what is settled, nothing else may."],
  ["eachBatch", "Give createConsumer a handler."],
  ["eachMessage", "Give createConsumer a handler."],
  ["eachBatchAutoResolve", "The adapter keeps its own positions."],
  ["partitionsConsumedConcurrently", "Set concurrency of createConsumer."],
  ["partitionAssigners", "The adapter's hooks into the group stand on its own assigner."],
  ["groupId", "Set group of createConsumer."],
  ["clientId", "Set clientId of kafkajs({ … })."],
  ["brokers", "Set brokers of kafkajs({ … })."],
  ["sessionTimeout", "Set sessionTimeoutMs of kafkajs({ … })."],
  ["heartbeatInterval", "Set heartbeatIntervalMs of kafkajs({ … })."],
  ["rebalanceTimeout", "Set rebalanceTimeoutMs of kafkajs({ … })."],
  ["requestTimeout", "Set timeouts.requestMs of kafkajs({ … })."],
  ["maxWaitTimeInMs", "Set fetch.maxWaitMs of kafkajs({ … })."],
  ["retry", "The adapter retries by what the port promises; see timeouts."],
  ["idempotent", "Producers are idempotent: a lost answer would write a record twice (T18)."],
  ["acks", "Producers wait for all in-sync replicas."],
  ["transactionalId", "Transactions are not part of the port yet."],
  ["allowAutoTopicCreation", "A misspelt topic must be an error."],
  ["logLevel", "Give createConsumer a logger."],
  ["logCreator", "Give createConsumer a logger."],
]);

function check(config: KafkajsConfig): Settings {
  const path = "kafkajs";
  const resolved = validateClientConfig(config, { path, also: ["client"] });
  for (const [index, broker] of resolved.brokers.entries()) {
    if (broker.startsWith("[")) {
      throw new ConfigurationError(
        `${path}.brokers[${index}]`,
        "kafkajs cannot connect to an IPv6 address",
        "Give a host name, or use the rdkafka adapter.",
      );
    }
  }
  const client: unknown = config.client ?? {};
  if (typeof client === "object" && client !== null) {
    for (const key of Object.keys(client)) {
      const advice = REFUSED.get(key);
      if (advice === undefined) continue;
      throw new ConfigurationError(`${path}.client.${key}`, "may not be set here", advice);
    }
  }
  const settings = { ...resolved, client: checkObject(client, `${path}.client`, CLIENT_KEYS) };
  if (longestDrainMs(settings) <= 0) {
    throw new ConfigurationError(
      `${path}.rebalanceTimeoutMs`,
      `${settings.rebalanceTimeoutMs} ms leaves no time to drain`,
      `At least ${settings.rebalanceTimeoutMs - longestDrainMs(settings) + 1} ms.`,
    );
  }
  return settings;
}
