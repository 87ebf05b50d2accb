import { createConsumer } from "@sluice/runtime";
import { expect, it } from "vitest";
import { createTestCluster } from "./index.ts";

it("retries with backoff, in virtual time", async () => {
  const cluster = createTestCluster({ topics: { orders: 3, "orders.dlq": 3 } });
  const attempts: number[] = [];
  const consumer = createConsumer({
    adapter: cluster.adapter(),
    group: "billing",
    topics: ["orders"],
    retry: { maxAttempts: 5, backoff: { type: "fixed", delayMs: 30_000 } },
    deadLetter: { topic: "orders.dlq" },
    handler: async (record, { attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error("the bank is closed");
    },
  });
  await consumer.start();
  await cluster.produce("orders", [{ key: "o-1", value: "10 EUR", partition: 0 }]);
  expect(attempts).toEqual([1]);

  await cluster.advance(29_999);
  expect(attempts).toEqual([1]);
  await cluster.advance(1);
  expect(attempts).toEqual([1, 2]);

  await cluster.idle();
  expect(attempts).toEqual([1, 2, 3]);
  expect(cluster.committed("billing", "orders", 0)).toBe(1);
  expect(cluster.lag("billing")).toBe(0);
  await cluster.run(() => consumer.stop());
});

it("sets a record aside that nobody can handle, with its story", async () => {
  const cluster = createTestCluster({ topics: { orders: 1, "orders.dlq": 1 } });
  const consumer = createConsumer({
    adapter: cluster.adapter(),
    group: "billing",
    topics: ["orders"],
    deadLetter: { topic: "orders.dlq" },
    handler: async ({ value }) => {
      JSON.parse(Buffer.from(value!).toString());
    },
  });
  await consumer.start();
  await cluster.produce("orders", [
    { key: "o-1", value: "{}" },
    { key: "o-2", value: "no JSON", headers: { source: "shop" } },
  ]);
  // The dead letter is refused at first: it is written later, never skipped.
  cluster.fail.nextProduce("orders.dlq", "authorization");
  await cluster.idle();

  const [letter] = cluster.deadLetters("orders.dlq");
  expect(letter).toMatchObject({ key: "o-2", value: "no JSON" });
  expect(letter?.envelope).toMatchObject({
    origin: { topic: "orders", partition: 0, offset: 1 },
    group: "billing",
    dlqReason: "retries-exhausted",
    errorClass: "SyntaxError",
    retryCount: 4,
  });
  expect(letter?.record.headers[0]).toEqual(["source", Buffer.from("shop")]);
  expect(cluster.committed("billing", "orders", 0)).toBe(2);
  await cluster.run(() => consumer.stop());
});

it("hands partitions over without loss or repetition, and survives a crash", async () => {
  const cluster = createTestCluster({ topics: { orders: 4, "orders.dlq": 1 } });
  const handled: string[] = [];
  const start = async (name: string) => {
    const consumer = createConsumer({
      adapter: cluster.adapter(name),
      group: "billing",
      topics: ["orders"],
      deadLetter: { topic: "orders.dlq" },
      handler: async ({ value }) => {
        await cluster.sleep(100);
        handled.push(Buffer.from(value!).toString());
      },
    });
    await consumer.start();
    return consumer;
  };
  const values = Array.from({ length: 100 }, (_, i) => `order ${i}`);
  await start("a");
  await cluster.produce(
    "orders",
    values.map((value, i) => ({ key: `o-${i % 10}`, value })),
  );
  await cluster.advance(250);
  // While "a" works, "b" comes and takes half of the partitions over.
  await start("b");
  await cluster.idle();
  expect(handled.toSorted()).toEqual(values.toSorted());

  // "a" dies with work in hand. "b" does all that "a" had not committed.
  await cluster.produce("orders", [{ key: "o-3", value: "the last order" }]);
  cluster.crash("a");
  await cluster.idle();
  expect(new Set(handled)).toEqual(new Set([...values, "the last order"]));
  expect(cluster.lag("billing")).toBe(0);
});
