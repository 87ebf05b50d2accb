import type { Protocol } from "../cluster/sim-cluster.ts";
import { Random } from "../random.ts";

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

export interface ScenarioConfig {
  readonly protocol: Protocol;
  readonly partitions: number;
  readonly ordering: "key" | "partition" | "none";
  readonly concurrency: number;
  readonly commitIntervalMs: number;
  readonly drainTimeoutMs: number;
  readonly budgetRecords: number;
  readonly fetchRecords: number;
  readonly maxAttempts: number;
  readonly backoff:
    | { readonly type: "fixed"; readonly delayMs: number }
    | {
        readonly type: "exponential";
        readonly initialMs: number;
        readonly maxMs: number;
        readonly jitter: "none" | "full" | "equal" | "decorrelated";
      };
  /** What the broker takes of commit metadata. */
  readonly metadataBytes: number;
  readonly startAt: "earliest" | "latest";
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Bounds of each way of each request. */
  readonly latencyMs: readonly [low: number, high: number];
  /** Share of requests whose connection breaks on their way. */
  readonly loss: number;
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
  | { readonly type: "user-pause"; readonly member: string; readonly forMs: number }
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
  | { readonly type: "truncate"; readonly partition: number; readonly count: number }
);

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
  return {
    seed,
    config,
    calm,
    members,
    records: records.map((record) => ({
      ...record,
      durationMs: Math.min(record.durationMs, 1000),
    })),
    faults: faults.filter(({ type }) => type === "rebalance" || type === "stop"),
  };
}

/** Whatever is running can finish, and whatever is finished can be told to the next owner. */
const CALM = {
  drainTimeoutMs: 15_000,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 40_000,
  heartbeatMs: 2500,
  metadataBytes: 4096,
  startAt: "earliest",
  loss: 0,
} as const satisfies Partial<ScenarioConfig>;

function configOf(random: Random): ScenarioConfig {
  const sessionTimeoutMs = random.pick([3000, 6000, 10_000]);
  const rebalanceTimeoutMs = sessionTimeoutMs * random.between(2, 3);
  return {
    protocol: random.pick(["eager", "cooperative", "consumer"]),
    partitions: random.between(1, 5),
    ordering: random.pick(["key", "key", "key", "partition", "none"]),
    concurrency: random.pick([1, 2, 4, 16, 64]),
    commitIntervalMs: random.pick([50, 200, 1000, 3000]),
    drainTimeoutMs: random.pick([0, 300, 2000, 5000, 15_000]),
    budgetRecords: random.pick([3, 20, 5000, 5000]),
    fetchRecords: random.pick([1, 5, 500]),
    maxAttempts: random.between(1, 4),
    backoff: random.chance(0.3)
      ? { type: "fixed", delayMs: random.pick([0, 10, 700]) }
      : {
          type: "exponential",
          initialMs: random.pick([20, 200]),
          maxMs: random.pick([1000, 4000]),
          jitter: random.pick(["none", "full", "equal", "decorrelated"]),
        },
    metadataBytes: random.pick([4096, 4096, 60, 40, 15]),
    startAt: random.chance(0.9) ? "earliest" : "latest",
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    heartbeatMs: Math.floor(sessionTimeoutMs / random.between(3, 6)),
    latencyMs: random.pick<readonly [number, number]>([
      [0, 2],
      [1, 30],
      [5, 300],
    ]),
    loss: random.pick([0, 0, 0.01, 0.05]),
  };
}

function recordsOf(random: Random, config: ScenarioConfig, lengthMs: number): PlannedRecord[] {
  const keys = random.pick([1, 3, 10, 100]);
  const trouble = random.pick([0.05, 0.2, 0.5]);
  const slowest = random.pick([5, 100, 1000]);
  const bursts = random.chance(0.5);
  const records = Array.from({ length: random.between(5, 120) }, (): PlannedRecord => {
    const at = random.below(lengthMs);
    const key = random.below(keys);
    return {
      at: bursts ? at - (at % 3000) : at,
      // A key has its partition.
      partition: key % config.partitions,
      key: random.chance(0.1) ? null : `k${key}`,
      behaviour: random.chance(trouble) ? behaviourOf(random, config) : { type: "ok" },
      durationMs: random.chance(0.3)
        ? 0
        : random.below(random.chance(0.05) ? 2 * config.sessionTimeoutMs : slowest),
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
    [2, (at) => ({ at, type: "user-pause", member: member(), forMs: spell() })],
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
    [0.3, (at) => ({ at, type: "truncate", partition: partition(), count: random.between(1, 10) })],
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
  return faults
    .filter(
      ({ type }) =>
        // Who starts at the latest offset after a loss has asked to skip what is there.
        startAt === "earliest" || (type !== "retention" && type !== "truncate"),
    )
    .sort((a, b) => a.at - b.at);
}
