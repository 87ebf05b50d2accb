import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  bench,
  bytesOf,
  eventually,
  requestFrame,
  responseFrame,
  sized,
  type Bench,
} from "../../test/wire-kit.ts";
import type { Rule } from "./proxy.ts";

let b: Bench;
beforeEach(async () => {
  b = await bench();
});
afterEach(() => b.close());

const PRODUCE = 0;
const FETCH = 1;
const HEARTBEAT = 12;
const heartbeat = (correlationId: number, clientId = "m1"): Buffer =>
  requestFrame(HEARTBEAT, 3, correlationId, clientId, bytesOf("0001 'g' 00000001 0001 'm' ffff"));
const answer = (correlationId: number): Buffer =>
  responseFrame(correlationId, bytesOf("00000000 0000"));
const heartbeats = (act: Rule["act"], more: Partial<Rule["match"]> = {}): Rule => ({
  name: "heartbeats",
  match: { apiKeys: [HEARTBEAT], ...more },
  act,
});
const got = (stage: string): number => b.frames.filter((seen) => seen.stage === stage).length;

describe("blackhole", () => {
  test("nothing passes any more, neither way, and what was withheld is counted", async () => {
    const { client, broker } = await b.connect();
    client.socket.write(heartbeat(1));
    await eventually(() => broker.received.equals(heartbeat(1)));
    const rule = b.proxy.addRule(heartbeats({ type: "blackhole" }, { direction: "request" }));
    client.socket.write(heartbeat(2));
    await rule.acting();
    client.socket.write(requestFrame(FETCH, 11, 3, "m1"));
    // The answer to what passed before is cut off as well.
    broker.socket.write(answer(1));
    await eventually(() => got("discarded") === 3);
    expect(broker.received.equals(heartbeat(1))).toBe(true);
    expect(client.received.length).toBe(0);
    expect([rule.matched, rule.acted]).toEqual([1, 1]);
    expect([client.over, broker.over]).toEqual([null, null]);
  });

  test("neither side hears of the other's close; both are reset when the rule goes", async () => {
    const one = await b.connect();
    const two = await b.connect();
    const rule = b.proxy.addRule(heartbeats({ type: "blackhole" }));
    one.client.socket.write(heartbeat(1));
    two.client.socket.write(heartbeat(2, "m2"));
    await rule.acting(2);
    one.client.socket.end();
    two.broker.socket.end();
    // What is sent after a FIN on the other side still disappears: the cut came first.
    one.broker.socket.write(answer(1));
    await eventually(() => got("discarded") === 3);
    expect([one.broker.over, two.client.over]).toEqual([null, null]);
    expect(b.proxy.connections.length).toBe(2);
    rule.remove();
    await eventually(() => one.broker.over === "ECONNRESET" && two.client.over === "ECONNRESET");
    expect(one.broker.received.length + two.broker.received.length).toBe(0);
    await eventually(() => b.proxy.connections.length === 0);
  });

  test("a client that was reset leaves its broker in the dark", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule(heartbeats({ type: "blackhole" }));
    client.socket.write(heartbeat(1));
    await rule.acting();
    client.socket.resetAndDestroy();
    broker.socket.write(answer(1));
    await eventually(() => got("discarded") === 2);
    expect(broker.over).toBe(null);
    rule.remove();
    await eventually(() => broker.over === "ECONNRESET");
  });

  test("other connections of the client pass until they send such a frame themselves", async () => {
    const cut = await b.connect();
    const whole = await b.connect();
    const rule = b.proxy.addRule(heartbeats({ type: "blackhole" }, { clientId: "m1" }));
    cut.client.socket.write(heartbeat(1));
    await rule.acting();
    const fetch = requestFrame(FETCH, 11, 1, "m1");
    whole.client.socket.write(fetch);
    await eventually(() => whole.broker.received.equals(fetch));
    expect(cut.broker.received.length).toBe(0);
  });

  test("what another rule held is lost with the connection", async () => {
    const { client, broker } = await b.connect();
    const held = b.proxy.addRule({
      name: "fetches",
      match: { apiKeys: [FETCH] },
      act: { type: "hold" },
    });
    client.socket.write(requestFrame(FETCH, 11, 1, "m1"));
    await held.acting();
    const rule = b.proxy.addRule(heartbeats({ type: "blackhole" }));
    client.socket.write(heartbeat(2));
    await rule.acting();
    held.release();
    await eventually(() => got("discarded") === 2);
    rule.remove();
    await eventually(() => broker.over === "ECONNRESET");
    expect(broker.received.length).toBe(0);
  });
});

