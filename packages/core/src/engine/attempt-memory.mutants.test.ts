import { expect, test } from "vitest";
import { AttemptMemory } from "./attempt-memory.ts";

test("nothing is left of a partition once all of it is forgotten or committed past", () => {
  const past = { failed: 1, firstFailedAt: 5, previousDelayMs: -1 };
  const memory = new AttemptMemory();
  expect(memory.isEmpty).toBe(true);
  memory.remember(0, 7, past);
  memory.remember(0, 8, past);
  memory.forgetBelow(0, 8);
  expect([memory.isEmpty, memory.recall(0, 7), memory.recall(0, 8)]).toEqual([
    false,
    undefined,
    past,
  ]);
  memory.forgetBelow(0, 9);
  expect(memory.isEmpty).toBe(true);
  memory.remember(1, 7, past);
  memory.forget(1, 7);
  expect(memory.isEmpty).toBe(true);
});
