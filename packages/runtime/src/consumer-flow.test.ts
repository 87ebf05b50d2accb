// Options that shape the flow, through a whole consumer: that they arrive where they are decided.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Consumer, ConsumerOptions, Handler } from "./consumer-options.ts";
import { FakeKafka } from "./testing/fake-kafka.ts";
import { consumerOf, deferred, until } from "./testing/helpers.ts";

// Conditions have deadlines of their own, which say what was waited for.
vi.setConfig({ testTimeout: 30_000 });

let kafka: FakeKafka;
const started: Consumer[] = [];

beforeEach(() => {
  kafka = new FakeKafka();
  kafka.createTopic("orders", 2);
  kafka.createTopic("orders.dlq", 3);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((consumer) => consumer.stop({ drainTimeoutMs: 50 })));
});

async function run(handler: Handler, options?: Partial<ConsumerOptions>): Promise<Consumer> {
  const consumer = consumerOf(kafka, handler, options);
  started.push(consumer);
  await consumer.start();
  return consumer;
}

const committed = (offset: number): Promise<void> =>
  until(`committed at ${offset}`, () => kafka.committedOffset("orders", 0) === offset);

describe("commits", () => {
  it("go out for their number, long before the interval", async () => {
    await run(() => {}, { commitIntervalMs: 1e9, commitEvery: 10 });
    for (let i = 0; i < 10; i++) kafka.append("orders", `v${i}`, `k${i}`);
    await committed(10);
  });

  it("go out when nothing is left to do, long before the interval", async () => {
    await run(() => {}, { commitIntervalMs: 1e9, commitWhenIdleMs: 1 });
    kafka.append("orders", "v", "k");
    await committed(1);
  });
});

describe("explain", () => {
  it("tells which record the commits of a partition wait for", async () => {
    const end = deferred();
    const consumer = await run(() => end.promise, { commitIntervalMs: 1e9 });
    kafka.append("orders", "v", "k");
    await until("it runs", () => consumer.stats().running === 1);
    expect(consumer.explain("orders", 0)).toMatchObject({
      ...{ frontier: 0, position: 1 },
      waitsFor: { offset: 0, phase: "running", attempt: 1 },
    });
    end.resolve();
    await until("it is settled", () => consumer.explain("orders", 0)?.waitsFor === null);
    expect(consumer.explain("orders", 0)?.commit.nextAt).toBeGreaterThan(Date.now() + 1e8);
    expect(consumer.explain("orders", 9)).toBeNull();
  });
});
