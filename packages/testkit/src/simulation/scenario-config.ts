import type { AdaptiveConcurrency, EarlyRelease, RateLimit } from "@sluice/core";
import type { Protocol } from "../cluster/sim-cluster.ts";
import type { Random } from "../random.ts";

/** How the members and their cluster are set up. Times are milliseconds. */
export interface ScenarioConfig {
  readonly protocol: Protocol;
  readonly partitions: number;
  readonly ordering: "key" | "partition" | "none";
  readonly concurrency: number | AdaptiveConcurrency;
  /** Null: each record is handed out by itself. */
  readonly batch: {
    readonly size: number;
    readonly lingerMs: number;
    readonly by: "lane" | "partition";
  } | null;
  readonly handlerTimeoutMs: number | null;
  readonly rateLimit: RateLimit | null;
  readonly earlyRelease: EarlyRelease | null;
  readonly commitIntervalMs: number;
  readonly commitEvery: number | null;
  readonly commitWhenIdleMs: number | null;
  readonly commitMetadata: boolean;
  readonly drainTimeoutMs: number;
  readonly budgetRecords: number;
  readonly fetchRecords: number;
  readonly maxAttempts: number;
  /** How many records may wait for a retry; null for no limit. */
  readonly maxWaiting: number | null;
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

/**
 * Where nothing is out of the ordinary. A scenario that was kept before something could be chosen is
 * without it.
 */
export const PLAIN: ScenarioConfig = {
  protocol: "cooperative",
  partitions: 1,
  ordering: "key",
  concurrency: 16,
  batch: null,
  handlerTimeoutMs: null,
  rateLimit: null,
  earlyRelease: null,
  commitIntervalMs: 1000,
  commitEvery: null,
  commitWhenIdleMs: null,
  commitMetadata: true,
  drainTimeoutMs: 15_000,
  budgetRecords: 5000,
  fetchRecords: 500,
  maxAttempts: 4,
  maxWaiting: null,
  backoff: { type: "fixed", delayMs: 10 },
  metadataBytes: 4096,
  startAt: "earliest",
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 40_000,
  heartbeatMs: 2500,
  latencyMs: [0, 2],
  loss: 0,
};

/** Whatever is running can finish, and whatever is finished can be told to the next owner. */
export const CALM: Partial<ScenarioConfig> = {
  rateLimit: null,
  commitMetadata: true,
  drainTimeoutMs: 15_000,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 40_000,
  heartbeatMs: 2500,
  metadataBytes: 4096,
  startAt: "earliest",
  loss: 0,
};

export function configOf(random: Random): ScenarioConfig {
  const sessionTimeoutMs = random.pick([3000, 6000, 10_000]);
  const rebalanceTimeoutMs = sessionTimeoutMs * random.between(2, 3);
  const ordering = random.pick(["key", "key", "key", "partition", "none"] as const);
  const batch = random.chance(0.3)
    ? {
        size: random.pick([2, 5, 20]),
        lingerMs: random.pick([0, 50, 500, 3000]),
        by:
          ordering === "none"
            ? ("partition" as const)
            : random.pick(["lane", "partition"] as const),
      }
    : null;
  const handlerTimeoutMs = random.chance(0.25) ? random.pick([300, 1500, 4000]) : null;
  const drainMs = random.pick([0, 300, 2000, 5000, 15_000]);
  const earlyRelease = random.chance(0.15)
    ? {
        settledPercent: random.pick([50, 80, 100]),
        minBehind: random.pick([1, 3, 10]),
        perMinute: random.pick([1, 60]),
        burst: random.between(1, 3),
      }
    : null;
  return {
    protocol: random.pick(["eager", "cooperative", "consumer"]),
    partitions: random.between(1, 5),
    ordering,
    concurrency: random.chance(0.15)
      ? {
          min: random.between(1, 4),
          max: random.pick([8, 32]),
          policy: random.pick(["gradient", "aimd"]),
        }
      : random.pick([1, 2, 4, 16, 64]),
    batch,
    handlerTimeoutMs,
    rateLimit: random.chance(0.15)
      ? { perSecond: random.pick([5, 20, 100]), burst: random.pick([1, 3, 20]) }
      : null,
    earlyRelease,
    commitIntervalMs: random.pick([50, 200, 1000, 3000]),
    commitEvery: random.chance(0.2) ? random.pick([1, 5, 20]) : null,
    commitWhenIdleMs: random.chance(0.2) ? random.pick([0, 20, 300]) : null,
    commitMetadata: random.chance(0.9),
    drainTimeoutMs: drainMs === 0 ? 0 : Math.max(drainMs, handlerTimeoutMs ?? 0),
    budgetRecords: Math.max(random.pick([3, 20, 5000, 5000]), batch?.size ?? 0),
    fetchRecords: random.pick([1, 5, 500]),
    maxAttempts: random.between(1, 4),
    maxWaiting: random.chance(0.15) ? random.pick([1, 3, 10]) : null,
    // What is released early has to wait.
    backoff: earlyRelease === null ? backoffOf(random) : { type: "fixed", delayMs: 3000 },
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

function backoffOf(random: Random): ScenarioConfig["backoff"] {
  if (random.chance(0.3)) return { type: "fixed", delayMs: random.pick([0, 10, 700]) };
  return {
    type: "exponential",
    initialMs: random.pick([20, 200]),
    maxMs: random.pick([1000, 4000]),
    jitter: random.pick(["none", "full", "equal", "decorrelated"]),
  };
}

/** Handlers that may run at once; with batches, batches. */
export function mostAtOnce({ concurrency }: ScenarioConfig): number {
  return typeof concurrency === "number" ? concurrency : concurrency.max;
}
