/**
 * The neutral client configuration. Each adapter compiles it to its client's own keys; a key it
 * does not know is an error that names the nearest right one. Durations are milliseconds.
 */
export interface ClientConfig {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[];
  /** Sent with every request; the broker's logs and quotas see it. @defaultValue "sluice" */
  readonly clientId?: string;
  readonly ssl?: boolean | TlsConfig;
  readonly sasl?: SaslConfig;
  readonly profile?: Profile;
  readonly timeouts?: TimeoutConfig;
  readonly fetch?: FetchConfig;
  readonly producer?: ProducerConfig;
  /** @defaultValue 45000. Classic groups only: KIP-848 sets it on the broker. */
  readonly sessionTimeoutMs?: number;
  /** @defaultValue 3000. Classic groups only. */
  readonly heartbeatIntervalMs?: number;
  /** Longest time a rebalance waits for a member; bounds the drain. @defaultValue 60000 */
  readonly rebalanceTimeoutMs?: number;
}

export interface TlsConfig {
  /** PEM. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export type SaslConfig = {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
};

/** Bundles of fetch and producer settings. @defaultValue "balanced" */
export type Profile = "balanced" | "high-throughput" | "low-latency" | "high-reliability";

export interface TimeoutConfig {
  /** Until the first broker answered; then `start` fails. @defaultValue 10000 */
  readonly connectMs?: number;
  /** One request. @defaultValue 30000 */
  readonly requestMs?: number;
  /** A record's way to all in-sync replicas, retries included. @defaultValue 120000 */
  readonly deliveryMs?: number;
}

export interface FetchConfig {
  /** Longest wait of the broker for `minBytes`. @defaultValue 250 */
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  /** Bytes in one partition's share of a fetch answer. */
  readonly maxBytesPerPartition?: number;
}

export interface ProducerConfig {
  /** How long a record may wait for company. */
  readonly lingerMs?: number;
  readonly compression?: "none" | "gzip";
}
