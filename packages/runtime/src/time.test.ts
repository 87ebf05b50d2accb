import { afterEach, expect, it, vi } from "vitest";
import { systemTime } from "./time.ts";

afterEach(() => vi.useRealTimers());

it.each([
  ["forward", 3_600_000],
  ["back", -3_600_000],
])("goes on as before when the wall clock is set %s by an hour", (_, jumpMs) => {
  const began = Date.now();
  const time = systemTime();
  const before = time.now();
  vi.useFakeTimers({ now: began + jumpMs, toFake: ["Date"] });
  expect(Date.now()).toBe(began + jumpMs);
  const after = time.now();
  expect(after).toBeGreaterThanOrEqual(before);
  expect(after).toBeLessThan(before + 1_800_000);
});
