import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { ContainerRuntimeClient } from "testcontainers";
import { createProxy } from "../proxy/frame-proxy.ts";
import type { Proxy } from "../proxy/proxy.ts";
import {
  brokerPlaces,
  brokerProperties,
  PORTS_PER_NODE,
  type BrokerPlace,
} from "./broker-properties.ts";
import type { Cluster } from "./cluster.ts";
import { DockerBroker } from "./docker-broker.ts";
import { EnvironmentError } from "./environment-error.ts";
import { reasonOf } from "./health.ts";
import { OwnCluster } from "./own-cluster.ts";
import { claimPorts } from "./ports.ts";

export interface DockerClusterOptions {
  /** @defaultValue 1 */
  readonly nodes?: 1 | 3;
  /** Progress, a line at a time. @defaultValue silent */
  readonly log?: (line: string) => void;
  /** Gives the start up; what was started is removed. */
  readonly signal?: AbortSignal;
}

export interface DockerCluster extends Cluster {
  readonly kind: "docker";
  readonly proxy: Proxy;
}

/** The official image; SLUICE_KAFKA_IMAGE names another one with the same contract. */
const IMAGE = "apache/kafka:4.2.0";
const LABEL = "dev.sluice.runner";
const CLIENT = 9092;
const WITNESS = 9093;
const INTERNAL = 9094;
const CONTROLLER = 9095;

/**
 * Starts Kafka in containers of the official image, with the frame proxy before them as before a local
 * cluster: same listeners, same rules, same faults but for a full disk.
 *
 * Containers, network and ports are gone after `close()`. When the runner itself is killed,
 * Testcontainers' reaper removes them, or, where that is switched off, the next run does.
 *
 * @throws EnvironmentError when there is no engine or no image
 */
export async function startDockerCluster(
  options: DockerClusterOptions = {},
): Promise<DockerCluster> {
  const { nodes = 1, log = () => {}, signal } = options;
  const image = process.env["SLUICE_KAFKA_IMAGE"] ?? IMAGE;
  // A hundred packages, for those alone who ask for it.
  const { GenericContainer, Wait, ImageName, PullPolicy, getContainerRuntimeClient } =
    await import("testcontainers");
  const engine = await getContainerRuntimeClient().catch((error: unknown) => {
    throw new EnvironmentError(
      `docker: no engine: ${reasonOf(error)}`,
      "Start Docker (dockerd, Docker Desktop, or DOCKER_HOST to one elsewhere), or use --cluster local.",
      { cause: error },
    );
  });
  await removeLeftovers(engine, log);
  if (!(await engine.image.exists(ImageName.fromString(image)))) {
    log(`docker: pulling ${image}`);
    await engine.image.pull(ImageName.fromString(image)).catch((error: unknown) => {
      throw new EnvironmentError(
        `docker: no image ${image}: ${reasonOf(error)}`,
        "Pull it, or build a stand-in with `node tools/docker/build-image.mjs` and set SLUICE_KAFKA_IMAGE to it.",
        { cause: error },
      );
    });
  }
  signal?.throwIfAborted();
  const claim = await claimPorts(nodes * PORTS_PER_NODE);
  const labels = { [LABEL]: `${hostname()}:${process.pid}` };
  let network: ReturnType<Dockerode["getNetwork"]> | null = null;
  let proxy: Proxy | null = null;
  const brokers: DockerBroker[] = [];
  const close = async (): Promise<void> => {
    await proxy?.close();
    await Promise.all(brokers.map((broker) => broker.remove()));
    await network?.remove();
    await claim.release();
  };
  try {
    const places = brokerPlaces(nodes, claim.ports, "/tmp");
    const own = (network = await engine.container.dockerode.createNetwork({
      Name: `sluice-${randomBytes(4).toString("hex")}`,
      Labels: labels,
    }));
    const clusterId = randomBytes(16).toString("base64url");
    for (const place of places) {
      const container = new GenericContainer(image)
        .withPullPolicy(PullPolicy.defaultPolicy())
        .withNetworkMode(own.id)
        .withNetworkAliases(alias(place))
        .withExposedPorts(
          { container: CLIENT, host: place.ports.client },
          { container: WITNESS, host: place.ports.witness },
        )
        .withEnvironment({ ...environment(place, places), CLUSTER_ID: clusterId })
        .withLabels(labels)
        // Whether it is up the cluster finds out itself.
        .withWaitStrategy(Wait.forLogMessage(/./));
      brokers.push(
        new DockerBroker({
          node: place.node,
          client: { host: "127.0.0.1", port: place.ports.client },
          witness: { host: "127.0.0.1", port: place.ports.witness },
          engine,
          create: () => container.start(),
        }),
      );
    }
    proxy = await createProxy(
      places.map(({ node, ports }) => ({ node, listen: ports.clientProxy, target: ports.client })),
    );
    const version = /:v?(\d+\.\d+\.\d+)/.exec(image)?.[1] ?? "unknown";
    const cluster = new OwnCluster({
      kind: "docker",
      reason: `docker: ${image}, ${nodes} node(s) on ${engine.info.containerRuntime.host}; --cluster docker was given`,
      kafkaVersion: version,
      can: {
        proxy: true,
        brokerFaults: true,
        failover: nodes >= 3,
        diskFull: false,
        commitLog: true,
        transactions: true,
        sasl: false,
      },
      clientBrokers: places.map(({ ports }) => `127.0.0.1:${ports.clientProxy}`),
      clientSecurity: {},
      witnessBrokers: places.map(({ ports }) => `127.0.0.1:${ports.witness}`),
      saslBrokers: [],
      brokers,
      proxy,
      close,
    });
    await cluster.start(log, signal);
    return cluster;
  } catch (error) {
    await close();
    throw error;
  }
}

