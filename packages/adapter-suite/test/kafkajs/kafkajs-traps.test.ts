import { kafkajs } from "@sluice/adapter-kafkajs";
import type { KafkajsConfig } from "@sluice/adapter-kafkajs";
import { createRequire } from "node:module";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { KAFKAJS, rigFor } from "../harness/adapters.ts";
import { awaitUntil, holdsFor } from "../harness/await-until.ts";
import { fenceBrokers } from "../harness/fence-brokers.ts";
import { outgoing } from "../harness/records.ts";
import type { RecordingEvents } from "../harness/recording-events.ts";

const require = createRequire(import.meta.url);
const ConsumerGroup = require("kafkajs/src/consumer/consumerGroup") as {
  readonly prototype: { fetch(nodeId: string): Promise<unknown[]> };
};
const { KafkaJSNoBrokerAvailableError } = require("kafkajs/src/errors") as {
  readonly KafkaJSNoBrokerAvailableError: new () => Error;
};

const HEARTBEAT = 12;

describe("kafkajs", () => {
  const rig = rigFor(KAFKAJS);

  it("T15 a crash of kafkajs is told, loses its partitions, and is mended under new epochs", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("t15-crash", 2);
    const group = witness.name("g");
    await witness.produce(topic, ["a", "b", "c"]);
    const { events, port } = await member({ topics: [topic], group });
    await awaitUntil("the records", () => events.values().length === 3);
    const epoch = events.epoch(0);
    await port.commit([{ topic, partition: 0, epoch, offset: 2, metadata: "kept." }], 5000);
    const fetch = vi.spyOn(ConsumerGroup.prototype, "fetch");
    onTestFinished(() => fetch.mockRestore());
    fetch.mockRejectedValueOnce(new KafkaJSNoBrokerAvailableError());
    const { error, willRestart } = await awaitUntil("down", () => events.of("down")[0]);
    expect(error.kind).toBe("retriable");
    expect(willRestart).toBe(true);
    const lostAt = events.seen.findIndex(({ type }) => type === "lost");
    expect(lostAt).toBeGreaterThan(-1);
    await awaitUntil("the new assignment", () => started(events) === 4);
    expect(events.epoch(0)).toBeGreaterThan(epoch);
    const again = events
      .of("started")
      .at(-1)
      ?.partitions.find(({ partition }) => partition === 0);
    expect(again?.committed).toEqual({ offset: 2, metadata: "kept." });
    // From the commit on: kafkajs has forgotten its position.
    await awaitUntil("the record after the commit", () => events.values().length === 4);
    expect(events.values()).toEqual(["a", "b", "c", "c"]);
  });

  it("T15 a loop that has died without a word is noticed, and replaced", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("t15-stall");
    const { events } = await member({
      topics: [topic],
      group: witness.name("g"),
      config: { timeouts: { requestMs: 1000, deliveryMs: 5000 } },
    });
    await events.started();
    const fetch = vi.spyOn(ConsumerGroup.prototype, "fetch");
    onTestFinished(() => fetch.mockRestore());
    let isStalled = false;
    fetch.mockImplementationOnce(() => {
      isStalled = true;
      return new Promise(() => {});
    });
    await awaitUntil("the stall", () => isStalled);
    await witness.produce(topic, ["late"]);
    const { willRestart } = await awaitUntil("down", () => events.of("down")[0], 25_000);
    expect(willRestart).toBe(true);
    await awaitUntil("the record", () => events.values().length === 1);
  });

  it("T19 an idle connection takes no timers of a negative delay", async () => {
    const { member, producer, witness } = await rig();
    const topic = await witness.topic("t19");
    await producer();
    const { events } = await member({ topics: [topic], group: witness.name("g") });
    await events.started();
    let negative = 0;
    const { setTimeout: original } = globalThis;
    const counting = vi.spyOn(globalThis, "setTimeout").mockImplementation((run, ms) => {
      if (ms !== undefined && ms < 0) negative++;
      return original(run, ms);
    });
    onTestFinished(() => counting.mockRestore());
    await new Promise((resolve) => original(resolve, 700));
    expect(counting.mock.calls.length).toBeGreaterThan(0);
    expect(negative).toBe(0);
  });

  it("T23 a member that the coordinator has removed hears lost, not revoked, and joins again", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("t23-removed", 2);
    const group = witness.name("g");
    await witness.produce(topic, ["a"]);
    const { events, port, clientId } = await member({ topics: [topic], group });
    await awaitUntil("the record", () => events.values().length === 1);
    const epoch = events.epoch(0);
    const memberId = (await witness.members(group)).get(clientId) ?? "";
    await witness.evict(group, memberId);
    await awaitUntil("lost", () => events.of("lost").length > 0);
    expect(events.of("revoked")).toEqual([]);
    const [late] = await port.commit([{ topic, partition: 0, epoch, offset: 1 }], 3000);
    expect(late?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
    await awaitUntil("the return", () => started(events) === 4);
    expect(events.epoch(0)).toBeGreaterThan(epoch);
    expect((await witness.members(group)).get(clientId)).not.toBe(memberId);
    expect((await witness.committed(group, topic)).offset).toBe("-1");
  });

  it("T23 a commit that is refused for the member ends the assignment at once", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("t23-commit");
    const group = witness.name("g");
    const { events, port, clientId } = await member({
      topics: [topic],
      group,
      // Heartbeats are too far apart to find out first.
      config: { sessionTimeoutMs: 20_000, heartbeatIntervalMs: 9000 },
    });
    await events.started();
    const memberId = (await witness.members(group)).get(clientId) ?? "";
    await witness.evict(group, memberId);
    const at = { topic, partition: 0, epoch: events.epoch(), offset: 1 };
    const [result] = await port.commit([at], 3000);
    expect(result?.error).toMatchObject({ kind: "fenced", outcome: "failed", code: 25 });
    expect(events.of("lost")).toHaveLength(1);
    await awaitUntil("the return", () => started(events) === 2, 5000);
  });

  it("T23 a member that hears nothing for a whole session gives its partitions up by itself", async () => {
    const { cluster, member, witness, onEnd } = await rig();
    const topic = await witness.topic("t23-silence");
    const group = witness.name("g");
    const { events, port, clientId } = await member({ topics: [topic], group });
    await events.started();
    const at = { topic, partition: 0, epoch: events.epoch(), offset: 1 };
    const rule = cluster.proxy.addRule({
      name: "hold heartbeats",
      match: { apiKeys: [HEARTBEAT], direction: "request", clientId },
      act: { type: "hold" },
    });
    onEnd(() => rule.remove());
    const before = performance.now();
    // Nobody tells it: the rule is never released.
    await awaitUntil("lost", () => events.of("lost").length > 0, 12_000);
    expect(performance.now() - before).toBeGreaterThan(5000);
    expect(events.of("revoked")).toEqual([]);
    const [late] = await port.commit([at], 3000);
    expect(late?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
    rule.remove();
    await awaitUntil("the return", () => started(events) > 1);
  });

  it("T23 new partitions are revoked and assigned like any other change", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("t23-partitions");
    const { events } = await member({
      topics: [topic],
      group: witness.name("g"),
      config: { client: { metadataMaxAge: 500 } } as KafkajsConfig,
    });
    await events.started();
    await witness.admin((admin) =>
      admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }),
    );
    await awaitUntil("all three", () => started(events) === 4);
    expect(events.of("revoked")).toHaveLength(1);
    expect(events.of("lost")).toEqual([]);
  });

  it("a partition whose topic was created anew is lost, and assigned under a new epoch", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("anew");
    await witness.produce(topic, ["a", "b", "c"]);
    const { events } = await member({ topics: [topic], group: witness.name("g") });
    await awaitUntil("the records", () => events.values().length === 3);
    const epoch = events.epoch();
    await witness.admin((admin) => admin.deleteTopics({ topics: [topic] }));
    await witness.recreate(topic);
    await witness.produce(topic, ["new"]);
    await awaitUntil("the new record", () => events.values().at(-1) === "new", 30_000);
    expect(events.epoch()).toBeGreaterThan(epoch);
    expect(events.of("lost").length).toBeGreaterThan(0);
  });

  it("a member without partitions hears nothing, and gets its share when there is one", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("idle");
    const group = witness.name("g");
    const a = await member({ topics: [topic], group });
    await a.events.started();
    const b = await member({ topics: [topic], group });
    await awaitUntil("the rebalance", () => started(a.events) + started(b.events) >= 2);
    await holdsFor("one owner", 300, () => started(a.events) + started(b.events) > 2);
    const [owner, other] = started(a.events) === 2 ? [a, b] : [b, a];
    expect(started(other.events)).toBe(other === a ? 1 : 0);
    await owner.port.close(500);
    await awaitUntil("the handover", () => started(other.events) === (other === a ? 2 : 1), 5000);
  });

  it("metadata that names no broker, again and again, costs no record and ends nothing", async () => {
    const its = await rig();
    const { member, producer, witness } = its;
    const topic = await witness.topic("no-brokers", 2);
    const clientId = witness.name("no-brokers");
    const config = { clientId, client: { metadataMaxAge: 20 } } as Partial<KafkajsConfig>;
    const { events } = await member({ topics: [topic], group: witness.name("g"), config });
    const port = await producer(config);
    await events.started();
    const rule = fenceBrokers(its, clientId, 50);
    const sent: string[] = [];
    while (rule.acted < 50) {
      const value = `r${sent.length}`;
      await port.send(outgoing(topic, 0, value));
      sent.push(value);
    }
    await awaitUntil("all records", () => new Set(events.values()).size === sent.length);
    expect(events.of("down").filter(({ willRestart }) => !willRestart)).toEqual([]);
  });

  it("refuses settings of kafkajs that would break the protocol, and says what to use", () => {
    const create = (client: object) => (): unknown =>
      kafkajs({ brokers: ["localhost:9092"], client });
    expect(create({ autoCommit: true })).toThrow(/client\.autoCommit.*commits what is settled/);
    expect(create({ retry: {} })).toThrow(/client\.retry/);
    expect(create({ metadataMaxAg: 1 })).toThrow(/Did you mean kafkajs\.client\.metadataMaxAge/);
    expect(create({ metadataMaxAge: 1000 })).not.toThrow();
  });
});

function started(events: RecordingEvents): number {
  return events.of("started").flatMap(({ partitions }) => partitions).length;
}
