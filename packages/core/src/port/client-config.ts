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
  /**
   * Classic groups only: KIP-848 sets it on the broker. At most `rebalanceTimeoutMs`.
   * @defaultValue 45000, or `rebalanceTimeoutMs` when that is less
   */
  readonly sessionTimeoutMs?: number;
  /**
   * Classic groups only. Less than half of `sessionTimeoutMs`.
   * @defaultValue 3000, or a third of `sessionTimeoutMs` when that is less
   */
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

export type SaslConfig =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: string;
    }
  | {
      readonly mechanism: "oauthbearer";
      /** Asked whenever a connection needs a token that is still good; a rejection fails the connection. */
      readonly token: () => Promise<OAuthToken>;
    };

export interface OAuthToken {
  /** As the broker gets it, usually a JWT. */
  readonly value: string;
  /** Whom it stands for: the `sub` of a JWT. */
  readonly principal: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Bundles of fetch, producer and timeout defaults. @defaultValue "balanced" */
export type Profile = "balanced" | "high-throughput" | "low-latency" | "high-reliability";

export interface TimeoutConfig {
  /** Until the first broker answered; then `start` fails. 1 to 300000. @defaultValue 9000 */
  readonly connectMs?: number;
  /** One request. 1 to 900000. @defaultValue 30000, or `deliveryMs` when that is less */
  readonly requestMs?: number;
  /**
   * A record's way to all in-sync replicas, retries included; at least `requestMs`.
   * @defaultValue 120000; high-reliability 300000
   */
  readonly deliveryMs?: number;
}

export interface FetchConfig {
  /** Longest wait of the broker for `minBytes`. 0 to 300000. @defaultValue 250; low-latency 100 */
  readonly maxWaitMs?: number;
  /** 1 to 100000000. @defaultValue 1; high-throughput 65536 */
  readonly minBytes?: number;
  /**
   * Bytes in one partition's share of a fetch answer, 1024 to 1000000000. A larger record is
   * fetched all the same. Small answers stay in the processor's cache: 256 KiB was measured faster
   * than 1 MiB and 4 MiB for records of 200 bytes.
   * @defaultValue 262144; high-throughput 1048576
   */
  readonly maxBytesPerPartition?: number;
}

export interface ProducerConfig {
  /** How long a record may wait for company. 0 to 900000. @defaultValue 5; low-latency 0; high-throughput 20 */
  readonly lingerMs?: number;
  /** @defaultValue "none" */
  readonly compression?: "none" | "gzip";
}
