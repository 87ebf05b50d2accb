import { coordinatorOf, failCoordinator, failLeader, leaderOf } from "../../cluster/failover.ts";
import type { BrokerAction, StepOf } from "../case-file.ts";
import { known } from "../scene.ts";
import type { Scene } from "../scene.ts";
import type { Kinds } from "./step-kind.ts";

type Which = StepOf<"broker">["which"];

const HEALTHY_MS = 30_000;

export const BROKER_STEPS: Kinds<"broker"> = {
  broker: {
    needs: ["brokerFaults"],
    say: ({ broker, which, as }) =>
      `${SAY_ACTION[broker](sayWhich(which))}${as === undefined ? "" : `: "${as}"`}`,
    perform: async (scene, { broker, which, as }) => {
      const node = await nodeOf(scene, which);
      if (as !== undefined) scene.brokers.set(as, node);
      await happen(scene, node, broker, which);
    },
  },
};

/**
 * What a case that ended half way has left broken: the members must now show that they get on, and the next
 * case needs the brokers.
 */
export async function mendBrokers(scene: Scene): Promise<void> {
  if (scene.run.calledOff) return;
  for (const node of scene.brokersStopped) await happen(scene, node, "continue", node);
  for (const node of scene.disksFull) await happen(scene, node, "free disk", node);
  for (const node of scene.brokersDown) await happen(scene, node, "restart", node);
}

/** The node that is meant, as of now. */
export async function nodeOf({ run, brokers }: Scene, which: Which): Promise<number> {
  const { cluster } = run;
  if (which === "coordinator") return await coordinatorOf(cluster, run.group);
  if (typeof which === "string") return known(brokers, which, "broker");
  if (typeof which === "object") {
    const { node } = await leaderOf(cluster, run.topic, which.leaderOf);
    return node;
  }
  const node = which ?? cluster.nodes[0];
  if (node === undefined || !cluster.nodes.includes(node)) {
    throw new Error(`the cluster has no node ${which ?? 1}`);
  }
  return node;
}

/** Does it to a node and notes what is broken now. `which` is how the node was chosen. */
export async function happen(
  scene: Scene,
  node: number,
  action: BrokerAction,
  which: Which,
): Promise<void> {
  const { run, brokersDown } = scene;
  const { cluster } = run;
  switch (action) {
    case "term":
    case "kill":
      if (which === "coordinator") {
        await failCoordinator(cluster, run.group, action);
        scene.takeovers += 1;
      } else if (typeof which === "object") {
        await failLeader(cluster, run.topic, which.leaderOf, action);
        scene.takeovers += 1;
      } else {
        await cluster.signal(node, action);
      }
      brokersDown.add(node);
      return;
    case "stop":
      scene.brokersStopped.add(node);
      await cluster.freeze(node);
      return;
    case "continue":
      await cluster.thaw(node);
      scene.brokersStopped.delete(node);
      return;
    case "fill disk":
      scene.disksFull.add(node);
      await cluster.fillDisk(node);
      brokersDown.add(node);
      return;
    case "free disk":
      await cluster.freeDisk(node);
      scene.disksFull.delete(node);
      return;
    case "restart":
      await cluster.restart(node);
      await cluster.healthy(HEALTHY_MS);
      brokersDown.delete(node);
  }
}

function sayWhich(which: Which): string {
  if (which === undefined) return "the broker";
  if (which === "coordinator") return "the group's coordinator";
  if (typeof which === "object") return `the leader of partition ${which.leaderOf}`;
  return typeof which === "number" ? `node ${which}` : `the broker "${which}"`;
}

const SAY_ACTION: Readonly<Record<BrokerAction, (which: string) => string>> = {
  term: (which) => `end ${which} (SIGTERM)`,
  kill: (which) => `kill ${which} (SIGKILL)`,
  stop: (which) => `stop ${which} (SIGSTOP)`,
  continue: (which) => `continue ${which} (SIGCONT)`,
  "fill disk": (which) => `take the disk of ${which} away, and wait until it has ended`,
  "free disk": (which) => `give the disk back to ${which}`,
  restart: (which) => `start ${which} again and wait until the cluster is healthy`,
};
