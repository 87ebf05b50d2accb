import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { NativeConsumer, NativeMessage, PartitionEnd } from "./client.ts";
import { PollLoop } from "./poll-loop.ts";

type Done = (error: Error | null, messages: readonly NativeMessage[]) => void;

/** A client whose `consume` is answered by the test. */
class Client extends EventEmitter {
  pending: Done | null = null;
  setDefaultConsumeTimeout(): void {}
  setDefaultIsTimeoutOnlyForFirstMessage(): void {}
  consume(_: number, done: Done): void {
    if (this.pending !== null) throw new Error("two consumes at a time");
    this.pending = done;
  }
  answer(error: Error | null, messages: readonly NativeMessage[] = []): void {
    const done = this.pending;
    this.pending = null;
    done?.(error, messages);
  }
}

let client: Client;
let batches: { messages: readonly NativeMessage[]; ends: readonly PartitionEnd[] }[];
let errors: Error[];
let loop: PollLoop;

beforeEach(() => {
  client = new Client();
  batches = [];
  errors = [];
  loop = new PollLoop(
    client as unknown as NativeConsumer,
    (messages, ends) => batches.push({ messages, ends }),
    (error) => errors.push(error),
  );
  loop.start();
});
afterEach(async () => {
  const stopped = loop.stop();
  await turn();
  client.answer(null);
  await stopped;
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const message = (offset: number): NativeMessage =>
  ({ topic: "t", partition: 0, offset }) as NativeMessage;

describe("work between two calls of consume", () => {
  it("waits for the one under way, whose batch is dealt with first", async () => {
    await turn();
    const seen: string[] = [];
    const work = loop.between(() => {
      expect(client.pending).toBeNull();
      seen.push(`after ${batches.length} batches`);
      return 42;
    });
    await turn();
    expect(seen).toEqual([]);
    client.answer(null, [message(0)]);
    expect(await work).toBe(42);
    expect(seen).toEqual(["after 1 batches"]);
  });

  it("holds the next consume back until it is done", async () => {
    await turn();
    let finish = (): void => {};
    const work = loop.between(() => new Promise<void>((resolve) => (finish = resolve)));
    client.answer(null);
    await turn();
    expect(client.pending).toBeNull();
    finish();
    await work;
    await turn();
    expect(client.pending).not.toBeNull();
  });

  it("may fail without ending the loop", async () => {
    await turn();
    const work = loop.between(() => {
      throw new Error("refused");
    });
    client.answer(null);
    await expect(work).rejects.toThrow("refused");
    await turn();
    expect(client.pending).not.toBeNull();
  });
});

describe("for how long the client was left alone", () => {
  let now: number;
  let clock: { mockRestore(): void };
  beforeEach(async () => {
    await turn();
    now = Math.ceil(performance.now()) + 1000;
    clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    // After these the mocked clock alone counts.
    for (let round = 0; round < 3; round += 1) await answered();
  });
  afterEach(() => clock.mockRestore());

  const answered = async (): Promise<void> => {
    client.answer(null);
    await turn();
  };

  it("is nothing while it is asked again at once", async () => {
    expect(loop.neglectedMs).toBe(0);
    now += 50;
    await answered();
    expect(loop.neglectedMs).toBe(50);
  });

  it("counts from the beginning of the last consume that came back, whatever is under way", async () => {
    now += 9000;
    expect(loop.neglectedMs).toBe(9000);
    // It had come back in time; that nobody listened makes it no later.
    await answered();
    expect(loop.neglectedMs).toBe(9000);
  });

  it("is remembered until the consume after the gap has come back, too", async () => {
    now += 9000;
    await answered();
    now += 20;
    await answered();
    // What the client had to say at the gap's end may be heard only now.
    expect(loop.neglectedMs).toBe(9000);
    now += 20;
    await answered();
    expect(loop.neglectedMs).toBe(20);
  });

  it("counts while work keeps the next consume back", async () => {
    let finish = (): void => {};
    const work = loop.between(() => new Promise<void>((resolve) => (finish = resolve)));
    await answered();
    now += 7000;
    expect(loop.neglectedMs).toBe(7000);
    finish();
    await work;
    await turn();
  });
});

it("hands the ends of partitions over with the batch they came with", async () => {
  await turn();
  const end = { topic: "t", partition: 0, offset: 5 };
  client.emit("partition.eof", end);
  client.answer(null, [message(4)]);
  await turn();
  client.answer(null);
  expect(batches.map(({ ends }) => ends)).toEqual([[end], []]);
});

it("goes on after an error", async () => {
  await turn();
  client.answer(new Error("topic is missing"));
  await turn();
  expect(errors).toHaveLength(1);
  await expect.poll(() => client.pending).not.toBeNull();
});
