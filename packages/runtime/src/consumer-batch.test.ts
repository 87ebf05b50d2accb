import type { Header, KafkaRecord } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import type {
  BatchConsumerOptions,
  BatchContext,
  BatchHandler,
  BatchResult,
  Consumer,
} from "./consumer-options.ts";
import { createConsumer } from "./create-consumer.ts";
import { NonRetryableError } from "./errors.ts";
import { FakeKafka } from "./testing/fake-kafka.ts";
import { consumerOf, deferred, record as recorded, text, until } from "./testing/helpers.ts";

// Conditions have deadlines of their own, which say what was waited for.
vi.setConfig({ testTimeout: 30_000 });

let kafka: FakeKafka;
const started: Consumer[] = [];

beforeEach(() => {
  kafka = new FakeKafka();
  kafka.createTopic("orders", 2);
  kafka.createTopic("orders.dlq", 1);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((consumer) => consumer.stop({ drainTimeoutMs: 50 })));
});

async function run(
  batchHandler: BatchHandler,
  options: Partial<BatchConsumerOptions> = {},
): Promise<Consumer> {
  const consumer = createConsumer({
    adapter: kafka.adapter,
    group: "test",
    topics: ["orders"],
    batch: { size: 10 },
    batchHandler,
    commitIntervalMs: 5,
    retry: { maxAttempts: 3, backoff: { type: "fixed", delayMs: 1 } },
    deadLetter: { topic: "orders.dlq" },
    ...options,
  });
  started.push(consumer);
  await consumer.start();
  return consumer;
}

/** Values of the records, batch by batch, as the handler is given them. */
function batchesOf(then: (records: readonly KafkaRecord[], context: BatchContext) => BatchResult) {
  const batches: (string | null)[][] = [];
  const handler: BatchHandler = (records, context) => {
    batches.push(records.map(({ value }) => text(value)));
    return then(records, context);
  };
  return { batches, handler };
}

function append(...values: readonly string[]): void {
  for (const value of values) kafka.append("orders", value, `key of ${value}`);
}

function committed(offset: number): Promise<void> {
  const isCommitted = (): boolean => kafka.committedOffset("orders") === offset;
  return until(`committed at ${offset}`, isCommitted);
}

const deadLetters = (): (string | null)[] =>
  kafka.log({ topic: "orders.dlq", partition: 0 }).map(({ value }) => text(value));

describe("a batch", () => {
  it("does not begin once its partition is paused, and comes as it was when it is resumed", async () => {
    append("0", "1", "2", "3", "4", "5", "6");
    const { batches, handler } = batchesOf(() => {
      if (batches.length === 1) consumer.pause();
    });
    const consumer: Consumer = createConsumer({
      adapter: kafka.adapter,
      group: "test",
      topics: ["orders"],
      batch: { size: 2 },
      batchHandler: handler,
      commitIntervalMs: 5,
      retry: { maxAttempts: Infinity },
    });
    started.push(consumer);
    await consumer.start();
    await committed(2);
    expect(batches).toEqual([["0", "1"]]);
    expect(consumer.stats().running).toBe(0);
    consumer.resume();
    await committed(7);
    expect(batches).toEqual([["0", "1"], ["2", "3"], ["4", "5"], ["6"]]);
  });

  it("holds up to `size` records in order of offset, and all of them are committed", async () => {
    append("0", "1", "2", "3", "4");
    const { batches, handler } = batchesOf(() => {});
    const consumer = await run(handler, { batch: { size: 2 } });
    await committed(5);
    expect(batches).toEqual([["0", "1"], ["2", "3"], ["4"]]);
    expect(consumer.stats().totals).toMatchObject({ settled: 5, retried: 0 });
  });

  it("waits `lingerMs` for company", async () => {
    append("0", "1");
    const { batches, handler } = batchesOf(() => {});
    const consumer = await run(handler, { batch: { size: 3, lingerMs: 60_000 } });
    await until("both are held", () => consumer.stats().heldRecords === 2);
    expect(batches).toEqual([]);
    append("2");
    await committed(3);
    expect(batches).toEqual([["0", "1", "2"]]);
  });

  it("goes without company when `lingerMs` have passed", async () => {
    append("0", "1");
    const { batches, handler } = batchesOf(() => {});
    await run(handler, { batch: { size: 3, lingerMs: 20 } });
    await committed(2);
    expect(batches).toEqual([["0", "1"]]);
  });

  it("is of one key by lane", async () => {
    for (const [value, key] of ["a0", "b0", "a1", "b1"].map((v) => [v, v[0]])) {
      kafka.append("orders", value!, key);
    }
    const { batches, handler } = batchesOf(() => {});
    await run(handler, { batch: { size: 10, by: "lane" } });
    await committed(4);
    expect(batches).toEqual([
      ["a0", "a1"],
      ["b0", "b1"],
    ]);
  });

  it("counts as one for the concurrency", async () => {
    append("0", "1", "2", "3", "4", "5");
    const hold = deferred();
    const { batches, handler } = batchesOf(() => {});
    const consumer = await run(
      async (records, context) => {
        await handler(records, context);
        await hold.promise;
      },
      { batch: { size: 2 }, concurrency: 2 },
    );
    await until("two run", () => batches.length === 2);
    expect(consumer.stats()).toMatchObject({ running: 2, heldRecords: 6 });
    hold.resolve();
    await committed(6);
  });
});

