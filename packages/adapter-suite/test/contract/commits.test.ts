import { describe, expect, it } from "vitest";
import type { Member, Rig } from "../harness/adapters.ts";
import { forEachAdapter, rigFor } from "../harness/adapters.ts";
import { awaitUntil } from "../harness/await-until.ts";

const OFFSET_COMMIT = 8;
const HEARTBEAT = 12;

forEachAdapter("a commit", (tested) => {
  const rig = rigFor(tested);

  it("answers once the broker has it, for each offset in order", async () => {
    const { member, topic, group, witness } = await running(await rig(), 3);
    const offsets = [2, 0, 1].map((partition) => ({
      topic,
      partition,
      epoch: member.events.epoch(partition),
      offset: 10 + partition,
    }));
    expect(await member.port.commit(offsets, 5000)).toEqual(offsets);
    for (const partition of [0, 1, 2]) {
      const { offset } = await witness.committed(group, topic, partition);
      expect(offset).toBe(String(10 + partition));
    }
  });

  it("keeps metadata as it was given", async () => {
    const { member, topic, group, rig: opened } = await running(await rig(), 1);
    const metadata = "slc1.!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~.";
    const at = { topic, partition: 0, epoch: member.events.epoch(), offset: 1 };
    await member.port.commit([{ ...at, metadata }], 5000);
    await member.port.close(1000);
    const next = await opened.member({ topics: [topic], group });
    const [found] = await next.events.started();
    expect(found?.committed).toEqual({ offset: 1, metadata });
  });

  it("metadata as large as the capabilities say is stored, more is refused alone", async () => {
    const { member, topic, group, witness } = await running(await rig(), 2);
    const { commitMetadataBytes } = member.port.caps;
    const at = (partition: number): { topic: string; partition: number; epoch: number } => ({
      topic,
      partition,
      epoch: member.events.epoch(partition),
    });
    const fits = "m".repeat(commitMetadataBytes);
    const [stored] = await member.port.commit([{ ...at(0), offset: 1, metadata: fits }], 5000);
    expect(stored?.error).toBeUndefined();
    const [good, bad] = await member.port.commit(
      [
        { ...at(0), offset: 2, metadata: "small." },
        { ...at(1), offset: 2, metadata: `${fits}m` },
      ],
      5000,
    );
    expect(bad?.error).toMatchObject({ kind: "metadata-too-large", outcome: "failed" });
    expect(good?.error).toBeUndefined();
    expect(await witness.committed(group, topic, 0)).toMatchObject({ offset: "2" });
    expect(await witness.committed(group, topic, 1)).toMatchObject({ offset: "-1" });
  });

  it("an offset that is no offset is refused, and changes nothing", async () => {
    const { member, topic, group, witness } = await running(await rig(), 1);
    const epoch = member.events.epoch();
    await member.port.commit([{ topic, partition: 0, epoch, offset: 5 }], 5000);
    for (const offset of [
      -1,
      1.5,
      NaN,
      2 ** 53,
      "7" as unknown as number,
      7n as unknown as number,
    ]) {
      const [result] = await member.port.commit([{ topic, partition: 0, epoch, offset }], 5000);
      expect(result?.error, String(offset)).toMatchObject({ outcome: "failed" });
    }
    expect(await witness.committed(group, topic)).toMatchObject({ offset: "5" });
  });

  it("a committed offset past 2^53-1 is an error that stops the consumer, never rounded", async () => {
    const opened = await rig();
    const { member, witness, setOffset } = opened;
    const topic = await witness.topic("int64");
    const group = witness.name("g");
    await setOffset(group, topic, "9007199254740993", "");
    const { events } = await member({ topics: [topic], group });
    const down = await awaitUntil("the error", () => events.of("down")[0]);
    expect(down.willRestart).toBe(false);
    expect(down.error.message).toContain("2^53");
    expect(down.error.message).toContain(`${topic}-0`);
    expect(events.of("started")).toEqual([]);
    expect(await witness.committed(group, topic)).toMatchObject({ offset: "9007199254740993" });
  });

  it("a lost answer is asked for again", async () => {
    const { member, topic, group, witness, rig: opened } = await running(await rig(), 1);
    const rule = opened.cluster.proxy.addRule({
      name: "lose a commit's answer",
      match: { apiKeys: [OFFSET_COMMIT], direction: "response", clientId: member.clientId },
      act: { type: "reset" },
      times: 1,
    });
    opened.onEnd(() => rule.remove());
    const at = { topic, partition: 0, epoch: member.events.epoch(), offset: 3 };
    expect(await member.port.commit([at], 15_000)).toEqual([at]);
    expect(rule.acted).toBe(1);
    expect(await witness.committed(group, topic)).toMatchObject({ offset: "3" });
    expect(member.events.of("lost")).toEqual([]);
  });

  it("without an answer in time its outcome is unknown, and the next one is answered for itself", async () => {
    const { member, topic, group, witness, rig: opened } = await running(await rig(), 1);
    const rule = opened.cluster.proxy.addRule({
      name: "hold commits' answers",
      match: { apiKeys: [OFFSET_COMMIT], direction: "response", clientId: member.clientId },
      act: { type: "hold" },
      times: 1,
    });
    opened.onEnd(() => rule.remove());
    const at = { topic, partition: 0, epoch: member.events.epoch() };
    const before = performance.now();
    const [first] = await member.port.commit([{ ...at, offset: 1 }], 700);
    expect(performance.now() - before).toBeLessThan(3000);
    expect(first?.error).toMatchObject({ kind: "retriable", outcome: "unknown" });
    rule.release();
    const [second] = await member.port.commit([{ ...at, offset: 2 }], 10_000);
    expect(second).toEqual({ ...at, offset: 2 });
    expect(await witness.committed(group, topic)).toMatchObject({ offset: "2" });
  });

  // Brokers take whatever comes last: what an older commit says would stand until the next one.
  describe("never follows a newer one of the same partition", () => {
    it("when the connection drops before a newer one is handed over", async () => {
      const { member, topic, group, witness, rig: opened } = await running(await rig(), 1);
      const at = { topic, partition: 0, epoch: member.events.epoch() };
      const sent = watchCommits(opened, member);
      for (const offset of [10, 20, 30, 40, 50]) {
        const rule = opened.cluster.proxy.addRule({
          name: "lose a commit's answer",
          match: { apiKeys: [OFFSET_COMMIT], direction: "response", clientId: member.clientId },
          act: { type: "reset" },
          times: 1,
        });
        opened.onEnd(() => rule.remove());
        const older = member.port.commit([{ ...at, offset }], 15_000);
        await rule.acting();
        // Clients wait before they send the older one again, and know nothing of the newer one.
        const newer = member.port.commit([{ ...at, offset: offset + 5 }], 15_000);
        expect((await newer)[0]?.error).toBeUndefined();
        await older;
        expect((await witness.committed(group, topic)).offset).toBe(String(offset + 5));
      }
      expect(sent).toEqual(sent.toSorted((a, b) => a - b));
      expect(member.events.of("lost")).toEqual([]);
    });

    it("when the connection drops with both on their way", async () => {
      const { member, topic, group, witness, rig: opened } = await running(await rig(), 1);
      const at = { topic, partition: 0, epoch: member.events.epoch() };
      const sent = watchCommits(opened, member);
      const { clientId } = member;
      const hold = opened.cluster.proxy.addRule({
        name: "hold a commit's answer",
        match: { apiKeys: [OFFSET_COMMIT], direction: "response", clientId },
        act: { type: "hold" },
        times: 1,
      });
      opened.onEnd(() => hold.remove());
      const older = member.port.commit([{ ...at, offset: 10 }], 15_000);
      await hold.acting();
      const newer = member.port.commit([{ ...at, offset: 15 }], 15_000);
      const reset = opened.cluster.proxy.addRule({
        name: "reset the coordinator's connection",
        match: { apiKeys: [HEARTBEAT], direction: "request", clientId },
        act: { type: "reset" },
        times: 1,
      });
      opened.onEnd(() => reset.remove());
      await reset.acting();
      expect((await newer)[0]?.error).toBeUndefined();
      await older;
      expect((await witness.committed(group, topic)).offset).toBe("15");
      expect(sent).toEqual(sent.toSorted((a, b) => a - b));
      expect(sent.at(-1)).toBe(15);
    });
  });

  it("T25 the offsets of a group with members cannot be set, and it is left in peace", async () => {
    const { member, topic, group, witness, rig: opened } = await running(await rig(), 1);
    const admin = opened.adapter().admin({ logger: opened.logger });
    opened.onEnd(() => admin.close());
    await admin.connect();
    const wanted = { topic, partition: 0, offset: 1, metadata: "set." };
    await expect(admin.setGroupOffsets(group, [wanted])).rejects.toMatchObject({
      kind: "rejected",
    });
    await expect(admin.deleteGroup(group)).rejects.toMatchObject({ kind: "rejected" });
    const at = { topic, partition: 0, epoch: member.events.epoch(), offset: 4 };
    expect(await member.port.commit([at], 5000)).toEqual([at]);
    expect(member.events.of("revoked")).toEqual([]);
    expect(member.events.of("lost")).toEqual([]);
    await member.port.close(1000);
    await admin.setGroupOffsets(group, [wanted]);
    expect(await admin.groupOffsets(group, [{ topic, partition: 0 }])).toEqual([
      { offset: 1, metadata: "set." },
    ]);
    await admin.deleteGroup(group);
    expect((await witness.committed(group, topic)).offset).toBe("-1");
  });
});

