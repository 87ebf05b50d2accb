import type { Envelope, OutgoingRecord } from "@sluice/core";
import { readEnvelope } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Consumer, ConsumerOptions, Handler, HandlerContext } from "./consumer-options.ts";
import { NonRetryableError, RetryableError } from "./errors.ts";
import { FakeKafka, portError } from "./testing/fake-kafka.ts";
import { consumerOf, deferred, memoryLogger, record, text, until } from "./testing/helpers.ts";

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

function committed(offset: number, partition = 0): Promise<void> {
  return until(
    `orders-${partition} committed at ${offset}`,
    () => kafka.committedOffset("orders", partition) === offset,
  );
}

/** What the headers of a dead letter say. */
function said(letter: OutgoingRecord): Envelope {
  return readEnvelope({ ...letter, offset: 0 }, { trusted: true });
}

function deadLetters(partition = 0): readonly OutgoingRecord[] {
  return kafka.log({ topic: "orders.dlq", partition });
}

describe("a consumer", () => {
  it("hands records to the handler in order of their key and commits them", async () => {
    const seen: string[] = [];
    for (let i = 0; i < 20; i++) kafka.append("orders", `v${i}`, `k${i % 3}`);
    await run(async ({ key, value }) => {
      await Promise.resolve();
      seen.push(`${text(key)}:${text(value)}`);
    });
    await committed(20);
    for (const key of ["k0", "k1", "k2"]) {
      const numbers = seen.filter((s) => s.startsWith(key)).map((s) => Number(s.split("v")[1]));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    expect(seen).toHaveLength(20);
  });

  it("starts where the group has committed", async () => {
    for (let i = 0; i < 5; i++) kafka.append("orders", `v${i}`);
    kafka.committed.set("orders-0", { offset: 3, metadata: "" });
    const seen: number[] = [];
    const consumer = await run(({ offset }) => void seen.push(offset));
    await committed(5);
    expect(seen).toEqual([3, 4]);
    expect(consumer.stats().partitions[0]).toMatchObject({ position: 5, frontier: 5 });
  });

  it("keeps null and empty keys and values apart", async () => {
    const seen: unknown[] = [];
    kafka.append("orders", null, "");
    kafka.append("orders", "", null);
    kafka.append("orders", null, null);
    await run(({ key, value }) => void seen.push([text(key), text(value)]), {
      ordering: "partition",
    });
    await committed(3);
    expect(seen).toEqual([
      ["", null],
      [null, ""],
      [null, null],
    ]);
  });

  it("hands over headers that are not UTF-8, and keeps them in the dead letter", async () => {
    const value = Uint8Array.of(0, 0, 0, 255, 128);
    kafka.append("orders", "v", "k", {
      headers: [
        ["bin", value],
        ["bin", null],
      ],
    });
    let seen: unknown;
    await run(({ headers }) => {
      seen = headers[0]![1];
      return { outcome: "dead-letter", reason: "test" };
    });
    await committed(1);
    expect(seen).toEqual(value);
    expect(deadLetters()[0]!.headers.slice(0, 2)).toEqual([
      ["bin", value],
      ["bin", null],
    ]);
  });

  it("tells the handler the attempt, the epoch, the message id and the trace", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    kafka.append("orders", "v", "k", {
      headers: [
        ["traceparent", Buffer.from(traceparent)],
        ["sluice-message-id", Buffer.from("id-1")],
      ],
    });
    const contexts: HandlerContext[] = [];
    await run((_, context) => {
      contexts.push(context);
      if (context.attempt < 2) throw new Error("again");
    });
    await committed(1);
    expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(contexts[0]).toMatchObject({ messageId: "id-1", trace: { traceparent } });
    expect(contexts[0]!.epoch).toBeGreaterThan(0);
    expect(contexts[0]!.signal.aborted).toBe(false);
  });
});

