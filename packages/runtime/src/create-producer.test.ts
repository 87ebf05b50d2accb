import type { Header, OutgoingRecord } from "@sluice/core";
import { partitionFor } from "@sluice/core";
import { beforeEach, describe, expect, it } from "vitest";
import { createProducer } from "./create-producer.ts";
import type { Message } from "./producer-options.ts";
import { FakeKafka, portError } from "./testing/fake-kafka.ts";
import { deferred, text, until } from "./testing/helpers.ts";

let kafka: FakeKafka;

beforeEach(() => {
  kafka = new FakeKafka();
  kafka.createTopic("orders", 6);
});

function logOf(partition: number): readonly OutgoingRecord[] {
  return kafka.log({ topic: "orders", partition });
}

function headersOf(record: OutgoingRecord): Header[] {
  return record.headers.filter(([name]) => name !== "sluice-message-id");
}

describe("a producer", () => {
  it("puts a key where the Java client does, whichever way it is written", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    await producer.connect();
    for (const key of ["", "a", "order-17", "ключ"]) {
      const bytes = Buffer.from(key);
      const expected = partitionFor("murmur2", bytes, 6);
      expect((await producer.send({ topic: "orders", key, value: "v" })).partition).toBe(expected);
      expect((await producer.send({ topic: "orders", key: bytes, value: "v" })).partition).toBe(
        expected,
      );
    }
  });

  it("writes the trace id when asked to, and not otherwise (SLC-ENV-029)", async () => {
    const id = "0af7651916cd43dd8448eb211c80319c";
    const headers = { traceparent: `00-${id}-b7ad6b7169203331-01` };
    const message = { topic: "orders", partition: 0, value: "v", headers };
    await createProducer({ adapter: kafka.adapter }).send(message);
    await createProducer({ adapter: kafka.adapter, writeTraceId: true }).send(message);
    const names = logOf(0).map((record) => headersOf(record).map(([name]) => name));
    expect(names).toEqual([["traceparent"], ["traceparent", "X-Trace-ID"]]);
    expect(text(headersOf(logOf(0)[1]!)[1]![1])).toBe(id);
  });

  it("connects by itself, and answers where the record went", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    const sent = await producer.send({ topic: "orders", value: "v", partition: 4 });
    expect(sent).toEqual({ topic: "orders", partition: 4, offset: 0 });
  });

  it("spreads records without a key over all partitions", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    const results = await producer.sendBatch(
      Array.from({ length: 12 }, () => ({ topic: "orders", value: "v" })),
    );
    const counts = new Map<number | null, number>();
    for (const { partition } of results) counts.set(partition, (counts.get(partition) ?? 0) + 1);
    expect([...counts.values()]).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it("keeps null and empty apart", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    const partition = 0;
    await producer.sendBatch([
      { topic: "orders", partition, key: null, value: "" },
      { topic: "orders", partition, key: "", value: null },
      { topic: "orders", partition, value: new Uint8Array(0) },
    ]);
    expect(logOf(0).map(({ key, value }) => [text(key), text(value)])).toEqual([
      [null, ""],
      ["", null],
      [null, ""],
    ]);
  });

  it("takes headers by name and as a list, and stamps an id of its own", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    const bytes = Uint8Array.of(255, 0);
    const partition = 0;
    await producer.send({ topic: "orders", partition, value: "v", headers: { a: "1", b: bytes } });
    await producer.send({
      topic: "orders",
      partition,
      value: "v",
      headers: [
        ["a", "1"],
        ["a", "2"],
        ["n", null],
      ],
    });
    await producer.send({
      topic: "orders",
      partition,
      value: "v",
      headers: { "sluice-message-id": "mine" },
    });
    expect(headersOf(logOf(0)[0]!)).toEqual([
      ["a", Buffer.from("1")],
      ["b", bytes],
    ]);
    expect(headersOf(logOf(0)[1]!).map(([name, value]) => [name, text(value)])).toEqual([
      ["a", "1"],
      ["a", "2"],
      ["n", null],
    ]);
    const ids = logOf(0).map(({ headers }) =>
      text(headers.find(([n]) => n === "sluice-message-id")![1]),
    );
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids[2]).toBe("mine");
  });

  it("keeps the order of the calls, also while the first waits for the topic's metadata", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    const sends: Promise<unknown>[] = [];
    for (let i = 0; i < 50; i++) {
      sends.push(producer.send({ topic: "orders", key: "k", value: `${i}` }));
      if (i % 7 === 0) await Promise.resolve();
    }
    await Promise.all(sends);
    const values = logOf(partitionFor("murmur2", Buffer.from("k"), 6)!).map((r) => text(r.value));
    expect(values).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
  });

  it("waits while the client's queue is full", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    await producer.connect();
    const room = deferred();
    kafka.producer.room = room.promise;
    const sent = producer.send({ topic: "orders", partition: 0, value: "v" });
    const flushed = producer.flush({ timeoutMs: 20 });
    await expect(flushed).rejects.toMatchObject({ kind: "retriable" });
    expect(logOf(0)).toHaveLength(0);
    room.resolve();
    await sent;
    expect(logOf(0)).toHaveLength(1);
  });

  it("shows in a batch what was written and what was not", async () => {
    kafka.createTopic("orders", 2, { maxBytes: 10 });
    const producer = createProducer({ adapter: kafka.adapter });
    const results = await producer.sendBatch([
      { topic: "orders", partition: 0, value: "first" },
      { topic: "orders", partition: 0, value: "much too large" },
      { topic: "orders", partition: 7, value: "nowhere" },
      { topic: "missing", value: "x" },
      { topic: "orders", partition: 1, value: 42 } as never,
      { topic: "orders", partition: 0, value: "last" },
    ]);
    expect(results.map(({ offset, error }) => offset ?? `${error.kind}, ${error.outcome}`)).toEqual(
      [0, "rejected, failed", "rejected, failed", "configuration, failed", "rejected, failed", 1],
    );
    expect(results[2]!.error!.message).toBe("orders has no partition 7; it has 2, numbered 0 to 1");
    expect(results[4]!.error!.message).toContain("message.value: expected a string, bytes or null");
  });

  it.each<[string, unknown, string]>([
    ["a misspelt field", { topic: "orders", vlaue: "v" }, "Did you mean message.value?"],
    ["no value", { topic: "orders" }, "message.value: expected a string, bytes or null"],
    ["no topic", { value: "v" }, "message.topic: expected the name of a topic"],
    ["a negative partition", { topic: "orders", value: "v", partition: -1 }, "message.partition"],
    ["a date", { topic: "orders", value: "v", timestamp: new Date() }, "message.timestamp"],
    ["a header that is a number", { topic: "orders", value: "v", headers: { n: 1 } }, "headers.n"],
    ["nothing at all", null, "message: expected an object, got null"],
  ])("refuses %s", async (_, message, problem) => {
    const producer = createProducer({ adapter: kafka.adapter });
    await expect(producer.send(message as Message)).rejects.toThrow(problem);
  });

  it("finds partitions that a topic has got since", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    await producer.send({ topic: "orders", value: "v", partition: 5 });
    kafka.createTopic("orders", 8);
    await producer.send({ topic: "orders", value: "v", partition: 7 });
    expect(logOf(7)).toHaveLength(1);
  });

  it("replaces a client that has died, and passes the error on", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    let sends = 0;
    kafka.onProduce = () => {
      if (++sends === 1) throw portError("fatal", "dead", "unknown");
    };
    const first = producer.send({ topic: "orders", value: "v", partition: 0 });
    await expect(first).rejects.toMatchObject({ kind: "fatal", outcome: "unknown" });
    await producer.send({ topic: "orders", value: "v", partition: 0 });
    expect(kafka.producers).toHaveLength(2);
    await until("the dead one is closed", () => kafka.producers[0]!.closed);
  });

  it("tries to connect again after it could not", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    kafka.unreachable = portError("retriable", "no broker at localhost:1");
    await expect(producer.connect()).rejects.toThrow("no broker at localhost:1");
    kafka.unreachable = null;
    await producer.send({ topic: "orders", value: "v", partition: 0 });
    expect(logOf(0)).toHaveLength(1);
  });

  it("writes everything before it closes, and nothing afterwards", async () => {
    const producer = createProducer({ adapter: kafka.adapter });
    const gate = deferred();
    kafka.onProduce = () => gate.promise;
    const sent = producer.send({ topic: "orders", value: "v", partition: 0 });
    const closing = producer.close();
    gate.resolve();
    await closing;
    expect((await sent).offset).toBe(0);
    expect(kafka.producer.closed).toBe(true);
    await producer.close();
    await expect(producer.send({ topic: "orders", value: "v" })).rejects.toThrow("closed");
  });
});