describe("throttle", () => {
  test("a frame takes its size at the rate, what is behind it waits", async () => {
    const { client, broker } = await b.connect();
    const big = requestFrame(PRODUCE, 7, 1, "m1", Buffer.alloc(3_000, 7));
    const rule = b.proxy.addRule({
      name: "slow",
      match: { apiKeys: [PRODUCE] },
      act: { type: "throttle", bytesPerSecond: 10_000 },
    });
    const started = performance.now();
    client.socket.write(Buffer.concat([big, heartbeat(2)]));
    await eventually(() => broker.received.length > 0);
    // Bit by bit: the first bytes are there long before the last.
    expect(broker.received.length).toBeLessThan(big.length);
    expect(rule.acted).toBe(0);
    await eventually(() => broker.received.equals(Buffer.concat([big, heartbeat(2)])));
    expect(performance.now() - started).toBeGreaterThanOrEqual((big.length / 10_000) * 1_000);
    expect(rule.acted).toBe(1);
  });

  test("removing the rule lets the rest go at once", async () => {
    const { client, broker } = await b.connect();
    // An hour and more, if nobody relents.
    const rule = b.proxy.addRule(heartbeats({ type: "throttle", bytesPerSecond: 0.005 }));
    client.socket.write(Buffer.concat([heartbeat(1), heartbeat(2)]));
    await eventually(() => got("arrived") === 2);
    rule.remove();
    await eventually(() => broker.received.equals(Buffer.concat([heartbeat(1), heartbeat(2)])));
    expect(got("forwarded")).toBe(2);
  });

  test("a frame that was cut off midway counts as discarded", async () => {
    const { client, broker } = await b.connect();
    b.proxy.addRule(heartbeats({ type: "throttle", bytesPerSecond: 0.005 }));
    client.socket.write(heartbeat(1));
    await eventually(() => got("arrived") === 1);
    broker.socket.resetAndDestroy();
    await eventually(() => got("discarded") === 1);
    expect(got("forwarded")).toBe(0);
  });

  test("a rate that is none is refused", () => {
    for (const bytesPerSecond of [0, -1, Number.NaN]) {
      const rule = heartbeats({ type: "throttle", bytesPerSecond });
      expect(() => b.proxy.addRule(rule)).toThrow(RangeError);
    }
  });
});

test("a delay may be drawn anew for each frame", async () => {
  const { client, broker } = await b.connect();
  const drawn = [60, 0];
  b.proxy.addRule(heartbeats({ type: "delay", ms: () => drawn.shift() ?? 0 }));
  const started = performance.now();
  client.socket.write(Buffer.concat([heartbeat(1), heartbeat(2)]));
  await eventually(() => broker.received.length === heartbeat(1).length * 2);
  expect(performance.now() - started).toBeGreaterThanOrEqual(60);
  expect(drawn).toEqual([]);
});

test("a rule without direction takes both: a partition that heals", async () => {
  const { client, broker } = await b.connect();
  client.socket.write(heartbeat(1));
  await eventually(() => broker.received.equals(heartbeat(1)));
  const rule = b.proxy.addRule({ name: "partition", match: {}, act: { type: "hold" } });
  client.socket.write(heartbeat(2));
  broker.socket.write(answer(1));
  await rule.acting(2);
  expect(broker.received.equals(heartbeat(1))).toBe(true);
  expect(client.received.length).toBe(0);
  rule.release();
  await eventually(() => broker.received.equals(Buffer.concat([heartbeat(1), heartbeat(2)])));
  await eventually(() => client.received.equals(answer(1)));
});

