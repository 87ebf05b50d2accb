import { expect, it } from "vitest";
import type { Header, KafkaRecord } from "../port/record.ts";
import { readEnvelope } from "./envelope.ts";
import { setAside } from "./set-aside.ts";

const header = (name: string, value: string | null): Header => [
  name,
  value === null ? null : Buffer.from(value),
];
const later: KafkaRecord = {
  topic: "orders.retry",
  partition: 5,
  offset: 42,
  timestamp: 1,
  key: Buffer.from("k"),
  value: Buffer.from("v"),
  headers: [
    header("a", null),
    header("sluice-spec", "2"),
    header("sluice-hops", "90"),
    header("a", "1"),
  ],
};
const target = { topic: "orders.dlq", partitions: 4 };

it("a record of another wire version is set aside as it is (SLC-ENV-022)", () => {
  expect(readEnvelope(later, { trusted: true }).disposition).toBe("unsupported");
  const { topic, partition, timestamp, ...kept } = setAside(later, target, 9);
  expect({ topic, partition, timestamp }).toEqual({
    topic: "orders.dlq",
    partition: 5 % 4,
    timestamp: 9,
  });
  const { key, value, headers } = later;
  expect(kept).toEqual({ key, value, headers });
});

it("it goes to its origin's number when that can be read (SLC-DLQ-002)", () => {
  const origin = [
    header("sluice-origin-topic", "orders"),
    header("sluice-origin-partition", "7"),
    header("sluice-origin-offset", "1"),
    header("sluice-origin-timestamp", "2"),
  ];
  const headers = [...later.headers, ...origin];
  expect(setAside({ ...later, headers }, target, 9)).toMatchObject({ partition: 7 % 4, headers });
});
