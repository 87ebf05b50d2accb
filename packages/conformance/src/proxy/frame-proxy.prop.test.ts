import { fc, test } from "@fast-check/vitest";
import { afterAll, beforeAll, expect } from "vitest";
import {
  bench,
  eventually,
  requestFrame,
  responseFrame,
  type Bench,
  type Peer,
} from "../../test/wire-kit.ts";

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

test.prop(
  [
    fc.array(request, { maxLength: 12 }),
    fc.array(response, { maxLength: 12 }),
    fc.array(fc.nat(120), { minLength: 1, maxLength: 20 }),
  ],
  { numRuns: 60 },
)(
  "both directions carry the very bytes, in frames as sent, however they are chunked",
  async (requests, responses, sizes) => {
    const before = b.frames.length;
    const { client, broker } = await b.connect();
    const up = Buffer.concat(requests);
    const down = Buffer.concat(responses);
    await write(client, cut(up, sizes));
    await eventually(() => broker.received.length === up.length);
    await write(broker, cut(down, sizes));
    await eventually(() => client.received.length === down.length);
    expect(broker.received.equals(up)).toBe(true);
    expect(client.received.equals(down)).toBe(true);
    const seen = b.frames.slice(before);
    for (const stage of ["arrived", "forwarded"]) {
      for (const [direction, frames] of [
        ["request", requests],
        ["response", responses],
      ] as const) {
        expect(
          seen
            .filter((s) => s.stage === stage && s.frame.direction === direction)
            .map((s) => [s.frame.bytes, s.frame.correlationId]),
        ).toEqual(
          frames.map((frame) => [frame.length, frame.readInt32BE(direction === "request" ? 8 : 4)]),
        );
      }
    }
    client.socket.resetAndDestroy();
  },
);

test.prop([chunks, chunks], { numRuns: 60 })(
  "bytes that are no frames at all pass unchanged too, to the end of the connection",
  async (up, down) => {
    const { client, broker } = await b.connect();
    await write(client, up);
    await write(broker, down);
    client.socket.end();
    await eventually(() => broker.over === "end");
    broker.socket.end();
    await eventually(() => client.over === "end");
    expect(broker.received).toEqual(Buffer.concat(up));
    expect(client.received).toEqual(Buffer.concat(down));
  },
);
