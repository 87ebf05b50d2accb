import type { ClientSecurity } from "./client-security.ts";
import { connectExternalCluster, type ExternalCluster } from "./external-cluster.ts";
import { startDockerCluster, type DockerCluster } from "./docker-cluster.ts";
import { startLocalCluster, type LocalCluster, type LocalClusterOptions } from "./local-cluster.ts";

/**
 * The cluster to run on: the user's when `brokers` are given, else one of ours. Its `reason` says
 * why, in a sentence for the first line of a report.
 */
export async function pickCluster(
  options: LocalClusterOptions & {
    readonly brokers?: readonly string[];
    /** Of those brokers. */
    readonly clientSecurity?: ClientSecurity;
    /** What to start without them. @defaultValue "local" */
    readonly kind?: "local" | "docker";
  } = {},
): Promise<LocalCluster | DockerCluster | ExternalCluster> {
  const { brokers, clientSecurity, kind = "local", ...own } = options;
  const cluster = brokers?.length
    ? await connectExternalCluster(brokers, clientSecurity)
    : kind === "docker"
      ? await startDockerCluster(own)
      : await startLocalCluster(own);
  options.log?.(cluster.reason);
  return cluster;
}
