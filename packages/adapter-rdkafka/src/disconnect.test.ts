import { silentLogger } from "@sluice/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { NativeConsumer } from "./client.ts";
import type { Commits } from "./commits.ts";
import { disconnect } from "./disconnect.ts";

let steps: string[];
let connected: boolean;
let answered: Promise<void>;

const client = {
  isConnected: () => connected,
  disconnect(done: (error: Error | null) => void): void {
    steps.push("disconnected");
    done(null);
  },
} as unknown as NativeConsumer;
const commits = {
  answered: () => answered,
  abandon: () => steps.push("abandoned"),
} as unknown as Commits;

async function run(): Promise<void> {
  const stopPolling = (): Promise<void> => Promise.resolve(void steps.push("polls no more"));
  const done = disconnect(client, commits, stopPolling, silentLogger);
  await vi.advanceTimersByTimeAsync(10_000);
  await done;
}

beforeEach(() => {
  vi.useFakeTimers();
  [steps, connected, answered] = [[], true, Promise.resolve()];
});
afterEach(() => {
  vi.useRealTimers();
});

it("a client without an open commit is disconnected, when it is polled no more", async () => {
  await run();
  expect(steps).toEqual(["polls no more", "abandoned", "disconnected"]);
});

it("a client with an open commit is polled for its answer, and then disconnected", async () => {
  answered = new Promise((resolve) => setTimeout(() => resolve(void steps.push("answer")), 2000));
  await run();
  expect(steps).toEqual(["answer", "polls no more", "abandoned", "disconnected"]);
});

it("a client whose commit nobody answers is left behind: it would not come back from it", async () => {
  answered = new Promise(() => {});
  await run();
  expect(steps).toEqual(["polls no more", "abandoned"]);
});

it("a client that never connected is left alone", async () => {
  connected = false;
  await run();
  expect(steps).toEqual(["polls no more", "abandoned"]);
});