async function running(
  opened: Rig,
  partitions: number,
): Promise<{ rig: Rig; member: Member; topic: string; group: string; witness: Rig["witness"] }> {
  const { witness } = opened;
  const topic = await witness.topic("commits", partitions);
  const group = witness.name("g");
  const member = await opened.member({ topics: [topic], group });
  await awaitUntil("all partitions", () => {
    const all = member.events.of("started").flatMap((event) => event.partitions);
    return all.length === partitions;
  });
  return { rig: opened, member, topic, group, witness };
}

/** The offsets that a member asks the broker to commit, as they arrive. */
function watchCommits({ cluster, onEnd }: Rig, { clientId }: Member): readonly number[] {
  const offsets: number[] = [];
  const stop = cluster.proxy.onFrame((frame, stage) => {
    if (stage !== "arrived" || frame.direction !== "request") return;
    if (frame.apiKey !== OFFSET_COMMIT || frame.clientId !== clientId) return;
    const { topics } = frame.body as unknown as CommitBody;
    for (const { partitions } of topics) {
      for (const { committedOffset } of partitions) offsets.push(Number(committedOffset));
    }
  });
  onEnd(stop);
  return offsets;
}

interface CommitBody {
  readonly topics: readonly {
    readonly partitions: readonly { readonly committedOffset: bigint }[];
  }[];
}
