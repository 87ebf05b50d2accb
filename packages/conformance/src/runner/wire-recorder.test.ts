import type { HistoryEvent } from "@sluice/checker";
import { describe, expect, test } from "vitest";
import type { Frame } from "../proxy/proxy.ts";
import { History } from "./history.ts";
import { WireRecorder } from "./wire-recorder.ts";
import type { WireSource } from "./wire-recorder.ts";

type Stage = "arrived" | "forwarded" | "discarded";

/** A proxy whose frames are canned. */
class CannedProxy implements WireSource {
  #listener: ((frame: Frame, stage: Stage) => void) | null = null;
  #correlation = 0;

  onFrame(listener: (frame: Frame, stage: Stage) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = null);
  }
  topicName(id: string): string | null {
    return id === "id-in" ? "in" : null;
  }

  /** A request through all its stages; the answer to it when one is given. */
  send(
    apiKey: number,
    body: Record<string, unknown> | null,
    options: { clientId?: string; stages?: Stage[]; apiVersion?: number } = {},
  ): Frame {
    this.#correlation += 1;
    const frame: Frame = {
      t: 0,
      node: 1,
      connection: 7,
      direction: "request",
      apiKey,
      apiVersion: options.apiVersion ?? 5,
      correlationId: this.#correlation,
      clientId: options.clientId ?? "m0",
      bytes: 100,
      body,
      request: null,
    };
    for (const stage of options.stages ?? ["arrived", "forwarded"]) this.#listener?.(frame, stage);
    return frame;
  }

  answer(
    request: Frame,
    body: Record<string, unknown> | null,
    stages: Stage[] = ["arrived", "forwarded"],
  ): void {
    const frame: Frame = { ...request, direction: "response", body, request };
    for (const stage of stages) this.#listener?.(frame, stage);
  }
}

function recording(): { proxy: CannedProxy; events: () => HistoryEvent[]; recorder: WireRecorder } {
  const proxy = new CannedProxy();
  const history = new History(null);
  const recorder = new WireRecorder(proxy, history, {
    group: "g",
    isMember: (clientId) => clientId === "m0" || clientId === "m1",
    divertTopics: new Set(["in.dlq"]),
  });
  return { proxy, recorder, events: () => history.events as HistoryEvent[] };
}

const without = (event: HistoryEvent | undefined): Record<string, unknown> => {
  const { t: _, ...rest } = event ?? { t: 0 };
  return rest;
};

const commit = (offset: bigint, groupId = "g"): Record<string, unknown> => ({
  groupId,
  generationIdOrMemberEpoch: 4,
  memberId: "m0-uuid",
  topics: [
    {
      name: "in",
      partitions: [{ partitionIndex: 3, committedOffset: offset, committedMetadata: "slc1." }],
    },
  ],
});
const committed = (errorCode = 0): Record<string, unknown> => ({
  topics: [{ name: "in", partitions: [{ partitionIndex: 3, errorCode }] }],
});

