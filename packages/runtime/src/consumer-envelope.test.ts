import type { Adapter, Envelope, Header, OutgoingRecord } from "@sluice/core";
import { readEnvelope } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Consumer, ConsumerOptions, Handler, HandlerContext } from "./consumer-options.ts";
import { FakeKafka, portError } from "./testing/fake-kafka.ts";
import { consumerOf, memoryLogger, text, until } from "./testing/helpers.ts";

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

const header = (name: string, value: string): Header => [name, Buffer.from(value)];
const letters = (partition = 0): readonly OutgoingRecord[] =>
  kafka.log({ topic: "orders.dlq", partition });
const said = (letter: OutgoingRecord): Envelope =>
  readEnvelope({ ...letter, offset: 0 }, { trusted: true });

function committed(offset: number, partition = 0): Promise<void> {
  return until(
    `orders-${partition} committed at ${offset}`,
    () => kafka.committedOffset("orders", partition) === offset,
  );
}

const fail: Handler = () => {
  throw Object.assign(new TypeError("card 4711 refused"), { code: "E4711" });
};
const trusting = { trustedTopics: ["orders"] };
const moved = [
  header("sluice-spec", "1"),
  header("sluice-origin-topic", "payments"),
  header("sluice-origin-partition", "4"),
  header("sluice-origin-offset", "17"),
  header("sluice-origin-timestamp", "8"),
  header("sluice-hops", "2"),
];

describe("the envelope of a record", () => {
  it("is not read while nobody asks", async () => {
    kafka.append("orders", "v");
    let reads = 0;
    Object.defineProperty(kafka.log({ topic: "orders", partition: 0 })[0]!, "headers", {
      get: () => {
        reads++;
        return [];
      },
    });
    let seen: HandlerContext | null = null;
    await run((_, context) => {
      seen = context;
    });
    await committed(1);
    expect(reads).toBe(0);
    expect(seen!.envelope.messageId).toBe(":orders:0:0");
    expect(reads).toBe(1);
  });

  it("is read once, whoever asks, and its anomalies are counted once (SLC-ENV-021)", async () => {
    kafka.append("orders", "v", "k", {
      headers: [
        header("sluice-hops", "3"),
        header("sluice-origin-topic", "x"),
        header("sluice-message-id", "a b"),
      ],
    });
    const seen = new Set<Envelope>();
    const consumer = await run((_, { envelope, messageId, trace }) => {
      seen.add(envelope);
      throw new Error(`${messageId} ${trace?.traceparent}`);
    });
    await committed(1);
    expect(seen.size).toBe(1);
    expect(consumer.stats().headers.anomalies).toEqual({ forged: 2, malformed: 1 });
  });

  it("of a source topic says nothing of a mover, of a trusted one all (SLC-SEC-001)", async () => {
    kafka.append("orders", "v", "k", { headers: moved });
    const seen: Envelope[] = [];
    await run((_, { envelope }) => void seen.push(envelope));
    await committed(1);
    kafka.committed.clear();
    await run((_, { envelope }) => void seen.push(envelope), trusting);
    await committed(1);
    expect(seen.map(({ disposition }) => disposition)).toEqual(["fresh", "moved"]);
    expect(seen.map(({ messageId }) => messageId)).toEqual([":orders:0:0", ":payments:4:17"]);
  });

  it("is made with the cluster and the id header that were configured", async () => {
    kafka.append("orders", "v", "k", { headers: [header("id", "o-1")] });
    kafka.append("orders", "v", "k");
    const seen: string[] = [];
    await run((_, { messageId }) => void seen.push(messageId), {
      identity: { cluster: "c1", idHeader: true },
    });
    await committed(2);
    expect(seen).toEqual(["o-1", "c1:orders:0:1"]);
  });
});

