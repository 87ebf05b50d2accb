import { describe, expect, test } from "vitest";
import type { Fault } from "./fault.ts";
import { sayFault } from "./fault.ts";
import { planStorm, usesOf } from "./plan.ts";
import type { Arena } from "./plan.ts";

const everything: Arena = {
  can: { proxy: true, brokerFaults: true, failover: true, diskFull: true },
  nodes: [1, 2, 3],
  groupProtocol: "classic",
  hooks: ["stall", "clock"],
  retries: true,
  deadLetters: true,
  partitions: 6,
  sessionMs: 6_000,
};
/** Somebody's cluster, and a subject that declares nothing. */
const little: Arena = {
  ...everything,
  can: { proxy: false, brokerFaults: false, failover: false, diskFull: false },
  nodes: [1],
  hooks: [],
  retries: false,
  deadLetters: false,
};
const size = { faults: 18, lastsMs: 36_000, members: 3 };
const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);
const family = ({ kind }: Fault): string =>
  ["kill", "term", "leave", "join"].includes(kind)
    ? "membership"
    : ["freeze", "stall", "clock"].includes(kind)
      ? "process"
      : kind;

describe("the plan of a storm", () => {
  test("is the same for the same seed, and another for another one", () => {
    expect(planStorm(7, size, everything)).toEqual(planStorm(7, size, everything));
    const plans = SEEDS.map((seed) => JSON.stringify(planStorm(seed, size, everything)));
    expect(new Set(plans).size).toBe(SEEDS.length);
  });

  test("has as many faults as asked for, in their order, none beyond the end", () => {
    for (const seed of SEEDS) {
      const plan = planStorm(seed, size, everything);
      expect(plan.map(({ number }) => number)).toEqual(plan.map((_, i) => i + 1));
      expect(plan.length).toBeGreaterThanOrEqual(size.faults - 2);
      for (const [i, { at, lasts }] of plan.entries()) {
        expect(at).toBeGreaterThanOrEqual(plan[i - 1]?.at ?? 0);
        expect(at + lasts).toBeLessThanOrEqual(size.lastsMs);
      }
    }
  });

  test("lets faults overlap, but never two that act on the same thing", () => {
    let overlapping = 0;
    for (const seed of SEEDS) {
      const plan = planStorm(seed, size, everything);
      for (const [i, one] of plan.entries()) {
        for (const other of plan.slice(i + 1)) {
          if (other.at > one.at + one.lasts) continue;
          overlapping += 1;
          const shared = usesOf(one.fault).filter((name) => usesOf(other.fault).includes(name));
          expect(shared, `${seed}: ${sayFault(one.fault)}; ${sayFault(other.fault)}`).toEqual([]);
        }
      }
    }
    expect(overlapping / SEEDS.length).toBeGreaterThan(size.faults / 2);
  });

  test("has something of every family, also when it is short", () => {
    for (const seed of SEEDS) {
      const plan = planStorm(seed, { faults: 10, lastsMs: 14_000, members: 3 }, everything);
      expect([...new Set(plan.map(({ fault }) => family(fault)))].toSorted(), `${seed}`).toEqual([
        ...["broker", "handlers", "membership", "process", "wire"],
      ]);
    }
  });

  test("draws all there is, and nothing that cluster or subject cannot do", () => {
    const drawn = (arena: Arena): Fault[] =>
      SEEDS.flatMap((seed) => planStorm(seed, size, arena).map(({ fault }) => fault));
    const kinds = (faults: readonly Fault[]): string[] =>
      [...new Set(faults.map(({ kind }) => kind))].toSorted();
    const all = drawn(everything);
    expect(kinds(all)).toEqual([
      ...[
        "broker",
        "clock",
        "freeze",
        "handlers",
        "join",
        "kill",
        "leave",
        "stall",
        "term",
        "wire",
      ],
    ]);
    const acts = all.flatMap((fault) => (fault.kind === "wire" ? [fault.act] : []));
    expect(
      new Set(acts.map((act) => (typeof act === "string" ? act : Object.keys(act)[0]))),
    ).toEqual(new Set(["hold", "blackhole", "reset", "cut", "delay", "slice", "throttle"]));
    expect(kinds(drawn(little))).toEqual(["freeze", "handlers", "join", "kill", "leave", "term"]);
    const how = drawn(little).flatMap((fault) => (fault.kind === "handlers" ? [fault.how] : []));
    expect(new Set(how)).toEqual(new Set(["slow", "held"]));
    const consumer = drawn({ ...everything, groupProtocol: "consumer", deadLetters: false });
    const apis = new Set(consumer.flatMap((f) => (f.kind === "wire" ? [f.api] : [])));
    expect([...apis].toSorted()).toEqual([
      ...["ConsumerGroupHeartbeat", "Fetch", "OffsetCommit", "OffsetFetch"],
    ]);
    const single = { ...everything, can: { ...everything.can, failover: false }, nodes: [1] };
    const which = drawn(single).flatMap((f) => (f.kind === "broker" ? [f.which] : []));
    expect(new Set(which)).toEqual(new Set([1]));
  });
});