describe("the outcome of each record", () => {
  /** The first time as said, then success. */
  const once = (then: (context: BatchContext, records: readonly KafkaRecord[]) => BatchResult) => {
    let calls = 0;
    return batchesOf((records, context) => (calls++ === 0 ? then(context, records) : undefined));
  };

  it("is what the array says at its place", async () => {
    append("ok", "none", "again", "bad", "old", "broken");
    const { batches, handler } = once(() => [
      { outcome: "ok" },
      undefined,
      { outcome: "retry", afterMs: 1 },
      { outcome: "dead-letter", reason: "bad" },
      { outcome: "skip", reason: "old" },
      { outcome: "failed", error: new NonRetryableError("broken") },
    ]);
    const consumer = await run(handler);
    const retries = recorded(consumer, "retry");
    const skips = recorded(consumer, "skipped");
    const letters = recorded(consumer, "deadLetter");
    await committed(6);
    expect(batches.slice(1)).toEqual([["again"]]);
    expect(retries).toMatchObject([{ offset: 2, attempt: 1 }]);
    expect(skips).toMatchObject([{ offset: 4, reason: "old" }]);
    expect(letters.map(({ offset, reason }) => [offset, reason])).toEqual([
      [3, "manual: bad"],
      [5, "non-retryable: broken"],
    ]);
    expect(deadLetters()).toEqual(["bad", "broken"]);
  });

  it("may be a promise, whose rejection fails it alone", async () => {
    append("0", "1", "2");
    const { batches, handler } = once((_, records) =>
      records.map(async ({ offset }) => {
        await Promise.resolve();
        if (offset === 1) throw new Error("not this one");
      }),
    );
    await run(handler);
    await committed(3);
    expect(batches).toEqual([["0", "1", "2"], ["1"]]);
  });

  it("may be what Promise.allSettled says", async () => {
    append("0", "1", "2");
    let calls = 0;
    const { batches, handler } = batchesOf(() => {});
    await run(async (records, context) => {
      await handler(records, context);
      if (calls++ > 0) return;
      return Promise.allSettled(
        records.map(({ offset }) => {
          if (offset === 1) return Promise.reject(new Error("not this one"));
          return Promise.resolve(offset === 2 ? ({ outcome: "retry" } as const) : undefined);
        }),
      );
    });
    await committed(3);
    expect(batches).toEqual([
      ["0", "1", "2"],
      ["1", "2"],
    ]);
  });

  it("is what was noted, when the handler throws half way; the others have failed", async () => {
    append("0", "1", "2", "3");
    const { batches, handler } = once((context, records) => {
      context.done(records[0]!);
      context.done(records[1]!, { outcome: "skip", reason: "seen" });
      throw new Error("half way");
    });
    const consumer = await run(handler);
    const skips = recorded(consumer, "skipped");
    await committed(4);
    expect(batches.slice(1)).toEqual([["2"], ["3"]]);
    expect(skips).toMatchObject([{ offset: 1 }]);
  });

  it("is its own failure, when it alone is left and the handler throws", async () => {
    append("0", "1");
    const { batches, handler } = batchesOf((records, context) => {
      context.done(records[0]!);
      throw new NonRetryableError("bad");
    });
    await run(handler);
    await committed(2);
    expect(batches).toEqual([["0", "1"]]);
    expect(deadLetters()).toEqual(["1"]);
  });

  it("is found out one by one, when the handler throws because of one of them", async () => {
    append("0", "1", "bad", "3");
    const attempts: [string | null, number][] = [];
    await run((records, context) => {
      for (const each of records) attempts.push([text(each.value), context.of(each).attempt]);
      if (records.some(({ value }) => text(value) === "bad")) throw new NonRetryableError("bad");
    });
    await committed(4);
    expect(deadLetters()).toEqual(["bad"]);
    const of = (value: string) => attempts.filter(([each]) => each === value).map(([, n]) => n);
    expect(["0", "1", "bad", "3"].map(of)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it("is what was noted, where the array has nothing to say", async () => {
    append("0", "1");
    const { batches, handler } = once((context, records) => {
      context.done(records[0]!, { outcome: "retry" });
      context.done(records[1]!, { outcome: "retry" });
      return [undefined, { outcome: "skip", reason: "done after all" }];
    });
    await run(handler);
    await committed(2);
    expect(batches.slice(1)).toEqual([["0"]]);
  });

  it("is the one outcome that was returned", async () => {
    append("0", "1");
    const { batches, handler } = once(() => ({ outcome: "retry" }));
    await run(handler);
    await committed(2);
    expect(batches.slice(1)).toEqual([["0", "1"]]);
  });

  it("is a failure when the array is not as long as the batch, but for what was noted", async () => {
    append("0", "1", "2");
    const { batches, handler } = once((context, records) => {
      context.done(records[1]!);
      return [undefined, undefined];
    });
    const consumer = await run(handler);
    const retries = recorded(consumer, "retry");
    await committed(3);
    expect(batches.slice(1)).toEqual([["0"], ["2"]]);
    expect(retries[0]!.error).toContain("given 3 records and returned an array of 2");
  });

  it.each<[string, unknown]>([
    ["an outcome that does not exist", { outcome: "dead_letter" }],
    ["an error", new Error("x")],
    ["a rejection", { status: "rejected", reason: "x" }],
    ["a failure without an error", { outcome: "failed" }],
    [
      "an object that throws",
      {
        get outcome(): never {
          throw new Error("gotcha");
        },
      },
    ],
  ])("does not take %s for success", async (_, entry) => {
    append("0");
    const { batches, handler } = once(() => [entry] as BatchResult);
    await run(handler);
    await committed(1);
    expect(batches).toEqual([["0"], ["0"]]);
  });

  it.each<[unknown]>([[{ rows: 1 }], [true], [{ status: "rejected" }]])(
    "takes %j for success",
    async (entry) => {
      append("0");
      const { batches, handler } = once(() => [entry] as unknown as BatchResult);
      await run(handler);
      await committed(1);
      expect(batches).toEqual([["0"]]);
    },
  );
});

describe("the context", () => {
  it("tells the attempt, the message id and the signal of each record", async () => {
    append("0", "1");
    const attempts: number[][] = [];
    await run((records, context) => {
      attempts.push(records.map((record) => context.of(record).attempt));
      expect(context.of(records[0]!).messageId).not.toBe(context.of(records[1]!).messageId);
      expect(context.of(records[1]!).signal).toBe(context.signal);
      expect(context.of(records[0]!).epoch).toBe(context.epoch);
      return records.map(({ offset }) => (offset === 0 ? { outcome: "retry" } : undefined));
    });
    await committed(2);
    expect(attempts).toEqual([[1, 1], [2], [3]]);
    expect(deadLetters()).toEqual(["0"]);
  });

  it("knows only the records of its batch", async () => {
    append("0");
    const errors: unknown[] = [];
    await run((records, context) => {
      const stranger = { ...records[0]! };
      for (const call of [() => context.done(stranger), () => void context.of(stranger)]) {
        try {
          call();
        } catch (error) {
          errors.push(error);
        }
      }
    });
    await committed(1);
    expect(errors).toEqual([expect.any(RangeError), expect.any(RangeError)]);
    expect(String(errors[0])).toContain("orders-0@0 is not a record of this batch");
  });

  it("fires the signal when the partition is lost, and nothing of the batch counts", async () => {
    append("0", "1");
    const hold = deferred();
    const signals: AbortSignal[] = [];
    const consumer = await run(async (_, { signal }) => {
      signals.push(signal);
      await hold.promise;
    });
    const stale = recorded(consumer, "staleCompletion");
    await until("it runs", () => signals.length === 1);
    kafka.consumer.lose([{ topic: "orders", partition: 0 }]);
    expect(signals[0]!.aborted).toBe(true);
    hold.resolve();
    await until("both are counted", () => stale.length === 2);
    expect(stale.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(kafka.commits).toEqual([]);
  });
});

describe("a stop", () => {
  it("does not wait for company, and for what runs", async () => {
    append("0", "1", "2");
    const { batches, handler } = batchesOf(() => {});
    const hold = deferred();
    const consumer = await run(
      async (records, context) => {
        await handler(records, context);
        await hold.promise;
      },
      { batch: { size: 2, lingerMs: 60_000 } },
    );
    await until("two run", () => batches.length === 1);
    const stopped = consumer.stop({ drainTimeoutMs: 10_000 });
    hold.resolve();
    expect(await stopped).toEqual({ result: "clean" });
    // The third is the next member's.
    expect(batches).toEqual([["0", "1"]]);
    expect(kafka.committedOffset("orders")).toBe(2);
  });
});

it("a record of another wire version is set aside, and the batch goes without it", async () => {
  const version = (value: string): Header => ["sluice-spec", Buffer.from(value)];
  kafka.append("orders", "0", "a");
  kafka.append("orders", "1", "b", { headers: [version("2")] });
  kafka.append("orders", "2", "c");
  const { batches, handler } = batchesOf((records) => records.map(() => undefined));
  await run(handler, { trustedTopics: ["orders"] });
  await committed(3);
  expect(batches).toEqual([["0", "2"]]);
  expect(deadLetters()).toEqual(["1"]);
});

describe("handlerTimeoutMs", () => {
  it("fails the attempt, fires the signal and drops what the handler says then", async () => {
    kafka.append("orders", "0", "a");
    kafka.append("orders", "1", "a");
    const running = new Set<number>();
    const attempts: number[] = [];
    const reasons: unknown[] = [];
    const consumer = consumerOf(
      kafka,
      async ({ offset }, { signal, attempt }) => {
        expect(running.size).toBe(0);
        running.add(offset);
        attempts.push(attempt);
        if (offset === 0 && attempt === 1) {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          reasons.push(signal.reason);
          // It does not give up at once: no other may begin.
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        running.delete(offset);
        return { outcome: "skip", reason: "dropped, the first time" };
      },
      { handlerTimeoutMs: 20 },
    );
    started.push(consumer);
    const timeouts = recorded(consumer, "timedOut");
    const skips = recorded(consumer, "skipped");
    const retries = recorded(consumer, "retry");
    await consumer.start();
    await committed(2);
    expect(attempts).toEqual([1, 2, 1]);
    expect((reasons[0] as Error).name).toBe("TimeoutError");
    expect(timeouts).toMatchObject([{ offset: 0, attempt: 1, records: 1 }]);
    expect(timeouts[0]!.runningMs).toBeGreaterThanOrEqual(20);
    expect(retries).toMatchObject([{ offset: 0, attempt: 1 }]);
    expect(retries[0]!.error).toContain("had not returned after 20 ms");
    expect(skips.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(consumer.stats().totals).toMatchObject({ timedOut: 1, lateResults: 1 });
  });

  it("fails all records of a batch", async () => {
    append("0", "1");
    const consumer = await run(
      async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
      { handlerTimeoutMs: 10, retry: { maxAttempts: 1 } },
    );
    const timeouts = recorded(consumer, "timedOut");
    await committed(2);
    expect(timeouts).toMatchObject([{ offset: 0, records: 2 }]);
    expect(deadLetters()).toEqual(["0", "1"]);
    const [letter] = kafka.log({ topic: "orders.dlq", partition: 0 });
    const kinds = letter!.headers.filter(([name]) => name === "sluice-error-kind");
    expect(kinds.map(([, value]) => text(value))).toEqual(["timeout"]);
  });
});

it("a handler of batches is checked by its type", () => {
  expectTypeOf<{ rows: number }[]>().not.toExtend<BatchResult>();
  expectTypeOf<{ outcome: "dead_letter" }[]>().not.toExtend<BatchResult>();
  expectTypeOf<Promise<{ outcome: "ok" } | undefined>[]>().toExtend<BatchResult>();
  expectTypeOf<PromiseSettledResult<void>[]>().toExtend<BatchResult>();
});
