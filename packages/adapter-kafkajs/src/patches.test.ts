import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { ConnectionClass, RequestQueueClass } from "./internals.ts";
import type { Connection, RequestQueue } from "./internals.ts";
import { applyPatches } from "./patches.ts";

beforeAll(() => applyPatches());
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("T19 arms no timer while nothing is pending", () => {
  queue({ pending: [], throttledUntil: Date.now() + 500 }).scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

it("T19 looks at what is pending once the broker's throttle has passed", () => {
  const checkPendingRequests = vi.fn<() => void>();
  const throttled = queue({
    pending: [{}],
    throttledUntil: Date.now() + 500,
    checkPendingRequests,
  });
  throttled.scheduleCheckPendingRequests();
  throttled.scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(499);
  expect(checkPendingRequests).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(checkPendingRequests).toHaveBeenCalledOnce();
});

it("T19 looks again soon when requests wait for a place in flight", () => {
  const checkPendingRequests = vi.fn<() => void>();
  queue({ pending: [{}], throttledUntil: -1, checkPendingRequests }).scheduleCheckPendingRequests();
  vi.advanceTimersByTime(10);
  expect(checkPendingRequests).toHaveBeenCalledOnce();
});

it("T16 a connection forgets half a frame before it connects anew", async () => {
  const connection = Object.assign(Object.create(ConnectionClass.prototype) as Connection, {
    chunks: [Buffer.from([0, 0, 1])],
    bytesBuffered: 3,
    bytesNeeded: 300,
    connectionTimeout: 1000,
    connectionStatus: "disconnected",
    logDebug: () => {},
    socketFactory: () => {
      throw new Error("no network in this test");
    },
  });
  await expect(connection.connect()).rejects.toThrow("Failed to connect");
  expect(connection).toMatchObject({ chunks: [], bytesBuffered: 0, bytesNeeded: 4 });
});

function queue(fields: object): RequestQueue {
  return Object.assign(Object.create(RequestQueueClass.prototype) as RequestQueue, {
    throttleCheckTimeoutId: null,
    ...fields,
  });
}
