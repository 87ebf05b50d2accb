import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  bench,
  eventually,
  requestFrame,
  responseFrame,
  type Bench,
  type Peer,
} from "../../test/wire-kit.ts";
import type { Rule } from "./proxy.ts";

let b: Bench;
beforeAll(async () => {
  b = await bench();
  // Whoever looks at everything must not disturb anything either.
  b.proxy.onFrame((frame) => void [frame.body, frame.note, frame.request?.body]);
});
afterAll(() => b.close());

const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
const chunks = fc.array(bytes, { maxLength: 20 });
/** Any API, any version, any body: most do not decode, and all of them pass. */
const request = fc
  .tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 14 }), fc.nat(50), bytes)
  .map(([key, version, correlation, body]) => requestFrame(key, version, correlation, "c", body));
const response = fc
  .tuple(fc.nat(50), bytes)
  .map(([correlation, body]) => responseFrame(correlation, body));

async function write(peer: Peer, parts: readonly Buffer[]): Promise<void> {
  for (const part of parts) {
    peer.socket.write(part);
    // Separate reads at the proxy, most of the time.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < stream.length; i += 1) {
    const size = (sizes[i % sizes.length] ?? 1_000) + 1;
    parts.push(stream.subarray(at, at + size));
    at += size;
  }
  return parts;
}

test("both directions carry the very bytes, in frames as sent, however they are chunked", async () => {
  const sizes = fc.array(fc.nat(120), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { maxLength: 12 }),
      fc.array(response, { maxLength: 12 }),
      sizes,
      async (requests, responses, chunkSizes) => {
        const before = b.frames.length;
        const { client, broker } = await b.connect();
        const up = Buffer.concat(requests);
        const down = Buffer.concat(responses);
        await write(client, cut(up, chunkSizes));
        await eventually(() => broker.received.length === up.length);
        await write(broker, cut(down, chunkSizes));
        await eventually(() => client.received.length === down.length);
        expect(broker.received.equals(up)).toBe(true);
        expect(client.received.equals(down)).toBe(true);
        const seen = b.frames.slice(before);
        for (const stage of ["arrived", "forwarded"]) {
          expect(sizesAndIds(seen, stage, "request")).toEqual(
            requests.map((frame) => [frame.length, frame.readInt32BE(8)]),
          );
          expect(sizesAndIds(seen, stage, "response")).toEqual(
            responses.map((frame) => [frame.length, frame.readInt32BE(4)]),
          );
        }
        client.socket.resetAndDestroy();
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test("bytes that are no frames at all pass unchanged too, to the end of the connection", async () => {
  await fc.assert(
    fc.asyncProperty(chunks, chunks, async (up, down) => {
      const { client, broker } = await b.connect();
      await write(client, up);
      await write(broker, down);
      client.socket.end();
      await eventually(() => broker.over === "end");
      broker.socket.end();
      await eventually(() => client.over === "end");
      expect(broker.received).toEqual(Buffer.concat(up));
      expect(client.received).toEqual(Buffer.concat(down));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("sliced, throttled or delayed, the bytes are the same and in the same order", async () => {
  const act: fc.Arbitrary<Rule["act"]> = fc.oneof(
    fc.record({ type: fc.constant("slice" as const), bytes: fc.integer({ min: 1, max: 500 }) }),
    fc.record({
      type: fc.constant("throttle" as const),
      // At least a byte in 10 ms of what is at most 5 kB: slow, but over within the test.
      bytesPerSecond: fc.integer({ min: 50_000, max: 5_000_000 }),
    }),
    fc.record({ type: fc.constant("delay" as const), ms: fc.nat(5) }),
  );
  /** Which frames a rule takes: every one, every second, only requests … */
  const rules = fc.array(
    fc.record({
      act,
      every: fc.integer({ min: 1, max: 3 }),
      direction: fc.constantFrom("request" as const, "response" as const, undefined),
    }),
    { minLength: 1, maxLength: 3 },
  );
  const frames = { maxLength: 10 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, frames),
      fc.array(response, frames),
      rules,
      fc.boolean(),
      async (requests, responses, wanted, removeMidway) => {
        const { client, broker } = await b.connect();
        const handles = wanted.map(({ act: does, every, direction }, i) => {
          let seen = 0;
          return b.proxy.addRule({
            name: `rule ${i}`,
            match: {
              ...(direction === undefined ? {} : { direction }),
              where: () => (seen += 1) % every === 0,
            },
            act: does,
          });
        });
        const up = Buffer.concat(requests);
        const down = Buffer.concat(responses);
        client.socket.write(up);
        broker.socket.write(down);
        if (removeMidway) {
          await eventually(() => broker.received.length > 0 || up.length === 0);
          for (const handle of handles) handle.remove();
        }
        await eventually(() => broker.received.length >= up.length);
        await eventually(() => client.received.length >= down.length);
        for (const handle of handles) handle.remove();
        expect(broker.received.equals(up)).toBe(true);
        expect(client.received.equals(down)).toBe(true);
        if (!removeMidway)
          expect(handles.map((h) => h.acted)).toEqual(handles.map((h) => h.matched));
        client.socket.resetAndDestroy();
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

function sizesAndIds(seen: Bench["frames"], stage: string, direction: string): number[][] {
  return seen
    .filter((s) => s.stage === stage && s.frame.direction === direction)
    .map(({ frame }) => [frame.bytes, frame.correlationId]);
}
