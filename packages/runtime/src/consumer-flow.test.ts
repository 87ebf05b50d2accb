// Options that shape the flow, through a whole consumer: that they arrive where they are decided.

import { readEnvelope } from "@sluice/core";
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

describe("the number of handlers", () => {
  it("follows their latency within its bounds", async () => {
    const concurrency = { min: 2, max: 5, policy: "aimd" } as const;
    const consumer = await run(() => Promise.resolve(), { concurrency });
    expect(consumer.stats().concurrency).toBe(5);
    for (let i = 0; i < 50; i++) kafka.append("orders", `v${i}`, `k${i}`);
    await committed(50);
  });

  it("is limited by a rate", async () => {
    let handled = 0;
    const handler = (): void => void handled++;
    const consumer = await run(handler, { rateLimit: { perSecond: 1, burst: 3 } });
    for (let i = 0; i < 10; i++) kafka.append("orders", `v${i}`, `k${i}`);
    await until("all are held", () => consumer.stats().totals["fetched"] === 10);
    // One more each second: this test is over long before the last.
    await until("the burst has been handled", () => handled >= 3);
    expect(handled).toBeLessThan(10);
    expect(consumer.explain("orders", 0)?.waitsFor).toMatchObject({ reason: "rate" });
  });
});

describe("a record that holds up its partition", () => {
  it("becomes a dead letter early, with the reason blocked", async () => {
    const reasons: string[] = [];
    const consumer = await run(
      ({ offset }) => {
        if (offset === 0) throw new Error("not yet");
      },
      {
        retry: { maxAttempts: 9, backoff: { type: "fixed", delayMs: 1e9 } },
        earlyRelease: { minBehind: 5 },
      },
    );
    consumer.on("deadLetter", ({ reason }) => reasons.push(reason));
    for (let i = 0; i < 6; i++) kafka.append("orders", `v${i}`, `k${i}`);
    await committed(6);
    expect(reasons).toEqual(["blocked: not yet"]);
    const [letter] = kafka.log({ topic: "orders.dlq", partition: 0 });
    expect(readEnvelope({ ...letter!, offset: 0 }, { trusted: true }).dlqReason).toBe("blocked");
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
