import { expect, it } from "vitest";
import { forEachAdapter, rigFor } from "../harness/adapters.ts";
import { awaitUntil } from "../harness/await-until.ts";
import { outgoing } from "../harness/records.ts";
import type { RecordingEvents } from "../harness/recording-events.ts";

const FETCH = 1;
const OFFSET_COMMIT = 8;

forEachAdapter("a fault", (tested) => {
  const rig = rigFor(tested);

  it("T16 a reset in the middle of a fetch answer costs nothing but the time to reconnect", async () => {
    const { cluster, member, witness, onEnd } = await rig();
    const topic = await witness.topic("t16");
    const clientId = witness.name("t16");
    await witness.produce(topic, numbered(200));
    const rule = cluster.proxy.addRule({
      name: "cut fetch answers",
      match: {
        apiKeys: [FETCH],
        direction: "response",
        clientId,
        where: ({ bytes }) => bytes > 2000,
      },
      act: { type: "cut", bytes: 1000 },
      times: 3,
    });
    onEnd(() => rule.remove());
    const { events } = await member({
      topics: [topic],
      group: witness.name("g"),
      config: { clientId },
    });
    await awaitUntil("all records", () => events.values().length >= 200);
    expect(rule.acted).toBe(3);
    expect(events.values()).toEqual(numbered(200));
    expect(events.of("lost")).toEqual([]);
  });

  it("T16 a reset in the middle of another answer leaves the connection usable", async () => {
    const { cluster, member, witness, onEnd } = await rig();
    const topic = await witness.topic("t16-commit");
    const group = witness.name("g");
    const { events, port, clientId } = await member({ topics: [topic], group });
    await events.started();
    const rule = cluster.proxy.addRule({
      name: "cut a commit's answer",
      match: { apiKeys: [OFFSET_COMMIT], direction: "response", clientId },
      act: { type: "cut", bytes: 9 },
      times: 1,
    });
    onEnd(() => rule.remove());
    const at = { topic, partition: 0, epoch: events.epoch(), offset: 7 };
    expect(await port.commit([at], 15_000)).toEqual([at]);
    expect(rule.acted).toBe(1);
    await witness.produce(topic, ["after"]);
    await awaitUntil("the record", () => events.values().length === 1);
    expect(events.of("lost")).toEqual([]);
  });

  it("T15 a broker that is killed and comes back costs no record, and no commit goes back", async () => {
    const { cluster, member, witness, onEnd } = await rig();
    const topic = await witness.topic("t15", 2);
    const group = witness.name("g");
    await witness.produce(topic, numbered(50), 0);
    await witness.produce(topic, numbered(50), 1);
    const { events, port } = await member({ topics: [topic], group });
    await awaitUntil("all records", () => read(events) === 100);
    await port.commit(
      [0, 1].map((partition) => ({
        topic,
        partition,
        epoch: events.epoch(partition),
        offset: 50,
        metadata: "kept.",
      })),
      5000,
    );
    const node = cluster.nodes[0] ?? 0;
    let isDown = true;
    onEnd(async () => {
      if (isDown) await cluster.restart(node);
    });
    await cluster.signal(node, "kill");
    // Whatever the client does about it, it goes on delivering from where it was, or from the commit.
    await cluster.restart(node);
    isDown = false;
    await cluster.healthy(30_000);
    await witness.produce(topic, ["after-0"], 0);
    await witness.produce(topic, ["after-1"], 1);
    await awaitUntil(
      "the records after it",
      () => events.values(0).includes("after-0") && events.values(1).includes("after-1"),
      40_000,
    );
    expect(events.values(0)).toEqual([...numbered(50), "after-0"]);
    expect(events.values(1)).toEqual([...numbered(50), "after-1"]);
    expect(events.of("down").filter(({ willRestart }) => !willRestart)).toEqual([]);
    for (const partition of [0, 1]) {
      const { offset, metadata } = await witness.committed(group, topic, partition);
      expect(offset).toBe("50");
      expect(metadata).toMatch(/^kept\./);
      const at = { topic, partition, epoch: events.epoch(partition), offset: 51 };
      expect(await port.commit([at], 10_000)).toEqual([at]);
    }
  });

  it("T15 a pause outlives a broker's restart as long as its epoch does", async () => {
    const { cluster, member, witness, onEnd } = await rig();
    const topic = await witness.topic("t15-pause", 2);
    const { events, port } = await member({ topics: [topic], group: witness.name("g") });
    await awaitUntil("both partitions", () => count(events) === 2);
    const epoch = events.epoch(0);
    port.pause([{ topic, partition: 0 }]);
    const node = cluster.nodes[0] ?? 0;
    let isDown = true;
    onEnd(async () => {
      if (isDown) await cluster.restart(node);
    });
    await cluster.signal(node, "term");
    await cluster.restart(node);
    isDown = false;
    await cluster.healthy(30_000);
    await witness.produce(topic, ["paused"], 0);
    await witness.produce(topic, ["open"], 1);
    await awaitUntil("the open partition", () => events.values(1).length === 1, 40_000);
    if (events.epoch(0) === epoch) expect(events.values(0)).toEqual([]);
    port.resume([{ topic, partition: 0 }]);
    await awaitUntil("the paused partition", () => events.values(0).length === 1, 20_000);
  });

  it("T21 a compressed batch is read, or its codec and the remedy are named", async () => {
    const { adapter, member, witness } = await rig();
    const { codecs } = adapter().caps;
    for (const codec of ["gzip", "snappy", "lz4", "zstd"] as const) {
      const topic = await witness.topic(`t21-${codec}`, 1, { "compression.type": codec });
      await witness.produce(topic, numbered(100));
      const { events, port } = await member({ topics: [topic], group: witness.name("g") });
      if (codecs.includes(codec)) {
        await awaitUntil(`${codec} records`, () => events.values().length === 100);
        expect(events.values()).toEqual(numbered(100));
      } else {
        const { error, willRestart } = await awaitUntil(
          `the ${codec} error`,
          () => events.of("down")[0],
        );
        expect(willRestart).toBe(false);
        expect(error.kind).toBe("configuration");
        expect(error.message).toContain(codec);
        expect(error.message).toContain(topic);
        expect(error.message).toMatch(/rdkafka|codecs/);
      }
      await port.close(500);
    }
  });
});

