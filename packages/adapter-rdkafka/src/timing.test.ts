import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { delay, settlesWithin, unlessAborted } from "./timing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a delay that is cut short leaves no timer behind", async () => {
  const cut = new AbortController();
  const waiting = delay(60_000, cut.signal);
  cut.abort();
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
});

it("what settles in time leaves no timer behind, rejected or not", async () => {
  expect(await settlesWithin(Promise.resolve(1), 60_000)).toBe(true);
  expect(await settlesWithin(Promise.reject(new Error("no")), 60_000)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it("what does not settle is given up after its time, or when told to", async () => {
  const late = settlesWithin(new Promise(() => {}), 1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await late).toBe(false);
  const cut = new AbortController();
  const never = settlesWithin(new Promise(() => {}), 60_000, cut.signal);
  cut.abort();
  expect(await never).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it("an answer is waited for until the signal fires", async () => {
  const cut = new AbortController();
  expect(await unlessAborted(Promise.resolve(7), cut.signal)).toBe(7);
  const never = unlessAborted(new Promise(() => {}), cut.signal);
  cut.abort();
  expect(await never).toBeUndefined();
  expect(await unlessAborted(new Promise(() => {}), cut.signal)).toBeUndefined();
});
