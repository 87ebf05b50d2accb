import { describe, expect, it } from "vitest";
import type { Frame, Proxy } from "../proxy/proxy.ts";
import { WithheldFrames } from "./withheld-frames.ts";

type Listener = Parameters<Proxy["onFrame"]>[0];

/** A proxy without sockets, and a clock to be set. */
function rig(): {
  frames: WithheldFrames;
  tell: Listener;
  at: (t: number) => void;
  off: () => boolean;
} {
  let now = 0;
  let listener: Listener | null = null;
  let off = false;
  const proxy = {
    onFrame: (given: Listener) => {
      listener = given;
      return () => (off = true);
    },
  };
  const frames = new WithheldFrames(
    proxy,
    (client) => client === "m0",
    () => now,
  );
  return { frames, tell: (...args) => listener?.(...args), at: (t) => (now = t), off: () => off };
}

const frame = (t: number, more: Partial<Frame> = {}): Frame => ({
  t,
  node: 1,
  connection: 7,
  direction: "request",
  apiKey: 8,
  apiVersion: 5,
  correlationId: 11,
  clientId: "m0",
  bytes: 100,
  body: null,
  request: null,
  ...more,
});

describe("withheld frames", () => {
  it("are those that were passed on late, given up, or still waiting in the end", () => {
    const { frames, tell, at, off } = rig();
    const prompt = frame(1000);
    const late = frame(1001);
    const lost = frame(1002);
    const waiting = frame(1003);
    for (const one of [prompt, late, lost, waiting]) tell(one, "arrived");
    at(1010);
    tell(prompt, "forwarded");
    at(1500);
    tell(late, "forwarded");
    tell(lost, "discarded");
    const told = frames.close();
    expect(told.map(({ t, until, fate }) => [t, until, fate])).toEqual([
      [1001, 1500, "late"],
      [1002, 1500, "lost"],
      [1003, null, "lost"],
    ]);
    expect(told[0]).toMatchObject({ member: "m0", api: "OffsetCommit v5", correlationId: 11 });
    expect(off()).toBe(true);
  });

  it("of a member's producer are the member's, and an answer is its request's", () => {
    const { frames, tell, at } = rig();
    const request = frame(0, { clientId: "m0-producer", apiKey: 0 });
    const answer = frame(10, { clientId: null, direction: "response", apiKey: 0, request });
    tell(answer, "arrived");
    at(20);
    tell(answer, "discarded");
    expect(frames.close()).toMatchObject([
      { member: "m0", direction: "response", api: "Produce v5" },
    ]);
  });

  it("of others are nobody's business", () => {
    const { frames, tell } = rig();
    tell(frame(0, { clientId: "witness" }), "arrived");
    tell(frame(0, { clientId: null }), "arrived");
    expect(frames.close()).toEqual([]);
  });
});
