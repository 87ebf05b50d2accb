import type { Adapter } from "@sluice/core";
import { partitionFor, readEnvelope } from "@sluice/core";
import { createConsumer, createProducer, NonRetryableError } from "@sluice/runtime";
import type {
  Consumer,
  ConsumerEventMap,
  ConsumerOptions,
  Handler,
  KafkaRecord,
  Producer,
} from "@sluice/runtime";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { forEachAdapter, rigFor, testLogger, type Rig } from "../harness/adapters.ts";
import { awaitUntil } from "../harness/await-until.ts";

forEachAdapter("createConsumer and createProducer", (tested) => {
  const rig = rigFor(tested);
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  function producerOf(adapter: Adapter): Producer {
    const producer = createProducer({ adapter, logger: testLogger });
    closers.push(() => producer.close({ timeoutMs: 5000 }));
    return producer;
  }

  async function consume(
    { adapter }: Rig,
    topics: readonly string[],
    group: string,
    handler: Handler,
    options: Partial<ConsumerOptions> = {},
  ): Promise<Consumer> {
    const consumer = createConsumer({
      adapter: adapter(),
      group,
      topics,
      handler,
      commitIntervalMs: 100,
      retry: { maxAttempts: 3, backoff: { type: "fixed", delayMs: 10 } },
      logger: testLogger,
      ...options,
    });
    closers.push(() => consumer.stop({ drainTimeoutMs: 1000 }));
    await consumer.start();
    return consumer;
  }

  it("keeps the order of each key through retries, dead-letters the poisonous, commits the rest", async () => {
    const at = await rig();
    const { witness } = at;
    const orders = await witness.topic("orders", 3);
    const dlq = await witness.topic("orders-dlq", 2);
    const producer = producerOf(at.adapter());
    const messages = Array.from({ length: 120 }, (_, i) => ({
      topic: orders,
      key: `customer-${i % 10}`,
      value: JSON.stringify({ n: i, poisonous: i % 40 === 17, flaky: i % 9 === 4 }),
      headers: { "x-sent-by": "test" },
    }));
    const sent = await producer.sendBatch(messages);
    for (const [i, { partition, error }] of sent.entries()) {
      expect(error).toBeUndefined();
      expect(partition).toBe(partitionFor("murmur2", Buffer.from(messages[i]!.key), 3));
    }

    const done = new Map<string, number[]>();
    const deadLetters: ConsumerEventMap["deadLetter"][] = [];
    const group = witness.name("g");
    const consumer = await consume(
      at,
      [orders],
      group,
      async ({ key, value }, { attempt }) => {
        const { n, poisonous, flaky } = JSON.parse(text(value)!) as {
          n: number;
          poisonous: boolean;
          flaky: boolean;
        };
        await new Promise((resolve) => setImmediate(resolve));
        if (poisonous) throw new Error(`cannot digest ${n}`);
        if (flaky && attempt < 3) throw new Error("not now");
        const name = text(key)!;
        done.set(name, [...(done.get(name) ?? []), n]);
      },
      { deadLetter: { topic: dlq } },
    );
    consumer.on("deadLetter", (event) => deadLetters.push(event));
    await awaitUntil("all settled", () => consumer.stats().totals["settled"] === 120);
    expect(await consumer.stop()).toEqual({ result: "clean" });

    const poisonous = [17, 57, 97];
    for (const [key, numbers] of done) {
      const mine = messages.flatMap(({ key: of }, i) => (of === key ? [i] : []));
      expect(numbers).toEqual(mine.filter((n) => !poisonous.includes(n)));
    }
    let committed = 0;
    for (const partition of [0, 1, 2]) {
      const { high } = await witness.marks(orders, partition);
      if (high === 0) continue;
      expect((await witness.committed(group, orders, partition)).offset).toBe(`${high}`);
      committed += high;
    }
    expect(committed).toBe(120);

    expect(deadLetters.map(({ attempts }) => attempts)).toEqual([3, 3, 3]);
    for (const { topic, partition, offset, to } of deadLetters) {
      expect(to.partition).toBe(partition % 2);
      const letter = (await witness.content(dlq, to.partition))[to.offset]!;
      const headers = Object.entries(letter.headers).map(([n, v]) => [n, v as Buffer] as const);
      expect(readEnvelope({ ...to, headers }, { trusted: true })).toMatchObject({
        dlqReason: "retries-exhausted",
        origin: { topic, partition, offset, partitionCount: 3 },
        errorKind: "unknown",
        errorMessage: expect.stringContaining("cannot digest"),
      });
      expect(letter.key).toMatch(/^customer-/);
      expect(String(letter.headers["x-sent-by"])).toBe("test");
    }
  });

  it("goes on where the group has committed, and repeats nothing after a clean stop", async () => {
    const at = await rig();
    const { witness } = at;
    const topic = await witness.topic("restart");
    const dlq = await witness.topic("restart-dlq");
    const group = witness.name("g");
    await witness.produce(topic, ["a", "b", "c"]);
    const seen: string[] = [];
    const handler: Handler = ({ value }) => void seen.push(text(value)!);
    const first = await consume(at, [topic], group, handler, { deadLetter: { topic: dlq } });
    await awaitUntil("three", () => seen.length === 3);
    expect(await first.stop()).toEqual({ result: "clean" });
    await witness.produce(topic, ["d"]);
    await consume(at, [topic], group, handler, { deadLetter: { topic: dlq } });
    await awaitUntil("four", () => seen.length === 4);
    expect(seen).toEqual(["a", "b", "c", "d"]);
  });

  it("carries null and empty keys and values and headers that are not UTF-8", async () => {
    const at = await rig();
    const { witness } = at;
    const topic = await witness.topic("bytes");
    const dlq = await witness.topic("bytes-dlq");
    const producer = producerOf(at.adapter());
    const partition = 0;
    const header = Buffer.from([0, 0, 0, 255, 0xc3, 0x28]);
    await producer.sendBatch([
      { topic, partition, key: null, value: "", headers: { bin: header } },
      { topic, partition, key: "", value: null },
      { topic, partition, key: Buffer.from([0, 255]), value: Buffer.from([0xc3, 0x28]) },
    ]);
    const seen: KafkaRecord[] = [];
    const consumer = await consume(
      at,
      [topic],
      witness.name("g"),
      (record) => {
        seen.push(record);
        throw new NonRetryableError("to the dead letters, byte for byte");
      },
      { deadLetter: { topic: dlq }, ordering: "partition" },
    );
    await awaitUntil("all settled", () => consumer.stats().totals["settled"] === 3);
    await consumer.stop();

    const letters: KafkaRecord[] = [];
    await consume(at, [dlq], witness.name("g"), (record) => void letters.push(record), {
      retry: { maxAttempts: Infinity },
    });
    await awaitUntil("three dead letters", () => letters.length === 3);
    for (const records of [seen, letters]) {
      expect(records.map(({ key }) => hex(key))).toEqual([null, "", "00ff"]);
      expect(records.map(({ value }) => hex(value))).toEqual(["", null, "c328"]);
      const value = records[0]!.headers.find(([name]) => name === "bin")![1];
      expect(hex(value)).toBe(header.toString("hex"));
    }
  });

  it("commits nothing past a dead letter that its topic does not accept", async () => {
    const at = await rig();
    const { witness } = at;
    const topic = await witness.topic("large");
    const dlq = await witness.topic("large-dlq", 1, { "max.message.bytes": "2000" });
    const group = witness.name("g");
    await witness.produce(topic, ["fine", "x".repeat(5000), "fine too"]);
    const failures: ConsumerEventMap["deadLetterFailed"][] = [];
    const done: number[] = [];
    const consumer = await consume(
      at,
      [topic],
      group,
      ({ value, offset }) => {
        if (value!.length > 1000) throw new NonRetryableError("too much");
        done.push(offset);
      },
      { deadLetter: { topic: dlq } },
    );
    consumer.on("deadLetterFailed", (event) => failures.push(event));
    await awaitUntil("tried twice", () => failures.length >= 2);
    expect(failures[0]).toMatchObject({ topic, partition: 0, offset: 1 });
    expect(failures[0]!.error).toMatch(/large|size/i);
    expect(consumer.health().status).toBe("degraded");
    await awaitUntil("the others are done", () => done.length === 2);
    await consumer.stop({ drainTimeoutMs: 1000 });
    expect((await witness.committed(group, topic)).offset).toBe("1");
    expect(await witness.marks(dlq)).toEqual({ low: 0, high: 0 });
  });

  it("refuses a missing topic by name before it consumes anything", async () => {
    const at = await rig();
    const { witness } = at;
    const topic = await witness.topic("there");
    const missing = witness.name("missing");
    const options = { deadLetter: { topic } };
    await expect(consume(at, [missing], witness.name("g"), () => {}, options)).rejects.toThrow(
      `topics[0]: the topic "${missing}" does not exist`,
    );
    const lost = { deadLetter: { topic: missing } };
    await expect(consume(at, [topic], witness.name("g"), () => {}, lost)).rejects.toThrow(
      `deadLetter.topic: the topic "${missing}" does not exist`,
    );
    const producer = producerOf(at.adapter());
    await expect(producer.send({ topic: missing, value: "v" })).rejects.toMatchObject({
      kind: "configuration",
      message: expect.stringContaining(missing),
    });
    expect(await witness.admin((admin) => admin.listTopics())).not.toContain(missing);
  });

  it("says within ten seconds which address has no broker", async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const adapter = tested.create({ brokers: [address] });
    const consumer = createConsumer({
      adapter,
      group: "g",
      topics: ["t"],
      handler: () => {},
      deadLetter: { topic: "t.dlq" },
    });
    const producer = producerOf(adapter);
    const began = performance.now();
    const errors = await Promise.all(
      [consumer.start(), producer.connect()].map((failing) => failing.catch((e: unknown) => e)),
    );
    expect(performance.now() - began).toBeLessThan(10_000);
    for (const error of errors) {
      expect(error).toMatchObject({ name: "PortError", kind: "retriable" });
      expect((error as Error).message).toContain(address);
    }
    expect(await consumer.stop()).toEqual({ result: "clean" });
  });

  describe("stop", () => {
    it("is forced by a handler that never resolves, and leaves the group within its time", async () => {
      const at = await rig();
      const { witness } = at;
      const topic = await witness.topic("stuck");
      const dlq = await witness.topic("stuck-dlq");
      const group = witness.name("g");
      await witness.produce(topic, [
        { key: "a", value: "done" },
        { key: "b", value: "stuck" },
      ]);
      const stalls: ConsumerEventMap["stalled"][] = [];
      const consumer = await consume(
        at,
        [topic],
        group,
        ({ offset }) => (offset === 1 ? new Promise<void>(() => {}) : undefined),
        { deadLetter: { topic: dlq }, stallAfterMs: 200 },
      );
      consumer.on("stalled", (event) => stalls.push(event));
      await awaitUntil("the stall is reported", () => stalls.length > 0);
      expect(stalls[0]).toMatchObject({ topic, partition: 0, offset: 1 });
      const began = performance.now();
      expect(await consumer.stop({ drainTimeoutMs: 1500 })).toEqual({ result: "forced" });
      expect(performance.now() - began).toBeLessThan(6500);
      expect((await witness.committed(group, topic)).offset).toBe("1");
      const seen: number[] = [];
      await consume(at, [topic], group, ({ offset }) => void seen.push(offset), {
        deadLetter: { topic: dlq },
      });
      await awaitUntil("the next member has it", () => seen.length === 1);
      expect(seen).toEqual([1]);
    });

    it("returns when the broker is gone", async () => {
      const at = await rig();
      const { witness, cluster } = at;
      const topic = await witness.topic("gone");
      const dlq = await witness.topic("gone-dlq");
      await witness.produce(topic, ["v"]);
      const seen: number[] = [];
      const consumer = await consume(
        at,
        [topic],
        witness.name("g"),
        ({ offset }) => void seen.push(offset),
        { deadLetter: { topic: dlq }, commitIntervalMs: 60_000 },
      );
      await awaitUntil("it is handled", () => seen.length === 1);
      await cluster.signal(cluster.nodes[0]!, "kill");
      try {
        const began = performance.now();
        await consumer.stop({ drainTimeoutMs: 1000 });
        expect(performance.now() - began).toBeLessThan(16_000);
        expect(consumer.health().status).toBe("stopped");
      } finally {
        await cluster.restart(cluster.nodes[0]!);
        await cluster.healthy(30_000);
      }
    });
  });

  it("hands work over between two members without running anything twice", async () => {
    const at = await rig();
    const { witness } = at;
    const topic = await witness.topic("handover", 4);
    const dlq = await witness.topic("handover-dlq");
    const group = witness.name("g");
    for (const partition of [0, 1, 2, 3]) {
      await witness.produce(topic, values(100), partition);
    }
    const runs = new Map<string, number>();
    const shares = { first: 0, second: 0 };
    const handler =
      (member: keyof typeof shares): Handler =>
      async ({ partition, offset }) => {
        const name = `${partition}@${offset}`;
        runs.set(name, (runs.get(name) ?? 0) + 1);
        shares[member]++;
        await new Promise((resolve) => setTimeout(resolve, 60));
      };
    const options = { deadLetter: { topic: dlq }, concurrency: 8 };
    const first = await consume(at, [topic], group, handler("first"), options);
    await awaitUntil("the first is at work", () => runs.size > 40);
    const second = await consume(at, [topic], group, handler("second"), options);
    await awaitUntil("the second shares the work", () => shares.second > 0, 40_000);
    // Moves again while both are in the middle of something.
    expect(await second.stop()).toEqual({ result: "clean" });
    await awaitUntil("everything has run", () => runs.size === 400, 40_000);
    expect(await first.stop()).toEqual({ result: "clean" });
    expect([...runs].filter(([, count]) => count !== 1)).toEqual([]);
  });
});

function values(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `v${i}`);
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("utf8");
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("hex");
}

/** A port that nobody listens on: claimed, then given back. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
