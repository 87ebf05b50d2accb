import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  bench,
  bytesOf,
  eventually,
  requestFrame,
  responseFrame,
  type Bench,
  type Peer,
} from "../../test/wire-kit.ts";
import type { Rule } from "./proxy.ts";

let b: Bench;
beforeEach(async () => {
  b = await bench();
});
afterEach(() => b.close());

const COMMIT = 8;
const HEARTBEAT = 12;
const FETCH = 1;
const PRODUCE = 0;

/** OffsetCommit v5 of group g: one partition at the offset. */
function commit(correlationId: number, offset: number, clientId = "m1"): Buffer {
  const at = offset.toString(16).padStart(16, "0");
  const body = bytesOf(`0001 'g' 00000001 0001 'm' 00000001 0001 't' 00000001 00000000 ${at} ffff`);
  return requestFrame(COMMIT, 5, correlationId, clientId, body);
}
const heartbeat = (correlationId: number, clientId = "m1"): Buffer =>
  requestFrame(HEARTBEAT, 3, correlationId, clientId, bytesOf("0001 'g' 00000001 0001 'm' ffff"));
const answer = (correlationId: number): Buffer =>
  responseFrame(correlationId, bytesOf("00000000 0000"));

const commits = (act: Rule["act"], more: Partial<Rule> = {}): Rule => ({
  name: "commits",
  match: { apiKeys: [COMMIT], direction: "request" },
  act,
  ...more,
});

function gets(peer: Peer, ...parts: Buffer[]): Promise<void> {
  const expected = Buffer.concat(parts);
  return eventually(() => peer.received.equals(expected));
}

function stages(apiKey: number, direction: "request" | "response"): string[] {
  return b.frames
    .filter(({ frame }) => frame.apiKey === apiKey && frame.direction === direction)
    .map(({ frame, stage }) => `${frame.correlationId} ${stage}`);
}