describe("a dead letter", () => {
  it("of a trusted topic counts on, and goes to its origin's number (SLC-DLQ-002, SLC-DLQ-007)", async () => {
    kafka.append("orders", "v", "k", { headers: moved });
    await run(fail, trusting);
    await committed(1);
    expect(said(letters(1)[0]!)).toMatchObject({ hops: 3, origin: { topic: "payments" } });
  });

  it("tells what the source had: cluster, partitions, leader epoch (SLC-ENV-014)", async () => {
    kafka.append("orders", "v", "k", { partition: 1 });
    Object.assign(kafka.log({ topic: "orders", partition: 1 })[0]!, { leaderEpoch: 6 });
    await run(fail, { identity: { cluster: "c1" } });
    await committed(1, 1);
    expect(said(letters(1)[0]!).origin).toMatchObject({
      ...{ topic: "orders", partition: 1, offset: 0 },
      ...{ cluster: "c1", partitionCount: 2, leaderEpoch: 6 },
    });
  });

  it("has no leader epoch where the client shows -1 for none", async () => {
    kafka.append("orders", "v");
    Object.assign(kafka.log({ topic: "orders", partition: 0 })[0]!, { leaderEpoch: -1 });
    await run(fail);
    await committed(1);
    const names = letters()[0]!.headers.map(([name]) => name);
    expect(names).not.toContain("sluice-origin-leader-epoch");
  });

  it("goes without the partition count where the client may not ask for it", async () => {
    kafka.append("orders", "v");
    const { producer } = kafka.adapter;
    const adapter: Adapter = {
      ...kafka.adapter,
      producer: (options) => {
        const port = producer(options);
        const partitions = port.partitions.bind(port);
        port.partitions = async (topic) => {
          if (topic === "orders") throw portError("configuration", "not authorised");
          return partitions(topic);
        };
        return port;
      },
    };
    await run(fail, { adapter });
    await committed(1);
    expect(said(letters()[0]!).origin).toMatchObject({ offset: 0, partitionCount: null });
  });

  it("has a stack when asked for, and not otherwise (SLC-SEC-004)", async () => {
    kafka.append("orders", "v");
    await run(fail);
    await committed(1);
    kafka.committed.clear();
    await run(fail, { deadLetter: { topic: "orders.dlq", includeStack: true } });
    await committed(1);
    const [without, withStack] = letters().map(said);
    expect(without!.errorStack).toBeNull();
    expect(withStack!.errorStack).toMatch(/^TypeError: card 4711 refused +at .*envelope\.test\.ts/);
  });

  it("is redacted by the hook, which is told what it reads (SLC-SEC-005)", async () => {
    kafka.append("orders", "v");
    const parts = new Set<string>();
    const redact = (given: string, part: string): string => {
      parts.add(part);
      return given.replaceAll("4711", "****");
    };
    await run(fail, { deadLetter: { topic: "orders.dlq", includeStack: true, redact } });
    await committed(1);
    const letter = letters()[0]!;
    expect([...parts].toSorted()).toEqual(["class", "code", "message", "stack"]);
    expect(said(letter)).toMatchObject({ errorMessage: "card **** refused", errorCode: "E****" });
    expect(letter.headers.map(([, value]) => text(value)).join()).not.toContain("4711");
  });

  it.each<[string, () => unknown]>([
    ["throws", () => JSON.parse("{")],
    ["answers no text", () => undefined],
  ])("is written, and lets no secret through, when the hook %s", async (_, hook) => {
    kafka.append("orders", "v");
    const logger = memoryLogger();
    await run(fail, { logger, deadLetter: { topic: "orders.dlq", redact: hook as () => string } });
    await committed(1);
    expect(said(letters()[0]!)).toMatchObject({
      errorClass: "[redaction failed]",
      errorMessage: "[redaction failed]",
    });
    expect(logger.lines.join("\n")).toContain("deadLetter.redact");
  });

  it("loses its value when it does not fit, and says so (SLC-DLQ-016)", async () => {
    kafka.append("orders", "x".repeat(20_000), "k");
    await run(fail, { deadLetter: { topic: "orders.dlq", maxBytes: 16_384 } });
    await committed(1);
    const letter = letters()[0]!;
    expect([text(letter.key), letter.value]).toEqual(["k", null]);
    expect(said(letter).truncated).toEqual(["history", "value"]);
  });

  it("that does not fit at all is not settled, and the error says what to raise (SLC-DLQ-018)", async () => {
    kafka.append("orders", "v", "k".repeat(20_000));
    const consumer = await run(fail, { deadLetter: { topic: "orders.dlq", maxBytes: 16_384 } });
    const errors: string[] = [];
    consumer.on("deadLetterFailed", ({ error }) => errors.push(error));
    await until("it was tried", () => errors.length > 0);
    expect(errors[0]).toContain("orders-0@0 is refused as too-large");
    expect(errors[0]).toContain("raise deadLetter.maxBytes");
    expect(kafka.committedOffset("orders")).toBeNull();
    expect(letters()).toEqual([]);
  });

  it("is counted when its client cannot keep a header (SLC-DLQ-009)", async () => {
    kafka.append("orders", "v", "k", { headers: [["a", null]] });
    kafka.append("orders", "v", "k", { headers: [header("a", "")] });
    const adapter = { ...kafka.adapter, caps: { ...kafka.adapter.caps, nullHeader: false } };
    const consumer = await run(fail, { adapter });
    await committed(2);
    expect(consumer.stats().headers.lossyMoves).toBe(1);
  });
});

