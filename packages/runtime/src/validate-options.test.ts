import { ConfigurationError } from "@sluice/core";
import { describe, expect, it } from "vitest";
import type { ConsumerOptions } from "./consumer-options.ts";
import { createConsumer } from "./create-consumer.ts";
import { createProducer } from "./create-producer.ts";
import { FakeKafka } from "./testing/fake-kafka.ts";

const { adapter } = new FakeKafka();
const good: ConsumerOptions = {
  adapter,
  group: "g",
  topics: ["orders"],
  deadLetter: { topic: "orders.dlq" },
  handler: () => {},
};

const batched = (batch: unknown): Record<string, unknown> => ({
  handler: undefined,
  batchHandler: () => {},
  batch,
});

function problem(change: Record<string, unknown>): string {
  try {
    createConsumer({ ...good, ...change });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  return "accepted";
}

describe("createConsumer", () => {
  it("accepts the least that is needed", () => {
    expect(problem({})).toBe("accepted");
    expect(problem(batched({ size: 1 }))).toBe("accepted");
  });

  it("takes a budget of one batch, and a drain as long as a handler may take, or none", () => {
    expect(problem({ ...batched({ size: 100 }), budget: { records: 100 } })).toBe("accepted");
    expect(problem({ handlerTimeoutMs: 2_000, drainTimeoutMs: 2_000 })).toBe("accepted");
    expect(problem({ handlerTimeoutMs: 2_000, drainTimeoutMs: 0 })).toBe("accepted");
    expect(problem({ handlerTimeoutMs: 60_000 })).toBe("accepted");
  });

  it("has a default budget for every concurrency", () => {
    expect(problem({ concurrency: 1_000_000 })).toBe("accepted");
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a misspelt option", { conccurency: 8 }, "Did you mean concurrency?"],
    ["a misspelt nested option", { deadLetter: { topc: "x" } }, "Did you mean deadLetter.topic?"],
    ["an unknown option", { zebra: 1 }, "Known here: adapter, group"],
    [
      "no adapter",
      { adapter: undefined },
      "adapter: expected an adapter, got nothing. Pass kafkajs(",
    ],
    ["an adapter that is not called", { adapter: () => adapter }, "got a function"],
    ["no group", { group: "" }, "group: expected a string that is not empty"],
    ["a topic outside an array", { topics: "orders" }, 'Write topics: ["orders"].'],
    ["no topic", { topics: [] }, "topics: expected an array of at least one topic"],
    [
      "an impossible topic",
      { topics: ["a b"] },
      'topics[0]: expected the name of a topic, got "a b"',
    ],
    ["a topic twice", { topics: ["a", "a"] }, '"a" is named twice'],
    ["no handler", { handler: undefined }, "handler: expected a function"],
    ["a handler that is an object", { handler: {} }, "handler: expected a function, got an object"],
    ["two handlers", { batchHandler: () => {}, batch: { size: 2 } }, "or handler alone"],
    ["a batch without its handler", { batch: { size: 2 } }, "or handler alone"],
    [
      "a batch and no handler at all",
      { handler: undefined, batch: { size: 2 } },
      "batchHandler: expected a function, got nothing",
    ],
    [
      "a handler of batches without a size",
      { handler: undefined, batchHandler: () => {} },
      "Write batch: { size: 100 }",
    ],
    ["an empty batch", batched({ size: 0 }), "batch.size: expected an integer from 1 to 100000"],
    ["a misspelt batch option", batched({ size: 2, linger: 5 }), "Did you mean batch.lingerMs?"],
    [
      "a negative linger",
      batched({ size: 2, lingerMs: -1 }),
      "batch.lingerMs: expected an integer",
    ],
    ["batches by key", batched({ size: 2, by: "key" }), '"lane" or "partition"'],
    [
      "batches of lanes of one record",
      { ...batched({ size: 2, by: "lane" }), ordering: "none" },
      'Set batch.by to "partition"',
    ],
    ["no time at all", { handlerTimeoutMs: 0 }, "handlerTimeoutMs: expected an integer from 1"],
    ["no concurrency", { concurrency: 0 }, "concurrency: expected an integer from 1 to 1000000"],
    ["half a handler", { concurrency: 1.5 }, "got 1.5"],
    [
      "a concurrency upside down",
      { concurrency: { min: 9, max: 3, policy: "aimd" } },
      "concurrency.max: 3 is less than min, which is 9",
    ],
    [
      "a misspelt policy",
      { concurrency: { min: 1, max: 3, policy: "gradien" } },
      'Did you mean "gradient"?',
    ],
    ["no rate at all", { rateLimit: { perSecond: 0 } }, "rateLimit.perSecond: expected an integer"],
    ["a rate of nothing", { rateLimit: { burst: 1 } }, "rateLimit.perSecond: expected an integer"],
    [
      "release at a half",
      { earlyRelease: { settledPercent: 49 } },
      "earlyRelease.settledPercent: expected an integer from 50 to 100",
    ],
    [
      "early release to nowhere",
      { earlyRelease: {}, deadLetter: undefined, retry: { maxAttempts: Infinity } },
      "earlyRelease: there is no dead letter topic",
    ],
    ["an ordering that does not exist", { ordering: "keys" }, 'Did you mean "key"?'],
    ["a start that does not exist", { startAt: "beginning" }, '"earliest" or "latest"'],
    ["no attempts", { retry: { maxAttempts: 0 } }, "retry.maxAttempts: expected an integer from 1"],
    [
      "retries without an end for most errors, one without a dead letter topic",
      {
        deadLetter: undefined,
        retry: { maxAttempts: Infinity, byKind: { timeout: { maxAttempts: 2 } } },
      },
      "after 2 failed attempts (retry.byKind.timeout)",
    ],
    ["a retry policy for nothing", { retry: { maxWaiting: 0 } }, "retry.maxWaiting: expected"],
    ["a misspelt retry option", { retry: { maxAttempt: 3 } }, "Did you mean retry.maxAttempts?"],
    [
      "a negative interval",
      { commitIntervalMs: -1 },
      "commitIntervalMs: expected an integer from 1",
    ],
    ["commits for nothing", { commitEvery: 0 }, "commitEvery: expected an integer from 1"],
    [
      "half a moment of rest",
      { commitWhenIdleMs: 0.5 },
      "commitWhenIdleMs: expected an integer from 0",
    ],
    ["an endless drain", { drainTimeoutMs: Infinity }, "drainTimeoutMs: expected an integer"],
    ["a budget of nothing", { budget: { records: 0 } }, "budget.records: expected"],
    [
      "a budget below one batch",
      { ...batched({ size: 100 }), budget: { records: 99 } },
      "budget.records: 99 records are less than a batch of 100, so that none is ever full",
    ],
    [
      "a stop that cuts off handlers that are in time",
      { handlerTimeoutMs: 2_000, drainTimeoutMs: 1_999 },
      "drainTimeoutMs: 1999 ms is less than the 2000 ms that handlerTimeoutMs allows a handler",
    ],
    ["no dead letter topic", { deadLetter: undefined }, "after 5 failed attempts. Give deadLetter"],
    ["dead letters to where they come from", { deadLetter: { topic: "orders" } }, "also consumed"],
    ["a stack by yes", { deadLetter: { topic: "x", includeStack: 1 } }, "expected true or false"],
    [
      "a hook that is none",
      { deadLetter: { topic: "x", redact: /x/ } },
      "deadLetter.redact: expected a function",
    ],
    [
      "no room for a dead letter",
      { deadLetter: { topic: "x", maxBytes: 100 } },
      "deadLetter.maxBytes: expected an integer from 16384",
    ],
    ["trust outside an array", { trustedTopics: "orders" }, 'Write trustedTopics: ["orders"].'],
    [
      "trust in what is not consumed",
      { trustedTopics: ["order"] },
      'trustedTopics[0]: "order" is not among the topics that are consumed',
    ],
    ["a cluster without a name", { identity: { cluster: "" } }, "identity.cluster: expected"],
    ["a misspelt identity", { identity: { idheaders: true } }, "Did you mean identity.idHeader?"],
    ["half a logger", { logger: { info() {} } }, 'logger: it has no method "debug"'],
  ])("refuses %s", (_, change, message) => {
    expect(problem(change)).toContain(message);
  });

  it("needs no dead letter topic when it retries for ever", () => {
    expect(problem({ deadLetter: undefined, retry: { maxAttempts: Infinity } })).toBe("accepted");
  });

  it("refuses what is no object", () => {
    expect(() => createConsumer(null as never)).toThrow("options: expected an object, got null");
  });
});

describe("createProducer", () => {
  it("refuses unknown options and partitioners", () => {
    expect(() => createProducer({ adapter, partitoner: "x" } as never)).toThrow(
      "Did you mean partitioner?",
    );
    expect(() => createProducer({ adapter, partitioner: "murmur" as never })).toThrow(
      'Did you mean "murmur2"?',
    );
  });
});