describe("passing", () => {
  test("requests and answers pass as they are and are told twice, arrived and forwarded", async () => {
    const { client, broker } = await b.connect();
    client.socket.write(commit(7, 42));
    await gets(broker, commit(7, 42));
    broker.socket.write(answer(7));
    await gets(client, answer(7));
    expect(stages(COMMIT, "request")).toEqual(["7 arrived", "7 forwarded"]);
    expect(stages(COMMIT, "response")).toEqual(["7 arrived", "7 forwarded"]);
    const [request] = b.frames;
    expect(request?.frame).toMatchObject({ node: 1, clientId: "m1", apiVersion: 5, bytes: 51 });
    const response = b.frames.at(-1)?.frame;
    expect(response).toMatchObject({ clientId: "m1", apiKey: COMMIT, direction: "response" });
    expect(response?.request?.body).toMatchObject({ groupId: "g" });
  });

  test("correlation ids belong to their connection", async () => {
    const one = await b.connect();
    const two = await b.connect();
    one.client.socket.write(commit(1, 10, "m1"));
    two.client.socket.write(heartbeat(1, "m2"));
    await eventually(() => one.broker.received.length > 0 && two.broker.received.length > 0);
    two.broker.socket.write(answer(1));
    await gets(two.client, answer(1));
    one.broker.socket.write(answer(1));
    await gets(one.client, answer(1));
    expect(
      b.frames
        .filter(({ frame, stage }) => frame.direction === "response" && stage === "arrived")
        .map(({ frame }) => [frame.apiKey, frame.clientId]),
    ).toEqual([
      [HEARTBEAT, "m2"],
      [COMMIT, "m1"],
    ]);
  });

  test("a connection that saw a group request is a group connection of its client", async () => {
    const group = await b.connect();
    const fetching = await b.connect();
    group.client.socket.write(heartbeat(1));
    fetching.client.socket.write(requestFrame(FETCH, 11, 1, "m1"));
    await eventually(() => b.frames.length === 4);
    const info = b.proxy.connections.map((c) => [c.clientId, c.group]);
    expect(info).toEqual([
      ["m1", true],
      ["m1", false],
    ]);
    group.client.socket.end();
    group.broker.socket.end();
    await eventually(() => b.proxy.connections.length === 1);
  });

  test("a produce request with acks=0 waits for no answer", async () => {
    const { client, broker } = await b.connect();
    const produce = (correlationId: number, acks: string): Buffer =>
      requestFrame(PRODUCE, 7, correlationId, "p", bytesOf(`ffff ${acks} 00000001 00000000`));
    client.socket.write(Buffer.concat([produce(5, "0000"), heartbeat(6)]));
    await eventually(() => b.frames.length === 4);
    broker.socket.write(answer(5));
    await gets(client, answer(5));
    // Nobody is waiting for number 5, so this is an answer to nothing known.
    expect(b.frames.at(-1)?.frame).toMatchObject({ apiKey: -1, request: null });
  });

  test("half a frame passes when the sender closes, and so does the close", async () => {
    const { client, broker } = await b.connect();
    const half = commit(1, 5).subarray(0, 20);
    client.socket.end(half);
    await gets(broker, half);
    await eventually(() => broker.over === "end");
    broker.socket.end("xy");
    await eventually(() => client.over === "end");
    expect(client.received.toString()).toBe("xy");
    await eventually(() => b.proxy.connections.length === 0);
  });

  test("a reset by one side is a reset for the other", async () => {
    const one = await b.connect();
    one.client.socket.resetAndDestroy();
    await eventually(() => one.broker.over === "ECONNRESET");
    const two = await b.connect();
    two.broker.socket.resetAndDestroy();
    await eventually(() => two.client.over === "ECONNRESET");
    await eventually(() => b.proxy.connections.length === 0);
  });

  test("topic ids are learned from Metadata answers", async () => {
    const { client, broker } = await b.connect();
    client.socket.write(requestFrame(3, 12, 9, "m1", bytesOf("00 00 00 00 00")));
    await eventually(() => b.frames.length === 2);
    const id = "d1bb1f6234d446e2985588c0b885ee90";
    broker.socket.write(
      responseFrame(
        9,
        bytesOf(`00 00000000 01 00 00000001 02 0000 07 'orders' ${id} 00 01 80000000 00 00`),
      ),
    );
    await eventually(() => b.frames.length === 4);
    expect(b.frames.at(-1)?.frame.note).toBeNull();
    expect(b.proxy.topicName(Buffer.from(id, "hex").toString("base64url"))).toBe("orders");
    b.proxy.learnTopic("AbC", "told");
    expect(b.proxy.topicName("AbC")).toBe("told");
    expect(b.proxy.topicName("other")).toBeNull();
  });

  test("records are let go of once the exchange has passed, headers stay", async () => {
    const { client, broker } = await b.connect();
    const produce = requestFrame(PRODUCE, 7, 1, "p", bytesOf("ffff ffff 00000001 00000000"));
    client.socket.write(produce);
    await gets(broker, produce);
    expect(b.frames[0]?.frame.body).toMatchObject({ acks: -1 });
    broker.socket.write(responseFrame(1, bytesOf("00000000 00000000")));
    await eventually(() => b.frames.length === 4);
    expect(b.frames[0]?.frame.body).toBeNull();
    expect(b.frames[0]?.frame).toMatchObject({ apiKey: PRODUCE, clientId: "p" });
  });
});

