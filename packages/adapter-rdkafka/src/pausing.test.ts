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
  expect(questions(client)).toEqual(["ask 0"]);
});

test("what is resumed while a leader is being woken is woken after it", () => {
  const { client, pausing } = rig();
  pausing.apply([holding(0, true), holding(1, true), holding(2, true), holding(3, true)]);
  pausing.apply([holding(0, false)]);
  pausing.apply([holding(1, false)]);
  pausing.apply([holding(2, false), holding(3, false)]);
  pausing.apply([holding(2, true)]);
  expect(questions(client)).toEqual(["ask 0"]);
  client.answers.shift()?.();
  // 2 is paused again: there is nothing to wake it for.
  expect(questions(client)).toEqual(["ask 0", "ask 1 3"]);
  client.answers.shift()?.();
  expect(questions(client)).toHaveLength(2);
  pausing.apply([holding(2, false)]);
  expect(questions(client)).toEqual(["ask 0", "ask 1 3", "ask 2"]);
});

function questions({ calls }: FakeClient): string[] {
  return calls.filter((call) => call.startsWith("ask"));
}
