import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createProxy } from "../proxy/frame-proxy.ts";
import type { Proxy } from "../proxy/proxy.ts";
import { LOG4J_PROPERTIES } from "./broker-log.ts";
import {
  brokerPlaces,
  brokerProperties,
  formatProperties,
  scramArguments,
  PORTS_PER_NODE,
  type BrokerPlace,
} from "./broker-properties.ts";
import type { Cluster } from "./cluster.ts";
import { findJava } from "./java.ts";
import { JvmBroker } from "./jvm-broker.ts";
import { findKafka } from "./kafka-jars.ts";
import { OwnCluster } from "./own-cluster.ts";
import { claimPorts } from "./ports.ts";
import { Supervisor } from "./supervisor.ts";

export interface LocalClusterOptions {
  /** @defaultValue 1 */
  readonly nodes?: 1 | 3;
  /** A listener with PLAIN and SCRAM beside the plain one. @defaultValue true */
  readonly sasl?: boolean;
  /** Broker settings on top of the suite's own. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Progress, a line at a time. @defaultValue silent */
  readonly log?: (line: string) => void;
  /** Gives the start up; what was started is ended. */
  readonly signal?: AbortSignal;
}

export interface LocalCluster extends Cluster {
  readonly kind: "local";
  readonly proxy: Proxy;
}

/**
 * Starts a real Kafka, one or three combined brokers and controllers as JVM processes on 127.0.0.1,
 * with the frame proxy before their CLIENT and SASL listeners.
 *
 * Brokers, ports and data are gone after `close()`, and also when this process dies of anything.
 *
 * @throws EnvironmentError when Java, Maven or Kafka's jars are missing or do not fit.
 * @throws Error with the end of the broker's log when a broker does not come up.
 */
export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const { log = () => {}, sasl = true, properties = {}, nodes = 1 } = options;
  const java = await findJava();
  const jars = await findKafka(log);
  options.signal?.throwIfAborted();
  const claim = await claimPorts(nodes * PORTS_PER_NODE);
  let supervisor: Supervisor | null = null;
  let proxy: Proxy | null = null;
  const close = async (): Promise<void> => {
    await proxy?.close();
    await supervisor?.close();
    await claim.release();
  };
  try {
    const own = (supervisor = await Supervisor.start());
    const places = brokerPlaces(nodes, claim.ports, own.dir);
    const brokers = places.map(
      (place) => new JvmBroker(place, { java, libs: jars.libs, supervisor: own }),
    );
    await writeFile(join(own.dir, "log4j2.properties"), LOG4J_PROPERTIES);
    const clusterId = randomUUID().replaceAll("-", "").slice(0, 22);
    await Promise.all(
      brokers.map(async (broker, i) => {
        const settings = brokerProperties(places[i] as BrokerPlace, places, sasl, properties);
        await writeFile(broker.propertiesFile, formatProperties(settings));
        await broker.format(clusterId, sasl ? scramArguments() : []);
      }),
    );
    options.signal?.throwIfAborted();
    proxy = await createProxy(places.flatMap((place) => proxyPorts(place, sasl)));
    const cluster = new OwnCluster({
      kind: "local",
      reason: `local: Kafka ${jars.version} (${jars.source}), ${nodes} node(s), run by ${java}; no --brokers were given`,
      kafkaVersion: jars.version,
      can: {
        proxy: true,
        brokerFaults: true,
        failover: nodes >= 3,
        // prlimit(1) of util-linux.
        diskFull: process.platform === "linux",
        commitLog: true,
        sasl,
      },
      clientBrokers: places.map(({ ports }) => `127.0.0.1:${ports.clientProxy}`),
      witnessBrokers: places.map(({ ports }) => `127.0.0.1:${ports.witness}`),
      saslBrokers: sasl ? places.map(({ ports }) => `127.0.0.1:${ports.saslProxy}`) : [],
      brokers,
      proxy,
      close,
    });
    await cluster.start(log, options.signal);
    return cluster;
  } catch (error) {
    await close();
    throw error;
  }
}

function proxyPorts(
  { node, ports }: BrokerPlace,
  sasl: boolean,
): { node: number; listen: number; target: number }[] {
  const client = { node, listen: ports.clientProxy, target: ports.client };
  return sasl ? [client, { node, listen: ports.saslProxy, target: ports.sasl }] : [client];
}
