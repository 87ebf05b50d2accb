import type { InvariantId } from "@sluice/checker";
import type { Outcome } from "../report/run-report.ts";
import type { Capabilities } from "../subject/protocol.ts";
import type { CaseRun } from "./case-run.ts";
import type { CaseSettings } from "./case-settings.ts";
import type { GroupMode } from "./subject-under-test.ts";
import type { WorkloadRecord } from "./workload.ts";

/** What a case needs of the cluster; without it the case is skipped with that reason. */
export type Need =
  "broker" | "proxy" | "brokerFaults" | "failover" | "diskFull" | "commitLog" | "transactions";

/** L0 needs no broker, L1 a healthy one, L2 moves partitions, L3 breaks things, L4 goes on for long. */
export type Level = "L0" | "L1" | "L2" | "L3" | "L4";

/** How a case catches a mutant. */
export interface Kill {
  /** @defaultValue "fail" */
  readonly outcome?: Outcome;
  /** Exactly these fail. */
  readonly fails: readonly InvariantId[];
  /** These may fail besides: it depends on timing. */
  readonly mayFail?: readonly InvariantId[];
}

/** One row of the catalogue. */
export interface Case {
  /** `family/name`; never reused for something else. */
  readonly id: string;
  readonly level: Level;
  /** One line: the schedule or fault. */
  readonly title: string;
  /** What a right consumer does, and how a wrong one is caught: for `--explain`. */
  readonly about: string;
  /** Why it is not run yet; null when it is. */
  readonly draft: string | null;
  /** Mutants by name. */
  readonly kills: Readonly<Record<string, Kill>>;
  readonly needs: readonly Need[];
  /** Null when the subject's declared capabilities suffice, else what is missing. */
  readonly requires?: (capabilities: Capabilities) => string | null;
  /** The ways to rebalance under which it says something; all when it is missing. */
  readonly rebalance?: readonly GroupMode["rebalance"][];
  /** As many partitions as its topic has in the end, where it grows. */
  readonly growsTo?: number;
  readonly invariants: readonly InvariantId[];
  /** Faults injected, in order; empty for a healthy run. */
  readonly faults: readonly string[];
  readonly duplicates: "none" | "unfinished" | "crash-window" | "explained";
  /** Some members may have nothing to do; G1 then asks for one that has. */
  readonly idleMembers?: boolean;
  readonly settings?: Partial<CaseSettings>;
  /** What is produced before anything starts. @defaultValue the default workload */
  readonly workload?: (seed: number) => WorkloadRecord[];
  readonly run: (c: CaseRun) => Promise<void>;
}
