import { expect, test } from "vitest";

import type { Holding } from "./assignments.ts";
import type { NativeConsumer, NativePartition } from "./client.ts";
import { Pausing } from "./pausing.ts";

class FakeClient {
  readonly calls: string[] = [];
  answers: (() => void)[] = [];
  pause(partitions: readonly NativePartition[]): void {
    this.calls.push(`pause ${names(partitions)}`);
  }
  resume(partitions: readonly NativePartition[]): void {
    this.calls.push(`resume ${names(partitions)}`);
  }
  offsetsForTimes(partitions: readonly NativePartition[], _: number, done: () => void): void {
    this.calls.push(`ask ${names(partitions)}`);
    this.answers.push(done);
  }
}

const names = (partitions: readonly NativePartition[]): string =>
  partitions.map(({ partition }) => partition).join(" ");

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function holding(partition: number, paused: boolean): Holding {
  return { topic: "orders", partition, paused, state: "active" } as Holding;
}

function rig(): { client: FakeClient; pausing: Pausing } {
  const client = new FakeClient();
  return { client, pausing: new Pausing(client as unknown as NativeConsumer, silent) };
}

test("the leaders of what is resumed are woken, after the client knows that it may fetch", () => {
  const { client, pausing } = rig();
  pausing.apply([holding(0, true), holding(1, true), holding(2, false)]);
  expect(client.calls).toEqual(["pause 0 1"]);
  pausing.apply([holding(0, false), holding(1, false), holding(2, false)]);
  expect(client.calls).toEqual(["pause 0 1", "resume 0 1", "ask 0 1"]);
});

test("what the client refused is told again with the next change", () => {
  const { client, pausing } = rig();
  pausing.apply([holding(0, true)]);
  const resume = client.resume.bind(client);
  client.resume = () => {
    throw new Error("erroneous state");
  };
  pausing.apply([holding(0, false)]);
  client.resume = resume;
  pausing.apply([holding(0, false)]);
  expect(client.calls).toEqual(["pause 0", "resume 0", "ask 0"]);
});

test("one question at a time: while a leader does not answer no other thread waits for it", () => {
  const { client, pausing } = rig();
  const toggle = (): void => {
    pausing.apply([holding(0, true)]);
    pausing.apply([holding(0, false)]);
  };
  toggle();
  toggle();
  expect(client.calls.filter((call) => call.startsWith("ask"))).toHaveLength(1);
  for (const answer of client.answers) answer();
  toggle();
  expect(client.calls.filter((call) => call.startsWith("ask"))).toHaveLength(2);
});