describe("what passes the proxy, in the history", () => {
  test("a commit is asked for when it arrives, also when it is then thrown away", () => {
    const { proxy, events } = recording();
    proxy.send(8, commit(9_007_199_254_740_993n), { stages: ["arrived", "discarded"] });
    expect(events().map(without)).toEqual([
      {
        type: "commit-request",
        member: "m0",
        memberId: "m0-uuid",
        generation: 4,
        id: "7:1",
        version: 5,
        offsets: [{ topic: "in", partition: 3, offset: "9007199254740993", metadata: "slc1." }],
      },
    ]);
  });

  test("its answer says whether the member ever saw it", () => {
    const { proxy, events } = recording();
    proxy.answer(proxy.send(8, commit(5n)), committed(25));
    proxy.answer(proxy.send(8, commit(6n)), committed(), ["arrived", "discarded"]);
    const answers = events().filter((e) => e.type === "commit-answer");
    expect(answers.map(without)).toEqual([
      {
        type: "commit-answer",
        member: "m0",
        id: "7:1",
        forwarded: true,
        results: [{ topic: "in", partition: 3, error: 25 }],
      },
      {
        type: "commit-answer",
        member: "m0",
        id: "7:2",
        forwarded: false,
        results: [{ topic: "in", partition: 3, error: 0 }],
      },
    ]);
  });

  test("commits of another group and frames of strangers are nobody's", () => {
    const { proxy, events } = recording();
    proxy.answer(proxy.send(8, commit(5n, "other")), committed());
    proxy.send(8, commit(5n), { clientId: "stranger" });
    proxy.send(11, { memberId: "" }, { clientId: "m0-producer" });
    expect(events()).toEqual([]);
  });

  test("a commit by topic id has the topic's name; an unknown id is not invented", () => {
    const { proxy, events } = recording();
    const byId = (topicId: string): Record<string, unknown> => ({
      ...commit(1n),
      topics: [{ topicId, partitions: [{ partitionIndex: 0, committedOffset: 1n }] }],
    });
    proxy.send(8, byId("id-in"), { apiVersion: 10 });
    proxy.send(8, byId("id-x"), { apiVersion: 10 });
    const topics = events().flatMap((e) =>
      e.type === "commit-request" ? e.offsets.map(({ topic }) => topic) : [],
    );
    expect(topics).toEqual(["in", "(topic id id-x)"]);
  });

  test("a classic assignment is what SyncGroup answers, in the generation that was asked for", () => {
    const { proxy, events } = recording();
    // ConsumerProtocolAssignment v0: version, one topic "in" with partitions 0 and 2, no user data.
    const assignment = Buffer.from(
      ["0000", "00000001", "0002696e", "00000002", "00000000", "00000002", "ffffffff"].join(""),
      "hex",
    );
    const request = proxy.send(14, { groupId: "g", generationId: 3, memberId: "m0-uuid" });
    proxy.answer(request, { errorCode: 27, assignment: Buffer.alloc(0) });
    proxy.answer(request, { errorCode: 0, assignment });
    expect(events().map(without)).toEqual([
      {
        type: "assignment",
        member: "m0",
        memberId: "m0-uuid",
        generation: 3,
        protocol: "classic",
        partitions: [
          ["in", 0],
          ["in", 2],
        ],
      },
    ]);
  });

  test("joins, leaves and heartbeats count when they were passed on", () => {
    const { proxy, events } = recording();
    proxy.send(11, { memberId: "m0-uuid" }, { stages: ["arrived"] });
    proxy.send(11, { memberId: "m0-uuid" });
    proxy.answer(proxy.send(12, { generationId: 3, memberId: "m0-uuid" }), { errorCode: 0 });
    proxy.answer(proxy.send(12, { generationId: 3, memberId: "m0-uuid" }), { errorCode: 27 });
    proxy.send(13, { groupId: "g", memberId: "m0-uuid" }, { apiVersion: 1 });
    proxy.send(13, { groupId: "g", members: [{ memberId: "m1-uuid" }] }, { clientId: "m1" });
    expect(events().map(without)).toEqual([
      { type: "join", member: "m0", memberId: "m0-uuid" },
      { type: "heartbeat", member: "m0", generation: 3 },
      { type: "leave", member: "m0", memberId: "m0-uuid" },
      { type: "leave", member: "m1", memberId: "m1-uuid" },
    ]);
  });

  test("KIP-848: what is held, the new target, the epoch, and leaving", () => {
    const { proxy, events } = recording();
    const owned = [{ topicId: "id-in", partitions: [1] }];
    const first = proxy.send(68, { memberId: "u", memberEpoch: 2, topicPartitions: owned });
    proxy.answer(first, { errorCode: 0, memberEpoch: 3, assignment: null });
    const second = proxy.send(68, { memberId: "u", memberEpoch: 3, topicPartitions: null });
    proxy.answer(second, {
      errorCode: 0,
      memberId: "u",
      memberEpoch: 3,
      assignment: { topicPartitions: [{ topicId: "id-in", partitions: [1, 4] }] },
    });
    proxy.answer(proxy.send(68, { memberId: "u", memberEpoch: 3 }), { errorCode: 110 });
    proxy.answer(proxy.send(68, { memberId: "u", memberEpoch: -1 }), {
      errorCode: 0,
      memberEpoch: -1,
    });
    expect(events().map(without)).toEqual([
      { type: "owned", member: "m0", memberId: "u", generation: 2, partitions: [["in", 1]] },
      { type: "heartbeat", member: "m0", generation: 3 },
      {
        type: "assignment",
        member: "m0",
        memberId: "u",
        generation: 3,
        protocol: "consumer",
        partitions: [
          ["in", 1],
          ["in", 4],
        ],
      },
      { type: "heartbeat", member: "m0", generation: 3 },
      { type: "leave", member: "m0", memberId: "u" },
    ]);
  });

  test("a dead letter is acknowledged when the answer is passed on, with its origin", () => {
    const { proxy, events } = recording();
    const request = proxy.send(0, produce("in.dlq", DEAD_LETTER), { clientId: "m0-producer" });
    proxy.answer(request, produced("in.dlq", 0, 40n), ["arrived"]);
    expect(events()).toEqual([]);
    proxy.answer(request, produced("in.dlq", 0, 40n), ["forwarded"]);
    expect(events().map(without)).toEqual([
      {
        type: "divert-acked",
        member: "m0",
        to: ["in.dlq", 2],
        toOffset: "40",
        origin: { topic: "in", partition: 5, offset: "17" },
      },
    ]);
  });

  test("a refused dead letter, and a record of another topic, settle nothing", () => {
    const { proxy, events } = recording();
    const options = { clientId: "m0-producer" };
    proxy.answer(
      proxy.send(0, produce("in.dlq", DEAD_LETTER), options),
      produced("in.dlq", 10, -1n),
    );
    proxy.answer(proxy.send(0, produce("else", DEAD_LETTER), options), produced("else", 0, 1n));
    expect(events()).toEqual([]);
  });

  test("from where a member fetches is told once on each connection", () => {
    const { proxy, events } = recording();
    const ask = (connection: number, body: Record<string, unknown>, apiVersion = 12): void =>
      proxy.answer({ ...proxy.send(1, body, { apiVersion }), connection }, null);
    ask(7, asksFor({ topic: "in" }, [[5, 40n]]));
    ask(7, asksFor({ topic: "in" }, [[5, 41n], [0, 2n ** 53n + 1n]])); // prettier-ignore
    ask(7, asksFor({ topic: "in" }, [[0, 7n]]));
    ask(8, asksFor({ topicId: "id-in" }, [[5, 43n]]), 13);
    const at = (partition: number, offset: string): object => ({ topic: "in", partition, offset });
    expect(events().map((event) => (event.type === "fetched" ? event.from : event))).toEqual([
      [at(5, "40")],
      [at(0, "9007199254740993")],
      undefined,
      [at(5, "43")],
    ]);
  });

  test("a frame that cannot be read is kept as a blind spot and ends nothing", () => {
    const { proxy, events, recorder } = recording();
    const request = proxy.send(14, { generationId: 3, memberId: "m0-uuid" });
    proxy.answer(request, { errorCode: 0, assignment: Buffer.from("00", "hex") });
    proxy.answer(proxy.send(1, {}), null);
    expect(recorder.unread).toHaveLength(1);
    expect(recorder.unread[0]).toMatch(/^response of API 14 v5: /);
    expect(events().map(without)).toEqual([{ type: "fetched", member: "m0", bytes: 100 }]);
  });
});

