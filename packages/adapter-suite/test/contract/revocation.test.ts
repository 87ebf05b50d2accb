import type { EpochPartition } from "@sluice/core";
import { expect, it } from "vitest";
import { forEachAdapter, rigFor } from "../harness/adapters.ts";
import { awaitUntil, holdsFor } from "../harness/await-until.ts";
import type { RecordingEvents } from "../harness/recording-events.ts";

const HEARTBEATS = [12, 68];
const LEAVE_GROUP = 13;
const CONSUMER_GROUP_HEARTBEAT = 68;

forEachAdapter("a revocation", (tested) => {
  const rig = rigFor(tested);

  it("holds the partitions for longer than the session, and takes the last commit", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("long-drain", 2);
    const group = witness.name("g");
    await witness.produce(topic, values(20), 0);
    await witness.produce(topic, values(20), 1);
    let commits: unknown;
    const a = await member({
      topics: [topic],
      group,
      answers: {
        revoked: async ({ partitions }) => {
          if (commits !== undefined) return;
          await new Promise((resolve) => setTimeout(resolve, 7500));
          const offsets = partitions.map((at) => ({ ...at, offset: 7, metadata: "drained." }));
          commits = await a.port.commit(offsets, 5000);
        },
      },
    });
    await awaitUntil("all records", () => read(a.events) === 40);
    const b = await member({ topics: [topic], group });
    const { revocation } = await awaitUntil("the revocation", () => a.events.of("revoked")[0]);
    expect(revocation.deadlineMs).toBeGreaterThan(7500);
    // For as long as the drain lasts the other member gets nothing of it.
    await awaitUntil("the drain's end", () => {
      if (a.events.of("released").length > 0) return true;
      const taken = b.events.of("assigned").flatMap(({ partitions }) => partitions);
      expect(taken.filter((one) => isOneOf(one, revocation.partitions))).toEqual([]);
      return false;
    });
    expect(commits).toEqual(revocation.partitions.map((at) => ({ ...at, offset: 7 })));
    expect(a.events.of("lost")).toEqual([]);
    const taken = await awaitUntil("the other member", () =>
      b.events
        .of("assigned")
        .flatMap(({ partitions }) => partitions)
        .find((one) => isOneOf(one, revocation.partitions)),
    );
    expect(taken.committed).toEqual({ offset: 7, metadata: "drained." });
  });

  it("gives the partitions up at the deadline, whatever the promise does", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("deadline", 2);
    const group = witness.name("g");
    let release: () => void = () => {};
    const a = await member({
      topics: [topic],
      group,
      drainTimeoutMs: 1200,
      answers: { revoked: () => new Promise((resolve) => (release = resolve)) },
    });
    await awaitUntil("two partitions", () => a.events.of("started").length > 0);
    const b = await member({ topics: [topic], group });
    const { revocation } = await awaitUntil("the revocation", () => a.events.of("revoked")[0]);
    expect(revocation.deadlineMs).toBeLessThanOrEqual(1200);
    const [at] = revocation.partitions;
    if (at === undefined) throw new Error("a revocation of nothing");
    await awaitUntil("the other member", () => b.events.of("started").length > 0, 10_000);
    const [late] = await a.port.commit([{ ...at, offset: 1 }], 3000);
    expect(late?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
    release();
  });

  it("delivers nothing of a partition that is being revoked once its promise has settled", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("quiet", 2);
    const group = witness.name("g");
    const a = await member({ topics: [topic], group });
    await a.events.started();
    const b = await member({ topics: [topic], group });
    for (let round = 0; round < 10; round++) {
      await witness.produce(topic, values(20), 0);
      await witness.produce(topic, values(20), 1);
    }
    await awaitUntil(
      "all records, by one or the other",
      () => read(a.events) + read(b.events) >= 400,
    );
    // The rig fails the test for a record under an epoch that is not held.
    expect(a.events.breaches).toEqual([]);
  });

  it("T06 a commit of a partition no longer owned fails locally as fenced", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("t06", 2);
    const group = witness.name("g");
    await witness.produce(topic, values(5), 0);
    await witness.produce(topic, values(5), 1);
    const a = await member({ topics: [topic], group });
    await awaitUntil("all records", () => read(a.events) === 10);
    const old = new Map([0, 1].map((partition) => [partition, a.events.epoch(partition)]));
    const b = await member({ topics: [topic], group });
    const moved = await awaitUntil("a partition to move", () => {
      const [first] = b.events.of("started").flatMap(({ partitions }) => partitions);
      return first;
    });
    const { partition } = moved;
    await awaitUntil("the rebalance to end", () => a.events.of("revoked").length > 0);
    const epoch = old.get(partition) ?? 0;
    const [result] = await a.port.commit([{ topic, partition, epoch, offset: 5 }], 3000);
    expect(result?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
    expect((await witness.committed(group, topic, partition)).offset).toBe("-1");
    // Nor in the name of an assignment that has been followed by another one.
    await b.port.close(500);
    await awaitUntil("its return", () => a.events.epoch(partition) > epoch);
    const [stale] = await a.port.commit([{ topic, partition, epoch, offset: 5 }], 3000);
    expect(stale?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
    expect((await witness.committed(group, topic, partition)).offset).toBe("-1");
  });

  it("T14 close drains, commits, and says goodbye to the broker", async () => {
    const { cluster, member, witness, onEnd } = await rig();
    const topic = await witness.topic("t14", 2);
    const group = witness.name("g");
    await witness.produce(topic, values(5), 0);
    await witness.produce(topic, values(5), 1);
    const clientId = witness.name("t14");
    let left = false;
    const stop = cluster.proxy.onFrame((frame, stage) => {
      if (stage !== "forwarded" || frame.clientId !== clientId) return;
      if (frame.direction !== "request") return;
      if (frame.apiKey === LEAVE_GROUP) left = true;
      if (frame.apiKey === CONSUMER_GROUP_HEARTBEAT) {
        left ||= Object.values(frame.body ?? {}).includes(-1);
      }
    });
    onEnd(stop);
    const a = await member({
      topics: [topic],
      group,
      config: { clientId },
      answers: {
        revoked: async ({ partitions }) => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          await a.port.commit(
            partitions.map((at) => ({ ...at, offset: 5, metadata: "last." })),
            3000,
          );
        },
      },
    });
    await awaitUntil("all records", () => read(a.events) === 10);
    const before = performance.now();
    await Promise.all([a.port.close(5000), a.port.close(5000)]);
    expect(performance.now() - before).toBeLessThan(5000);
    expect(a.events.of("revoked").flatMap(({ revocation }) => revocation.partitions)).toHaveLength(
      2,
    );
    expect(a.events.of("lost")).toEqual([]);
    expect(await witness.committed(group, topic, 0)).toMatchObject({ offset: "5" });
    expect(await witness.committed(group, topic, 1)).toMatchObject({ offset: "5" });
    expect(left).toBe(true);
    // Nobody has to wait for a session to expire.
    const then = performance.now();
    const b = await member({ topics: [topic], group });
    await awaitUntil("the successor", () => b.events.of("started").length > 0);
    expect(performance.now() - then).toBeLessThan(5000);
  });

  it("close ends soon although the cluster is gone", async () => {
    const { cluster, member, witness, onEnd } = await rig();
    const topic = await witness.topic("gone");
    const { events, port } = await member({ topics: [topic], group: witness.name("g") });
    await events.started();
    const node = cluster.nodes[0] ?? 0;
    onEnd(() => cluster.proxy.listen(node));
    await cluster.proxy.unlisten(node);
    const before = performance.now();
    await port.close(1000);
    expect(performance.now() - before).toBeLessThan(9000);
  });

  it("T23 a member that was thrown out hears lost, and comes back under new epochs", async () => {
    const { cluster, member, witness, onEnd } = await rig();
    const topic = await witness.topic("t23", 2);
    const group = witness.name("g");
    await witness.produce(topic, values(5), 0);
    const a = await member({ topics: [topic], group });
    await awaitUntil("the records", () => read(a.events) === 5);
    const epoch = a.events.epoch(0);
    const rule = cluster.proxy.addRule({
      name: "hold heartbeats",
      match: { apiKeys: HEARTBEATS, direction: "request", clientId: a.clientId },
      act: { type: "hold" },
    });
    onEnd(() => rule.remove());
    const b = await member({ topics: [topic], group });
    await awaitUntil(
      "the takeover",
      () => b.events.of("started").flatMap(({ partitions }) => partitions).length === 2,
    );
    rule.release();
    await awaitUntil("lost", () => a.events.of("lost").length > 0);
    // Whatever it was told in the meantime, it must not have been asked to drain what it had lost.
    const lostAt = a.events.seen.findIndex(({ type }) => type === "lost");
    const drained = a.events.seen.slice(0, lostAt).filter(({ type }) => type === "released");
    expect(drained).toEqual([]);
    const [late] = await a.port.commit([{ topic, partition: 0, epoch, offset: 5 }], 3000);
    expect(late?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
    expect((await witness.committed(group, topic, 0)).offset).toBe("-1");
    await awaitUntil("the return", () => a.events.of("started").length > 1);
    expect(a.events.of("assigned").at(-1)?.partitions[0]?.epoch).toBeGreaterThan(epoch);
    await holdsFor("the peace", 300, () => a.events.breaches.length + b.events.breaches.length > 0);
  });
});

function values(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `v${i}`);
}

function read(events: RecordingEvents): number {
  return events.of("records").reduce((sum, { records }) => sum + records.length, 0);
}

function isOneOf(
  one: { readonly partition: number },
  partitions: readonly EpochPartition[],
): boolean {
  return partitions.some(({ partition }) => partition === one.partition);
}
