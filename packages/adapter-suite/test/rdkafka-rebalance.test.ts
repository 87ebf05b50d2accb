import type { ClientConfig, CommitResult, Revocation } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { rigFor, type Member, type Rig } from "./harness/adapters.ts";
import { awaitUntil, holdsFor } from "./harness/await-until.ts";
import { describeRdkafka, protocols, rdkafkaIn } from "./rdkafka-protocols.ts";

const PARTITIONS = 4;
const RECORDS = 20;
const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);

describeRdkafka("rebalances of rdkafka", () => {
  describe.each(protocols)("%s", (protocol) => {
    const rig = rigFor(rdkafkaIn(protocol));

    it("waits for a drain of 1.5 s, and the commit at its end is where the next owner starts", async () => {
      const { topic, group, first, drain, join } = await twoMembers(await rig());
      const second = await join();
      const [{ revocation }] = await drain.begun();
      expect(revocation.deadlineMs).toBeGreaterThan(5000);
      const moving = new Set(revocation.partitions.map(({ partition }) => partition));

      await holdsFor("nothing is handed over during the drain", 1500, () =>
        second.events.of("assigned").some(({ partitions }) => partitions.length > 0),
      );
      const results = await commitAll(first, revocation, 7);
      expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
      drain.end();

      const taken = await awaitUntil("the second member's partitions", () => {
        const started = second.events.of("started").flatMap(({ partitions }) => partitions);
        return started.length >= PARTITIONS / 2 && started;
      });
      for (const { partition, committed } of taken) {
        expect(moving).toContain(partition);
        expect(committed).toEqual({ offset: 7, metadata: `drained ${partition}.` });
        await awaitUntil(
          `records of ${topic}-${partition} of ${group}`,
          () => second.events.recordsOf(partition).length === RECORDS - 7,
        );
        expect(second.events.recordsOf(partition)[0]?.offset).toBe(7);
      }
    });

    // librdkafka fetches nothing at all while a revocation waits for its answer, from retained
    // partitions neither; what they keep is their assignment, position and right to commit.
    const onlyWhatMoves = protocol !== "eager";
    if (onlyWhatMoves)
      it("keeps retained partitions: no revocation, commits during the drain, no gap after it", async () => {
        const { topic, witness, first, drain, join } = await twoMembers(await rig());
        await join();
        const [{ revocation }] = await drain.begun();
        const moving = new Set(revocation.partitions.map(({ partition }) => partition));
        const retained = all.filter((partition) => !moving.has(partition));
        expect(retained.length).toBeGreaterThan(0);
        const epochs = retained.map((partition) => first.events.epoch(partition));

        for (const partition of all) await witness.produce(topic, ["late"], partition);
        const results = await first.port.commit(
          retained.map((partition, index) => ({
            topic,
            partition,
            epoch: epochs[index] ?? 0,
            offset: RECORDS,
          })),
          5000,
        );
        expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
        drain.end();
        for (const partition of retained) {
          await awaitUntil(
            `the late record of retained partition ${partition}`,
            () => first.events.values(partition).at(-1) === "late",
          );
          expect(first.events.recordsOf(partition)).toHaveLength(RECORDS + 1);
        }
        expect(retained.map((partition) => first.events.epoch(partition))).toEqual(epochs);
      });

    it("gives the partitions up when the deadline has passed, and commits nothing after it", async () => {
      const { first, drain, join } = await twoMembers(await rig(), 2000);
      const second = await join();
      const [{ revocation }] = await drain.begun();
      expect(revocation.deadlineMs).toBeLessThanOrEqual(2000);
      await awaitUntil("the second member's partitions", () =>
        second.events.of("started").some(({ partitions }) => partitions.length > 0),
      );
      const results = await commitAll(first, revocation, 9);
      expect(results.map(({ error }) => error?.kind)).toEqual(
        revocation.partitions.map(() => "fenced"),
      );
      drain.end();
    });

    it("a member thrown out in mid-drain hears lost, once, and does not hold the others up", async () => {
      const { first, drain, join, cluster, onEnd } = await twoMembers(await rig(), 40_000, {
        rebalanceTimeoutMs: 60_000,
      });
      const second = await join();
      const [{ revocation }] = await drain.begun();
      const rule = cluster.proxy.addRule({
        name: "hold the first member's group requests",
        match: {
          apiKeys: [8, 9, 10, 12, 14, 11, 68],
          direction: "request",
          clientId: first.clientId,
        },
        act: { type: "hold" },
      });
      onEnd(() => rule.remove());
      // The drain was granted 40 s; the session ends after 6.
      expect(revocation.deadlineMs).toBe(40_000);
      await awaitUntil("lost", () => first.events.of("lost")[0], 15_000);
      const told = first.events.of("lost").flatMap(({ partitions }) => partitions);
      for (const at of revocation.partitions) expect(told).toContainEqual(at);
      expect(new Set(told.map(({ epoch }) => epoch)).size).toBe(told.length);
      const results = await commitAll(first, revocation, 7);
      expect(results.map(({ error }) => error?.kind)).toEqual(
        revocation.partitions.map(() => "fenced"),
      );
      await awaitUntil("everything at the second member", () =>
        all.every((partition) => second.events.recordsOf(partition).length === RECORDS),
      );
      rule.remove();
      // It comes back although nobody has ended its drain.
      await awaitUntil("partitions at the first member again", () =>
        first.events.seen
          .slice(first.events.seen.findIndex(({ type }) => type === "lost"))
          .some((event) => event.type === "started" && event.partitions.length > 0),
      );
      drain.end();
    });

    // librdkafka leaves a group whose event loop is blocked, in the middle of a rebalance too, and calls
    // the revocation that was waiting to be heard no loss.
    it("a revocation that waited past the poll interval is a loss, and nothing is committed in it", async () => {
      const group = await rig();
      // The frame proxy stands still with this event loop; the brokers and librdkafka's threads do not.
      const brokers = group.cluster.witnessBrokers;
      const config = { brokers, rebalanceTimeoutMs: 6000 };
      const { topic, first, join } = await twoMembers(group, 15_000, config);
      const held = all.map((partition) => ({
        topic,
        partition,
        epoch: first.events.epoch(partition),
      }));
      const second = await join({ brokers, rebalanceTimeoutMs: 30_000 });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 9000);
      const results = await first.port.commit(
        held.map((at) => ({ ...at, offset: 7 })),
        5000,
      );
      expect(results.map(({ error }) => error)).toMatchObject(
        held.map(() => ({ kind: "fenced", outcome: "failed", code: undefined })),
      );
      expect(first.events.of("revoked")).toEqual([]);
      const lost = first.events.of("lost").flatMap(({ partitions }) => partitions);
      expect(byPartition(lost)).toEqual(held);
      // What both hold afterwards begins at the start: nothing was committed.
      for (const member of [first, second]) {
        const taken = await awaitUntil("partitions after it", () => {
          const started = member.events.of("started").slice(member === first ? 1 : 0);
          const partitions = started.flatMap((event) => event.partitions);
          return partitions.length >= PARTITIONS / 2 && partitions;
        });
        for (const { committed } of taken) expect(committed).toBeNull();
      }
      const again = first.events.epoch(first.events.of("started").at(-1)!.partitions[0]!.partition);
      expect(again).toBeGreaterThan(PARTITIONS);
    });

    it("close drains, commits, leaves, and the next member starts at once from there", async () => {
      const { topic, group, witness, first, drain, join } = await twoMembers(await rig());
      const closing = first.port.close(10_000);
      const [{ revocation }] = await drain.begun();
      expect(revocation.partitions).toHaveLength(PARTITIONS);
      const results = await commitAll(first, revocation, 11);
      expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
      drain.end();
      await closing;
      for (const partition of all) {
        expect((await witness.committed(group, topic, partition)).offset).toBe("11");
      }
      const second = await join();
      // Well within the session of 6 s: the first member has left and is not waited for.
      await second.events.started(1, 5000);
    });

    it("close returns in its time although revoked never settles", async () => {
      const { first, drain } = await twoMembers(await rig());
      const began = performance.now();
      await first.port.close(1000);
      expect(performance.now() - began).toBeLessThan(6000);
      expect(drain.revocations).toHaveLength(1);
      drain.end();
    });
  });
});

