import { join } from "node:path";
import { saslUsers } from "./sasl-users.ts";

/** The ports of one broker, all on 127.0.0.1. */
interface BrokerPorts {
  readonly client: number;
  readonly clientProxy: number;
  readonly sasl: number;
  readonly saslProxy: number;
  readonly tls: number;
  readonly tlsProxy: number;
  readonly mtls: number;
  readonly mtlsProxy: number;
  readonly witness: number;
  readonly controller: number;
}

export interface BrokerPlace {
  readonly node: number;
  readonly ports: BrokerPorts;
  readonly dataDir: string;
}

export const PORTS_PER_NODE = 10;

/** Nodes 1 to `count`, each with its share of the ports. */
export function brokerPlaces(count: number, free: readonly number[], dir: string): BrokerPlace[] {
  return Array.from({ length: count }, (_, i) => {
    const at = (n: number): number => free[i * PORTS_PER_NODE + n] as number;
    const ports: BrokerPorts = {
      clientProxy: at(0),
      client: at(1),
      saslProxy: at(2),
      sasl: at(3),
      witness: at(4),
      controller: at(5),
      tlsProxy: at(6),
      tls: at(7),
      mtlsProxy: at(8),
      mtls: at(9),
    };
    return { node: i + 1, ports, dataDir: join(dir, `data-${i + 1}`) };
  });
}

/** Listeners beside the plain CLIENT. */
export interface SecuredBy {
  readonly sasl: boolean;
  /** PEM files for TLS and mutual TLS; null without. */
  readonly tls: { readonly keyStore: string; readonly trustStore: string } | null;
}

/** A listener that clients come in by: its own port, and the proxy's that it is advertised with. */
interface ClientListener {
  readonly name: "CLIENT" | "SASL" | "TLS" | "MTLS";
  readonly protocol: "PLAINTEXT" | "SASL_PLAINTEXT" | "SSL";
  readonly port: number;
  readonly proxy: number;
}

function clientListeners({ ports }: BrokerPlace, { sasl, tls }: SecuredBy): ClientListener[] {
  return [
    { name: "CLIENT", protocol: "PLAINTEXT", port: ports.client, proxy: ports.clientProxy },
    ...(sasl
      ? ([
          { name: "SASL", protocol: "SASL_PLAINTEXT", port: ports.sasl, proxy: ports.saslProxy },
        ] as const)
      : []),
    ...(tls === null
      ? []
      : ([
          { name: "TLS", protocol: "SSL", port: ports.tls, proxy: ports.tlsProxy },
          { name: "MTLS", protocol: "SSL", port: ports.mtls, proxy: ports.mtlsProxy },
        ] as const)),
  ];
}

/** `server.properties` of a combined broker and controller. */
export function brokerProperties(
  broker: BrokerPlace,
  all: readonly BrokerPlace[],
  secured: SecuredBy,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const { ports } = broker;
  const listeners = clientListeners(broker, secured);
  const replicas = String(all.length);
  return {
    "process.roles": "broker,controller",
    "node.id": String(broker.node),
    "controller.quorum.voters": all
      .map((b) => `${b.node}@127.0.0.1:${b.ports.controller}`)
      .join(","),
    "controller.listener.names": "CONTROLLER",
    listeners: [
      ...listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`),
      `WITNESS://127.0.0.1:${ports.witness}`,
      `CONTROLLER://127.0.0.1:${ports.controller}`,
    ].join(","),
    // A broker answers Metadata and FindCoordinator with the endpoints of the listener that was
    // asked: clients stay on the proxy, the runner on WITNESS never meets it.
    "advertised.listeners": [
      ...listeners.map(({ name, proxy }) => `${name}://127.0.0.1:${proxy}`),
      `WITNESS://127.0.0.1:${ports.witness}`,
    ].join(","),
    "listener.security.protocol.map": [
      ...listeners.map(({ name, protocol }) => `${name}:${protocol}`),
      "WITNESS:PLAINTEXT",
      "CONTROLLER:PLAINTEXT",
    ].join(","),
    "inter.broker.listener.name": "WITNESS",
    ...(secured.sasl ? SASL : {}),
    ...(secured.tls === null ? {} : tlsProperties(secured.tls)),
    "log.dirs": broker.dataDir,

    // A dead broker is noticed in 1.5 s and back in 3 s; with the defaults (9 s) in 12 s.
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "200",

    // KIP-848 timing is the broker's alone to set; the default minimum session is 45 s.
    "group.consumer.min.session.timeout.ms": "1000",
    "group.consumer.min.heartbeat.interval.ms": "500",
    "group.consumer.session.timeout.ms": "6000",
    "group.consumer.heartbeat.interval.ms": "1000",
    "group.min.session.timeout.ms": "1000",
    "group.initial.rebalance.delay.ms": "0",

    "auto.create.topics.enable": "false",
    "default.replication.factor": replicas,
    "min.insync.replicas": all.length > 1 ? "2" : "1",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": replicas,
    "transaction.state.log.num.partitions": "2",
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": all.length > 1 ? "2" : "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": all.length > 1 ? "2" : "1",

    // Small files: a cluster lives for minutes.
    "log.segment.bytes": String(64 * 1024 * 1024),
    "log.index.size.max.bytes": String(1024 * 1024),
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": String(4 * 1024 * 1024),
    ...overrides,
  };
}

/** Java's properties format: a backslash and line breaks in values need escaping. */
export function formatProperties(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n`)
    .join("");
}

/** `--add-scram` arguments of the storage tool: SCRAM users must exist before the first start. */
export function scramArguments(): string[] {
  return (["scram-sha-256", "scram-sha-512"] as const).flatMap((mechanism) => {
    const user = saslUsers[mechanism];
    const credentials = `name=${user.username},password=${user.password}`;
    return ["--add-scram", `${mechanism.toUpperCase()}=[${credentials}]`];
  });
}

const PLAIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule";
const SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule";
const OAUTH_MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
const SASL: Readonly<Record<string, string>> = {
  "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
  "listener.name.sasl.plain.sasl.jaas.config": `${PLAIN_MODULE} required user_${saslUsers.plain.username}="${saslUsers.plain.password}";`,
  "listener.name.sasl.scram-sha-256.sasl.jaas.config": `${SCRAM_MODULE} required;`,
  "listener.name.sasl.scram-sha-512.sasl.jaas.config": `${SCRAM_MODULE} required;`,
  // Kafka's own validator of tokens that nobody has signed; the broker writes itself one, too.
  "listener.name.sasl.oauthbearer.sasl.jaas.config": `${OAUTH_MODULE} required unsecuredLoginStringClaim_sub="broker";`,
};

function tlsProperties(tls: NonNullable<SecuredBy["tls"]>): Record<string, string> {
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": tls.keyStore,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": tls.trustStore,
    "listener.name.mtls.ssl.client.auth": "required",
  };
}
