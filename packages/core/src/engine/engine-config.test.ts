import { describe, expect, test } from "vitest";
import { DEFAULTS } from "../../test/drive.ts";
import { ConfigurationError } from "../configuration-error.ts";
import { validateEngineConfig, validateRateLimit } from "./engine-config.ts";
import type { EngineConfig } from "./engine.ts";

/** What is refused, and what is done about it; "accepted" when nothing is. */
function problem(change: Partial<EngineConfig>): string {
  const config = { ...DEFAULTS, ...change };
  try {
    expect(validateEngineConfig(config)).toBe(config);
    return "accepted";
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
}

const INT32 = 2_147_483_647;
const { budget } = DEFAULTS;
const endless = { maxAttempts: Infinity, backoff: { type: "fixed", delayMs: 1 } } as const;
const release = { settledPercent: 90, minBehind: 10, perMinute: 1, burst: 1 };

describe("a configuration of the engine", () => {
  test.each<[string, number, number, (value: number) => Partial<EngineConfig>]>([
    ["concurrency", 1, 1_000_000, (concurrency) => ({ concurrency })],
    ["budget.records", 1, 10_000_000, (records) => ({ budget: { ...budget, records } })],
    ["budget.bytes", 1, 2 ** 53 - 1, (bytes) => ({ budget: { ...budget, bytes } })],
    ["commitIntervalMs", 1, INT32, (commitIntervalMs) => ({ commitIntervalMs })],
    ["commitEvery", 1, 1_000_000_000, (commitEvery) => ({ commitEvery })],
    ["commitWhenIdleMs", 0, INT32, (commitWhenIdleMs) => ({ commitWhenIdleMs })],
    ["stallAfterMs", 1, INT32, (stallAfterMs) => ({ stallAfterMs })],
    ["laneSeed", 0, 0xffff_ffff, (laneSeed) => ({ laneSeed })],
    ["commitMetadataChars", 0, 65_535, (commitMetadataChars) => ({ commitMetadataChars })],
    ["handlerTimeoutMs", 1, INT32, (handlerTimeoutMs) => ({ handlerTimeoutMs })],
    ["rateLimit.burst", 1, 1_000_000, (burst) => ({ rateLimit: { perSecond: 1, burst } })],
    ["earlyRelease.burst", 1, 1e6, (burst) => ({ earlyRelease: { ...release, burst } })],
  ])("takes %s from %d to %d", (path, min, max, config) => {
    for (const value of [min, max]) expect(problem(config(value))).toBe("accepted");
    for (const value of [min - 1, max + 1]) {
      expect(problem(config(value))).toMatch(`${path}: expected an integer from ${min} to ${max}`);
    }
  });

  test("may leave out a limit", () => {
    expect(problem({ handlerTimeoutMs: Infinity })).toBe("accepted");
    expect(problem({ handlerTimeoutMs: Number.NaN })).toContain("handlerTimeoutMs: expected");
  });

  test("has rules of retries, and batches that fit it", () => {
    const retry = { maxAttempts: 0, backoff: endless.backoff };
    expect(problem({ retry })).toContain("retry.maxAttempts: ");
    expect(problem({ batch: { by: "lane", size: 0, lingerMs: 0 } })).toContain("batch.size: ");
    const batch = { by: "lane", size: 100, lingerMs: 0 } as const;
    expect(problem({ batch: { ...batch, by: "partition" }, ordering: "none" })).toBe("accepted");
    expect(problem({ batch, ordering: "none" })).toBe(
      'batch.by: with ordering "none" each record is a lane of its own, and would be a batch of its own.' +
        ' Set batch.by to "partition".',
    );
    expect(problem({ batch, budget: { ...budget, records: 100 } })).toBe("accepted");
    expect(problem({ batch, budget: { ...budget, records: 99 } })).toBe(
      "budget.records: 99 records are less than a batch of 100, so that none is ever full." +
        " Raise it to several batches for each handler that may run, or make the batches smaller.",
    );
  });

  test("without a dead letter topic neither ends retries nor releases early", () => {
    const without = { deadLetter: false, retry: endless };
    expect(problem(without)).toBe("accepted");
    expect(problem({ ...without, retry: { ...endless, maxAttempts: 7 } })).toBe(
      "retry.maxAttempts: 7 attempts and no dead letter topic would lose the record." +
        " Set a dead letter topic, or maxAttempts to Infinity.",
    );
    expect(problem({ retry: endless, earlyRelease: release })).toBe("accepted");
    expect(problem({ ...without, earlyRelease: release })).toBe(
      "earlyRelease: there is no dead letter topic to release records to." +
        " Set a dead letter topic, or leave earlyRelease out.",
    );
  });
});

test("a rate limit is so many a second, and so many at once", () => {
  for (const value of [1, 1_000_000]) {
    const limit = { perSecond: value, burst: value };
    expect(validateRateLimit(limit)).toEqual(limit);
  }
  const refused = (value: unknown, path?: string) => () => validateRateLimit(value, path);
  for (const perSecond of [0, 1_000_001]) {
    expect(refused({ perSecond, burst: 1 })).toThrow("rateLimit.perSecond: expected an integer");
  }
  for (const burst of [0, 1_000_001]) {
    expect(refused({ perSecond: 1, burst })).toThrow("rateLimit.burst: expected an integer");
  }
  expect(refused({ perSecond: 1, bursts: 1 }, "a")).toThrow("Did you mean a.burst?");
});
