import type { Adapter, ConsumerPort, ProducerPort } from "@sluice/core";
import { describe, expect, it, vi } from "vitest";
import { neverMet, runSeeds } from "./campaign.ts";
import { scenarioOf } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import { fingerprint, simulate } from "./simulate.ts";
import { traceOf } from "./trace.ts";

vi.setConfig({ testTimeout: 300_000 });

it("holds in every run, meets nearly everything, and gives each seed its one history", async () => {
  const result = await runSeeds(Array.from({ length: 80 }, (_, i) => i + 1));
  expect(result.failed).toEqual([]);
  expect(result.unlike).toEqual([]);
  // A campaign of 3,000 seeds has to meet all of it.
  expect(neverMet(result).length).toBeLessThan(12);
});

it("gives different seeds different histories", async () => {
  const prints = await Promise.all(
    [1, 2, 3].map(async (seed) => fingerprint((await simulate(scenarioOf(seed))).history)),
  );
  expect(new Set(prints).size).toBe(3);
});

/** What a defect of an adapter, or of what it stands for, must be caught by. */
const DEFECTS: readonly (readonly [
  name: string,
  caughtBy: RegExp,
  adapt: (adapter: Adapter) => Adapter,
])[] = [
  [
    "commits one too far",
    /^(P1|P1s|P2|m\d)/,
    consumerWith((port) => ({
      commit: async (offsets, timeoutMs) => {
        const further = offsets.map((each) => ({ ...each, offset: each.offset + 1 }));
        const results = await port.commit(further, timeoutMs);
        return results.map((result, i) => ({ ...result, offset: offsets[i]!.offset }));
      },
    })),
  ],
  [
    "starts behind where it was told to",
    /^(P1|P1s|V1|K2|D1|m\d)/,
    consumerWith((port) => ({
      start: (topics, events) =>
        port.start(topics, {
          ...events,
          assigned: async (assignment) =>
            (await events.assigned(assignment)).map((start) => start + 1),
        }),
    })),
  ],
  [
    "loses a record on the way to the runtime",
    /^(P1|P1s|V1|K2):/,
    consumerWith((port) => ({
      start: (topics, events) =>
        port.start(topics, {
          ...events,
          records: (partition, records, next) =>
            events.records(
              partition,
              records.filter(({ offset }) => offset % 7 !== 3),
              next,
            ),
        }),
    })),
  ],
  [
    "lets a partition go without a word",
    /^(P5|D1|D2|X1|P4|m\d)/,
    consumerWith((port) => ({
      start: (topics, events) =>
        port.start(topics, { ...events, revoked: async () => {}, lost: () => {} }),
    })),
  ],
  [
    "acknowledges a dead letter that it has not written",
    /^(Q1|P1|Q3|V1):/,
    (adapter) => ({
      ...adapter,
      producer: (options) =>
        overriding<ProducerPort>(adapter.producer(options), { send: async () => ({ offset: 0 }) }),
    }),
  ],
];

describe("a defect is caught", () => {
  it.each(DEFECTS)("that %s", async (_, caughtBy, adapt) => {
    const failures: string[] = [];
    for (let seed = 1; seed <= 60 && !failures.some((each) => caughtBy.test(each)); seed++) {
      failures.push(...(await simulate(scenarioOf(seed), adapt)).failures);
    }
    expect(failures).toContainEqual(expect.stringMatching(caughtBy));
  });
});

it("makes a failing run smaller, and tells it", async () => {
  const [, , adapt] = DEFECTS[0]!;
  const failing = await simulate(scenarioOf(1), adapt);
  const small = await shrink(failing, 60, adapt);
  expect(small.failures[0]!.slice(0, 2)).toBe(failing.failures[0]!.slice(0, 2));
  expect(small.scenario.records.length).toBeLessThan(12);
  expect(small.scenario.faults).toEqual([]);
  const told = traceOf(small);
  expect(told).toContain("again: pnpm simulate --seed 1");
  expect(told).toMatch(/m1 asks in \d+ to commit orders-/);
});

function consumerWith(
  overrides: (port: ConsumerPort) => Partial<ConsumerPort>,
): (adapter: Adapter) => Adapter {
  return (adapter) => ({
    ...adapter,
    consumer: (options) => {
      const port = adapter.consumer(options);
      return overriding(port, overrides(port));
    },
  });
}

/** `target` but for some methods. */
function overriding<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const own = methods[name as keyof T];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
