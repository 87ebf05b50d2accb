import type { RuleHandle, Rule } from "../../proxy/proxy.ts";
import type { Act, BrokerAction, Frames, Offsets } from "../case-file.ts";
import { list, sayNames } from "../scene.ts";
import type { Scene } from "../scene.ts";
import { recordsOf, sayWorkload } from "../workload-file.ts";
import type { Kinds } from "./step-kind.ts";

const HEALTHY_MS = 30_000;
const COMMIT_LOG_MS = 10_000;

export const CLUSTER_STEPS: Kinds<
  "wire" | "broker" | "produce" | "deleteRecords" | "setCommitted"
> = {
  wire: {
    needs: ["proxy"],
    say: ({ wire, frames, act, times, linger }) =>
      `at the proxy, ${sayAct(act)} ${sayFrames(frames)}${times === undefined ? "" : `, ${times} times`}` +
      `${linger === true ? ", and let held ones go on when the client has gone" : ""}: "${wire}"`,
    perform: (scene, { wire, frames, act, times, linger }) => {
      const { direction } = frames;
      const directions = direction === "both" ? (["request", "response"] as const) : [direction];
      const rules = directions.map((one): RuleHandle => {
        const rule: Rule = {
          name: wire,
          match: {
            direction: one,
            clientId: clientMatch(list(frames.client)),
            ...(frames.api === undefined ? {} : { apiKeys: list(frames.api).map(keyOfApi) }),
          },
          act: actOf(scene, act),
          ...(times === undefined ? {} : { times }),
          ...(linger === undefined ? {} : { linger }),
        };
        return scene.run.rule(rule);
      });
      scene.wires.set(wire, rules);
    },
  },

  broker: {
    needs: ["brokerFaults"],
    say: ({ broker, node }) =>
      `${SAY_BROKER[broker]}${node === undefined ? "" : ` (node ${node})`}`,
    perform: async ({ run: { cluster } }, { broker, node: wanted }) => {
      const node = wanted ?? cluster.nodes[0];
      if (node === undefined || !cluster.nodes.includes(node)) {
        throw new Error(`the cluster has no node ${wanted ?? 1}`);
      }
      switch (broker) {
        case "term":
        case "kill":
          return await cluster.signal(node, broker);
        case "stop":
          return await cluster.freeze(node);
        case "continue":
          return await cluster.thaw(node);
        case "restart":
          await cluster.restart(node);
          await cluster.healthy(HEALTHY_MS);
      }
    },
  },

  produce: {
    say: ({ produce }) => `produce ${sayWorkload(produce)}`,
    perform: async (scene, { produce }) => {
      const { run } = scene;
      scene.produced += 1;
      await run.produce(recordsOf(produce, run.seed + scene.produced, run.settings.partitions));
    },
  },

  deleteRecords: {
    say: ({ deleteRecords }) => `delete the records before ${sayOffsets(deleteRecords)}`,
    perform: async ({ run }, { deleteRecords }) => {
      const { witness, topic } = run;
      for (const [partition, offset] of entries(deleteRecords)) {
        await witness.deleteRecordsBefore(topic, partition, offset);
      }
      const ranges = await witness.logRanges(topic);
      run.guard(
        "the logs begin where records were deleted to",
        entries(deleteRecords).every(([partition, offset]) => ranges[partition]?.start === offset),
        ranges.map(({ partition, start }) => `${partition}: ${start}`).join(", "),
      );
    },
  },

  setCommitted: {
    say: ({ setCommitted }) => `commit in the group's name ${sayOffsets(setCommitted)}`,
    perform: async ({ run }, { setCommitted }) => {
      await run.witness.setCommitted(run.group, run.topic, new Map(entries(setCommitted)));
      await run.witness.commitLogCaughtUp(COMMIT_LOG_MS);
    },
  },
};

export function entries(offsets: Offsets): [partition: number, offset: number][] {
  return Object.entries(offsets).map(([partition, offset]) => [Number(partition), offset]);
}

export function sayOffsets(offsets: Offsets): string {
  return entries(offsets)
    .map(([partition, offset]) => `offset ${offset} of partition ${partition}`)
    .join(", ");
}

/** Keys of Kafka's APIs by their names in its protocol. */
export const API_KEYS: Readonly<Record<string, number>> = {
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetCommit: 8,
  OffsetFetch: 9,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  LeaveGroup: 13,
  SyncGroup: 14,
  ApiVersions: 18,
  InitProducerId: 22,
  ConsumerGroupHeartbeat: 68,
};

function keyOfApi(name: string): number {
  const key = API_KEYS[name];
  if (key === undefined) throw new Error(`no API ${name}`);
  return key;
}

function clientMatch(clients: readonly string[]): (clientId: string | null) => boolean {
  return (clientId) => clientId !== null && clients.includes(clientId);
}

function actOf(scene: Scene, act: Act): Rule["act"] {
  if (typeof act === "string") return { type: act };
  if ("delay" in act) return { type: "delay", ms: scene.milliseconds(act.delay) };
  if ("cut" in act) return { type: "cut", bytes: act.cut };
  return { type: "slice", bytes: act.slice };
}

function sayAct(act: Act): string {
  if (act === "hold") return "hold back";
  if (act === "reset") return "reset the connection in place of";
  if ("delay" in act) return `delay by ${act.delay}`;
  if ("cut" in act) return `pass ${act.cut} bytes, then reset the connection, of`;
  return `pass in slices of ${act.slice} bytes`;
}

function sayFrames({ api, direction, client }: Frames): string {
  const what = api === undefined ? "" : `${sayNames(api)} `;
  const which = direction === "both" ? "requests and responses" : `${direction}s`;
  return `${what}${which} of ${sayNames(client)}`;
}

const SAY_BROKER: Readonly<Record<BrokerAction, string>> = {
  term: "end the broker (SIGTERM)",
  kill: "kill the broker (SIGKILL)",
  stop: "stop the broker (SIGSTOP)",
  continue: "continue the broker (SIGCONT)",
  restart: "start the broker again and wait until the cluster is healthy",
};
