import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CommitOffset } from "@sluice/core";
import { PortError, silentLogger } from "@sluice/core";
import { rdkafka } from "@sluice/adapter-rdkafka";
import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { rigFor, type Member, type Rig } from "./harness/adapters.ts";
import { awaitUntil, holdsFor } from "./harness/await-until.ts";
import { fenceBrokers } from "./harness/fence-brokers.ts";
import { outgoing } from "./harness/records.ts";
import { describeRdkafka, rdkafkaIn } from "./rdkafka-protocols.ts";

const OFFSET_COMMIT = 8;

describeRdkafka("traps of rdkafka", () => {
  const rig = rigFor(rdkafkaIn("cooperative"));

  describe("T01 metadata gains a NUL on the wire and loses its last byte on the way back", () => {
    it("reads back exactly what it wrote", async () => {
      const { member, topic, group, witness } = await reading(await rig());
      const metadata = "slc1.4-6,9.c0ffee00.";
      expect(await commitOne(member, { topic, offset: 3, metadata })).toBeUndefined();
      // The NUL is on the wire for other clients to see.
      expect((await witness.committed(group, topic)).metadata).toBe(`${metadata}\0`);
      await member.port.close(1000);
      const next = await (await rig()).member({ topics: [topic], group });
      const [partition] = await next.events.started();
      expect(partition?.committed).toEqual({ offset: 3, metadata });
    });

    it("survives metadata of other clients, of which it loses exactly the last byte", async () => {
      const { witness, adapter } = await rig();
      const topic = await witness.topic("foreign", 3);
      const group = witness.name("group");
      // librdkafka takes the last byte for its own NUL; a codec with a terminator notices.
      const foreign = ["ends.", "x".repeat(4096), "hello→"];
      await commitWithKafkajs(await rig(), group, topic, foreign);
      const admin = adapter().admin({ logger: silentLogger });
      await admin.connect();
      try {
        const partitions = foreign.map((_, partition) => ({ topic, partition }));
        const found = await admin.groupOffsets(group, partitions);
        expect(found.map((one) => one?.offset)).toEqual([0, 1, 2]);
        expect(found[0]?.metadata).toBe("ends");
        expect(found[1]?.metadata).toBe("x".repeat(4095));
        expect(found[2]?.metadata.startsWith("hello")).toBe(true);
      } finally {
        await admin.close();
      }
    });

    it("stores 4095 bytes and refuses 4096 without asking the broker", async () => {
      const { member, topic, group, witness } = await reading(await rig());
      const most = member.port.caps.commitMetadataBytes;
      expect(most).toBe(4095);
      const full = "m".repeat(most);
      expect(await commitOne(member, { topic, offset: 2, metadata: full })).toBeUndefined();
      const error = await commitOne(member, { topic, offset: 3, metadata: `${full}m` });
      expect(error).toMatchObject({ kind: "metadata-too-large", outcome: "failed" });
      expect((await witness.committed(group, topic)).offset).toBe("2");
    });
  });

  describe("T02 an offset that is no number would be committed as 0", () => {
    it.each([
      ["a string", "5"],
      ["a bigint", 5n],
      ["a fraction", 1.5],
      ["nothing", undefined],
    ])("refuses %s and leaves the group's offset alone", async (_, offset) => {
      const { member, topic, group, witness } = await reading(await rig());
      expect(await commitOne(member, { topic, offset: 4 })).toBeUndefined();
      const error = await commitOne(member, { topic, offset: offset as number });
      expect(error).toMatchObject({ kind: "rejected", outcome: "failed" });
      expect((await witness.committed(group, topic)).offset).toBe("4");
    });
  });

  it("T04 an empty value stays empty, and only null is a tombstone", async () => {
    const { witness, producer } = await rig();
    const topic = await witness.topic("empty");
    const port = await producer();
    const empty = [Buffer.alloc(0), new Uint8Array(0), Buffer.from("")];
    for (const bytes of empty) {
      await port.send({ topic, partition: 0, key: bytes, value: bytes, headers: [] });
    }
    await port.send({ topic, partition: 0, key: null, value: null, headers: [] });
    const found = await witness.content(topic);
    expect(found.map(({ key, value }) => [key, value])).toEqual([
      ["", ""],
      ["", ""],
      ["", ""],
      [null, null],
    ]);
  });

  describe.each([
    ["cooperative", "old"],
    ["kip-848", "new"],
  ] as const)("T09 a group.instance.id used twice in a %s group", (protocol, who) => {
    const twins = rigFor(rdkafkaIn(protocol, { instanceId: "till-7" }));

    it(`kills the ${who} member, which says so with the id, and records do not hide it`, async () => {
      const { witness, member } = await twins();
      const topic = await witness.topic("static", 2);
      await witness.produce(topic, ["a", "b"]);
      const group = witness.name("group");
      const old = await member({ topics: [topic], group });
      await old.events.started();
      const young = await member({ topics: [topic], group });
      const victim = who === "old" ? old : young;
      const down = await awaitUntil("the victim's report", () => victim.events.of("down")[0]);
      expect(down.willRestart).toBe(false);
      expect(down.error).toMatchObject({ kind: "fatal" });
      expect(down.error.message).toContain('"till-7"');
      if (who === "old") {
        expect(victim.events.of("lost").flatMap(({ partitions }) => partitions)).toHaveLength(2);
        expect((await commitOne(victim, { topic, offset: 1 }))?.kind).toBe("fenced");
      }
      const began = performance.now();
      await Promise.all([old.port.close(500), young.port.close(500)]);
      expect(performance.now() - began).toBeLessThan(8000);
    });
  });

  describe("T10 the client's own acknowledgement is that of its queue", () => {
    it("an acknowledged commit is at the broker", async () => {
      const { member, topic, group, witness } = await reading(await rig());
      for (let offset = 1; offset <= 5; offset += 1) {
        expect(await commitOne(member, { topic, offset })).toBeUndefined();
        expect((await witness.committed(group, topic)).offset).toBe(String(offset));
      }
    });

    it("is not said before the broker has answered", async () => {
      const { member, topic, cluster } = await reading(await rig());
      const rule = cluster.proxy.addRule({
        name: "T10 hold the answer",
        match: { apiKeys: [8], direction: "response", clientId: member.clientId },
        act: { type: "hold" },
      });
      let answered = false;
      const commit = commitOne(member, { topic, offset: 2 }, 10_000).finally(() => {
        answered = true;
      });
      await rule.acting();
      await holdsFor("no acknowledgement while the answer is held", 700, () => answered);
      rule.release();
      expect(await commit).toBeUndefined();
    });

    it("an overdue commit is of unknown outcome, and blocks neither the event loop nor the next", async () => {
      const { member, topic, group, cluster, witness } = await reading(await rig());
      const rule = cluster.proxy.addRule({
        name: "T10 hold the answer",
        match: { apiKeys: [8], direction: "response", clientId: member.clientId },
        act: { type: "hold" },
      });
      const lag = monitorEventLoopDelay({ resolution: 10 });
      lag.enable();
      const overdue = await commitOne(member, { topic, offset: 2 }, 800);
      lag.disable();
      expect(overdue).toMatchObject({ kind: "retriable", outcome: "unknown" });
      expect(rule.acted).toBeGreaterThan(0);
      expect(lag.max / 1e6).toBeLessThan(500);
      // Held behind the first: the first one's answer must not be taken for its own.
      let answered = false;
      const second = commitOne(member, { topic, offset: 4 }, 10_000).finally(() => {
        answered = true;
      });
      await holdsFor("the second commit has no answer yet", 300, () => answered);
      rule.release();
      expect(await second).toBeUndefined();
      expect((await witness.committed(group, topic)).offset).toBe("4");
    });

    it("a commit of an earlier epoch is refused without asking the broker (T06)", async () => {
      const { member, topic, group, witness } = await reading(await rig());
      const epoch = member.events.epoch();
      const [result] = await member.port.commit(
        [{ topic, partition: 0, epoch: epoch - 1, offset: 3 }],
        5000,
      );
      expect(result?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
      expect((await witness.committed(group, topic)).offset).toBe("-1");
    });
  });

  describe("T11 an unanswered rebalance makes disconnect hang", () => {
    it("close returns although assigned never answers", async () => {
      const { witness, member } = await rig();
      const topic = await witness.topic("unanswered");
      const group = witness.name("group");
      let asked = false;
      const { port } = await member({
        topics: [topic],
        group,
        answers: {
          assigned: () => {
            asked = true;
            return new Promise<never>(() => {});
          },
        },
      });
      await awaitUntil("assigned", () => asked);
      const began = performance.now();
      await port.close(500);
      expect(performance.now() - began).toBeLessThan(3000);
    });

    it("a commit that nobody answers does not keep the process", async () => {
      const { witness, cluster, onEnd } = await rig();
      const topic = await witness.topic("unanswered-commit");
      await witness.produce(topic, ["one"]);
      const clientId = witness.name("exits");
      const rule = cluster.proxy.addRule({
        name: "T11 no answer to a commit",
        match: { apiKeys: [OFFSET_COMMIT], direction: "response", clientId },
        act: { type: "hold" },
      });
      onEnd(() => rule.remove());
      const script = fileURLToPath(new URL("harness/close-and-exit.mjs", import.meta.url));
      const brokers = cluster.clientBrokers.join(",");
      const child = spawn(
        process.execPath,
        [script, brokers, topic, witness.name("group"), clientId],
        { stdio: ["pipe", "pipe", "inherit"] },
      );
      onEnd(() => child.kill("SIGKILL"));
      const exited = once(child, "exit");
      await rule.acting();
      child.stdin.write("close\n");
      // The client itself would give the commit up after its request time-out of 30 s.
      const late = delay(15_000, ["still there"], { ref: false });
      expect(await Promise.race([exited, late])).toEqual([0, null]);
    });

    it("members without partitions answer their empty lists, and close at once", async () => {
      const { witness, member } = await rig();
      const topic = await witness.topic("single");
      const group = witness.name("group");
      const members: Member[] = [];
      for (let count = 0; count < 3; count += 1) {
        members.push(await member({ topics: [topic], group }));
      }
      const owner = await awaitUntil("an owner", () =>
        members.find(({ events }) => events.of("started").length > 0),
      );
      const began = performance.now();
      await Promise.all(members.filter((one) => one !== owner).map(({ port }) => port.close(5000)));
      expect(performance.now() - began).toBeLessThan(5000);
      await witness.produce(topic, ["still"]);
      await awaitUntil("the record", () =>
        members.some(({ events }) => events.values().includes("still")),
      );
    });

    it("close returns in its time while the broker is gone", async () => {
      const { member, cluster } = await reading(await rig());
      const [node = 0] = cluster.nodes;
      await cluster.signal(node, "kill");
      try {
        const began = performance.now();
        await member.port.close(1000);
        expect(performance.now() - began).toBeLessThan(8000);
      } finally {
        await cluster.restart(node);
        await cluster.healthy(30_000);
      }
    });
  });

  describe("T12 membership is lost without a word", () => {
    const kip848 = rigFor(rdkafkaIn("kip-848"));

    it("KIP-848: cut off for a session, it reports loss, stops, and comes back by itself", async () => {
      const { witness, cluster, member: start, onEnd } = await kip848();
      const topic = await witness.topic("cut");
      await witness.produce(topic, ["before"]);
      const member = await start({ topics: [topic], group: witness.name("group") });
      const { events } = member;
      await awaitUntil("the first record", () => events.values().includes("before"));
      const first = events.epoch();
      // Group traffic only: fetching goes on, which is what makes a zombie.
      const rule = cluster.proxy.addRule({
        name: "T12 hold group requests",
        match: { apiKeys: [68, 8, 9, 10], direction: "request", clientId: member.clientId },
        act: { type: "hold" },
      });
      onEnd(() => rule.remove());
      await awaitUntil("lost", () => events.of("lost")[0], 20_000);
      expect(events.of("down")[0]).toMatchObject({ willRestart: true, error: { kind: "fenced" } });
      const seen = events.of("records").length;
      await witness.produce(topic, ["zombie"]);
      await holdsFor("silence after the loss", 1000, () => events.of("records").length > seen);
      expect((await commitOne(member, { topic, offset: 1 }))?.kind).toBe("fenced");

      rule.remove();
      await events.started(2, 30_000);
      expect(events.epoch()).toBeGreaterThan(first);
      await awaitUntil("the record it missed", () => events.values().includes("zombie"));
      expect(await commitOne(member, { topic, offset: 2 })).toBeUndefined();
    });

    it("KIP-848: what was given up too early, and never taken by the broker, is taken back", async () => {
      const { witness, cluster, member: start, onEnd } = await kip848();
      const topic = await witness.topic("doubt", 2);
      await witness.produce(topic, ["0", "1", "2"]);
      // The broker's session is 6 s: it will not have noticed.
      const config = { sessionTimeoutMs: 1500 };
      const member = await start({ topics: [topic], group: witness.name("group"), config });
      const { events } = member;
      await awaitUntil("three records", () => events.recordsOf().length === 3);
      expect(await commitOne(member, { topic, offset: 2 })).toBeUndefined();
      const rule = cluster.proxy.addRule({
        name: "T12 hold group requests",
        match: { apiKeys: [68, 8, 9, 10], direction: "request", clientId: member.clientId },
        act: { type: "hold" },
      });
      onEnd(() => rule.remove());
      await awaitUntil("lost", () => events.of("lost")[0], 5000);
      expect(events.of("lost")[0]?.partitions).toHaveLength(2);
      await witness.produce(topic, ["3"]);
      rule.remove();
      await events.started(2);
      await awaitUntil("the last record", () => events.values().at(-1) === "3");
      // Under its new epoch it starts at what is committed: nothing is skipped.
      expect(events.values()).toEqual(["0", "1", "2", "2", "3"]);
      expect(await commitOne(member, { topic, offset: 4 })).toBeUndefined();
    });

    it("KIP-848: a coordinator away for longer than the session costs no record", async () => {
      const { witness, cluster, member: start, onEnd } = await kip848();
      const topic = await witness.topic("away", 2);
      for (const partition of [0, 1]) await witness.produce(topic, ["0", "1", "2"], partition);
      const config = { sessionTimeoutMs: 1500 };
      const member = await start({ topics: [topic], group: witness.name("group"), config });
      const { events, port } = member;
      await awaitUntil("six records", () =>
        [0, 1].every((partition) => events.recordsOf(partition).length === 3),
      );
      const commits = [0, 1].map((partition) => ({
        topic,
        partition,
        epoch: events.epoch(partition),
        offset: 2,
      }));
      for (const { error } of await port.commit(commits, 5000)) expect(error).toBeUndefined();
      const [node = 0] = cluster.nodes;
      let down = true;
      onEnd(async () => {
        if (down) await cluster.restart(node);
      });
      await cluster.signal(node, "kill");
      await awaitUntil("lost", () => events.of("lost")[0], 10_000);
      await cluster.restart(node);
      down = false;
      await cluster.healthy(30_000);
      for (const partition of [0, 1]) await witness.produce(topic, ["3"], partition);
      for (const partition of [0, 1]) {
        await awaitUntil(`the last of ${partition}`, () => events.values(partition).at(-1) === "3");
        expect(events.values(partition)).toEqual(["0", "1", "2", "2", "3"]);
      }
    });

    it.each([
      ["cooperative", rig],
      ["kip-848", kip848],
    ] as const)(
      "%s: an event loop blocked past the poll interval loses its partitions, says so and rejoins",
      async (_, make) => {
        const { witness, member } = await make();
        const topic = await witness.topic("blocked");
        await witness.produce(topic, ["a"]);
        const { events } = await member({
          topics: [topic],
          group: witness.name("group"),
          config: { rebalanceTimeoutMs: 6000 },
        });
        await awaitUntil("the first record", () => events.values().includes("a"));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8000);
        await awaitUntil("lost", () => events.of("lost")[0], 20_000);
        await events.started(2, 30_000);
        await witness.produce(topic, ["b"]);
        await awaitUntil("the next record", () => events.values().includes("b"));
      },
    );
  });

  it("T13 waiting members leave libuv's threads to others", async () => {
    const { witness, member } = await rig();
    const topic = await witness.topic("idle", 4);
    for (let count = 0; count < 4; count += 1) {
      await member({ topics: [topic], group: witness.name("group") });
    }
    const took: number[] = [];
    for (let count = 0; count < 10; count += 1) {
      const began = performance.now();
      await readFile(import.meta.filename);
      took.push(performance.now() - began);
    }
    // Each of the four default threads is in a consume() of at most 50 ms; with the client's own
    // second every read would take about a second.
    took.sort((a, b) => a - b);
    expect(took[5]).toBeLessThan(400);
  });

  describe("T22 pause throws prefetched records away, and the client's partitioner is another", () => {
    it("pausing and resuming in mid-stream loses nothing and repeats nothing", async () => {
      const { witness, member } = await rig();
      const topic = await witness.topic("pausing", 2);
      const count = 3000;
      const values = Array.from({ length: count }, (_, index) => `v${index}`);
      await witness.produce(topic, values, 0);
      await witness.produce(topic, values, 1);
      const { port, events } = await member({ topics: [topic], group: witness.name("group") });
      const at = { topic, partition: 0 };
      await events.started();
      for (let round = 0; round < 20; round += 1) {
        const before = events.recordsOf(0).length;
        port.pause([at]);
        port.resume([at]);
        if (before === count) break;
        await awaitUntil("more records", () => events.recordsOf(0).length > before || null);
      }
      await awaitUntil("all records", () =>
        [0, 1].every((partition) => events.recordsOf(partition).length >= count),
      );
      for (const partition of [0, 1]) {
        const offsets = events.recordsOf(partition).map(({ offset }) => offset);
        expect(offsets).toEqual(values.map((_, index) => index));
      }
    });

    it("a pause holds until it is lifted, and then nothing is missing", async () => {
      const { witness, member } = await rig();
      const topic = await witness.topic("held");
      const group = witness.name("group");
      const first = await member({ topics: [topic], group });
      await first.events.started();
      first.port.pause([{ topic, partition: 0 }]);
      await witness.produce(topic, ["held"]);
      await holdsFor("paused", 700, () => first.events.recordsOf().length > 0);
      first.port.resume([{ topic, partition: 0 }]);
      await awaitUntil("the held record", () => first.events.recordsOf().length === 1);
    });

    it("writes to the partition that was named, whatever the key", async () => {
      const { witness, producer } = await rig();
      const topic = await witness.topic("placed", 5);
      const port = await producer();
      const key = Buffer.from([0, 1, 0, 255, 0]);
      for (let partition = 0; partition < 5; partition += 1) {
        await port.send({
          topic,
          partition,
          key,
          value: Buffer.from(`p${partition}`),
          headers: [],
        });
      }
      for (let partition = 0; partition < 5; partition += 1) {
        const found = await witness.content(topic, partition);
        expect(found.map(({ value }) => value)).toEqual([`p${partition}`]);
      }
      const wrong = port.send({ topic, partition: 9, key, value: key, headers: [] });
      await expect(wrong).rejects.toMatchObject({ outcome: "failed" });
    });
  });

  describe("T24 a wrong password looks like a dead port", () => {
    const wrong = { mechanism: "plain", username: "nobody", password: "wrong" } as const;
    const options = {
      group: "g",
      isolation: "read_committed",
      logger: silentLogger,
      drainTimeoutMs: 1000,
    } as const;

    it("is reported as authentication, long before the connect time-out", async () => {
      const { cluster } = await rig();
      const adapter = rdkafka({ brokers: cluster.saslBrokers, sasl: wrong });
      const began = performance.now();
      const starts = [
        adapter.consumer(options).start(["t"], unused),
        adapter.producer({ logger: silentLogger }).connect(),
        adapter.admin({ logger: silentLogger }).connect(),
      ];
      for (const settled of await Promise.allSettled(starts)) {
        const error = settled.status === "rejected" ? (settled.reason as unknown) : null;
        expect(error).toBeInstanceOf(PortError);
        expect(error).toMatchObject({ kind: "authentication" });
        expect(String(error)).toContain(cluster.saslBrokers[0]);
      }
      expect(performance.now() - began).toBeLessThan(5000);
    });

    it("a dead port is not: it names the address, in the time allowed", async () => {
      const adapter = rdkafka({ brokers: ["127.0.0.1:1"], timeouts: { connectMs: 1500 } });
      const began = performance.now();
      const error = await adapter
        .consumer(options)
        .start(["t"], unused)
        .then(
          () => null,
          (reason: unknown) => reason,
        );
      expect(error).toMatchObject({ kind: "retriable" });
      expect(String(error)).toContain("127.0.0.1:1");
      expect(performance.now() - began).toBeLessThan(4000);
    });
  });

  describe("T26 a client loses all its brokers for good (confluentinc/librdkafka#5301)", () => {
    // Asks for metadata all the time; every other answer names no broker. Each of those is one more
    // draw of the race that strands a client.
    const asking = rigFor(
      rdkafkaIn("kip-848", { client: { "topic.metadata.refresh.interval.ms": 20 } }),
    );

    it("a member says that it is dead, lets go of what it held, and closes", async () => {
      const rig = await asking();
      const { member } = await reading(rig);
      const { events, port } = member;
      const rule = fenceBrokers(rig, member.clientId);
      const down = await awaitUntil(
        "the end",
        () => events.of("down").find(({ willRestart }) => !willRestart),
        120_000,
      );
      expect(rule.acted).toBeGreaterThan(0);
      expect(down.error).toMatchObject({ kind: "fatal", outcome: "failed" });
      expect(down.error.message).toContain("#5301");
      expect(events.of("lost").flatMap(({ partitions }) => partitions)).toHaveLength(1);
      const began = performance.now();
      await port.close(1000);
      expect(performance.now() - began).toBeLessThan(8000);
    }, 180_000);

    it("a producer fails what is on its way and what comes, so that it is replaced", async () => {
      const rig = await asking();
      const topic = await rig.witness.topic("t26");
      const clientId = rig.witness.name("t26");
      const port = await rig.producer({ clientId });
      await port.send(outgoing(topic, 0, "before"));
      fenceBrokers(rig, clientId);
      const failed = await awaitUntil(
        "the end",
        () =>
          port.send(outgoing(topic, 0, "meanwhile")).then(
            () => null,
            (error: unknown) => error as PortError,
          ),
        120_000,
      );
      expect(failed).toMatchObject({ kind: "fatal" });
      expect(failed.message).toContain("#5301");
      const later = port.send(outgoing(topic, 0, "later"));
      await expect(later).rejects.toMatchObject({ kind: "fatal", outcome: "failed" });
    }, 180_000);
  });
});

