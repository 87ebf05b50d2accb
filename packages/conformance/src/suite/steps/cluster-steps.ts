import type { Rule } from "../../proxy/proxy.ts";
import type { Act, Frames, Offsets } from "../case-file.ts";
import { list, sayDrawing, sayNames } from "../scene.ts";
import type { Scene } from "../scene.ts";
import { recordsOf, sayWorkload } from "../workload-file.ts";
import type { Kinds } from "./step-kind.ts";

const COMMIT_LOG_MS = 10_000;

export const CLUSTER_STEPS: Kinds<
  "wire" | "produce" | "transactions" | "addPartitions" | "deleteRecords" | "setCommitted"
> = {
  wire: {
    needs: ["proxy"],
    say: ({ wire, frames, act, times, linger }) =>
      `at the proxy, ${sayAct(act)} ${sayFrames(frames)}${times === undefined ? "" : `, ${times} times`}` +
      `${linger === true ? ", and let held ones go on when the client has gone" : ""}: "${wire}"`,
    perform: (scene, { wire, frames, act, times, linger }) => {
      const { api, direction, partition, deadLetters } = frames;
      const { run } = scene;
      const topic = deadLetters === true ? run.deadLetterTopic : run.topic;
      const named = partition !== undefined || deadLetters === true;
      const handle = run.rule({
        name: wire,
        match: {
          clientId: clientMatch(list(frames.client)),
          ...(direction === undefined ? {} : { direction }),
          ...(api === undefined ? {} : { apiKeys: list(api).map(keyOfApi) }),
          ...(named && topic !== null
            ? { partition: { topic, ...(partition === undefined ? {} : { partition }) } }
            : {}),
        },
        act: actOf(scene, act),
        ...(times === undefined ? {} : { times }),
        ...(linger === undefined ? {} : { linger }),
      });
      scene.wires.set(wire, handle);
    },
  },

  produce: {
    say: ({ produce }) => `produce ${sayWorkload(produce)}`,
    perform: async (scene, { produce }) => {
      const { run } = scene;
      scene.produced += 1;
      await run.produce(recordsOf(produce, run.seed + scene.produced, run.partitions));
    },
  },

  transactions: {
    say: ({ transactions, records, abortEvery }) =>
      `produce ${transactions} transactions of ${records} records in each partition; the first, and ` +
      `every ${abortEvery}th after it, is aborted`,
    perform: async ({ run }, { transactions, records, abortEvery }) => {
      await run.produceTransactions(transactions, records, abortEvery);
      const ranges = await run.witness.logRanges(run.topic);
      const known = new Set(run.produced.map(({ partition, offset }) => `${partition}@${offset}`));
      const gaps = ranges.flatMap(({ partition, start, end }) =>
        Array.from({ length: end - start }, (_, i) => `${partition}@${start + i}`).filter(
          (place) => !known.has(place),
        ),
      );
      const both = ranges.every(
        ({ partition, start, end }) =>
          gaps.includes(`${partition}@${start}`) && gaps.includes(`${partition}@${end - 1}`),
      );
      run.guard(
        "every partition has gaps, at its head and its tail too",
        both && gaps.length >= 20,
        `${gaps.length} offsets without a record`,
      );
    },
  },

  addPartitions: {
    say: ({ addPartitions }) => `let the topic grow to ${addPartitions} partitions`,
    perform: async ({ run }, { addPartitions }) => await run.addPartitions(addPartitions),
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

/** @throws Error for a name that the schema has ruled out */
export function keyOfApi(name: string): number {
  const key = API_KEYS[name];
  if (key === undefined) throw new Error(`no API ${name}`);
  return key;
}

function clientMatch(clients: readonly string[]): (clientId: string | null) => boolean {
  return (clientId) => clientId !== null && clients.includes(clientId);
}

export function actOf(scene: Scene, act: Act): Rule["act"] {
  if (typeof act === "string") return { type: act };
  if ("delay" in act) return { type: "delay", ms: scene.drawing(act.delay) };
  if ("cut" in act) return { type: "cut", bytes: act.cut };
  if ("slice" in act) return { type: "slice", bytes: act.slice };
  return { type: "throttle", bytesPerSecond: act.throttle };
}

export function sayAct(act: Act): string {
  if (act === "hold") return "hold back";
  if (act === "reset") return "reset the connection in place of";
  if (act === "blackhole") return "cut the cable, without a word to either side, at";
  if ("delay" in act) return `delay by ${sayDrawing(act.delay)}`;
  if ("cut" in act) return `pass ${act.cut} bytes, then reset the connection, of`;
  if ("slice" in act) return `pass in slices of ${act.slice} bytes`;
  return `pass with ${act.throttle} bytes a second`;
}

function sayFrames({ api, direction, client, partition, deadLetters }: Frames): string {
  const what = api === undefined ? "all " : `${sayNames(api)} `;
  const which = direction === undefined ? "requests and responses" : `${direction}s`;
  const where = partition === undefined ? "" : ` for partition ${partition}`;
  const topic = deadLetters === true ? " for the dead letter topic" : "";
  return `${what}${which} of ${sayNames(client)}${where}${topic}`;
}
