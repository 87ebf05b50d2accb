import type { ProducerPort, Sent } from "@sluice/core";
import { PortError } from "@sluice/core";
import { expect, it } from "vitest";
import { forEachAdapter, rigFor } from "../harness/adapters.ts";
import { awaitUntil } from "../harness/await-until.ts";
import { outgoing } from "../harness/records.ts";

const PRODUCE = 0;

forEachAdapter("producing", (tested) => {
  const rig = rigFor(tested);

  it("answers each record's offset, in the order of the calls", async () => {
    const { producer, witness } = await rig();
    const topic = await witness.topic("offsets", 2);
    const port = await producer();
    const values = ["a", "b", "c", "d", "e"];
    const sent = await Promise.all(values.map((value) => port.send(outgoing(topic, 1, value))));
    expect(sent.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
    const content = await witness.content(topic, 1);
    expect(content.map(({ value }) => value)).toEqual(values);
  });

  it("counts the partitions of a topic", async () => {
    const { producer, witness } = await rig();
    const topic = await witness.topic("count", 3);
    const port = await producer();
    expect(await port.partitions(topic)).toBe(3);
  });

  it("says that a topic does not exist, and creates none", async () => {
    const { producer, witness } = await rig();
    const topic = witness.name("missing");
    const port = await producer();
    const error = await failure(port.partitions(topic));
    expect(error).toMatchObject({ kind: "configuration", outcome: "failed" });
    expect(error.message).toContain(topic);
    expect(await witness.admin((admin) => admin.listTopics())).not.toContain(topic);
  });

  it("T03 a record for a partition that does not exist is refused, not dropped", async () => {
    const { producer, witness } = await rig();
    const topic = await witness.topic("t03", 2);
    const port = await producer();
    const [first, missing, last] = await Promise.allSettled([
      port.send(outgoing(topic, 0, "kept")),
      port.send(outgoing(topic, 77, "nowhere")),
      port.send(outgoing(topic, 1, "kept too")),
    ]);
    expect(first.status).toBe("fulfilled");
    expect(last.status).toBe("fulfilled");
    const error = (missing as PromiseRejectedResult).reason as PortError;
    expect(error).toBeInstanceOf(PortError);
    expect(error.outcome).toBe("failed");
    expect(error.message).toContain(`${topic}-77`);
  });

  it("T07 one partition's failure says nothing about another's records", async () => {
    const { producer, witness } = await rig();
    const topic = await witness.topic("t07", 2, { "max.message.bytes": "5000" });
    const port = await producer();
    const results = await Promise.allSettled([
      port.send(outgoing(topic, 0, "small")),
      port.send(outgoing(topic, 1, Buffer.alloc(9000, 120))),
      port.send(outgoing(topic, 0, "small too")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({
      kind: "rejected",
      outcome: "failed",
    });
    expect(await witness.content(topic, 0)).toHaveLength(2);
    expect(await witness.content(topic, 1)).toHaveLength(0);
  });

  it("T07 only the record that is too large is refused, not those it travelled with", async () => {
    const { producer, witness } = await rig();
    const topic = await witness.topic("t07-batch", 1, { "max.message.bytes": "5000" });
    const port = await producer();
    const values = ["a", "b", "x".repeat(9000), "c", "d"];
    const results = await Promise.allSettled(
      values.map((value) => port.send(outgoing(topic, 0, value))),
    );
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    const content = await witness.content(topic);
    expect(content.map(({ value }) => value)).toEqual(["a", "b", "c", "d"]);
  });

  it("T17 one lost acknowledgement among 8 concurrent sends: what is acknowledged is in the log", async () => {
    const { cluster, producer, witness, onEnd } = await rig();
    const topic = await witness.topic("t17");
    const clientId = witness.name("t17");
    const port = await producer({ clientId, producer: { lingerMs: 0 } });
    await port.send(outgoing(topic, 0, "before"));
    const rule = cluster.proxy.addRule({
      name: "lose one produce acknowledgement",
      match: { apiKeys: [PRODUCE], direction: "response", clientId },
      act: { type: "reset" },
      times: 1,
    });
    onEnd(() => rule.remove());
    // Some before the answer is lost, the others while it is being missed.
    const first = sendAll(port, topic, ["0", "1", "2", "3"]);
    await rule.acting();
    const second = sendAll(port, topic, ["4", "5", "6", "7"]);
    const results = [...(await first), ...(await second)];
    expect(rule.acted).toBe(1);
    expect(results.filter(({ sent }) => sent !== null)).toHaveLength(8);
    await expectInLog(results, () => witness.content(topic, 0));
  });

  it("T17 after a batch of unknown fate no later record is taken for it", async () => {
    const { cluster, producer, witness, onEnd } = await rig();
    const topic = await witness.topic("t17-unknown");
    const clientId = witness.name("t17");
    const port = await producer({
      clientId,
      producer: { lingerMs: 0 },
      timeouts: { requestMs: 1000, deliveryMs: 2500 },
    });
    await port.send(outgoing(topic, 0, "before"));
    const rule = cluster.proxy.addRule({
      name: "lose every produce acknowledgement",
      match: { apiKeys: [PRODUCE], direction: "response", clientId },
      act: { type: "reset" },
    });
    onEnd(() => rule.remove());
    const doubtful = sendAll(port, topic, ["0"]);
    // It outlives the doubtful one.
    await rule.acting(2);
    // One record like the doubtful one: with its sequence number it would pass for it.
    const queued = sendAll(port, topic, ["1"]);
    const [unknown] = await doubtful;
    expect(unknown?.error).toMatchObject({ outcome: "unknown" });
    rule.remove();
    const [behind] = await queued;
    const after = await sendAll(port, topic, ["3", "4", "5"]);
    expect(after.every(({ sent }) => sent !== null)).toBe(true);
    await expectInLog(after, () => witness.content(topic, 0));
    const copies = (await witness.content(topic, 0)).filter(({ value }) => value === "1");
    if (behind?.sent !== null) expect(copies.at(-1)?.offset).toBe(behind?.sent.offset);
    // It may have been written when the fate of the one before became unknown. librdkafka sends it again
    // under a new producer epoch, in which the broker cannot know it for a repetition.
    expect(copies.length).toBeLessThanOrEqual(tested.name === "rdkafka" ? 2 : 1);
  });

  it("T18 a lost acknowledgement does not write the record twice", async () => {
    const { cluster, producer, witness, onEnd } = await rig();
    const topic = await witness.topic("t18");
    const clientId = witness.name("t18");
    const port = await producer({ clientId });
    const rule = cluster.proxy.addRule({
      name: "lose two produce acknowledgements",
      match: { apiKeys: [PRODUCE], direction: "response", clientId },
      act: { type: "reset" },
      times: 2,
    });
    onEnd(() => rule.remove());
    const sent = await port.send(outgoing(topic, 0, "once"));
    expect(rule.acted).toBe(2);
    expect(sent.offset).toBe(0);
    expect((await witness.content(topic)).map(({ value }) => value)).toEqual(["once"]);
  });

  it("keeps null and empty keys and values apart", async () => {
    const { producer, member, witness } = await rig();
    const topic = await witness.topic("null-empty");
    const port = await producer();
    const empty = new Uint8Array(0);
    await port.send(outgoing(topic, 0, null, { key: null }));
    await port.send(outgoing(topic, 0, empty, { key: empty }));
    await port.send(outgoing(topic, 0, "v", { key: new Uint8Array([0, 255, 10]) }));
    const { events } = await member({ topics: [topic], group: witness.name("g") });
    await awaitUntil("three records", () => events.recordsOf().length === 3);
    const read = events.recordsOf().map(({ key, value }) => ({
      key: key === null ? null : [...key],
      value: value === null ? null : Buffer.from(value).toString(),
    }));
    expect(read).toEqual([
      { key: null, value: null },
      { key: [], value: "" },
      { key: [0, 255, 10], value: "v" },
    ]);
  });

  it("writes bytes of any view as they are, and the timestamp that is given", async () => {
    const { producer, member, witness } = await rig();
    const topic = await witness.topic("bytes");
    const port = await producer();
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    await port.send(outgoing(topic, 0, all.subarray(3, 250), { timestamp: 1_234_567_890_123 }));
    const { events } = await member({ topics: [topic], group: witness.name("g") });
    await awaitUntil("the record", () => events.recordsOf().length === 1);
    const [record] = events.recordsOf();
    expect([...(record?.value ?? [])]).toEqual([...all.subarray(3, 250)]);
    expect(record?.timestamp).toBe(1_234_567_890_123);
  });

  it("T20 headers come back as the capabilities say", async () => {
    const { producer, member, witness } = await rig();
    const topic = await witness.topic("t20");
    const port = await producer();
    const { caps } = port;
    const bytes = (value: string): Uint8Array => Buffer.from(value);
    await port.send(
      outgoing(topic, 0, "v", {
        headers: [
          ["b", bytes("1")],
          ["a", bytes("2")],
          ["b", bytes("3")],
          ["empty", new Uint8Array(0)],
          ["null", null],
          ["high", new Uint8Array([255, 254, 0])],
        ],
      }),
    );
    const { events } = await member({ topics: [topic], group: witness.name("g") });
    const [record] = await awaitUntil("the record", () => {
      const records = events.recordsOf();
      return records.length > 0 && records;
    });
    const read = (record?.headers ?? []).map(([name, value]) => ({
      name,
      value: value === null ? null : [...value],
    }));
    expect(read).toHaveLength(6);
    const named = (name: string): (number[] | null)[] =>
      read.filter((header) => header.name === name).map(({ value }) => value);
    expect(named("b")).toEqual([[49], [51]]);
    expect(named("a")).toEqual([[50]]);
    expect(named("high")).toEqual([[255, 254, 0]]);
    const inOrder = read.map(({ name }) => name).join() === "b,a,b,empty,null,high";
    expect(inOrder).toBe(caps.headerOrder);
    expect(named("empty")).toEqual([caps.emptyHeader ? [] : null]);
    // Without the capability a null may come back empty, or the empty one as null.
    if (caps.nullHeader) expect(named("null")).toEqual([null]);
    else expect([[], null]).toContainEqual(named("null")[0]);
  });

  it("flush waits for what is under way, and says when it takes too long", async () => {
    const { cluster, producer, witness, onEnd } = await rig();
    const topic = await witness.topic("flush");
    const clientId = witness.name("flush");
    const port = await producer({ clientId, producer: { lingerMs: 0 } });
    await port.send(outgoing(topic, 0, "before"));
    const rule = cluster.proxy.addRule({
      name: "hold produce answers",
      match: { apiKeys: [PRODUCE], direction: "response", clientId },
      act: { type: "hold" },
    });
    onEnd(() => rule.remove());
    let settled = false;
    const sent = port.send(outgoing(topic, 0, "held")).finally(() => (settled = true));
    await rule.acting();
    expect(await failure(port.flush(200))).toMatchObject({ kind: "retriable" });
    expect(settled).toBe(false);
    rule.release();
    await port.flush(10_000);
    expect(settled).toBe(true);
    expect((await sent).offset).toBe(1);
  });

  it("close sends what waits, and answers what it cannot send as unknown", async () => {
    const { cluster, producer, witness, onEnd } = await rig();
    const topic = await witness.topic("close");
    const clientId = witness.name("close");
    const port = await producer({ clientId, producer: { lingerMs: 1000 } });
    const waiting = port.send(outgoing(topic, 0, "waiting"));
    await port.close(10_000);
    expect((await waiting).offset).toBe(0);

    const other = await producer({ clientId, producer: { lingerMs: 0 } });
    const rule = cluster.proxy.addRule({
      name: "hold produce answers",
      match: { apiKeys: [PRODUCE], direction: "response", clientId },
      act: { type: "hold" },
    });
    onEnd(() => rule.remove());
    const unanswered = failure(other.send(outgoing(topic, 0, "unanswered")));
    await rule.acting();
    await other.close(200);
    expect(await unanswered).toMatchObject({ outcome: "unknown" });
    expect(await failure(other.send(outgoing(topic, 0, "late")))).toBeInstanceOf(PortError);
  });
});

interface Result {
  readonly value: string;
  readonly sent: Sent | null;
  readonly error: PortError | null;
}

function sendAll(port: ProducerPort, topic: string, values: readonly string[]): Promise<Result[]> {
  return Promise.all(
    values.map((value) =>
      port.send(outgoing(topic, 0, value)).then(
        (sent): Result => ({ value, sent, error: null }),
        (error: PortError): Result => ({ value, sent: null, error }),
      ),
    ),
  );
}

/** Each acknowledged record is in the log once, at the offset that was acknowledged. */
async function expectInLog(
  results: readonly Result[],
  read: () => Promise<readonly { readonly offset: number; readonly value: string | null }[]>,
): Promise<void> {
  const content = await read();
  for (const { value, sent } of results) {
    if (sent === null) continue;
    const found = content.filter((record) => record.value === value);
    expect(found, `record ${value}`).toHaveLength(1);
    expect(found[0]?.offset, `record ${value}`).toBe(sent.offset);
  }
}

function failure(promise: Promise<unknown>): Promise<PortError> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: PortError) => error,
  );
}