describe("a failing handler", () => {
  it("is called again until it succeeds, and nothing of its record is committed before", async () => {
    kafka.append("orders", "v");
    let attempts = 0;
    const consumer = await run(
      () => {
        expect(kafka.committedOffset("orders")).toBe(null);
        if (++attempts < 7) throw new Error(`no. ${attempts}`);
      },
      { retry: { maxAttempts: Infinity, backoff: { type: "fixed", delayMs: 1 } } },
    );
    const retries = record(consumer, "retry");
    await committed(1);
    expect(attempts).toBe(7);
    expect(retries.at(-1)).toMatchObject({ offset: 0, attempt: 6, delayMs: 1, error: "no. 6" });
    expect(consumer.stats().totals).toMatchObject({ retried: 6, settled: 1 });
  });

  it("holds its own key back and no other", async () => {
    const gate = deferred();
    kafka.append("orders", "bad", "a");
    kafka.append("orders", "later", "a");
    kafka.append("orders", "other", "b");
    const done: string[] = [];
    await run(async ({ value }, { attempt }) => {
      if (text(value) === "bad" && attempt === 1) throw new RetryableError("first");
      if (text(value) === "bad") await gate.promise;
      done.push(text(value)!);
    });
    await until("the other key is done", () => done.includes("other"));
    expect(done).toEqual(["other"]);
    gate.resolve();
    await committed(3);
    expect(done).toEqual(["other", "bad", "later"]);
  });

  it.each<[string, unknown, string]>([
    ["an error", new Error("boom"), "boom"],
    ["a string", "just text", "just text"],
    ["nothing", undefined, "undefined"],
    ["null", null, "null"],
    ["a frozen object", Object.freeze({ why: "cold" }), "{ why: 'cold' }"],
  ])("that throws %s ends as a dead letter that says so", async (_, thrown, message) => {
    kafka.append("orders", "v", "k", { partition: 1 });
    const consumer = await run(() => {
      throw thrown;
    });
    const events = record(consumer, "deadLetter");
    await committed(1, 1);
    expect(events).toMatchObject([
      {
        topic: "orders",
        partition: 1,
        offset: 0,
        attempts: 3,
        reason: `retries-exhausted: ${message}`,
        to: { topic: "orders.dlq", partition: 1, offset: 0 },
      },
    ]);
    const letter = deadLetters(1)[0]!;
    expect(text(letter.key)).toBe("k");
    expect(text(letter.value)).toBe("v");
    expect(said(letter)).toMatchObject({ dlqReason: "retries-exhausted", retryCount: 2 });
  });

  it("that rejects is no different", async () => {
    kafka.append("orders", "v");
    await run(() => Promise.reject(null));
    await committed(1);
    expect(deadLetters()).toHaveLength(1);
  });

  it("that says nothing will help is not called again", async () => {
    kafka.append("orders", "v");
    let calls = 0;
    await run(() => {
      calls++;
      throw new NonRetryableError("never");
    });
    await committed(1);
    expect(calls).toBe(1);
    expect(said(deadLetters()[0]!)).toMatchObject({ dlqReason: "non-retryable" });
  });

  it("that returns a misspelt outcome has failed", async () => {
    kafka.append("orders", "v");
    await run((() => ({ outcome: "okay" })) as never);
    await committed(1);
    expect(said(deadLetters()[0]!)).toMatchObject({
      errorMessage: expect.stringContaining('the outcome "okay"'),
    });
  });

  it("may return what it likes otherwise", async () => {
    for (let i = 0; i < 4; i++) kafka.append("orders", "v");
    const values = [true, { rows: 3 }, "ok", null];
    await run((async () => values.pop()) as never);
    await committed(4);
    expect(deadLetters()).toHaveLength(0);
  });

  it("may return a thenable that calls back twice", async () => {
    kafka.append("orders", "v");
    const consumer = await run((() => ({
      then: (yes: () => void, no: (e: unknown) => void) => {
        yes();
        no(new Error("and again"));
      },
    })) as never);
    await committed(1);
    expect(consumer.stats().totals).toMatchObject({ settled: 1, unknownTokens: 0 });
  });

  it("skips with a reason, audited", async () => {
    kafka.append("orders", "v");
    const consumer = await run(() => ({ outcome: "skip", reason: "too old" }));
    const skipped = record(consumer, "skipped");
    await committed(1);
    expect(skipped).toMatchObject([{ offset: 0, reason: "too old" }]);
  });

  it("asks for another attempt after a time of its own", async () => {
    kafka.append("orders", "v");
    const consumer = await run((_, { attempt }) =>
      attempt === 1 ? { outcome: "retry", afterMs: 17, reason: "busy" } : undefined,
    );
    const retries = record(consumer, "retry");
    await committed(1);
    expect(retries).toMatchObject([{ delayMs: 17, error: "busy" }]);
  });
});

