import { startLocalCluster, type LocalCluster } from "@sluice/conformance";

const KEY = Symbol.for("@sluice/adapter-suite: clusters");
type Clusters = Map<1 | 3, Promise<LocalCluster>>;

/**
 * The one local Kafka of this test process, with the frame proxy before it; started on first use.
 * Its supervisor ends the brokers when this process ends. A test that breaks it (a broker killed,
 * a proxy rule) mends it before it ends.
 * @param nodes three only for what needs several brokers: they take a gigabyte
 */
export function sharedCluster(nodes: 1 | 3 = 1): Promise<LocalCluster> {
  // Test files run in one process without isolation, but each evaluates this module anew.
  const global = globalThis as { [KEY]?: Clusters };
  const clusters = (global[KEY] ??= new Map());
  let cluster = clusters.get(nodes);
  if (cluster === undefined) {
    cluster = startLocalCluster({ nodes });
    clusters.set(nodes, cluster);
    cluster.catch(() => clusters.delete(nodes));
  }
  return cluster;
}
