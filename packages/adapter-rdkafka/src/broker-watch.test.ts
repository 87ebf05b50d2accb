import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { BrokerWatch } from "./broker-watch.ts";
import type { NativeClient } from "./client.ts";

/** Answers to come, of the client's own metadata requests and of new clients; the last one stays. */
let own: boolean[];
let others: boolean[];
let asked: ("own" | "other")[];
let stranded: number;
let listening: boolean;
let watch: BrokerWatch;

const client = {
  getMetadata(_: object, done: (error: Error | null) => void): void {
    asked.push("own");
    done(next(own) ? null : new Error("Local: Broker transport failure"));
  },
} as unknown as NativeClient;

function next(answers: boolean[]): boolean {
  return (answers.length > 1 ? answers.shift() : answers[0]) ?? false;
}

/** Longer than one look at the brokers takes to come round. */
const look = (times = 1): Promise<unknown> => vi.advanceTimersByTimeAsync(times * 5000);

beforeEach(() => {
  vi.useFakeTimers();
  [own, others, asked, stranded, listening] = [[false], [true], [], 0, true];
  watch = new BrokerWatch({
    client,
    listening: () => listening,
    reach: () => {
      asked.push("other");
      return next(others) ? Promise.resolve() : Promise.reject(new Error("no broker answered"));
    },
    onStranded: () => (stranded += 1),
  });
  watch.start();
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

it("is stranded when a new client finds the brokers and this one does not, before and after", async () => {
  await look(2);
  expect(asked).toEqual(["own", "other", "own"]);
  expect(stranded).toBe(1);
  await look(10);
  expect(stranded).toBe(1);
});

it("asks nobody while brokers are heard", async () => {
  for (let times = 0; times < 5; times += 1) {
    watch.heard();
    await look();
  }
  expect(asked).toEqual([]);
  await look();
  expect(asked).not.toEqual([]);
});

it("asks nobody when there is nothing to be heard", async () => {
  listening = false;
  await look(5);
  expect(asked).toEqual([]);
});

it("asks nobody else when its own brokers answer, time and again", async () => {
  own = [true];
  await look(4);
  expect(asked).toEqual(["own", "own", "own"]);
});

it("an outage, in which a new client finds nobody either, is waited for", async () => {
  others = [false];
  await look(10);
  expect(stranded).toBe(0);
  expect(asked.filter((who) => who === "other")).toHaveLength(9);
});

it("brokers that come back between the two questions are found", async () => {
  own = [false, true];
  await look(10);
  expect(stranded).toBe(0);
});

it("a watch that was stopped says nothing", async () => {
  await look();
  watch.stop();
  await look(5);
  expect(asked).toEqual([]);
  expect(stranded).toBe(0);
});
