import { expect, test } from "vitest";
import { AttemptMemory } from "./attempt-memory.ts";

const past = { failed: 2, firstFailedAt: 10, previousDelayMs: 100 };

test("what has been committed past is forgotten, the rest is not", () => {
  const memory = new AttemptMemory();
  for (const offset of [3, 4, 5]) memory.remember(1, offset, past);
  memory.forgetBelow(1, 5);
  expect([3, 4, 5].map((offset) => memory.recall(1, offset))).toEqual([undefined, undefined, past]);
  memory.forgetBelow(2, 99);
  memory.forget(1, 5);
  expect(memory.isEmpty).toBe(true);
});

test("memory is bounded: the oldest of a partition go first", () => {
  const memory = new AttemptMemory();
  for (let offset = 0; offset < 1_500; offset++) memory.remember(0, offset, past);
  expect(memory.recall(0, 499)).toBeUndefined();
  expect(memory.recall(0, 500)).toEqual(past);
});
