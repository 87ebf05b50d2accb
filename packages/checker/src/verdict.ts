import type { InvariantId } from "./history.ts";

/** fail > unknown > pass. */
export type Verdict = "pass" | "fail" | "unknown";

export interface Judgement {
  readonly verdict: Verdict;
  /** Every demanded invariant, with what was examined. */
  readonly invariants: readonly InvariantResult[];
  readonly guards: readonly {
    readonly guard: string;
    readonly met: boolean;
    readonly detail: string;
  }[];
  /** One sentence a person can read: why it failed or why nothing can be said. */
  readonly summary: string;
  readonly metrics: Metrics;
}

export interface InvariantResult {
  readonly id: InvariantId;
  readonly verdict: Verdict;
  /** Pairs, records or commits looked at; 0 makes the invariant unknown (G5). */
  readonly examined: number;
  readonly violations: number;
  /** At most eight, smallest first. */
  readonly examples: readonly Violation[];
  /** Why nothing can be said, when the verdict is `unknown`. */
  readonly reason?: string;
}

export interface Violation {
  /** In words: what, where (topic-partition@offset), when. */
  readonly message: string;
  /** Indices into the history of the events that show it, in order. */
  readonly events: readonly number[];
}

/** Observed, never judged. Milliseconds where a time. */
export interface Metrics {
  readonly records: number;
  readonly begins: number;
  readonly okEffects: number;
  readonly duplicates: number;
  readonly commits: number;
  readonly generations: number;
  /** Injected, and those of them whose effect a witness saw. */
  readonly faults: number;
  readonly faultsSeen: number;
  /**
   * From the last `healed` (else `injected`) fault until every partition that has something to do settles
   * its next record. Null without a fault, and when one never does.
   */
  readonly recoveryMs: number | null;
}
