import { BrokerClient } from "./broker-client.ts";
import type { Cluster } from "./cluster.ts";
import { endpointOf, findCoordinator, isLoadedCoordinator, readLeaders, until } from "./health.ts";
import type { Leader } from "./health.ts";

/** What was seen on the WITNESS listeners of the other brokers, before and after. */
export interface Failover {
  readonly from: Leader;
  readonly to: Leader;
}

type Watched = Pick<Cluster, "witnessBrokers" | "nodes">;
type Harmed = Watched & Pick<Cluster, "can" | "signal" | "restart" | "healthy">;

const ANSWER_MS = 2_000;
const ASK_MS = 10_000;
const TAKEOVER_MS = 30_000;
const HEALTHY_MS = 30_000;

/**
 * Who leads a partition, as the broker with the newest leader epoch has it.
 *
 * @throws Error when no broker knows of a leader within 10 s
 */
export async function leaderOf(
  cluster: Watched,
  topic: string,
  partition: number,
): Promise<Leader> {
  const name = `${topic}-${partition}`;
  return await asked(`no broker names a leader of ${name}`, ASK_MS, async () => {
    const leaders = await answers(cluster, (client) => readLeaders(client, topic, ANSWER_MS));
    const known = leaders.flatMap((each) => each.get(partition) ?? []);
    return known.toSorted((a, b) => b.epoch - a.epoch).find(({ node }) => node >= 0);
  });
}

/**
 * Ends the leader of a partition and waits until another broker leads it, in a newer epoch. The old
 * leader is left down: `restart` it when the case has seen enough.
 *
 * @throws Error on a cluster that cannot do this, or when nobody takes over within 30 s
 */
export async function failLeader(
  cluster: Harmed,
  topic: string,
  partition: number,
  signal: "kill" | "term" = "kill",
): Promise<Failover> {
  requireFailover(cluster);
  const from = await leaderOf(cluster, topic, partition);
  await cluster.signal(from.node, signal);
  const to = await asked(`nobody took over ${topic}-${partition}`, TAKEOVER_MS, async () => {
    const now = await leaderOf(cluster, topic, partition).catch(() => undefined);
    return now && now.node !== from.node && now.epoch > from.epoch ? now : undefined;
  });
  return { from, to };
}

/**
 * The node that answers as the group's coordinator, its log read.
 *
 * @throws Error when there is none within 10 s
 */
export async function coordinatorOf(cluster: Watched, group: string): Promise<number> {
  return await asked(`no broker answers as coordinator of ${group}`, ASK_MS, () =>
    findLoaded(cluster, group),
  );
}

/**
 * Ends the coordinator of a group and waits until another broker answers as coordinator. The old one
 * is left down.
 *
 * @throws Error on a cluster that cannot do this, or when nobody takes over within 30 s
 */
export async function failCoordinator(
  cluster: Harmed,
  group: string,
  signal: "kill" | "term" = "kill",
): Promise<{ readonly from: number; readonly to: number }> {
  requireFailover(cluster);
  const from = await coordinatorOf(cluster, group);
  await cluster.signal(from, signal);
  const to = await asked(`nobody took over the group ${group}`, TAKEOVER_MS, async () => {
    const now = await findLoaded(cluster, group);
    return now === from ? undefined : now;
  });
  return { from, to };
}

/**
 * Stops and starts every broker in turn, as an upgrade does: the next one only when the cluster is
 * healthy again.
 *
 * @param after told of each node when it is back
 */
export async function rollingRestart(
  cluster: Harmed,
  after: (node: number) => void | Promise<void> = () => {},
): Promise<void> {
  for (const node of cluster.nodes) {
    await cluster.signal(node, "term");
    await cluster.restart(node);
    await cluster.healthy(HEALTHY_MS);
    await after(node);
  }
}

function requireFailover({ can }: Harmed): void {
  if (!can.failover) throw new Error("a failover needs three nodes that are ours to harm");
}

async function findLoaded(cluster: Watched, group: string): Promise<number | undefined> {
  const found = await answers(cluster, async (client) => {
    const coordinator = await findCoordinator(client, "group", group);
    return typeof coordinator === "number" ? [] : [coordinator];
  });
  for (const { node, host, port } of found.flat()) {
    const loaded = await ask({ host, port }, (client) => isLoadedCoordinator(client, group));
    if (loaded === true) return node;
  }
  return undefined;
}

/** Of all brokers at once; the dead and the frozen have none. */
async function answers<T>(
  { witnessBrokers }: Watched,
  question: (client: BrokerClient) => Promise<T>,
): Promise<T[]> {
  const all = await Promise.all(witnessBrokers.map((at) => ask(endpointOf(at), question)));
  return all.filter((answer): answer is Awaited<T> => answer !== undefined);
}

async function ask<T>(
  { host, port }: { readonly host: string; readonly port: number },
  question: (client: BrokerClient) => Promise<T>,
): Promise<T | undefined> {
  try {
    const client = await BrokerClient.connect(host, port, ANSWER_MS);
    try {
      return await question(client);
    } finally {
      client.close();
    }
  } catch {
    return undefined;
  }
}

async function asked<T>(what: string, ms: number, look: () => Promise<T | undefined>): Promise<T> {
  let found: T | undefined;
  await until(what, ms, async () => {
    found = await look();
    return found === undefined ? "none so far" : null;
  });
  return found as T;
}
