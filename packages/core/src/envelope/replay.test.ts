import { describe, expect, it } from "vitest";
import type { Header, KafkaRecord } from "../port/record.ts";
import { planReplay } from "./replay.ts";
import type { ReplayDestination, ReplayRequest } from "./replay.ts";

const header = (name: string, value: string): Header => [name, Buffer.from(value)];
const origin: readonly Header[] = [
  header("sluice-origin-topic", "orders"),
  header("sluice-origin-partition", "5"),
  header("sluice-origin-offset", "42"),
  header("sluice-origin-timestamp", "1"),
];
const letterWith = (...headers: readonly Header[]): KafkaRecord => ({
  topic: "orders.dlq",
  partition: 1,
  offset: 7,
  timestamp: 3,
  key: Buffer.from("21"),
  value: Buffer.from("v"),
  headers: [header("sluice-spec", "1"), ...headers],
});
// The key 21 has the murmur2 hash 1173551340, which is 0 of 12.
const orders: ReplayDestination = { topic: "orders", partitions: 12, partitioner: "murmur2" };
const request = (record: KafkaRecord, more: Partial<ReplayRequest> = {}): ReplayRequest => ({
  record,
  replayId: "r-1",
  now: 9,
  destination: null,
  destinations: [orders],
  ...more,
});
const refusal = (record: KafkaRecord, more?: Partial<ReplayRequest>): string | null =>
  planReplay(request(record, more)).refused;

describe("a replay is refused for the first reason that holds (SLC-RPL-001)", () => {
  // Each row has the flaw of all rows below it too.
  const flaws: readonly (readonly [string, Header[]])[] = [
    ["unsupported-version", [header("sluice-spec", "2")]],
    ["no-origin", [header("sluice-origin-offset", "x")]],
    ["value-dropped", [header("sluice-truncated", "value")]],
    ["replay-limit", [header("sluice-replay-count", "3")]],
    ["hop-limit", [header("sluice-hops", "64")]],
  ];

  it.each(flaws.map(([code], i) => [code, flaws.slice(i).flatMap(([, headers]) => headers)]))(
    "%s",
    (code, headers) => {
      expect(refusal(letterWith(...origin, ...headers))).toBe(code);
    },
  );

  it("not-allowed comes behind no-origin and before value-dropped", () => {
    const dropped = header("sluice-truncated", "stack,value");
    expect(refusal(letterWith(dropped), { destinations: [] })).toBe("no-origin");
    expect(refusal(letterWith(dropped, ...origin), { destinations: [] })).toBe("not-allowed");
    expect(refusal(letterWith(dropped, ...origin), { destination: "else" })).toBe("not-allowed");
  });

  it("three replays are the limit unless another is given (SLC-RPL-003)", () => {
    const replayed = (count: string) => letterWith(...origin, header("sluice-replay-count", count));
    expect(refusal(replayed("2"))).toBeNull();
    expect(refusal(replayed("3"))).toBe("replay-limit");
    expect(refusal(replayed("3"), { maxReplays: 4 })).toBeNull();
    expect(refusal(replayed("03"), { maxReplays: 2_147_483_647 })).toBe("replay-limit");
    expect(refusal(letterWith(...origin), { maxReplays: 0 })).toBe("replay-limit");
  });

  it("a malformed list of what is missing lists nothing", () => {
    expect(refusal(letterWith(...origin, header("sluice-truncated", "value,")))).toBeNull();
  });

  it("a record that no mover wrote goes where it is sent", () => {
    const plain = { ...letterWith(), headers: [] };
    expect(refusal(plain)).toBe("no-origin");
    expect(refusal(plain, { destination: "orders" })).toBeNull();
  });
});

describe("a replay goes to", () => {
  const partition = (record: KafkaRecord, more?: Partial<ReplayRequest>): number | undefined =>
    planReplay(request(record, more)).record?.partition;
  const counted = letterWith(...origin, header("sluice-origin-partition-count", "12"));

  it("its origin's partition while the topic has as many as then (SLC-RPL-004)", () => {
    expect(partition(counted)).toBe(5);
    expect(partition(counted, { destination: "orders" })).toBe(5);
    const beyond = letterWith(
      ...origin,
      header("sluice-origin-partition", "12"),
      header("sluice-origin-partition-count", "12"),
    );
    expect(partition(beyond)).toBe(0);
  });

  it("the partition of its key elsewhere (SLC-RPL-005)", () => {
    expect(partition(letterWith(...origin))).toBe(0);
    expect(partition(counted, { destinations: [{ ...orders, partitions: 11 }] })).toBe(
      1_173_551_340 % 11,
    );
    const again = { ...orders, topic: "again" };
    expect(partition(counted, { destination: "again", destinations: [again] })).toBe(0);
  });

  it("its origin's number without a key, or its own without an origin (SLC-RPL-006)", () => {
    const keyless = { ...letterWith(...origin), key: null };
    expect(partition(keyless, { destinations: [{ ...orders, partitions: 4 }] })).toBe(5 % 4);
    const plain = { ...letterWith(), key: null };
    expect(partition(plain, { destination: "orders" })).toBe(1);
  });
});

it("tells where it comes from, behind all else (SLC-RPL-008, SLC-RPL-010)", () => {
  const letter = letterWith(
    header("a", "1"),
    header("sluice-group", "g"),
    ...origin,
    header("sluice-error-later", "kept"),
    header("sluice-error-code", "gone"),
    header("sluice-hops", "1"),
    header("b", "2"),
  );
  const { record } = planReplay(request(letter));
  const shown = record?.headers.map(
    ([name, value]) => `${name}: ${Buffer.from(value!).toString()}`,
  );
  expect(shown).toEqual([
    "a: 1",
    "sluice-origin-topic: orders",
    "sluice-origin-partition: 5",
    "sluice-origin-offset: 42",
    "sluice-origin-timestamp: 1",
    "sluice-error-later: kept",
    "b: 2",
    "sluice-spec: 1",
    "sluice-replay-id: r-1",
    "sluice-replay-count: 1",
    "sluice-replayed-at: 9",
    "sluice-replayed-from: orders.dlq/1/7",
    "sluice-hops: 2",
  ]);
});

it.each(["", "a b", "é", "x".repeat(65)])("the replay id %j is a mistake", (replayId) => {
  expect(() => planReplay(request(letterWith(...origin), { replayId }))).toThrow(
    new RangeError(
      "a replay id has 1 to 64 printable ASCII characters without spaces," +
        ` got "${replayId.slice(0, 60)}"`,
    ),
  );
});
