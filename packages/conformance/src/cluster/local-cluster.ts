import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createProxy } from "../proxy/frame-proxy.ts";
import type { ProxyPort } from "../proxy/frame-proxy.ts";
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
import type { Certificates } from "./certificates.ts";
import type { Access, ClientSecurity, SecurityKind } from "./client-security.ts";
import type { Cluster } from "./cluster.ts";
import { findJava } from "./java.ts";
import { JvmBroker } from "./jvm-broker.ts";
import { findKafka } from "./kafka-jars.ts";
import { OwnCluster } from "./own-cluster.ts";
import { claimPorts } from "./ports.ts";
import { saslUsers } from "./sasl-users.ts";
import { Supervisor } from "./supervisor.ts";
import { unsecuredToken } from "./unsecured-token.ts";

export interface LocalClusterOptions {
  /** @defaultValue 1 */
  readonly nodes?: 1 | 3;
  /** A listener with PLAIN, SCRAM and OAUTHBEARER beside the plain one. @defaultValue true */
  readonly sasl?: boolean;
  /** Listeners with TLS and mutual TLS, certificates made for the run. @defaultValue false */
  readonly tls?: boolean;
  /** How subjects come in; brings the listener it needs. @defaultValue plaintext, no login */
  readonly security?: SecurityKind;
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
  /** Through the proxy, by every way that was asked for. */
  readonly ways: ReadonlyMap<SecurityKind, Access>;
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
  const { log = () => {}, properties = {}, nodes = 1, security } = options;
  const wantsTls = options.tls === true || security === "tls" || security === "mtls";
  const sasl = (options.sasl ?? true) || (security !== undefined && !wantsTls);
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
    const made = wantsTls ? await writeCertificates(own.dir) : null;
    const secured = { sasl, tls: made?.files ?? null };
    const clusterId = randomUUID().replaceAll("-", "").slice(0, 22);
    await Promise.all(
      brokers.map(async (broker, i) => {
        const settings = brokerProperties(places[i] as BrokerPlace, places, secured, properties);
        await writeFile(broker.propertiesFile, formatProperties(settings));
        await broker.format(clusterId, sasl ? scramArguments() : []);
      }),
    );
    options.signal?.throwIfAborted();
    proxy = await createProxy(places.flatMap((place) => proxyPorts(place, sasl, made)));
    const ways = waysIn(places, sasl, made);
    const way = security === undefined ? undefined : ways.get(security);
    const cluster = new OwnCluster({
      kind: "local",
      reason: `local: Kafka ${jars.version} (${jars.source}), ${nodes} node(s)${security === undefined ? "" : `, ${security}`}, run by ${java}; no --brokers were given`,
      kafkaVersion: jars.version,
      can: {
        proxy: true,
        brokerFaults: true,
        failover: nodes >= 3,
        // prlimit(1) of util-linux.
        diskFull: process.platform === "linux",
        commitLog: true,
        transactions: true,
        sasl,
      },
      clientBrokers: way?.brokers ?? places.map(({ ports }) => `127.0.0.1:${ports.clientProxy}`),
      clientSecurity: way?.security ?? {},
      witnessBrokers: places.map(({ ports }) => `127.0.0.1:${ports.witness}`),
      saslBrokers: sasl ? places.map(({ ports }) => `127.0.0.1:${ports.saslProxy}`) : [],
      brokers,
      proxy,
      close,
    });
    await cluster.start(log, options.signal);
    return Object.assign(cluster, { ways });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Made {
  readonly certificates: Certificates;
  readonly files: { readonly keyStore: string; readonly trustStore: string };
}

/** Into the cluster's own folder, which goes with it. */
async function writeCertificates(dir: string): Promise<Made> {
  // Not before it is asked for: it brings a polyfill of globals with it.
  const { generateCertificates } = await import("./certificates.ts");
  const certificates = await generateCertificates();
  const files = { keyStore: join(dir, "broker.pem"), trustStore: join(dir, "authority.pem") };
  const { server, ca } = certificates;
  await writeFile(files.keyStore, `${server.key}\n${server.cert}\n`, { mode: 0o600 });
  await writeFile(files.trustStore, `${ca}\n`);
  return { certificates, files };
}

function proxyPorts({ node, ports }: BrokerPlace, sasl: boolean, made: Made | null): ProxyPort[] {
  const open: ProxyPort[] = [{ node, listen: ports.clientProxy, target: ports.client }];
  if (sasl) open.push({ node, listen: ports.saslProxy, target: ports.sasl });
  if (made !== null) {
    const { ca, server, client } = made.certificates;
    const tls = { ca, server, client: null };
    open.push({ node, listen: ports.tlsProxy, target: ports.tls, tls });
    open.push({ node, listen: ports.mtlsProxy, target: ports.mtls, tls: { ...tls, client } });
  }
  return open;
}

function waysIn(
  places: readonly BrokerPlace[],
  sasl: boolean,
  made: Made | null,
): Map<SecurityKind, Access> {
  const ways = new Map<SecurityKind, Access>();
  const add = (
    kind: SecurityKind,
    port: "saslProxy" | "tlsProxy" | "mtlsProxy",
    security: ClientSecurity,
  ): void => {
    const brokers = places.map(({ ports }) => `127.0.0.1:${ports[port]}`);
    ways.set(kind, { brokers, security });
  };
  if (sasl) {
    add("plain", "saslProxy", { sasl: saslUsers.plain });
    add("scram-256", "saslProxy", { sasl: saslUsers["scram-sha-256"] });
    add("scram-512", "saslProxy", { sasl: saslUsers["scram-sha-512"] });
    add("oauthbearer", "saslProxy", { sasl: unsecuredToken("oauth-user", TOKEN_MS) });
  }
  if (made !== null) {
    const { ca, client } = made.certificates;
    add("tls", "tlsProxy", { tls: { ca } });
    add("mtls", "mtlsProxy", { tls: { ca, ...client } });
  }
  return ways;
}

/** No run takes that long; the built-in validator knows no upper limit. */
const TOKEN_MS = 24 * 60 * 60 * 1000;
