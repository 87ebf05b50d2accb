import type { Adapter, Caps, Codec } from "@sluice/core";

import { RdkafkaAdmin } from "./admin.ts";
import { loadAddon } from "./addon.ts";
import { resolveConfig, type RdkafkaConfig, type ResolvedRdkafkaConfig } from "./config.ts";
import { RdkafkaConsumer } from "./consumer.ts";
import { METADATA_BYTES } from "./offsets.ts";
import { RdkafkaProducer } from "./producer.ts";

/**
 * Kafka through librdkafka, by @confluentinc/kafka-javascript's low-level API.
 * @throws ConfigurationError for a wrong option, and when the native addon is missing
 */
export function rdkafka(config: RdkafkaConfig): Adapter {
  const resolved = resolveConfig(config);
  const module = loadAddon();
  const caps = capsOf(resolved);
  return {
    name: "rdkafka",
    caps,
    consumer: (options) => new RdkafkaConsumer({ module, config: resolved, caps, options }),
    producer: (options) => new RdkafkaProducer({ module, config: resolved, caps, options }),
    admin: ({ logger }) => new RdkafkaAdmin({ module, config: resolved, logger }),
  };
}

const CODECS: readonly Codec[] = ["none", "gzip", "snappy", "lz4", "zstd"];

function capsOf({ groupProtocol, assignor, rebalanceTimeoutMs }: ResolvedRdkafkaConfig): Caps {
  const classic = assignor === "cooperative-sticky" ? "cooperative" : "eager";
  return {
    client: "@confluentinc/kafka-javascript 1.10.1",
    rebalance: groupProtocol === "consumer" ? "consumer" : classic,
    staticMembership: true,
    headerOrder: true,
    emptyHeader: true,
    nullHeader: false,
    commitLeaderEpoch: true,
    commitMetadataBytes: METADATA_BYTES,
    codecs: CODECS,
    pollWatchdogMs: rebalanceTimeoutMs,
  };
}