describe("hold", () => {
  test("holds the frame and all behind it in its direction, and releases them in order", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule(commits({ type: "hold" }, { times: 1 }));
    client.socket.write(Buffer.concat([heartbeat(1), commit(2, 5), heartbeat(3), commit(4, 6)]));
    await gets(broker, heartbeat(1));
    await rule.acting();
    // The other direction goes on.
    broker.socket.write(answer(1));
    await gets(client, answer(1));
    expect(stages(HEARTBEAT, "request")).toEqual(["1 arrived", "1 forwarded", "3 arrived"]);
    expect([rule.matched, rule.acted]).toEqual([1, 1]);
    rule.release();
    await gets(broker, heartbeat(1), commit(2, 5), heartbeat(3), commit(4, 6));
  });

  test("the same connections of other clients are not touched", async () => {
    const held = await b.connect();
    const free = await b.connect();
    b.proxy.addRule({
      name: "heartbeats of m1",
      match: { apiKeys: [HEARTBEAT], direction: "request", clientId: "m1" },
      act: { type: "hold" },
    });
    held.client.socket.write(heartbeat(1, "m1"));
    free.client.socket.write(heartbeat(1, "m2"));
    await gets(free.broker, heartbeat(1, "m2"));
    expect(held.broker.received.length).toBe(0);
  });

  test("an answer can be held by what was asked", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule({
      name: "answer to the commit of 6",
      match: {
        apiKeys: [COMMIT],
        direction: "response",
        clientId: (id) => id?.startsWith("m") === true,
        where: (frame) =>
          JSON.stringify(frame.request?.body, big).includes('"committedOffset":"6"'),
      },
      act: { type: "hold" },
    });
    client.socket.write(Buffer.concat([commit(1, 5), commit(2, 6), commit(3, 7)]));
    await eventually(() => stages(COMMIT, "request").length === 6);
    broker.socket.write(Buffer.concat([answer(1), answer(2), answer(3)]));
    await gets(client, answer(1));
    await rule.acting();
    expect(stages(COMMIT, "response")).toEqual([
      "1 arrived",
      "1 forwarded",
      "2 arrived",
      "3 arrived",
    ]);
    b.proxy.removeAllRules();
    await gets(client, answer(1), answer(2), answer(3));
  });

  test("a held direction reads little more, and all of it arrives after the release", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule(commits({ type: "hold" }));
    client.socket.write(commit(1, 5));
    await rule.acting();
    const bulk = Array.from({ length: 64 }, (_, i) =>
      requestFrame(PRODUCE, 99, 10 + i, "m1", Buffer.alloc(512 * 1024, i)),
    );
    for (const frame of bulk) client.socket.write(frame);
    const arrived = (): number =>
      b.frames
        .filter(({ stage }) => stage === "arrived")
        .reduce((n, { frame }) => n + frame.bytes, 0);
    // It stops by itself: what arrives does not grow any more although 32 MiB were written.
    let last = -1;
    await eventually(async () => {
      const before = last;
      last = arrived();
      await sleep(200);
      return last > 0 && last === before && arrived() === last;
    });
    expect(arrived()).toBeLessThan(4 * 1024 * 1024);
    expect(client.socket.writableLength).toBeGreaterThan(16 * 1024 * 1024);
    rule.release();
    const total = bulk.reduce((n, f) => n + f.length, commit(1, 5).length);
    let received = broker.received.length;
    broker.socket.on("data", (chunk: Buffer) => (received += chunk.length));
    await eventually(() => received === total, 20_000);
    expect(broker.received.equals(Buffer.concat([commit(1, 5), ...bulk]))).toBe(true);
  }, 30_000);

  test("held requests are lost when their client closes", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule(commits({ type: "hold" }));
    client.socket.write(commit(1, 5));
    await rule.acting();
    client.socket.end();
    await eventually(() => broker.over === "end");
    rule.release();
    expect(broker.received.length).toBe(0);
    expect(stages(COMMIT, "request")).toEqual(["1 arrived", "1 discarded"]);
  });

  test.each([["end"], ["resetAndDestroy"]] as const)(
    "with linger, held requests reach the broker long after their client is gone (%s)",
    async (how) => {
      const { client, broker } = await b.connect();
      const rule = b.proxy.addRule(commits({ type: "hold" }, { linger: true }));
      client.socket.write(Buffer.concat([commit(1, 5), heartbeat(2)]));
      await rule.acting();
      client.socket[how]();
      if (how === "end") client.socket.destroy();
      await eventually(() => client.socket.closed);
      await sleep(50);
      expect(broker.over).toBeNull();
      rule.release();
      await gets(broker, commit(1, 5), heartbeat(2));
      expect(broker.over).toBeNull();
      broker.socket.write(Buffer.concat([answer(1), answer(2)]));
      await eventually(() => broker.over === "end");
      broker.socket.end();
      await eventually(() => b.proxy.connections.length === 0);
      expect(stages(COMMIT, "request")).toEqual(["1 arrived", "1 forwarded"]);
    },
  );

  test("an answer held for a client that has closed is discarded, not said to be forwarded", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule({
      name: "answers",
      match: { apiKeys: [COMMIT], direction: "response" },
      act: { type: "hold" },
    });
    client.socket.write(commit(1, 5));
    await gets(broker, commit(1, 5));
    broker.socket.write(answer(1));
    await rule.acting();
    client.socket.end();
    await eventually(() => stages(COMMIT, "response").includes("1 discarded"));
    rule.release();
    expect(stages(COMMIT, "response")).toEqual(["1 arrived", "1 discarded"]);
    expect(client.received.length).toBe(0);
  });
});

describe("delay", () => {
  test("passes the frame and all behind it after the time, not before", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule(commits({ type: "delay", ms: 150 }));
    const before = performance.now();
    client.socket.write(Buffer.concat([commit(1, 5), heartbeat(2)]));
    await gets(broker, commit(1, 5), heartbeat(2));
    expect(performance.now() - before).toBeGreaterThanOrEqual(150);
    expect([rule.matched, rule.acted]).toEqual([1, 1]);
  });

  test("ends early when the rule is removed", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule(commits({ type: "delay", ms: 3_600_000 }));
    client.socket.write(commit(1, 5));
    await rule.acting();
    rule.remove();
    await gets(broker, commit(1, 5));
  });
});