describe("a dead letter", () => {
  it("is acknowledged before its offset is committed", async () => {
    const gate = deferred();
    kafka.onProduce = () => gate.promise;
    kafka.append("orders", "bad", "a");
    kafka.append("orders", "good", "b");
    const consumer = await run(({ value }) => {
      if (text(value) === "bad") throw new NonRetryableError("x");
    });
    await until("the other is settled", () => consumer.stats().totals["settled"] === 1);
    kafka.append("orders", "x", "c", { partition: 1 });
    await committed(1, 1); // a commit went out meanwhile
    expect(kafka.committedOffset("orders", 0) ?? 0).toBe(0);
    expect(consumer.stats().waitingForDeadLetter).toBe(1);
    gate.resolve();
    await committed(2);
    expect(deadLetters()).toHaveLength(1);
  });

  it("larger than its topic accepts holds the offset back, and says so", async () => {
    kafka.createTopic("orders.dlq", 1, { maxBytes: 10 });
    kafka.append("orders", "x".repeat(100), "a");
    kafka.append("orders", "good", "b");
    const consumer = await run(({ value }) => {
      if (value!.length > 50) throw new NonRetryableError("too much");
    });
    const failures = record(consumer, "deadLetterFailed");
    await until("it is tried twice", () => failures.length >= 2);
    expect(failures[0]).toMatchObject({
      offset: 0,
      error: "101 bytes are more than orders.dlq accepts",
    });
    expect(failures[0]!.retryInMs).toBeGreaterThan(0);
    expect(consumer.health()).toMatchObject({
      status: "degraded",
      reasons: [expect.stringContaining("the dead letter of orders-0@0 could not be written")],
    });
    await consumer.stop({ drainTimeoutMs: 200 });
    expect(kafka.committedOffset("orders") ?? 0).toBe(0);
  });

  it("goes out through a new producer when the old one has died", async () => {
    kafka.append("orders", "bad");
    let sends = 0;
    kafka.onProduce = () => {
      if (++sends === 1) throw portError("fatal", "the producer is dead", "unknown");
    };
    await run(() => ({ outcome: "dead-letter", reason: "test" }));
    await committed(1);
    expect(kafka.producers).toHaveLength(2);
    await until("the dead producer is closed", () => kafka.producers[0]!.closed);
    expect(deadLetters()).toHaveLength(1);
  });
});

describe("signals and stalls", () => {
  it("reports a handler that never resolves, by its record", async () => {
    kafka.append("orders", "v");
    const consumer = await run(() => new Promise(() => {}), { stallAfterMs: 20 });
    const stalls = record(consumer, "stalled");
    // Looked at while it is said: it holds for 40 ms only.
    const reasons: (string | undefined)[] = [];
    consumer.on("stalled", () => reasons.push(consumer.health().reasons[0]));
    await until("two reports", () => stalls.length >= 2);
    expect(stalls[0]).toMatchObject({ topic: "orders", partition: 0, offset: 0, attempt: 1 });
    expect(stalls[1]!.runningMs).toBeGreaterThanOrEqual(40);
    expect(reasons[0]).toContain("the handler has been at orders-0@0 for");
  });

  it("fires the signal of a handler whose partition is lost, also one read afterwards", async () => {
    kafka.append("orders", "v");
    kafka.append("orders", "v", null, { partition: 1 });
    const contexts: HandlerContext[] = [];
    const before: AbortSignal[] = [];
    const hold = deferred();
    await run((_, context) => {
      contexts.push(context);
      if (contexts.length === 1) before.push(context.signal);
      return hold.promise;
    });
    await until("both run", () => contexts.length === 2);
    kafka.consumer.lose([
      { topic: "orders", partition: 0 },
      { topic: "orders", partition: 1 },
    ]);
    expect(before[0]!.aborted).toBe(true);
    expect(contexts[1]!.signal.aborted).toBe(true);
    expect((contexts[1]!.signal.reason as Error).name).toBe("AbortError");
    hold.resolve();
  });

  it("counts what finishes after its partition was lost, and commits nothing of it", async () => {
    kafka.append("orders", "v");
    const hold = deferred();
    const consumer = await run(() => hold.promise);
    const stale = record(consumer, "staleCompletion");
    await until("it runs", () => consumer.stats().running === 1);
    kafka.consumer.lose([{ topic: "orders", partition: 0 }]);
    hold.resolve();
    await until("it is counted", () => stale.length === 1);
    expect(stale[0]).toMatchObject({ topic: "orders", partition: 0, offset: 0 });
    expect(consumer.stats().totals["staleCompletions"]).toBe(1);
    expect(kafka.commits).toEqual([]);
  });
});