interface Drain {
  readonly revocations: readonly { revocation: Revocation }[];
  begun(): Promise<[{ revocation: Revocation }]>;
  end(): void;
}

/** A first member that has read everything and holds its drains open, and a second to join it. */
async function twoMembers(
  rig: Rig,
  drainTimeoutMs = 15_000,
  config: Partial<ClientConfig> = {},
): Promise<{
  topic: string;
  group: string;
  witness: Rig["witness"];
  cluster: Rig["cluster"];
  onEnd: Rig["onEnd"];
  first: Member;
  drain: Drain;
  join: (config?: Partial<ClientConfig>) => Promise<Member>;
}> {
  const { witness, cluster, onEnd } = rig;
  const topic = await witness.topic("moving", PARTITIONS);
  const group = witness.name("group");
  const values = Array.from({ length: RECORDS }, (_, index) => `v${index}`);
  for (const partition of all) await witness.produce(topic, values, partition);
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  onEnd(() => end());
  const first = await rig.member({
    topics: [topic],
    group,
    drainTimeoutMs,
    config,
    answers: { revoked: () => ended },
  });
  await awaitUntil("all records at the first member", () =>
    all.every((partition) => first.events.recordsOf(partition).length === RECORDS),
  );
  const revocations = (): { revocation: Revocation }[] =>
    first.events.of("revoked").filter(({ revocation }) => revocation.partitions.length > 0);
  return {
    topic,
    group,
    witness,
    cluster,
    onEnd,
    first,
    drain: {
      get revocations() {
        return revocations();
      },
      begun: () =>
        awaitUntil("revoked at the first member", () => {
          const [one] = revocations();
          return one === undefined ? null : [one];
        }),
      end,
    },
    join: (config = {}) => rig.member({ topics: [topic], group, config }),
  };
}

function byPartition<T extends { readonly partition: number }>(partitions: readonly T[]): T[] {
  return [...partitions].sort((a, b) => a.partition - b.partition);
}

function commitAll(
  { port }: Member,
  { partitions }: Revocation,
  offset: number,
): Promise<readonly CommitResult[]> {
  return port.commit(
    partitions.map((at) => ({ ...at, offset, metadata: `drained ${at.partition}.` })),
    5000,
  );
}