describe("reset", () => {
  test("is an RST on both sides in place of the frame; what passed before has arrived", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule({
      name: "ack lost",
      match: { apiKeys: [COMMIT], direction: "response" },
      act: { type: "reset" },
    });
    client.socket.write(Buffer.concat([heartbeat(1), commit(2, 5)]));
    await eventually(() => broker.received.length > heartbeat(1).length);
    broker.socket.write(Buffer.concat([answer(1), answer(2), answer(3)]));
    await rule.acting();
    await eventually(() => client.over === "ECONNRESET" && broker.over === "ECONNRESET");
    expect(client.received.equals(answer(1))).toBe(true);
    expect(stages(COMMIT, "response")).toEqual(["2 arrived", "2 discarded"]);
    await eventually(() => b.proxy.connections.length === 0);
  });

  test("acts so many times, new connections pass after that", async () => {
    const rule = b.proxy.addRule(commits({ type: "reset" }, { times: 2 }));
    for (let i = 0; i < 2; i += 1) {
      const { client, broker } = await b.connect();
      client.socket.write(commit(1, 5));
      await eventually(() => client.over === "ECONNRESET");
      expect(broker.received.length).toBe(0);
    }
    const { client, broker } = await b.connect();
    client.socket.write(commit(1, 5));
    await gets(broker, commit(1, 5));
    expect([rule.matched, rule.acted]).toEqual([2, 2]);
  });
});

describe("cut", () => {
  test.each([[0], [3], [17], [100_000]])(
    "delivers exactly %i bytes of the frame, then an RST to both",
    async (bytes) => {
      const { client, broker } = await b.connect();
      const rule = b.proxy.addRule({
        name: "cut",
        match: { apiKeys: [FETCH], direction: "response" },
        act: { type: "cut", bytes },
      });
      client.socket.write(requestFrame(FETCH, 11, 1, "m1"));
      await eventually(() => broker.received.length > 0);
      const big = responseFrame(1, Buffer.alloc(200_000, 7));
      broker.socket.write(big);
      await rule.acting();
      await eventually(() => client.over === "ECONNRESET" && broker.over === "ECONNRESET");
      expect(client.received.equals(big.subarray(0, bytes))).toBe(true);
    },
  );
});

describe("slice", () => {
  test("passes the frame in small writes, whole and in order", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule(commits({ type: "slice", bytes: 7 }));
    let reads = 0;
    broker.socket.on("data", () => (reads += 1));
    const many = Array.from({ length: 40 }, (_, i) => commit(i, i));
    client.socket.write(Buffer.concat([...many, heartbeat(99)]));
    await gets(broker, ...many, heartbeat(99));
    expect([rule.matched, rule.acted]).toEqual([40, 40]);
    // Written together they would come in one or two.
    expect(reads).toBeGreaterThan(5);
  });
});

describe("rewrite", () => {
  test("other bytes pass in the frame's place, which is told as it came", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule({
      name: "another answer",
      match: { apiKeys: [COMMIT], direction: "response" },
      act: { type: "rewrite", with: () => Buffer.from("a different answer") },
    });
    client.socket.write(Buffer.concat([commit(1, 5), heartbeat(2)]));
    await gets(broker, commit(1, 5), heartbeat(2));
    broker.socket.write(Buffer.concat([answer(1), answer(2)]));
    await gets(client, Buffer.from("a different answer"), answer(2));
    expect([rule.matched, rule.acted]).toEqual([1, 1]);
    expect(stages(COMMIT, "response")).toEqual(["1 arrived", "1 forwarded"]);
  });
});

