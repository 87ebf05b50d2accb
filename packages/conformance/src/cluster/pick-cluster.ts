import { connectExternalCluster, type ExternalCluster } from "./external-cluster.ts";
import { startLocalCluster, type LocalCluster, type LocalClusterOptions } from "./local-cluster.ts";

/**
 * The cluster to run on: the user's when `brokers` are given, else a local one. Its `reason` says
 * why, in a sentence for the first line of a report.
 */
export async function pickCluster(
  options: LocalClusterOptions & { readonly brokers?: readonly string[] } = {},
): Promise<LocalCluster | ExternalCluster> {
  const { brokers, ...local } = options;
  const cluster = brokers?.length
    ? await connectExternalCluster(brokers)
    : await startLocalCluster(local);
  options.log?.(cluster.reason);
  return cluster;
}
