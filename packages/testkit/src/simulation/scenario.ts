import { Random } from "../random.ts";
import { CALM, configOf } from "./scenario-config.ts";
import type { ScenarioConfig } from "./scenario-config.ts";

export type { ScenarioConfig } from "./scenario-config.ts";

/**
 * Everything that a run is made of, as data: what is left out of it does not happen, which is how a
 * failing run is made smaller. Times are milliseconds from the start of the run.
 */
export interface Scenario {
  readonly seed: number;
  readonly config: ScenarioConfig;
  /** Partitions move and members stop, but nothing fails: then nothing may run twice. */
  readonly calm: boolean;
  readonly members: readonly { readonly name: string; readonly at: number }[];
  readonly records: readonly PlannedRecord[];
  readonly faults: readonly PlannedFault[];
}

export interface PlannedRecord {
  readonly at: number;
  readonly partition: number;
  /** Null has no key. */
  readonly key: string | null;
  readonly behaviour: Behaviour;
  /** How long each attempt takes; 0 finishes synchronously. */
  readonly durationMs: number;
  /** Throws as soon as its signal fires. */
  readonly heedsSignal: boolean;
  /** What lies between this record and the one before it. */
  readonly before: "nothing" | "gap" | "marker" | "aborted";
}

export type Behaviour =
  | { readonly type: "ok" }
  | { readonly type: "skip" }
  /** Fails this many attempts: fewer than the limit. */
  | { readonly type: "transient"; readonly failures: number; readonly asks: boolean }
  /** Fails every attempt. */
  | { readonly type: "exhausts" }
  | { readonly type: "poison" }
  | { readonly type: "dead-letter" };

export type PlannedFault = { readonly at: number } & (
  | { readonly type: "crash"; readonly member: string; readonly restartAfterMs: number }
  | { readonly type: "stop"; readonly member: string; readonly restartAfterMs: number }
  | { readonly type: "freeze"; readonly member: string; readonly forMs: number }
  | { readonly type: "evict"; readonly member: string }
  | {
      readonly type: "user-pause";
      readonly member: string;
      readonly forMs: number;
      /** Null for all, those assigned meanwhile included. */
      readonly partition: number | null;
    }
  | { readonly type: "rebalance" }
  | { readonly type: "broker-down"; readonly forMs: number; readonly duringCommit: boolean }
  | { readonly type: "lose-commits"; readonly count: number; readonly what: "request" | "answer" }
  | {
      readonly type: "slow-heartbeats";
      readonly member: string;
      readonly forMs: number;
      readonly byMs: number;
    }
  | { readonly type: "refuse-dead-letters"; readonly count: number }
  | { readonly type: "open-transaction"; readonly partition: number; readonly forMs: number }
  | { readonly type: "retention"; readonly partition: number; readonly keep: number }
  /** A new leader that has everything. */
  | { readonly type: "elect"; readonly partition: number }
  /** An unclean election: all from the committed offset on is gone, or as much as `count`. */
  | {
      readonly type: "truncate";
      readonly partition: number;
      readonly count: number | "uncommitted";
    }
  /** Another program writes its own metadata, or what it has not understood, beside the offset. */
  | {
      readonly type: "alien-metadata";
      readonly partition: number;
      readonly what: "foreign" | "corrupt" | "of another offset";
    }
);

const BURST_MS = 3000;

/** What happens in the run of this seed. */
export function scenarioOf(seed: number): Scenario {
  const random = new Random(seed);
  const calm = random.chance(0.2);
  const drawn = configOf(random);
  const config = calm ? { ...drawn, ...CALM } : drawn;
  const memberCount = random.between(1, 4);
  const lengthMs = random.between(10_000, 30_000);
  const names = Array.from({ length: memberCount }, (_, i) => `m${i + 1}`);
  const members = names.map((name, i) => ({
    name,
    at: i === 0 ? 0 : random.below(Math.floor(lengthMs / 2)),
  }));
  const records = recordsOf(random, config, lengthMs);
  const faults = faultsOf(random, config, names, lengthMs);
  if (!calm) return { seed, config, calm, members, records, faults };
  const moves = faults.filter(({ type }) => type === "rebalance" || type === "stop");
  const quick = records.map((each) => ({ ...each, durationMs: Math.min(each.durationMs, 1000) }));
  if (random.chance(0.6)) return { seed, config, calm, members, records: quick, faults: moves };
  // Nothing tells the next owner what was done out of turn: it must be done in turn before it goes.
  // So that something is, much comes at once, and partitions move right then.
  const atBurst = (at: number): number => at - (at % BURST_MS);
  return {
    seed,
    config: {
      ...config,
      commitMetadata: false,
      handlerTimeoutMs: null,
      concurrency: random.pick([2, 4, 16]),
      // Longer than any drain.
      batch: config.batch === null ? null : { ...config.batch, lingerMs: 20_000 },
    },
    calm,
    members,
    records: quick.map((each) => ({
      ...each,
      at: atBurst(each.at),
      behaviour: { type: "ok" },
      durationMs: each.durationMs % 100,
    })),
    faults: moves.map((each) => ({ ...each, at: atBurst(each.at) + random.below(300) })),
  };
}