describe("a revocation", () => {
  it("waits for what runs, commits it, and only then lets go", async () => {
    for (let i = 0; i < 3; i++) kafka.append("orders", `v${i}`, "same");
    const hold = deferred();
    const ran: number[] = [];
    const consumer = await run(({ offset }) => {
      ran.push(offset);
      return hold.promise;
    });
    const events: string[] = [];
    consumer.on("revoking", () => events.push("revoking"));
    consumer.on("committed", () => events.push("committed"));
    consumer.on("revoked", () => events.push("revoked"));
    await until("the first runs", () => ran.length === 1);
    const revoked = kafka.consumer.revoke([{ topic: "orders", partition: 0 }], 5000);
    expect(events).toEqual(["revoking"]);
    hold.resolve();
    await revoked;
    expect(events).toEqual(["revoking", "committed", "revoked"]);
    expect(kafka.committedOffset("orders")).toBe(1);
    expect(ran).toEqual([0]);
  });

  it("names what was given up, and not what was lost while a handler was waited for", async () => {
    const both = [0, 1].map((partition) => ({ topic: "orders", partition }));
    for (const { partition } of both) kafka.append("orders", "v", null, { partition });
    const hold = deferred();
    const consumer = await run(() => hold.promise);
    const [revoked, lost] = [record(consumer, "revoked"), record(consumer, "lost")];
    await until("both run", () => consumer.stats().running === 2);
    const revocation = kafka.consumer.revoke(both, 5000);
    kafka.consumer.lose([both[0]!]);
    hold.resolve();
    await revocation;
    expect(lost).toMatchObject([{ partitions: [both[0]] }]);
    expect(revoked).toMatchObject([{ partitions: [both[1]] }]);
    expect(kafka.committedOffset("orders", 0)).toBeNull();
    expect(kafka.committedOffset("orders", 1)).toBe(1);
  });

  it("of which everything is lost gives nothing up", async () => {
    kafka.append("orders", "v");
    const hold = deferred();
    const consumer = await run(() => hold.promise);
    const [revoked, lost] = [record(consumer, "revoked"), record(consumer, "lost")];
    await until("it runs", () => consumer.stats().running === 1);
    const both = [0, 1].map((partition) => ({ topic: "orders", partition }));
    const revocation = kafka.consumer.revoke(both, 5000);
    kafka.consumer.lose(both);
    await revocation;
    expect(lost).toHaveLength(1);
    expect(revoked).toEqual([]);
    hold.resolve();
  });

  it("is over at its deadline whatever a handler does", async () => {
    kafka.append("orders", "a", "a");
    kafka.append("orders", "b", "b");
    const hold = deferred();
    const consumer = await run(({ value }) => (text(value) === "b" ? hold.promise : undefined));
    await until("b runs", () => consumer.stats().running === 1);
    const began = performance.now();
    await kafka.consumer.revoke([{ topic: "orders", partition: 0 }], 200);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(kafka.committedOffset("orders")).toBe(1);
    await kafka.consumer.assign([{ topic: "orders", partition: 0 }]);
    hold.resolve();
    await committed(2);
  });
});

