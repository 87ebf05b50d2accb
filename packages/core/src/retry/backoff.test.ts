import { expect, test } from "vitest";
import { backoffDelay } from "./backoff.ts";

test("decorrelated jitter of a backoff that does not grow is refused, should nobody have validated it", () => {
  const backoff = { type: "fixed", delayMs: 1, jitter: "decorrelated" } as const;
  expect(() => backoffDelay(backoff, 1, null, 0)).toThrow(RangeError);
  expect(() => backoffDelay(backoff, 1, null, 0)).toThrow("decorrelated jitter with fixed backoff");
});
