import { ConfigurationError, ConsumerEngine, PortError } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Consumer } from "./consumer-options.ts";
import { ConsumerShell } from "./consumer-shell.ts";
import { FakeKafka, portError } from "./testing/fake-kafka.ts";
import { consumerOf, deferred, record, until } from "./testing/helpers.ts";
import { systemEnvironment } from "./environment.ts";
import { validateConsumerOptions } from "./validate-options.ts";

// Conditions have deadlines of their own, which say what was waited for.
vi.setConfig({ testTimeout: 30_000 });

let kafka: FakeKafka;
const started: Consumer[] = [];

beforeEach(() => {
  kafka = new FakeKafka();
  kafka.createTopic("orders", 1);
  kafka.createTopic("orders.dlq", 1);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((consumer) => consumer.stop({ drainTimeoutMs: 50 })));
});

function consumer(
  ...args: Parameters<typeof consumerOf> extends [unknown, ...infer R] ? R : never
) {
  const made = consumerOf(kafka, ...args);
  started.push(made);
  return made;
}

describe("start", () => {
  it.each([
    ["topics[0]", ["orders"], "orders.dlq"],
    ["topics[1]", ["orders.dlq", "orders"], "letters"],
    ["deadLetter.topic", ["orders.dlq"], "orders"],
  ])("names the missing topic of %s and opens nothing", async (path, topics, deadLetter) => {
    kafka = new FakeKafka();
    kafka.createTopic("orders.dlq", 1);
    kafka.createTopic("letters", 1);
    const made = consumer(() => {}, { topics, deadLetter: { topic: deadLetter } });
    const error = await made.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(
      `${path}: the topic "orders" does not exist. Create it`,
    );
    expect(kafka.openAdmins).toBe(0);
    expect(kafka.producers).toHaveLength(0);
    expect(kafka.consumers).toHaveLength(0);
  });

  it("fails with the port's error, closes what it opened, and may be tried again", async () => {
    const made = consumer(() => {});
    kafka.unreachable = portError("retriable", "no broker at localhost:1");
    await expect(made.start()).rejects.toThrow("no broker at localhost:1");
    expect(made.health()).toMatchObject({
      status: "starting",
      reasons: ["no broker at localhost:1"],
    });
    kafka.unreachable = null;
    await made.start();
    expect(made.health()).toEqual({ status: "healthy", reasons: [] });
  });

  it("closes the producer and the port when the port cannot start", async () => {
    const made = consumer(() => {});
    const rejected = deferred();
    kafka.autoAssign = false;
    const { consumer: create } = kafka.adapter;
    kafka.adapter.consumer = (options) => {
      const port = create(options) as (typeof kafka.consumers)[0];
      port.starting = rejected.promise;
      return port;
    };
    rejected.reject(portError("authentication", "wrong password"));
    await expect(made.start()).rejects.toMatchObject({ kind: "authentication" });
    expect(kafka.consumer.closed).toBe(true);
    await until("the producer is closed", () => kafka.producer.closed);
  });

  it("needs no producer without dead letters", async () => {
    const made = consumer(() => {}, {
      retry: { maxAttempts: Infinity },
      deadLetter: undefined as never,
    });
    await made.start();
    expect(kafka.producers).toHaveLength(0);
  });

  it("called twice starts once", async () => {
    const made = consumer(() => {});
    await Promise.all([made.start(), made.start()]);
    expect(kafka.consumers).toHaveLength(1);
  });
});

