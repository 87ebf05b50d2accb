import { expect, test } from "vitest";
import { deadLetterRead } from "./dead-letter-read.ts";
import { VectorInputError } from "./errors.ts";

const hex = (text: string): string => Buffer.from(text).toString("hex");
const input = {
  topic: "orders.dlq",
  partition: 1,
  offset: "7",
  timestamp: "-1",
  headers: [
    [hex("x-topic"), hex("orders")],
    [hex("kafka_dlt-original-offset"), "000000000000002a"],
    [hex("kafka_dlt-original-timestamp"), null],
  ],
  valueNull: true,
  springNames: { "kafka_dlt-original-topic": "x-topic" },
};

test("offsets are strings, partitions numbers, and what is not told null", () => {
  expect(deadLetterRead(input)).toEqual({
    dialects: [
      {
        dialect: "spring",
        origin: { topic: "orders", partition: null, offset: "42", timestamp: null },
        hops: 1,
        group: null,
        retryCount: null,
        reason: null,
        error: {
          kind: null,
          class: null,
          code: null,
          message: null,
          stack: null,
          stage: null,
          causeClass: null,
          causeMessage: null,
        },
      },
    ],
    origin: { topic: "orders.dlq", partition: 1, offset: "7", timestamp: null },
    payload: "null",
    anomalies: [],
  });
});

test("fields of another form are refused", () => {
  for (const changed of [
    { springNames: null },
    { springNames: [] },
    { springNames: { "kafka_dlt-original-topic": "" } },
    { springNames: { "kafka_dlt-original-topic": 1 } },
    { springNames: { "\ud800": "x" } },
    { valueNull: 1 },
    { timestamp: "-2" },
    { headers: [["c328", null]] },
  ]) {
    const changedInput = { ...input, ...changed };
    expect(() => deadLetterRead(changedInput), JSON.stringify(changed)).toThrow(VectorInputError);
  }
});
