import { expect, it } from "vitest";
import { forEachAdapter, rigFor } from "../harness/adapters.ts";
import { awaitUntil, holdsFor } from "../harness/await-until.ts";

forEachAdapter("an assignment", (tested) => {
  const rig = rigFor(tested);

  it("delivers a partition's records in order from the start that was answered", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("in-order");
    await witness.produce(topic, ["a", "b", "c", "d"]);
    const { events } = await member({
      topics: [topic],
      group: witness.name("g"),
      answers: { assigned: () => [1] },
    });
    await awaitUntil("three records", () => events.values().length === 3);
    expect(events.values()).toEqual(["b", "c", "d"]);
    await awaitUntil("the position", () => events.position() === 4);
  });

  it("delivers nothing before its promise has resolved", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("awaited");
    await witness.produce(topic, ["a"]);
    let answer: (starts: number[]) => void = () => {};
    const { events } = await member({
      topics: [topic],
      group: witness.name("g"),
      answers: { assigned: () => new Promise((resolve) => (answer = resolve)) },
    });
    await awaitUntil("the question", () => events.of("assigned").length === 1);
    await holdsFor("no record", 700, () => events.of("records").length > 0);
    answer([0]);
    await awaitUntil("the record", () => events.values().length === 1);
  });

  it("may take longer than the session to answer", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("slow-answer");
    await witness.produce(topic, ["a"]);
    const { events, port } = await member({
      topics: [topic],
      group: witness.name("g"),
      answers: {
        assigned: async () => {
          await new Promise((resolve) => setTimeout(resolve, 7500));
          return [0];
        },
      },
    });
    await awaitUntil("the record", () => events.values().length === 1);
    expect(events.of("assigned")).toHaveLength(1);
    expect(events.of("lost")).toHaveLength(0);
    const at = { topic, partition: 0, epoch: events.epoch(), offset: 1 };
    expect(await port.commit([at], 5000)).toEqual([at]);
  });

  it("tells the log's boundaries, and what the group has committed with its metadata", async () => {
    const { adapter, logger, member, witness, onEnd } = await rig();
    const topic = await witness.topic("boundaries", 2);
    const group = witness.name("g");
    await witness.produce(topic, ["a", "b", "c", "d", "e"]);
    await witness.deleteBefore(topic, 2);
    const first = await member({ topics: [topic], group });
    await first.events.started();
    const commit = { topic, partition: 0, epoch: first.events.epoch(0), offset: 3 };
    const metadata = "slc1.some.metadata.";
    expect(await first.port.commit([{ ...commit, metadata }], 5000)).toEqual([commit]);
    await first.port.close(1000);

    const { events } = await member({ topics: [topic], group });
    const partitions = [...(await events.started())].sort((a, b) => a.partition - b.partition);
    expect(partitions).toMatchObject([
      { topic, partition: 0, low: 2, high: 5, committed: { offset: 3, metadata } },
      { topic, partition: 1, low: 0, high: 0, committed: null },
    ]);
    const admin = adapter().admin({ logger });
    onEnd(() => admin.close());
    await admin.connect();
    const offsets = await admin.groupOffsets(group, [
      { topic, partition: 0 },
      { topic, partition: 1 },
    ]);
    expect(offsets).toEqual([{ offset: 3, metadata }, null]);
  });

  it("gives every assignment a new epoch, also to the partition that comes back", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("epochs", 4);
    const group = witness.name("g");
    const a = await member({ topics: [topic], group });
    await awaitUntil("all four", () => held(a.events) === 4);
    const before = new Map([0, 1, 2, 3].map((partition) => [partition, a.events.epoch(partition)]));
    const b = await member({ topics: [topic], group });
    await awaitUntil("two each", () => held(a.events) === 2 && held(b.events) === 2);
    await b.port.close(1000);
    await awaitUntil("all four again", () => held(a.events) === 4);
    // Those that had moved, whatever the protocol did with the others.
    for (const { partition } of b.events.of("assigned").flatMap(({ partitions }) => partitions)) {
      expect(a.events.epoch(partition)).toBeGreaterThan(before.get(partition) ?? Infinity);
    }
  });
});

function held(events: {
  of(type: "assigned" | "released" | "lost"): { partitions: readonly unknown[] }[];
}): number {
  const count = (type: "assigned" | "released" | "lost"): number =>
    events.of(type).reduce((sum, { partitions }) => sum + partitions.length, 0);
  return count("assigned") - count("released") - count("lost");
}