describe("stop", () => {
  it("waits for what runs, commits it and closes everything", async () => {
    kafka.append("orders", "v");
    const hold = deferred();
    const made = consumer(() => hold.promise);
    await made.start();
    await until("it runs", () => made.stats().running === 1);
    const stopping = made.stop({ drainTimeoutMs: 5000 });
    expect(made.stop()).toBe(stopping);
    hold.resolve();
    expect(await stopping).toEqual({ result: "clean" });
    expect(kafka.committedOffset("orders")).toBe(1);
    expect(kafka.consumer.closed).toBe(true);
    expect(kafka.producer.closed).toBe(true);
    expect(made.health().status).toBe("stopped");
    expect(made.stats().partitions).toEqual([]);
    await expect(made.start()).rejects.toThrow("create a new one");
  });

  it("is forced by a handler that never resolves, within its time", async () => {
    kafka.append("orders", "done", "a");
    kafka.append("orders", "stuck", "b");
    let signal: AbortSignal | undefined;
    const made = consumer((rec, context) => {
      if (rec.offset === 0) return;
      signal = context.signal;
      return new Promise(() => {});
    });
    await made.start();
    await until("one is stuck", () => made.stats().running === 1 && signal !== undefined);
    const began = performance.now();
    expect(await made.stop({ drainTimeoutMs: 300 })).toEqual({ result: "forced" });
    expect(performance.now() - began).toBeLessThan(1000);
    expect(signal!.aborted).toBe(true);
    expect(kafka.committedOffset("orders")).toBe(1);
  });

  it("is not changed by a handler that resolves afterwards", async () => {
    kafka.append("orders", "v");
    const hold = deferred();
    const made = consumer(() => hold.promise);
    const stale = record(made, "staleCompletion");
    await made.start();
    await until("it runs", () => made.stats().running === 1);
    expect(await made.stop({ drainTimeoutMs: 20 })).toEqual({ result: "forced" });
    hold.resolve();
    await until("it is counted", () => stale.length === 1);
    expect(made.stats().totals["staleCompletions"]).toBe(1);
    expect(kafka.commits).toEqual([]);
    expect(made.health().status).toBe("stopped");
  });

  it("waits for a dead letter on its way", async () => {
    kafka.append("orders", "v");
    const gate = deferred();
    let sending = false;
    kafka.onProduce = () => {
      sending = true;
      return gate.promise;
    };
    const made = consumer(() => ({ outcome: "dead-letter", reason: "test" }));
    await made.start();
    await until("it is sent", () => sending);
    const stopping = made.stop({ drainTimeoutMs: 5000 });
    gate.resolve();
    expect(await stopping).toEqual({ result: "clean" });
    expect(kafka.committedOffset("orders")).toBe(1);
  });

  it("before start does nothing, and start is refused after it", async () => {
    const made = consumer(() => {});
    expect(await made.stop()).toEqual({ result: "clean" });
    await expect(made.start()).rejects.toThrow("create a new one");
    expect(kafka.consumers).toHaveLength(0);
  });

  it("during start ends both", async () => {
    const gate = deferred();
    const made = consumer(() => {});
    const { consumer: create } = kafka.adapter;
    kafka.adapter.consumer = (options) => {
      const port = create(options) as (typeof kafka.consumers)[0];
      port.starting = gate.promise;
      return port;
    };
    const starting = made.start().catch((error: unknown) => error);
    await until("the port starts", () => kafka.consumers.length === 1);
    const stopping = made.stop({ drainTimeoutMs: 1000 });
    gate.resolve();
    expect(await stopping).toEqual({ result: "clean" });
    expect(String(await starting)).toContain("stopped before it had started");
    expect(kafka.consumer.closed).toBe(true);
    expect(kafka.producer.closed).toBe(true);
  });

  it("during a start that hangs returns all the same", async () => {
    const made = consumer(() => {});
    const { consumer: create } = kafka.adapter;
    kafka.adapter.consumer = (options) => {
      const port = create(options) as (typeof kafka.consumers)[0];
      port.starting = new Promise(() => {});
      return port;
    };
    const starting = made.start().catch((error: unknown) => error);
    await until("the port starts", () => kafka.consumers.length === 1);
    expect(await made.stop({ drainTimeoutMs: 50 })).toEqual({ result: "clean" });
    expect(await starting).toBeInstanceOf(Error);
  });

  it("returns when the cluster is gone and commits go unanswered", async () => {
    kafka.append("orders", "v");
    const made = consumer(() => {});
    await made.start();
    kafka.consumer.onCommit = () => new Promise(() => {});
    await until("it is handled", () => made.stats().totals["settled"] === 1);
    const began = performance.now();
    await made.stop({ drainTimeoutMs: 200 });
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it("refuses a time that is none", async () => {
    const made = consumer(() => {});
    await made.start();
    expect(() => made.stop({ drainTimeoutMs: -1 })).toThrow("drainTimeoutMs: expected an integer");
    expect(() => made.stop({ drainTimeout: 1 } as never)).toThrow("Did you mean drainTimeoutMs?");
    expect(made.health().status).toBe("healthy");
  });
});

describe("a client that goes down", () => {
  it("and comes back by itself is only reported", async () => {
    const made = consumer(() => {});
    const downs = record(made, "down");
    await made.start();
    await until("assigned", () => made.stats().partitions.length === 1);
    kafka.consumer.down(portError("retriable", "no coordinator"), true);
    expect(downs).toMatchObject([{ willRestart: true }]);
    expect(made.health()).toMatchObject({
      status: "degraded",
      reasons: [expect.stringContaining("no coordinator")],
    });
    kafka.consumer.lose([{ topic: "orders", partition: 0 }]);
    await kafka.consumer.assign([{ topic: "orders", partition: 0 }]);
    expect(made.health().status).toBe("healthy");
    expect(kafka.consumers).toHaveLength(1);
  });

  it("for good is replaced; what it held is lost, and its late answers say nothing", async () => {
    kafka.append("orders", "v");
    const hold = deferred();
    let calls = 0;
    const made = consumer(() => (++calls === 1 ? hold.promise : undefined));
    const lost = record(made, "lost");
    const assigned = record(made, "assigned");
    await made.start();
    await until("it runs", () => calls === 1);
    const dead = kafka.consumer;
    dead.down(portError("fatal", "the client is dead"), false);
    expect(lost).toMatchObject([{ partitions: [{ topic: "orders", partition: 0, epoch: 1 }] }]);
    await until("the new one is assigned", () => assigned.length === 2);
    expect(kafka.consumers).toHaveLength(2);
    expect(dead.closed).toBe(true);
    // The port numbers its epochs from 1 again; the engine must not take them for the old ones.
    expect(assigned[1]!.partitions[0]!.epoch).toBe(2);
    expect(made.health().status).toBe("healthy");
    hold.resolve();
    await until("committed", () => kafka.committedOffset("orders") === 1);
    expect(calls).toBe(2);
    expect(made.stats().totals["staleCompletions"]).toBe(1);
    expect(await made.stop()).toEqual({ result: "clean" });
  });

  it("is tried again until it starts", async () => {
    const made = consumer(() => {});
    const downs = record(made, "down");
    await made.start();
    await until("assigned", () => made.stats().partitions.length === 1);
    kafka.unreachable = portError("retriable", "no broker");
    kafka.consumer.down(portError("fatal", "dead"), false);
    await until("a second attempt has failed", () => downs.length === 2);
    expect(downs[1]).toMatchObject({ error: { message: "no broker" }, willRestart: true });
    expect(kafka.consumers[1]!.closed).toBe(true);
    kafka.unreachable = null;
    await until("it is assigned again", () => made.stats().partitions.length === 1);
    expect(made.health().status).toBe("healthy");
  });

  it("because of its rights is not tried for ever", async () => {
    const made = consumer(() => {});
    const downs = record(made, "down");
    await made.start();
    kafka.unreachable = portError("authentication", "the password has changed");
    kafka.consumer.down(portError("authentication", "the password has changed"), true);
    await until("it gives up", () => made.health().status === "failed", 20_000);
    expect(downs.map(({ willRestart }) => willRestart)).toEqual([true, true, false]);
    expect(made.health().reasons).toEqual(["the password has changed"]);
    await until("the producer is closed", () => kafka.producer.closed);
    expect(await made.stop()).toEqual({ result: "clean" });
  });

  it("can be stopped while it waits to be replaced", async () => {
    const made = consumer(() => {});
    await made.start();
    kafka.unreachable = portError("retriable", "no broker");
    kafka.consumer.down(portError("fatal", "dead"), false);
    const began = performance.now();
    expect(await made.stop()).toEqual({ result: "clean" });
    expect(performance.now() - began).toBeLessThan(900);
  });
});

describe("a client that delivers nothing", () => {
  it("is reported while records wait, and no longer when they come", async () => {
    const made = consumer(() => {}, { idleAfterMs: 20 });
    const quiet = record(made, "notDelivering");
    await made.start();
    await until("assigned", () => made.stats().partitions.length === 1);
    kafka.consumer.stalled = true;
    kafka.append("orders", "v");
    await until("it is reported", () => quiet.length > 0);
    expect(quiet[0]).toMatchObject({ topic: "orders", partition: 0, position: 0, end: 1 });
    expect(made.health()).toMatchObject({
      status: "degraded",
      reasons: [expect.stringContaining("orders-0 delivers nothing: position 0, log end 1")],
    });
    kafka.consumer.stalled = false;
    kafka.consumer.wake();
    await until("it is well again", () => made.health().status === "healthy");
  });
});

it("a defect of the engine ends the consumer: nothing more is committed", async () => {
  const settings = validateConsumerOptions({
    adapter: kafka.adapter,
    group: "test",
    topics: ["orders"],
    handler: () => {},
    commitIntervalMs: 5,
    deadLetter: { topic: "orders.dlq" },
  });
  const made = new ConsumerShell(
    settings,
    (config, sink) => {
      const engine = new ConsumerEngine(config, sink);
      engine.recordsFetched = () => {
        throw new Error("index out of range");
      };
      return engine;
    },
    systemEnvironment,
  );
  started.push(made);
  const downs = record(made, "down");
  await made.start();
  kafka.append("orders", "v");
  await until("it has failed", () => made.health().status === "failed");
  expect(downs).toMatchObject([
    { willRestart: false, error: { message: "internal error: index out of range" } },
  ]);
  await until("the port is closed", () => kafka.consumer.closed);
  await expect(made.start()).rejects.toThrow("has failed; create a new one");
  expect(await made.stop()).toEqual({ result: "forced" });
  expect(kafka.commits).toEqual([]);
});

it("an error of an unknown kind is a PortError all the same", async () => {
  const made = consumer(() => {});
  kafka.unreachable = new TypeError("a broken adapter") as never;
  const error = await made.start().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PortError);
  expect((error as Error).message).toBe("looking up the topics: a broken adapter");
});
