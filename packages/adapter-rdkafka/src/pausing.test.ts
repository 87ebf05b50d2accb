import { expect, test } from "vitest";

import type { Assignments, Holding } from "./assignments.ts";
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

const FETCH_BYTES = 1000;

const record = (size: number): { size: number } => ({ size });

const assigned = (...holdings: Holding[]): Assignments =>
  ({ all: () => holdings }) as unknown as Assignments;

function rig(): { client: FakeClient; pausing: Pausing } {
  const client = new FakeClient();
  return { client, pausing: new Pausing(client as unknown as NativeConsumer, silent, FETCH_BYTES) };
}

test("the leaders of what is resumed are woken, after the client knows that it may fetch", () => {
  const { client, pausing } = rig();
  pauseForLong(pausing, [holding(0, true), holding(1, true), holding(2, false)]);
  expect(client.calls).toEqual(["pause 0 1"]);
  pausing.apply([holding(0, false), holding(1, false), holding(2, false)]);
  expect(client.calls).toEqual(["pause 0 1", "resume 0 1", "ask 0 1"]);
});

test("what the client refused is told again with the next change", () => {
  const { client, pausing } = rig();
  pauseForLong(pausing, [holding(0, true)]);
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
    pauseForLong(pausing, [holding(0, true)]);
    pausing.apply([holding(0, false)]);
  };
  toggle();
  toggle();
  expect(questions(client)).toEqual(["ask 0"]);
});

test("what is resumed while a leader is being woken is woken after it", () => {
  const { client, pausing } = rig();
  pauseForLong(
    pausing,
    [0, 1, 2, 3].map((partition) => holding(partition, true)),
  );
  pausing.apply([holding(0, false)]);
  pausing.apply([holding(1, false)]);
  pausing.apply([holding(2, false), holding(3, false)]);
  pauseForLong(pausing, [holding(2, true)]);
  expect(questions(client)).toEqual(["ask 0"]);
  client.answers.shift()?.();
  // 2 is paused again: there is nothing to wake it for.
  expect(questions(client)).toEqual(["ask 0", "ask 1 3"]);
  client.answers.shift()?.();
  expect(questions(client)).toHaveLength(2);
  pausing.apply([holding(2, false)]);
  expect(questions(client)).toEqual(["ask 0", "ask 1 3", "ask 2"]);
});

test("a pause that is taken back before a fetch has come of it is never told", () => {
  const { client, pausing } = rig();
  const one = holding(0, true);
  pausing.apply([one]);
  pausing.cameAside(one, [record(FETCH_BYTES - 1)]);
  one.paused = false;
  pausing.apply([one]);
  // A new pause counts anew.
  one.paused = true;
  pausing.apply([one]);
  pausing.cameAside(one, [record(FETCH_BYTES - 1)]);
  expect(client.calls).toEqual([]);
});

test("the client is told as soon as a fetch's worth of a paused partition lies aside", () => {
  const { client, pausing } = rig();
  const [one, other] = [holding(0, true), holding(1, true)];
  pausing.apply([one, other]);
  pausing.cameAside(one, [record(FETCH_BYTES / 2)]);
  pausing.apply([one, other]);
  pausing.cameAside(other, [record(FETCH_BYTES / 2)]);
  pausing.cameAside(one, [record(FETCH_BYTES / 4), record(FETCH_BYTES / 4)]);
  pausing.cameAside(one, [record(FETCH_BYTES)]);
  expect(client.calls).toEqual(["pause 0"]);
});

test("what is being given up is told at once, for the length of the drain", () => {
  const { client, pausing } = rig();
  const [one, other] = [holding(0, false), holding(1, true)];
  pausing.apply([one, other]);
  one.state = "revoking";
  other.state = "revoking";
  pausing.apply([one, other]);
  expect(client.calls).toEqual(["pause 0 1"]);
});

test("nothing need be asked while all is paused and some of it would come", () => {
  const { pausing } = rig();
  const [one, other] = [holding(0, true), holding(1, false)];
  const all = assigned(one, other);
  expect(pausing.mayRest(all)).toBe(false);
  pausing.apply([one]);
  expect(pausing.mayRest(all)).toBe(false);
  other.paused = true;
  pausing.apply([other]);
  expect(pausing.mayRest(all)).toBe(true);
  // A drain waits for its commit, which is answered when the client is asked.
  other.state = "revoking";
  pausing.apply([other]);
  expect(pausing.mayRest(all)).toBe(false);
  other.state = "active";
  pausing.tellNow();
  expect(pausing.mayRest(all)).toBe(false);
});

/** Until the client has been told. */
function pauseForLong(pausing: Pausing, holdings: readonly Holding[]): void {
  pausing.apply(holdings);
  pausing.tellNow();
}

function questions({ calls }: FakeClient): string[] {
  return calls.filter((call) => call.startsWith("ask"));
}
