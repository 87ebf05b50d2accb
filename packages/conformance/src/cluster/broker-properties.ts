import { join } from "node:path";
import { saslUsers } from "./sasl-users.ts";

/** The ports of one broker, all on 127.0.0.1. */
interface BrokerPorts {
  readonly client: number;
  readonly clientProxy: number;
  readonly sasl: number;
  readonly saslProxy: number;
  readonly witness: number;
  readonly controller: number;
}

export interface BrokerPlace {
  readonly node: number;
  readonly ports: BrokerPorts;
  readonly dataDir: string;
}

export const PORTS_PER_NODE = 6;

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
    };
    return { node: i + 1, ports, dataDir: join(dir, `data-${i + 1}`) };
  });
}

/** `server.properties` of a combined broker and controller. */
export function brokerProperties(
  broker: BrokerPlace,
  all: readonly BrokerPlace[],
  sasl: boolean,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const { ports } = broker;
  const replicas = String(all.length);
  return {
    "process.roles": "broker,controller",
    "node.id": String(broker.node),
    "controller.quorum.voters": all
      .map((b) => `${b.node}@127.0.0.1:${b.ports.controller}`)
      .join(","),
    "controller.listener.names": "CONTROLLER",
    listeners: [
      `CLIENT://127.0.0.1:${ports.client}`,
      ...(sasl ? [`SASL://127.0.0.1:${ports.sasl}`] : []),
      `WITNESS://127.0.0.1:${ports.witness}`,
      `CONTROLLER://127.0.0.1:${ports.controller}`,
    ].join(","),
    // A broker answers Metadata and FindCoordinator with the endpoints of the listener that was
    // asked: clients of CLIENT and SASL stay on the proxy, the runner on WITNESS never meets it.
    "advertised.listeners": [
      `CLIENT://127.0.0.1:${ports.clientProxy}`,
      ...(sasl ? [`SASL://127.0.0.1:${ports.saslProxy}`] : []),
      `WITNESS://127.0.0.1:${ports.witness}`,
    ].join(","),
    "listener.security.protocol.map":
      "CLIENT:PLAINTEXT,SASL:SASL_PLAINTEXT,WITNESS:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "WITNESS",
    ...(sasl ? SASL : {}),
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
const SASL: Readonly<Record<string, string>> = {
  "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
  "listener.name.sasl.plain.sasl.jaas.config": `${PLAIN_MODULE} required user_${saslUsers.plain.username}="${saslUsers.plain.password}";`,
  "listener.name.sasl.scram-sha-256.sasl.jaas.config": `${SCRAM_MODULE} required;`,
  "listener.name.sasl.scram-sha-512.sasl.jaas.config": `${SCRAM_MODULE} required;`,
};