const unused = {
  assigned: () => Promise.resolve([]),
  revoked: () => Promise.resolve(),
  lost: () => {},
  records: () => {},
  down: () => {},
};

/** A member that has been given the one partition of a topic with five records. */
async function reading(rig: Rig): Promise<{
  member: Member;
  topic: string;
  group: string;
  witness: Rig["witness"];
  cluster: Rig["cluster"];
}> {
  const { witness, cluster } = rig;
  const topic = await witness.topic("trap");
  await witness.produce(topic, ["0", "1", "2", "3", "4"]);
  const group = witness.name("group");
  const member = await rig.member({ topics: [topic], group });
  await awaitUntil("five records", () => member.events.recordsOf().length === 5);
  return { member, topic, group, witness, cluster };
}

async function commitOne(
  { port, events }: Member,
  commit: Omit<CommitOffset, "partition" | "epoch">,
  timeoutMs = 5000,
): Promise<PortError | undefined> {
  const [result] = await port.commit(
    [{ partition: 0, epoch: events.epoch(), ...commit }],
    timeoutMs,
  );
  return result?.error;
}

/** Commits offset i with the i-th metadata for partition i, as a kafkajs user would. */
async function commitWithKafkajs(
  { cluster }: Rig,
  groupId: string,
  topic: string,
  metadata: readonly string[],
): Promise<void> {
  const client = new kafkajs.Kafka({
    brokers: [...cluster.witnessBrokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const consumer = client.consumer({ groupId });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
    await joined;
    for (const [partition, text] of metadata.entries()) {
      await consumer.commitOffsets([
        { topic, partition, offset: String(partition), metadata: text },
      ]);
    }
  } finally {
    await consumer.disconnect();
  }
}
