import type { Cluster } from "../cluster/cluster.ts";
import type { Proxy } from "../proxy/proxy.ts";
import { Witness } from "../witness/witness.ts";
import type { Bench } from "./run-case.ts";

/**
 * Connects the witness to a cluster.
 *
 * @throws Error when no broker answers
 */
export async function benchFor(
  cluster: Cluster | (Cluster & { readonly proxy: Proxy }),
): Promise<Bench> {
  const witness = new Witness(cluster.witnessBrokers, cluster.witnessSecurity);
  try {
    await witness.connect({ commitLog: cluster.can.commitLog });
  } catch (error) {
    await witness.close();
    throw error;
  }
  return { cluster, proxy: "proxy" in cluster ? cluster.proxy : null, witness, created: [] };
}

/** For vectors, which need no broker: everything that does is skipped with the reason. */
export function benchWithoutCluster(): Bench {
  const nothing = (): Promise<never> => Promise.reject(new Error("there is no cluster"));
  const cluster: Cluster = {
    kind: "local",
    reason: "no cluster: the cases chosen need none",
    kafkaVersion: "none",
    can: {
      proxy: false,
      brokerFaults: false,
      failover: false,
      diskFull: false,
      commitLog: false,
      transactions: false,
      sasl: false,
    },
    nodes: [],
    clientBrokers: [],
    clientSecurity: {},
    witnessBrokers: [],
    witnessSecurity: {},
    saslBrokers: [],
    prefix: "none",
    signal: nothing,
    freeze: nothing,
    thaw: nothing,
    restart: nothing,
    fillDisk: nothing,
    freeDisk: nothing,
    healthy: nothing,
    log: () => "",
    close: () => Promise.resolve(),
  };
  return { cluster, proxy: null, witness: new Witness(["127.0.0.1:1"]), created: [] };
}

/**
 * What other runs have in somebody's cluster, in a sentence; null: nothing. It stays, for nobody can tell
 * a run that was killed from one that is going on.
 */
export async function othersThere({ cluster, witness }: Bench): Promise<string | null> {
  if (cluster.kind !== "brokers") return null;
  const found = await witness.named(/^sluice-[0-9a-f]{6}\./);
  const runs = new Set(found.map((name) => name.slice(0, name.indexOf("."))));
  if (runs.size === 0) return null;
  return (
    `Here are ${found.length} topics and groups of other runs, named ${[...runs].join(".*, ")}.*: ` +
    "if none of them is going on, they were killed, and these can be deleted."
  );
}

/** Leaves the cluster as it was found (one of ours is thrown away as a whole) and disconnects. */
export async function closeBench({ cluster, witness, created }: Bench): Promise<void> {
  try {
    if (cluster.kind === "brokers" && created.length > 0) {
      const topics = created.flatMap(({ topic, deadLetterTopic }) =>
        deadLetterTopic === null ? [topic] : [topic, deadLetterTopic],
      );
      await witness.remove(
        topics,
        created.map(({ group }) => group),
      );
    }
  } finally {
    await witness.close();
  }
}
