import { expect, it } from "vitest";
import { nextSequence } from "./producer-id.ts";

const LAST = 2_147_483_647;

it("counts on", () => {
  expect(nextSequence(0, 5)).toBe(5);
  expect(nextSequence(LAST - 5, 5)).toBe(LAST);
});

// The broker's rule (DefaultRecordBatch.incrementSequence): 0 follows 2^31-1. kafkajs starts at 0
// whatever the size of the batch, and is refused from then on.
it("goes on from 0 after 2^31-1", () => {
  expect(nextSequence(LAST, 1)).toBe(0);
  expect(nextSequence(LAST - 1, 3)).toBe(1);
});
