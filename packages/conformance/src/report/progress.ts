import type { CaseResult } from "./run-report.ts";

/** What the runner says while it runs. Implementations never throw and never block. */
export interface Progress {
  /** A line that stays: the cluster's choice, the addon's state, the seed. */
  note(text: string): void;
  caseStarted(at: CaseAt): void;
  /** What the running case waits for or does now, in a few words. */
  step(at: CaseAt, text: string): void;
  caseFinished(at: CaseAt, result: CaseResult): void;
  /** Clears the updating line. Idempotent. */
  close(): void;
}

export interface CaseAt {
  readonly case: string;
  readonly subject: string;
  /** 1-based position and total of the run. */
  readonly index: number;
  readonly of: number;
}
