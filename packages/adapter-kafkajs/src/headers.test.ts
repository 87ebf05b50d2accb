import { expect, it } from "vitest";
import { toBuffer, toKafkajs } from "./headers.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

it("writes what kafkajs can keep without loss", () => {
  const { headers, lossy } = toKafkajs([
    ["a", bytes("1")],
    ["a", bytes("2")],
    ["b", bytes("")],
  ]);
  expect({ ...headers }).toEqual({ a: [bytes("1"), bytes("2")], b: bytes("") });
  expect(lossy).toBe(false);
});

it.each([
  ["a null value", [["a", null]]],
  [
    "names that take turns",
    [
      ["a", bytes("1")],
      ["b", bytes("2")],
      ["a", bytes("3")],
    ],
  ],
  [
    "names that look like numbers: objects put them first",
    [
      ["b", bytes("1")],
      ["1", bytes("2")],
    ],
  ],
] as const)("says that it cannot keep %s", (_, list) => {
  expect(toKafkajs(list).lossy).toBe(true);
});

it("takes __proto__ for a name", () => {
  const { headers, lossy } = toKafkajs([["__proto__", bytes("1")]]);
  expect(Object.keys(headers)).toEqual(["__proto__"]);
  expect(lossy).toBe(false);
});

it("shows a part of a larger array, not the whole", () => {
  const whole = Uint8Array.from([1, 2, 3, 4]);
  const buffer = toBuffer(whole.subarray(1, 3));
  expect(Buffer.isBuffer(buffer)).toBe(true);
  expect([...buffer]).toEqual([2, 3]);
});