describe("rules", () => {
  test("the first that takes a frame acts, and each counts for itself", async () => {
    const { client, broker } = await b.connect();
    const first = b.proxy.addRule(commits({ type: "slice", bytes: 3 }, { times: 1 }));
    const second = b.proxy.addRule(commits({ type: "hold" }));
    client.socket.write(Buffer.concat([commit(1, 5), commit(2, 6)]));
    await gets(broker, commit(1, 5));
    await second.acting();
    expect([first.matched, first.acted, second.matched, second.acted]).toEqual([1, 1, 1, 1]);
  });

  test("what waits to be reset behind a held frame is matched but not acted on", async () => {
    const { client, broker } = await b.connect();
    const hold = b.proxy.addRule(commits({ type: "hold" }));
    const reset = b.proxy.addRule({
      name: "reset",
      match: { apiKeys: [HEARTBEAT], direction: "request" },
      act: { type: "reset" },
    });
    client.socket.write(Buffer.concat([commit(1, 5), heartbeat(2)]));
    await hold.acting();
    await eventually(() => reset.matched === 1);
    expect(reset.acted).toBe(0);
    hold.release();
    await reset.acting();
    await eventually(() => client.over === "ECONNRESET");
    await gets(broker, commit(1, 5));
  });

  test("who waits for an act of a removed rule is told that it never came", async () => {
    const rule = b.proxy.addRule(commits({ type: "hold" }));
    const waiting = rule.acting();
    rule.remove();
    await expect(waiting).rejects.toThrow("commits was removed after acting on 0 of 1 frames");
    await expect(rule.acting()).rejects.toThrow("removed");
  });

  test("a condition that throws matches nothing, is told to who waits, and the frame passes", async () => {
    const { client, broker } = await b.connect();
    const rule = b.proxy.addRule({
      name: "broken",
      match: {
        direction: "request",
        where: () => {
          throw new Error("oops");
        },
      },
      act: { type: "hold" },
    });
    const waiting = rule.acting();
    client.socket.write(commit(1, 5));
    await gets(broker, commit(1, 5));
    await expect(waiting).rejects.toThrow("rule broken: its condition threw");
    expect(rule.matched).toBe(0);
  });

  test("one may be added when a frame arrives and take that very frame", async () => {
    const { client, broker } = await b.connect();
    const off = b.proxy.onFrame((frame, stage) => {
      if (stage === "arrived" && frame.apiKey === COMMIT)
        b.proxy.addRule(commits({ type: "hold" }));
    });
    client.socket.write(Buffer.concat([heartbeat(1), commit(2, 5)]));
    await eventually(() => stages(COMMIT, "request").length === 1);
    await gets(broker, heartbeat(1));
    off();
  });

  test.each([
    [{ type: "slice", bytes: 0 }],
    [{ type: "cut", bytes: -1 }],
    [{ type: "slice", bytes: Number.NaN }],
  ] as const)("bytes that make no sense are refused: %o", (act) => {
    expect(() => b.proxy.addRule(commits(act))).toThrow(RangeError);
  });
});

describe("ports", () => {
  test("unlisten resets connections and refuses new ones, listen takes them again", async () => {
    const { client, broker } = await b.connect();
    await b.proxy.unlisten(1);
    await eventually(() => client.over === "ECONNRESET" && broker.over === "ECONNRESET");
    expect(await connectError(b.port)).toBe("ECONNREFUSED");
    await b.proxy.unlisten(1);
    await b.proxy.listen(1);
    const again = await b.connect();
    again.client.socket.write(heartbeat(1));
    await gets(again.broker, heartbeat(1));
  });

  test("unlisten discards what is held", async () => {
    const { client } = await b.connect();
    const rule = b.proxy.addRule(commits({ type: "hold" }));
    client.socket.write(commit(1, 5));
    await rule.acting();
    await b.proxy.unlisten(1);
    expect(stages(COMMIT, "request")).toEqual(["1 arrived", "1 discarded"]);
  });

  test("close is idempotent", async () => {
    await b.connect();
    await b.proxy.close();
    await b.proxy.close();
    expect(b.proxy.connections).toEqual([]);
    expect(await connectError(b.port)).toBe("ECONNREFUSED");
  });
});

test("what a slow reader does not take, the proxy does not take from the writer", async () => {
  const { client, broker } = await b.connect();
  client.socket.pause();
  const frames = Array.from({ length: 128 }, (_, i) => responseFrame(i, Buffer.alloc(512 * 1024)));
  for (const frame of frames) broker.socket.write(frame);
  let last = -1;
  await eventually(async () => {
    const before = last;
    last = b.frames.length;
    await sleep(200);
    return last > 0 && last === before && b.frames.length === last;
  });
  // 64 MiB written; the kernel holds some MiB on either side, the proxy next to nothing.
  expect(broker.socket.writableLength).toBeGreaterThan(32 * 1024 * 1024);
  const total = frames.reduce((n, frame) => n + frame.length, 0);
  let received = client.received.length;
  // Joining 64 MiB chunk by chunk would take longer than the transfer.
  client.socket.removeAllListeners("data");
  client.socket.on("data", (chunk: Buffer) => (received += chunk.length));
  client.socket.resume();
  await eventually(() => received === total, 20_000);
});

function big(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function connectError(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
