import type { InvariantId } from "@sluice/checker";
import type { Capabilities } from "../subject/protocol.ts";
import type { CaseRun } from "./case-run.ts";
import type { WorkloadRecord } from "./workload.ts";

/** What a case needs of the cluster; without it the case is skipped with that reason. */
export type Need = "broker" | "proxy" | "brokerFaults" | "commitLog";

/** One row of the catalogue. */
export interface Case {
  /** `family/name`; never reused for something else. */
  readonly id: string;
  readonly level: "L0" | "L1" | "L2" | "L3";
  /** One line: the schedule or fault. */
  readonly title: string;
  /** What a right consumer does, and how a wrong one is caught: for `--explain`. */
  readonly about: string;
  readonly needs: readonly Need[];
  /** Null when the subject's declared capabilities suffice, else what is missing. */
  readonly requires?: (capabilities: Capabilities) => string | null;
  readonly invariants: readonly InvariantId[];
  /** Faults injected, in order; empty for a healthy run. */
  readonly faults: readonly string[];
  readonly duplicates: "none" | "crash-window" | "explained";
  /** Some members may have nothing to do; G1 then asks for one that has. */
  readonly idleMembers?: boolean;
  readonly settings?: Partial<CaseSettings>;
  /** What is produced before anything starts. @defaultValue the default workload */
  readonly workload?: (seed: number) => WorkloadRecord[];
  readonly run: (c: CaseRun) => Promise<void>;
}

/** Durations are milliseconds. */
export interface CaseSettings {
  readonly partitions: number;
  readonly concurrency: number;
  readonly ordering: "key" | "partition" | "none";
  readonly commitIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly startAt: "earliest" | "latest";
  readonly retry: { readonly maxAttempts: number; readonly backoffMs: number };
  readonly deadLetter: boolean;
  readonly limits: {
    readonly settleMs: number;
    readonly commitMs: number;
    readonly stopMs: number;
  };
}

export const DEFAULT_SETTINGS: CaseSettings = {
  partitions: 6,
  concurrency: 16,
  ordering: "key",
  commitIntervalMs: 200,
  // KIP-848 takes its session and heartbeat from the broker: 6 s and 1 s there.
  sessionTimeoutMs: 6_000,
  heartbeatMs: 500,
  rebalanceTimeoutMs: 15_000,
  drainTimeoutMs: 8_000,
  startAt: "earliest",
  retry: { maxAttempts: 3, backoffMs: 100 },
  deadLetter: true,
  limits: { settleMs: 20_000, commitMs: 5_000, stopMs: 8_000 },
};
