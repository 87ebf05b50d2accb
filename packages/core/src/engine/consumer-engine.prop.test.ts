import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULTS } from "../../test/drive.ts";
import {
  BATCH_SITUATIONS,
  EngineWorld,
  MAX_ATTEMPTS,
  PARTITIONS,
  SITUATIONS,
  TIMEOUT_SITUATIONS,
} from "../../test/engine-world.ts";
import type { Seen, Situation } from "../../test/engine-world.ts";
import { expectReached } from "../../test/reached.ts";
import type { BatchConfig } from "./batches.ts";
import type { EngineConfig } from "./engine.ts";

/** A method of the world and its arguments: data, so that a counterexample can be read. */
type Step = readonly [
  (
    | "fetch"
    | "finish"
    | "takeBack"
    | "answerDeadLetter"
    | "answerCommit"
    | "assign"
    | "rejoin"
    | "revoke"
    | "lose"
    | "pass"
    | "userPause"
    | "fetchStale"
    | "answerStaleToken"
    | "setClockBack"
    | "truncate"
  ),
  ...unknown[],
];

const partition = fc.nat(PARTITIONS - 1);
const pick = fc.nat(1_000);
const key = fc.constantFrom("a", "b", "c", "", null);
const keys = fc.array(key, { minLength: 1, maxLength: 6 });
const gap = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  fc.integer({ min: 1, max: 10 ** 9 }),
);
const span = fc.constantFrom(0, 1, 40, 400, 4_000, 20_000);
const deadline = fc.constantFrom(0, 10, 600, 6_000, 20_000);
const outcome = fc.constantFrom(
  "ok",
  "ok",
  "ok",
  "skip",
  "failed",
  "failed",
  "retry",
  "poison",
  "dead-letter",
);
const answer = fc.constantFrom("ok", "ok", "ok", "retriable", "rebalancing", "fenced", "missing");

const steps = fc.oneof(
  step(12, "fetch", partition, keys, gap, gap),
  step(16, "finish", pick, outcome, outcome, outcome),
  step(4, "finish", pick, fc.constant("threw"), outcome, fc.constant("threw")),
  step(1, "takeBack", pick),
  step(4, "answerDeadLetter", pick, fc.boolean()),
  step(6, "answerCommit", pick, answer),
  step(6, "assign", partition),
  step(4, "revoke", fc.uniqueArray(partition, { minLength: 1 }), deadline),
  step(1, "lose", partition),
  step(10, "pass", span, fc.boolean()),
  step(2, "userPause", partition, fc.boolean()),
  step(1, "fetchStale", partition),
  step(1, "answerStaleToken", pick),
  step(1, "setClockBack", fc.nat(5_000)),
  step(1, "truncate", partition, fc.nat(8)),
);

const options: fc.Arbitrary<Partial<EngineConfig>> = fc.record(
  {
    commitEvery: fc.constantFrom(1, 3),
    commitWhenIdleMs: fc.constantFrom(0, 20),
  },
  { requiredKeys: [] },
);
const quota = fc.constantFrom({}, {}, { maxWaiting: 1 }, { maxWaiting: 3 });
const release = fc.constantFrom<Partial<EngineConfig>[]>(
  {},
  { earlyRelease: { settledPercent: 50, minBehind: 1, perMinute: 1, burst: 1 } },
  { earlyRelease: { settledPercent: 50, minBehind: 1, perMinute: 60, burst: 1 } },
  { earlyRelease: { settledPercent: 90, minBehind: 2, perMinute: 60, burst: 2 } },
);
const rate = fc.constantFrom<Partial<EngineConfig>[]>(
  ...[{}, {}, {}, {}, {}, {}],
  { rateLimit: { perSecond: 50, burst: 1 } },
  { rateLimit: { perSecond: 7, burst: 5 } },
);

const required: fc.Arbitrary<EngineConfig> = fc.record({
  ordering: fc.constantFrom("key", "key", "partition", "none"),
  concurrency: fc.constantFrom(1, 2, 3, 8),
  budget: fc.record({ records: fc.constantFrom(1, 5, 12, 12), bytes: fc.constant(1e9) }),
  retry: fc.constant({
    maxAttempts: MAX_ATTEMPTS,
    backoff: { type: "fixed", delayMs: 100 },
  } as const),
  deadLetter: fc.constant(true),
  commitIntervalMs: fc.constantFrom(50, 1_000),
  startAt: fc.constantFrom("earliest", "earliest", "latest"),
  stallAfterMs: fc.constant(DEFAULTS.stallAfterMs),
  handlerTimeoutMs: fc.constantFrom(Infinity, 40, 40, 300),
  batch: fc.constant(null),
  laneSeed: fc.nat(0xffff_ffff),
  // With it, a restart is another matter: commit-metadata.prop.test.ts.
  commitMetadataChars: fc.constant(0),
});
const configs = fc
  .tuple(required, options, quota, rate, release)
  .map(([all, some, limit, rated, released]) => ({
    ...all,
    ...some,
    ...rated,
    ...released,
    retry: { ...all.retry, ...limit },
  }));

