import type { Consumer, ConsumerOptions, Handler } from "@sluice/runtime";
import { createConsumer, createProducer } from "@sluice/runtime";
import { setTimeout as realSleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { createTestCluster } from "./index.ts";
import type { Protocol, TestCluster } from "./index.ts";

const PROTOCOLS: readonly Protocol[] = ["eager", "cooperative", "consumer"];

function clusterOf(protocol: Protocol = "cooperative"): TestCluster {
  return createTestCluster({ topics: { orders: 2, "orders.dlq": 1 }, protocol });
}

async function start(
  cluster: TestCluster,
  handler: Handler,
  options: Partial<ConsumerOptions> & { readonly name?: string } = {},
): Promise<Consumer> {
  const { name, ...rest } = options;
  const consumer = createConsumer({
    adapter: cluster.adapter(name),
    group: "g",
    topics: ["orders"],
    deadLetter: { topic: "orders.dlq" },
    handler,
    ...rest,
  });
  await consumer.start();
  return consumer;
}

function text({ value }: { readonly value: Uint8Array | null }): string {
  return Buffer.from(value!).toString();
}

const TEN = Array.from({ length: 10 }, (_, i) => ({ key: `k${i}`, value: `v${i}` }));
const VALUES = TEN.map(({ value }) => value);

describe.each(PROTOCOLS)("a test cluster, %s", (protocol) => {
  it("delivers everything, commits it and stops", async () => {
    const cluster = clusterOf(protocol);
    const seen: string[] = [];
    const consumer = await start(cluster, (record) => void seen.push(text(record)));
    await cluster.produce("orders", TEN);
    await cluster.idle();
    expect(seen.toSorted()).toEqual(VALUES);
    const ends = [0, 1].map(
      (p) => cluster.records("orders").filter(({ partition }) => partition === p).length,
    );
    expect([0, 1].map((p) => cluster.committed("g", "orders", p))).toEqual(ends);
    expect(await cluster.run(() => consumer.stop())).toEqual({ result: "clean" });
  });

  it("hands over to a second member and back when that one stops", async () => {
    const cluster = clusterOf(protocol);
    const seen: string[] = [];
    const handler: Handler = (record) => void seen.push(text(record));
    const a = await start(cluster, handler);
    await cluster.idle();
    const b = await start(cluster, handler);
    await cluster.idle();
    expect([a, b].map((each) => each.stats().partitions.length)).toEqual([1, 1]);
    await cluster.produce("orders", TEN);
    await cluster.run(() => b.stop());
    await cluster.idle();
    expect(a.stats().partitions).toHaveLength(2);
    expect(seen.toSorted()).toEqual(VALUES);
  });

  it("repeats what a crashed member had not committed, and nothing else", async () => {
    const cluster = clusterOf(protocol);
    const seen: string[] = [];
    const handler: Handler = (record) => void seen.push(text(record));
    await start(cluster, handler, { name: "a", commitIntervalMs: 1000 });
    await cluster.produce("orders", TEN);
    await cluster.advance(5000);
    await cluster.produce("orders", [{ key: "k1", value: "late" }]);
    cluster.crash("a");
    await start(cluster, handler, { name: "b" });
    await cluster.idle();
    expect(seen.filter((value) => value === "late")).toHaveLength(2);
    expect(seen).toHaveLength(12);
  });

  it("tells an evicted member that its partitions are lost, and takes it back", async () => {
    const cluster = clusterOf(protocol);
    const lost: number[] = [];
    const consumer = await start(cluster, () => {}, { name: "a" });
    consumer.on("lost", ({ partitions }) => lost.push(partitions.length));
    await cluster.idle();
    cluster.evict("a");
    await cluster.advance(5000);
    expect(lost).toEqual([2]);
    await cluster.produce("orders", TEN);
    await cluster.idle();
    expect(consumer.stats().partitions).toHaveLength(2);
  });

  it("is lost to a process that sleeps longer than its session", async () => {
    const cluster = clusterOf(protocol);
    const owners: string[] = [];
    const a = await start(cluster, () => void owners.push("a"), { name: "a" });
    await cluster.idle();
    cluster.pause("a");
    await start(cluster, () => void owners.push("b"), { name: "b" });
    await cluster.produce("orders", TEN);
    await cluster.advance(90_000);
    expect(new Set(owners)).toEqual(new Set(["b"]));
    cluster.resume("a");
    await cluster.advance(30_000);
    await cluster.idle();
    expect(a.stats().partitions).toHaveLength(1);
  });

  it("goes on after an outage of the broker", async () => {
    const cluster = clusterOf(protocol);
    const seen: string[] = [];
    await start(cluster, (record) => void seen.push(text(record)));
    await cluster.idle();
    cluster.broker.stop();
    await cluster.advance(30_000);
    cluster.broker.start();
    await cluster.produce("orders", TEN);
    await cluster.idle();
    expect(seen.toSorted()).toEqual(VALUES);
  });

  it("moves partitions when asked for a rebalance", async () => {
    const cluster = clusterOf(protocol);
    const a = await start(cluster, () => {});
    await start(cluster, () => {});
    await cluster.idle();
    const before = a.stats().partitions.map(({ partition }) => partition);
    const assigned: number[] = [];
    a.on("assigned", ({ partitions }) => assigned.push(...partitions.map((p) => p.partition)));
    for (let i = 0; i < 4 && assigned.every((p) => before.includes(p)); i++) {
      cluster.rebalance("g");
      await cluster.advance(15_000);
    }
    expect(assigned.some((p) => !before.includes(p))).toBe(true);
  });
});

describe("virtual time", () => {
  it("does not pass by itself", async () => {
    const cluster = clusterOf();
    const began = cluster.now;
    await start(cluster, () => {});
    await cluster.produce("orders", TEN);
    await realSleep(20);
    expect(cluster.now).toBe(began);
    expect(cluster.committed("g", "orders", 0)).toBeNull();
    await cluster.advance(1000);
    expect(cluster.now).toBe(began + 1000);
    expect(cluster.committed("g", "orders", 0)).not.toBeNull();
  });

  it("waits for handlers that do something real", async () => {
    // With patience to spare: how long 20 ms take on a busy machine is not what is tested.
    const cluster = createTestCluster({
      topics: { orders: 2, "orders.dlq": 1 },
      patienceMs: 30_000,
    });
    let done = 0;
    await start(cluster, async () => {
      await realSleep(20);
      done++;
    });
    const began = cluster.now;
    await cluster.produce("orders", TEN);
    await cluster.idle();
    expect(done).toBe(10);
    // The commit interval, and nothing on account of the handlers.
    expect(cluster.now - began).toBeLessThanOrEqual(2500);
  });

  it("does not wait for ever for a handler that waits for the test", async () => {
    const cluster = createTestCluster({ topics: { orders: 1 }, patienceMs: 10 });
    let finish = (): void => {};
    await start(cluster, () => new Promise<void>((resolve) => (finish = resolve)), {
      deadLetter: undefined as never,
      retry: { maxAttempts: Infinity },
    });
    await cluster.produce("orders", [{ value: "v" }]);
    await cluster.advance(60_000);
    await expect(cluster.idle(10_000)).rejects.toThrow(
      /a lag of 1 in orders; 1 handlers are running, .* is waited for 10 ms \(patienceMs\)/,
    );
    finish();
    await cluster.idle();
    expect(cluster.lag("g")).toBe(0);
  });

  // Not nextTick: it cannot be faked in a child process, which is what runs this.
  it.each(["setTimeout", "setImmediate", "queueMicrotask", "performance", "Date"] as const)(
    "passes beside a fake %s",
    async (name) => {
      vi.useFakeTimers({ toFake: [name] });
      try {
        const cluster = createTestCluster({
          topics: { orders: 1, "orders.dlq": 1 },
          patienceMs: 10,
        });
        const attempts: number[] = [];
        const never = new Promise<void>(() => {});
        await start(cluster, (_, { attempt }) => {
          attempts.push(attempt);
          if (attempt === 1) throw new Error("once more");
          return never;
        });
        await cluster.produce("orders", [{ value: "v" }]);
        await expect(cluster.idle(60_000)).rejects.toThrow("1 handlers are running");
        expect(attempts).toEqual([1, 2]);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it("passes as far as a task needs it", async () => {
    const cluster = clusterOf();
    const began = cluster.now;
    expect(
      await cluster.run(async () => {
        await cluster.sleep(7000);
        return "done";
      }),
    ).toBe("done");
    expect(cluster.now).toBe(began + 7000);
    await expect(cluster.run(() => Promise.reject(new Error("x")))).rejects.toThrow("x");
  });
});

describe("failures", () => {
  it("a commit whose answer is lost is sent again", async () => {
    const cluster = clusterOf();
    const failed: string[] = [];
    const consumer = await start(cluster, () => {});
    consumer.on("commitFailed", ({ error }) => failed.push(error));
    cluster.fail.nextCommit("answer-lost");
    cluster.fail.nextCommit("request-lost");
    await cluster.produce("orders", TEN);
    await cluster.idle();
    expect(cluster.lag("g")).toBe(0);
    await cluster.advance(10_000);
    expect(failed).toHaveLength(2);
    expect(
      consumer.stats().partitions.map(({ committed, frontier }) => committed === frontier),
    ).toEqual([true, true]);
  });

  it("names what does not exist", async () => {
    const cluster = clusterOf();
    await expect(cluster.produce("nope", TEN)).rejects.toThrow('there is no topic "nope"');
    expect(() => cluster.crash("nobody")).toThrow('there is no process "nobody"; there are: none');
    cluster.adapter("a");
    expect(() => cluster.adapter("a")).toThrow('a process "a" is running');
    cluster.crash("a");
    cluster.adapter("a");
  });
});

it("serves producers too, with ids that depend on the seed alone", async () => {
  const ids = async (): Promise<unknown> => {
    const cluster = clusterOf();
    const producer = createProducer({ adapter: cluster.adapter() });
    await producer.connect();
    await producer.sendBatch(TEN.map((message) => ({ topic: "orders", ...message })));
    await cluster.run(() => producer.close());
    return cluster.records("orders").map(({ key, headers }) => [text({ value: key }), headers]);
  };
  const first = await ids();
  expect(first).toHaveLength(10);
  expect(await ids()).toEqual(first);
});