describe("a record that was moved with another wire version (SLC-ENV-022)", () => {
  const later = [header("a", "1"), header("sluice-spec", "2"), header("sluice-hops", "90")];

  it.each(["2", "", "01"])("%j is set aside as it is, and never handled", async (version) => {
    const headers = [...later, header("sluice-spec", version)];
    kafka.append("orders", "v", "k", { headers, partition: 1 });
    let calls = 0;
    const consumer = await run(() => void calls++, trusting);
    const reasons: string[] = [];
    consumer.on("deadLetter", ({ reason }) => reasons.push(reason));
    await committed(1, 1);
    expect(calls).toBe(0);
    const [letter] = letters(1);
    expect(letter!.headers).toEqual(headers);
    expect([text(letter!.key), text(letter!.value)]).toEqual(["k", "v"]);
    expect(reasons[0]).toContain("orders-1@0 was moved with wire version");
    // And the partition goes on.
    kafka.append("orders", "v", "k", { partition: 1 });
    await committed(2, 1);
    expect(calls).toBe(1);
    expect(consumer.health().status).toBe("healthy");
  });

  it("of a source topic is a claim, and is handled", async () => {
    kafka.append("orders", "v", "k", { headers: later });
    let calls = 0;
    await run(() => void calls++);
    await committed(1);
    expect(calls).toBe(1);
  });

  it("stops its partition, and no other, where nothing can be set aside", async () => {
    const headers = [header("sluice-spec", "2")];
    kafka.append("orders", "fine", "a");
    kafka.append("orders", "later", "b", { headers });
    kafka.append("orders", "elsewhere", "c", { partition: 1 });
    const seen: string[] = [];
    const consumer = await run(({ value }) => void seen.push(text(value)!), {
      ...trusting,
      retry: { maxAttempts: Infinity, backoff: { type: "fixed", delayMs: 1 } },
      deadLetter: undefined as never,
    });
    await committed(1);
    await committed(1, 1);
    await until("the partition is paused", () => kafka.consumer.paused.has("orders-0"));
    expect(seen.toSorted()).toEqual(["elsewhere", "fine"]);
    expect(consumer.health()).toMatchObject({ status: "degraded" });
    expect(consumer.health().reasons.join()).toContain("orders-0 is paused: orders-0@1 was moved");
    kafka.append("orders", "more", "c", { partition: 1 });
    await committed(2, 1);

    // Somebody looks, mends nothing, and it stops again.
    consumer.resume([{ topic: "orders", partition: 0 }]);
    expect(consumer.health().reasons.join()).not.toContain("orders-0 is paused");
    await until("it is paused again", () =>
      consumer.health().reasons.some((reason) => reason.includes("orders-0 is paused")),
    );
    expect(kafka.committedOffset("orders")).toBe(1);
  });

  it("is told for as long as its partition is held and paused", async () => {
    const orders = [{ topic: "orders", partition: 0 }];
    kafka.append("orders", "later", "b", { headers: later });
    const consumer = await run(() => {}, {
      ...trusting,
      retry: { maxAttempts: Infinity },
      deadLetter: undefined as never,
    });
    const isTold = (): boolean => consumer.health().reasons.join().includes("orders-0 is paused");
    await until("the partition is paused", isTold);
    const toldWhenAssigned: boolean[] = [];
    consumer.on("assigned", () => toldWhenAssigned.push(isTold()));
    await kafka.consumer.revoke(orders, 1000);
    expect(isTold()).toBe(false);
    // It comes back paused, as whatever the user has paused does.
    await kafka.consumer.assign(orders);
    await kafka.consumer.revoke(orders, 1000);
    consumer.resume();
    await kafka.consumer.assign(orders);
    await until("it is tried again", isTold);
    expect(toldWhenAssigned).toEqual([true, false]);
  });
});