const batch: fc.Arbitrary<BatchConfig> = fc.record({
  size: fc.constantFrom(1, 2, 3, 6),
  lingerMs: fc.constantFrom(0, 50, 1_000),
  by: fc.constantFrom("lane", "partition"),
});
const batched = fc.tuple(configs, batch).map(([config, each]): EngineConfig => {
  const by = config.ordering === "none" ? "partition" : each.by;
  const records = Math.max(config.budget.records, each.size);
  return { ...config, batch: { ...each, by }, budget: { ...config.budget, records } };
});

test.each([
  ["one by one", configs, [...SITUATIONS, ...TIMEOUT_SITUATIONS], []],
  ["in batches", batched, [...SITUATIONS, ...TIMEOUT_SITUATIONS, ...BATCH_SITUATIONS], ["linger"]],
] as const)(
  "%s: whatever happens in whatever order, each effect is what a naive model allows (P1, P3, P4, K1, N1, B1, V1)",
  (_, configs, situations, reasons) => {
    const seen = unseen();
    const stop = fc.option(fc.tuple(fc.nat(100), deadline), { freq: 3 });
    fc.assert(
      fc.property(
        configs,
        fc.array(steps, { minLength: 20, maxLength: 150, size: "max" }),
        stop,
        (config, list, stopAt) => {
          const world = new EngineWorld(config, seen);
          for (let p = 0; p < PARTITIONS; p++) world.assign(p);
          for (const [index, step] of list.entries()) {
            if (stopAt !== null && index === stopAt[0]) world.requestDrain(stopAt[1]);
            perform(world, step);
          }
          world.heal();
        },
      ),
      { numRuns: 3_000 },
    );
    expectReached(Object.fromEntries(situations.map((each) => [each, seen[each]])), 20);
    const explained = [
      ...["backoff", "concurrency", "dead-letter", "handler", "lane", "pause", "rate"],
      "released",
      ...reasons,
    ];
    expect(explained).toEqual(expect.arrayContaining([...seen.explained]));
    const told = explained.map((each) => [each, Number(seen.explained.has(each))]);
    expectReached(Object.fromEntries(told), 0);
  },
  240_000,
);

test.each([
  ["one by one", configs],
  ["in batches", batched],
])(
  "%s: D2: when all goes well and there is time, revocations and stops make nothing run twice",
  (_, configs) => {
    const seen = unseen();
    const wholesome = fc.oneof(
      step(12, "fetch", partition, keys, gap, gap),
      step(16, "finish", pick, fc.constantFrom("ok", "skip")),
      step(4, "answerCommit", pick, fc.constantFrom("ok", "retriable", "missing")),
      step(3, "revoke", fc.uniqueArray(partition, { minLength: 1 }), fc.constant(20_000)),
      step(4, "rejoin", partition),
      // Far less than a drain has.
      step(4, "pass", fc.constantFrom(0, 1, 40), fc.boolean()),
      step(1, "fetchStale", partition),
    );
    fc.assert(
      fc.property(
        configs,
        fc.array(wholesome, { minLength: 20, maxLength: 150, size: "max" }),
        fc.boolean(),
        (config, list, stops) => {
          const world = new EngineWorld({ ...config, handlerTimeoutMs: Infinity }, seen);
          for (let p = 0; p < PARTITIONS; p++) world.assign(p);
          for (const each of list) perform(world, each);
          if (stops) world.requestDrain(20_000);
          world.heal();
          expect(world.repeated).toBe(0);
        },
      ),
      { numRuns: 1_500 },
    );
    const { holeFilled, drainedClean, releasedCommitted } = seen;
    expectReached({ holeFilled, drainedClean, releasedCommitted }, 100);
  },
  240_000,
);

function unseen(): Seen {
  const all: readonly Situation[] = [...SITUATIONS, ...TIMEOUT_SITUATIONS, ...BATCH_SITUATIONS];
  const counts = Object.fromEntries(all.map((situation) => [situation, 0]));
  return { ...(counts as Record<Situation, number>), explained: new Set() };
}

function step(weight: number, name: Step[0], ...args: fc.Arbitrary<unknown>[]) {
  return { weight, arbitrary: fc.tuple(fc.constant(name), ...args) as fc.Arbitrary<Step> };
}

function perform(world: EngineWorld, [name, ...args]: Step): void {
  (world[name] as (...args: unknown[]) => void).apply(world, args);
}