describe("by topic and partition", () => {
  /** Produce v7: topics[] { name, partitions[] { index, records } }. */
  const produce = (correlationId: number, topic: string, ...partitions: number[]): Buffer => {
    const name = bytesOf(`00 ${hex(topic.length)} '${topic}'`);
    const each = partitions.map((p) => bytesOf(`000000 ${hex(p)} ffffffff`));
    return requestFrame(
      PRODUCE,
      7,
      correlationId,
      "p",
      Buffer.concat([
        bytesOf(`ffff ffff 00001388 00000001`),
        name,
        bytesOf(`000000 ${hex(partitions.length)}`),
        ...each,
      ]),
    );
  };
  const hex = (n: number): string => n.toString(16).padStart(2, "0");
  const resetOf = (partition: Rule["match"]["partition"]): Rule => ({
    name: "of one partition",
    match: { direction: "request", ...(partition === undefined ? {} : { partition }) },
    act: { type: "reset" },
  });

  test("only frames that name both are taken, wherever in the list it stands", async () => {
    const rule = b.proxy.addRule(resetOf({ topic: "t", partition: 3 }));
    const { client, broker } = await b.connect();
    const others = [produce(1, "t", 1, 2), produce(2, "tt", 3), heartbeat(3)];
    client.socket.write(Buffer.concat(others));
    await eventually(() => broker.received.equals(Buffer.concat(others)));
    expect(rule.matched).toBe(0);
    client.socket.write(produce(4, "t", 1, 3));
    await eventually(() => client.over === "ECONNRESET");
    expect(rule.acted).toBe(1);
  });

  test("without a partition the topic suffices", async () => {
    const rule = b.proxy.addRule(resetOf({ topic: "t" }));
    const { client, broker } = await b.connect();
    client.socket.write(produce(1, "tt", 0));
    await eventually(() => broker.received.equals(produce(1, "tt", 0)));
    client.socket.write(produce(2, "t", 5));
    await rule.acting();
  });

  test("topic ids count once their name is known", async () => {
    const id = Buffer.from("0102030405060708090a0b0c0d0e0f10", "hex");
    // OffsetCommit v10: group, epoch, member, instance; topics[] { id, partitions[] { index, … } }.
    const commit = (correlationId: number): Buffer =>
      requestFrame(
        8,
        10,
        correlationId,
        "m1",
        Buffer.concat([
          bytesOf("00 02 'g' 00000001 02 'm' 00 02"),
          id,
          bytesOf("02 00000004 0000000000000007 ffffffff 00 00 00 00"),
        ]),
      );
    const rule = b.proxy.addRule(resetOf({ topic: "t", partition: 4 }));
    const { client, broker } = await b.connect();
    client.socket.write(commit(1));
    await eventually(() => broker.received.equals(commit(1)));
    b.proxy.learnTopic(id.toString("base64url"), "t");
    client.socket.write(commit(2));
    await rule.acting();
  });

  test("partitions listed as bare numbers count, and so do answers", async () => {
    const rules = [0, 1].map((partition) =>
      b.proxy.addRule({
        name: `p${partition}`,
        match: { partition: { topic: "t", partition } },
        act: { type: "hold" },
      }),
    );
    const { client, broker } = await b.connect();
    // OffsetFetch v4 asks for partition 0; its answer tells of 0, another's of 1.
    const ask = requestFrame(
      9,
      4,
      1,
      "m1",
      bytesOf("0001 'g' 00000001 0001 't' 00000001 00000000"),
    );
    client.socket.write(ask);
    await rules[0]?.acting();
    rules[0]?.release();
    await eventually(() => broker.received.equals(ask));
    broker.socket.write(
      sized(
        bytesOf(
          "00000001 00000000 00000001 0001 't' 00000001 00000001 0000000000000009 ffff 0000 0000",
        ),
      ),
    );
    await rules[1]?.acting();
    expect(b.frames.at(-1)?.frame).toMatchObject({ apiKey: 9, direction: "response" });
  });
});