/** The suite's own settings, as the image takes them: `a.b` is KAFKA_A_B. */
function environment(
  place: BrokerPlace,
  all: readonly BrokerPlace[],
): Readonly<Record<string, string>> {
  const properties = brokerProperties(
    place,
    all,
    { sasl: false, tls: null },
    {
      "controller.quorum.voters": all
        .map((each) => `${each.node}@${alias(each)}:${CONTROLLER}`)
        .join(","),
      listeners: `CLIENT://:${CLIENT},WITNESS://:${WITNESS},INTERNAL://:${INTERNAL},CONTROLLER://:${CONTROLLER}`,
      // From outside by the proxy or the published port, among themselves by name.
      "advertised.listeners": [
        `CLIENT://127.0.0.1:${place.ports.clientProxy}`,
        `WITNESS://127.0.0.1:${place.ports.witness}`,
        `INTERNAL://${alias(place)}:${INTERNAL}`,
      ].join(","),
      "listener.security.protocol.map":
        "CLIENT:PLAINTEXT,WITNESS:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
      "inter.broker.listener.name": "INTERNAL",
      "log.dirs": "/tmp/kraft-combined-logs",
    },
  );
  return {
    ...Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [
        `KAFKA_${key.replaceAll(".", "_").toUpperCase()}`,
        value,
      ]),
    ),
    KAFKA_HEAP_OPTS: "-Xmx400m",
  };
}

function alias({ node }: BrokerPlace): string {
  return `kafka-${node}`;
}

type Dockerode = ContainerRuntimeClient["container"]["dockerode"];

/** What a runner of this machine that is no more has left: it was killed and nothing was reaped. */
async function removeLeftovers(
  engine: ContainerRuntimeClient,
  log: (line: string) => void,
): Promise<void> {
  const { dockerode } = engine.container;
  const filters = { label: [LABEL] };
  for (const { Id, Labels } of await dockerode.listContainers({ all: true, filters })) {
    if (!isLeftover(Labels)) continue;
    log(`docker: removing what a killed run has left: ${Id.slice(0, 12)}`);
    await dockerode.getContainer(Id).remove({ force: true, v: true });
  }
  for (const { Id, Labels } of await dockerode.listNetworks({ filters })) {
    if (isLeftover(Labels)) await dockerode.getNetwork(Id).remove();
  }
}

function isLeftover(labels: Readonly<Record<string, string>> | undefined): boolean {
  const [host, pid] = (labels?.[LABEL] ?? "").split(":");
  return host === hostname() && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