function asksFor(
  topic: Record<string, string>,
  partitions: readonly (readonly [number, bigint])[],
): Record<string, unknown> {
  const asked = partitions.map(([partition, fetchOffset]) => ({ partition, fetchOffset }));
  return { topics: [{ ...topic, partitions: asked }] };
}
function produce(name: string, records: Buffer): Record<string, unknown> {
  return { topicData: [{ name, partitionData: [{ index: 2, records }] }] };
}
function produced(name: string, errorCode: number, baseOffset: bigint): Record<string, unknown> {
  return { responses: [{ name, partitionResponses: [{ index: 2, errorCode, baseOffset }] }] };
}

/** A record batch (magic 2) of one record with the three origin headers. */
const DEAD_LETTER = ((): Buffer => {
  const varint = (n: number): number[] => {
    let zigzag = n < 0 ? -2 * n - 1 : 2 * n;
    const bytes: number[] = [];
    for (; zigzag > 127; zigzag = Math.floor(zigzag / 128)) bytes.push((zigzag % 128) + 128);
    return [...bytes, zigzag];
  };
  const text = (value: string): number[] => [...varint(value.length), ...Buffer.from(value)];
  const headers = [
    ...["sluice-origin-topic", "in"],
    ...["sluice-origin-partition", "5"],
    ...["sluice-origin-offset", "17"],
  ];
  const body = [0, 0, 0, 1, 1, ...varint(3), ...headers.flatMap(text)];
  // key and value are null: length -1
  const record = [...varint(body.length), ...body];
  const batch = Buffer.alloc(61 + record.length);
  batch.writeInt32BE(49 + record.length, 8);
  batch.writeInt8(2, 16);
  batch.writeInt32BE(1, 57);
  Buffer.from(record).copy(batch, 61);
  return batch;
})();