forEachAdapter("a broker of three", (tested) => {
  const rig = rigFor(tested, 3);
  // The first of them starts the cluster.
  const options = { timeout: 180_000 };

  it("T23 a leader that moves is no reason for a rebalance", options, async () => {
    const { member, producer, witness, onEnd } = await rig();
    const topic = await witness.topic("t23-move", 1, {}, 1);
    // Its only replica would have no leader after a kill (KIP-966), and the cluster never be healthy.
    onEnd(() => witness.admin((admin) => admin.deleteTopics({ topics: [topic] })));
    const { events } = await member({ topics: [topic], group: witness.name("g") });
    await events.started();
    const port = await producer();
    await sendAll(port, topic, 0, "before");
    await awaitUntil("the records before", () => read(events) === 20);
    const from = await witness.leader(topic, 0);
    await witness.moveTo(topic, 0, from === 1 ? 2 : 1);
    await sendAll(port, topic, 0, "after");
    await awaitUntil("the records after", () => read(events) === 40);
    expect(events.values()).toEqual([...numbered(20, "before"), ...numbered(20, "after")]);
    expect(interruptions(events)).toBe(0);
    expect(events.of("down")).toEqual([]);
  });

  it(
    "T23 a leader and coordinator that dies costs no record, and nobody its partitions",
    options,
    async () => {
      const { cluster, member, producer, witness, onEnd } = await rig();
      const topic = await witness.topic("t23-leader", 3);
      const group = witness.name("g");
      const a = await member({ topics: [topic], group });
      const b = await member({ topics: [topic], group });
      await awaitUntil("both to hold something", () => {
        const held = (events: RecordingEvents): number => count(events) - gone(events);
        return held(a.events) > 0 && held(b.events) > 0 && held(a.events) + held(b.events) === 3;
      });
      const eventsBefore = [a, b].map(({ events }) => interruptions(events));
      const port = await producer({ timeouts: { requestMs: 3000, deliveryMs: 60_000 } });
      const sent = [0, 1, 2].map((partition) => sendAll(port, topic, partition, "before"));
      await Promise.all(sent);
      const node = await witness.leader(topic, 0);
      onEnd(async () => {
        await cluster.restart(node);
        await cluster.healthy(60_000);
      });
      await cluster.signal(node, "kill");
      await Promise.all([0, 1, 2].map((partition) => sendAll(port, topic, partition, "after")));
      const expected = [...numbered(20, "before"), ...numbered(20, "after")].sort();
      for (const partition of [0, 1, 2]) {
        await awaitUntil(
          `partition ${partition}`,
          () => {
            const seen = [...a.events.values(partition), ...b.events.values(partition)].sort();
            expect(seen).toEqual(expected);
            return true;
          },
          40_000,
        );
      }
      // The group's session is longer than the election: there was no reason to move anything.
      expect([a, b].map(({ events }) => interruptions(events))).toEqual(eventsBefore);
    },
  );
});

async function sendAll(
  port: { send(record: ReturnType<typeof outgoing>): Promise<unknown> },
  topic: string,
  partition: number,
  what: string,
): Promise<void> {
  for (const value of numbered(20, what)) await port.send(outgoing(topic, partition, value));
}

function numbered(n: number, what = "r"): string[] {
  return Array.from({ length: n }, (_, i) => `${what}-${i}-${"x".repeat(100)}`);
}

function read(events: RecordingEvents): number {
  return events.of("records").reduce((sum, { records }) => sum + records.length, 0);
}

function count(events: RecordingEvents): number {
  return events.of("started").flatMap(({ partitions }) => partitions).length;
}

function gone(events: RecordingEvents): number {
  return [...events.of("released"), ...events.of("lost")].flatMap(({ partitions }) => partitions)
    .length;
}

function interruptions(events: RecordingEvents): number {
  return events.of("revoked").length + events.of("lost").length;
}