function recordsOf(random: Random, config: ScenarioConfig, lengthMs: number): PlannedRecord[] {
  const keys = random.pick([1, 3, 10, 100]);
  const trouble = config.earlyRelease === null ? random.pick([0.05, 0.2, 0.5]) : 0.3;
  const slowest = random.pick([5, 100, 1000]);
  const bursts = random.chance(0.5);
  const records = Array.from({ length: random.between(5, 120) }, (): PlannedRecord => {
    const at = random.below(lengthMs);
    const key = random.below(keys);
    const durationMs = random.chance(0.3)
      ? 0
      : random.below(random.chance(0.05) ? 2 * config.sessionTimeoutMs : slowest);
    return {
      at: bursts ? at - (at % BURST_MS) : at,
      // A key has its partition.
      partition: key % config.partitions,
      key: random.chance(0.1) ? null : `k${key}`,
      behaviour: random.chance(trouble) ? behaviourOf(random, config) : { type: "ok" },
      // At the very time of its timeout either may come first.
      durationMs: durationMs === config.handlerTimeoutMs ? durationMs + 1 : durationMs,
      heedsSignal: random.chance(0.2),
      before: random.chance(0.1) ? random.pick(["gap", "marker", "aborted"]) : "nothing",
    };
  });
  return records.sort((a, b) => a.at - b.at);
}

function behaviourOf(random: Random, { maxAttempts }: ScenarioConfig): Behaviour {
  switch (random.below(6)) {
    case 0:
      return { type: "skip" };
    case 1:
      return { type: "poison" };
    case 2:
      return { type: "dead-letter" };
    case 3:
      return { type: "exhausts" };
    default:
      return {
        type: "transient",
        failures: random.below(maxAttempts),
        asks: random.chance(0.3),
      };
  }
}

function faultsOf(
  random: Random,
  { partitions, sessionTimeoutMs, startAt }: ScenarioConfig,
  names: readonly string[],
  lengthMs: number,
): PlannedFault[] {
  const member = (): string => names[random.below(names.length)]!;
  const spell = (): number => random.between(200, 2 * sessionTimeoutMs);
  const partition = (): number => random.below(partitions);
  const kinds: readonly (readonly [weight: number, make: (at: number) => PlannedFault])[] = [
    [3, (at) => ({ at, type: "crash", member: member(), restartAfterMs: spell() })],
    [3, (at) => ({ at, type: "stop", member: member(), restartAfterMs: spell() })],
    [2, (at) => ({ at, type: "freeze", member: member(), forMs: spell() })],
    [1, (at) => ({ at, type: "evict", member: member() })],
    [
      2,
      (at) => ({
        at,
        type: "user-pause",
        member: member(),
        forMs: spell(),
        partition: random.chance(0.5) ? null : partition(),
      }),
    ],
    [4, (at) => ({ at, type: "rebalance" })],
    [1, (at) => ({ at, type: "broker-down", forMs: spell(), duringCommit: random.chance(0.5) })],
    [
      3,
      (at) => ({
        at,
        type: "lose-commits",
        count: random.between(1, 4),
        what: random.pick(["request", "answer", "answer"]),
      }),
    ],
    [
      1,
      (at) => ({
        at,
        type: "slow-heartbeats",
        member: member(),
        forMs: spell(),
        byMs: random.between(500, 2 * sessionTimeoutMs),
      }),
    ],
    [2, (at) => ({ at, type: "refuse-dead-letters", count: random.between(1, 5) })],
    [1, (at) => ({ at, type: "open-transaction", partition: partition(), forMs: spell() })],
    [1, (at) => ({ at, type: "retention", partition: partition(), keep: random.below(20) })],
    [
      0.8,
      (at) => ({
        at,
        type: "truncate",
        partition: partition(),
        count: random.chance(0.7) ? "uncommitted" : random.between(1, 10),
      }),
    ],
    [
      1,
      (at) => ({
        at,
        type: "alien-metadata",
        partition: partition(),
        what: random.pick(["foreign", "corrupt", "of another offset"]),
      }),
    ],
  ];
  const total = kinds.reduce((sum, [weight]) => sum + weight, 0);
  const draw = (): ((at: number) => PlannedFault) => {
    let left = (random.next32() / 0x1_0000_0000) * total;
    for (const [weight, make] of kinds) {
      left -= weight;
      if (left < 0) return make;
    }
    return kinds[0]![1];
  };
  const faults = Array.from({ length: random.below(9) }, () => draw()(random.below(lengthMs)));
  // They disturb nobody, and matter only where there are several in one partition.
  const elections = Array.from({ length: random.chance(0.3) ? 4 : 0 }, (): PlannedFault => ({
    at: random.below(lengthMs),
    type: "elect",
    partition: partition(),
  }));
  return [...faults, ...elections]
    .filter(
      ({ type }) =>
        // Who starts at the latest offset after a loss has asked to skip what is there.
        startAt === "earliest" || (type !== "retention" && type !== "truncate"),
    )
    .sort((a, b) => a.at - b.at);
}