describe("a commit", () => {
  it("that fails is sent again, and meanwhile reported", async () => {
    kafka.autoAssign = false;
    kafka.append("orders", "v");
    const consumer = await run(() => {});
    const failures = record(consumer, "commitFailed");
    kafka.consumer.onCommit = async (offsets) => {
      kafka.consumer.onCommit = null;
      return offsets.map((offset) => ({ ...offset, error: portError("retriable", "no answer") }));
    };
    await kafka.consumer.assign([{ topic: "orders", partition: 0 }]);
    await committed(1);
    expect(failures).toMatchObject([{ offsets: [{ offset: 1 }], error: "no answer" }]);
    await until("it is well again", () => consumer.health().status === "healthy");
  });

  it("whose port throws is one that failed", async () => {
    kafka.autoAssign = false;
    kafka.append("orders", "v");
    const consumer = await run(() => {});
    const failures = record(consumer, "commitFailed");
    kafka.consumer.onCommit = () => {
      kafka.consumer.onCommit = null;
      throw new Error("a broken adapter");
    };
    await kafka.consumer.assign([{ topic: "orders", partition: 0 }]);
    await committed(1);
    expect(failures[0]!.error).toContain("a broken adapter");
  });
});

describe("pause and resume", () => {
  it("hold back what is paused and let it go on", async () => {
    const seen: string[] = [];
    const consumer = await run(({ value }) => void seen.push(text(value)!));
    await until("assigned", () => consumer.stats().partitions.length === 2);
    consumer.pause([{ topic: "orders", partition: 0 }]);
    expect([...kafka.consumer.paused]).toEqual(["orders-0"]);
    kafka.append("orders", "held");
    kafka.append("orders", "free", null, { partition: 1 });
    await committed(1, 1);
    expect(seen).toEqual(["free"]);
    consumer.resume([{ topic: "orders", partition: 0 }]);
    await committed(1);
    expect(seen).toEqual(["free", "held"]);
  });

  it("let nothing begin that has not, also of what was dispatched for a later turn", async () => {
    for (let each = 0; each < 30; each++) kafka.append("orders", `held ${each}`);
    kafka.append("orders", "free", null, { partition: 1 });
    const orders = [{ topic: "orders", partition: 0 }];
    const begun: { value: string; attempt: number; late: boolean }[] = [];
    let isPaused = false;
    const pause = (): void => {
      consumer.pause(orders);
      isPaused = true;
    };
    const consumer = consumerOf(
      kafka,
      ({ value, partition }, { attempt }) => {
        begun.push({ value: text(value)!, attempt, late: isPaused && partition === 0 });
        // All are dispatched at once, of which a turn of 10 ms takes two or three.
        const until = performance.now() + 4;
        while (performance.now() < until);
        if (begun.length === 8) setImmediate(pause);
      },
      { concurrency: 100, ordering: "none" },
    );
    started.push(consumer);
    await consumer.start();
    await until("paused", () => isPaused);
    await committed(1, 1);
    expect(begun.length).toBeLessThan(31);
    expect(begun.filter(({ late }) => late)).toEqual([]);
    expect(consumer.stats().running).toBe(0);
    isPaused = false;
    consumer.resume(orders);
    await committed(30);
    expect(begun.map(({ value }) => value).sort()).toEqual(
      ["free", ...Array.from({ length: 30 }, (_, each) => `held ${each}`)].sort(),
    );
    expect(begun.filter(({ attempt }) => attempt !== 1)).toEqual([]);
  });

  it("let nothing begin when a handler calls them either", async () => {
    for (let each = 0; each < 30; each++) kafka.append("orders", `${each}`);
    const begun: string[] = [];
    const consumer = consumerOf(
      kafka,
      ({ value }) => {
        begun.push(text(value)!);
        if (begun.length === 3) consumer.pause();
        if (begun.length === 6) {
          consumer.pause();
          consumer.resume();
        }
      },
      { concurrency: 100, ordering: "none" },
    );
    started.push(consumer);
    await consumer.start();
    await committed(3);
    expect(begun).toEqual(["0", "1", "2"]);
    expect(consumer.stats().running).toBe(0);
    consumer.resume();
    await committed(30);
    expect(begun).toHaveLength(30);
  });

  it("outlive an assignment", async () => {
    kafka.autoAssign = false;
    kafka.append("orders", "v");
    const seen: string[] = [];
    const consumer = await run(({ value }) => void seen.push(text(value)!));
    consumer.pause();
    await kafka.consumer.assign([{ topic: "orders", partition: 0 }]);
    await until("the port has heard of it", () => kafka.consumer.paused.has("orders-0"));
    expect(seen).toEqual([]);
    consumer.resume();
    await committed(1);
    expect(seen).toEqual(["v"]);
  });

  it("are over for what is assigned after everything was resumed", async () => {
    const orders = [{ topic: "orders", partition: 0 }];
    const seen: string[] = [];
    const consumer = await run(({ value }) => void seen.push(text(value)!));
    await until("assigned", () => consumer.stats().partitions.length === 2);
    consumer.pause();
    await kafka.consumer.revoke(orders, 1000);
    consumer.resume();
    await kafka.consumer.assign(orders);
    kafka.append("orders", "v");
    await committed(1);
    expect(seen).toEqual(["v"]);
  });

  it("survive a client that refuses", async () => {
    const logger = memoryLogger();
    const consumer = await run(() => {}, { logger });
    await until("assigned", () => consumer.stats().partitions.length === 2);
    kafka.consumer.pause = () => {
      throw new Error("not now");
    };
    consumer.pause();
    expect(logger.lines).toContain("error: the client refused to pause: not now");
    consumer.resume();
    kafka.append("orders", "v");
    await committed(1);
  });

  it("may be called from a handler and from a listener", async () => {
    kafka.append("orders", "v");
    const consumer = consumerOf(kafka, () => consumer.pause());
    started.push(consumer);
    consumer.on("assigned", () => consumer.resume());
    await consumer.start();
    await committed(1);
    await until("both are paused", () => kafka.consumer.paused.size === 2);
  });
});

describe("a listener", () => {
  it("that throws disturbs nothing", async () => {
    const logger = memoryLogger();
    kafka.append("orders", "v");
    const consumer = consumerOf(
      kafka,
      (_, { attempt }) => {
        if (attempt === 1) throw new Error("again");
      },
      { logger },
    );
    started.push(consumer);
    for (const event of ["assigned", "retry", "committed"] as const) {
      consumer.on(event, () => {
        throw new Error(`no ${event}`);
      });
    }
    await consumer.start();
    await committed(1);
    expect(logger.lines.filter((line) => line.includes("a listener of"))).toHaveLength(3);
  });
});

it("a logger that throws disturbs nothing", async () => {
  const broken = (): void => {
    throw new Error("disk full");
  };
  kafka.append("orders", "v");
  await run(() => ({ outcome: "dead-letter", reason: "test" }), {
    logger: { debug: broken, info: broken, warn: broken, error: broken },
  });
  await committed(1);
});

describe("handlers that compute", () => {
  it("let the event loop turn, one handler's own time apart", async () => {
    for (let i = 0; i < 40; i++) kafka.append("orders", `v${i}`, `k${i}`);
    let callsInTurn = 0;
    let most = 0;
    let watching = true;
    const turn = (): void => {
      most = Math.max(most, callsInTurn);
      callsInTurn = 0;
      if (watching) setImmediate(turn);
    };
    turn();
    await run(() => {
      callsInTurn++;
      const until = performance.now() + 8;
      while (performance.now() < until);
    });
    await committed(40);
    watching = false;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(10);
  });

  it("are not called any more once their partition is lost", async () => {
    for (let i = 0; i < 40; i++) kafka.append("orders", `v${i}`, `k${i}`);
    let calls = 0;
    const consumer = await run(() => {
      calls++;
      const until = performance.now() + 30;
      while (performance.now() < until);
    });
    await until("some have run", () => calls > 0);
    kafka.consumer.lose([{ topic: "orders", partition: 0 }]);
    await until("none runs", () => consumer.stats().running === 0);
    expect(calls).toBeLessThan(40);
  });
});
