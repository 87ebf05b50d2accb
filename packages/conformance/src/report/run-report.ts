import type { InvariantId, Judgement, Verdict } from "@sluice/checker";
import type { Capabilities } from "../subject/protocol.ts";

/**
 * One run of the suite, as the runner tells it and every output shows it. `run.jsonl` holds these
 * as lines: one header, one line a case result, one footer. A file without a footer is not a
 * finished run and must not be read as one.
 */
export type RunLine = RunHeader | CaseResult | RunFooter;

export interface RunReport {
  readonly header: RunHeader;
  readonly cases: readonly CaseResult[];
  readonly footer: RunFooter;
}

export interface RunHeader {
  readonly type: "header";
  readonly report: 1;
  /** Version of the specification the verdicts refer to. */
  readonly spec: string;
  /** Version of `@sluice/conformance`. */
  readonly runner: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Every case's seed is derived from it. */
  readonly seed: number;
  readonly commandLine: string;
  readonly cluster: {
    readonly kind: string;
    /** Why this kind was chosen. */
    readonly reason: string;
    readonly kafkaVersion: string;
  };
  readonly node: string;
  readonly os: string;
  /** Columns of the matrix, in order. */
  readonly subjects: readonly SubjectInfo[];
  /** Rows of the matrix, in order; a planned case without a result is shown as not run. */
  readonly cases: readonly CaseInfo[];
}

export interface SubjectInfo {
  /** Unique in the run: `kafkajs`, `rdkafka`, `rdkafka/cooperative`, `mutant/commits-highest`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly language: string;
  readonly runtime: string;
  readonly client: { readonly name: string; readonly version: string };
  /** Null when the subject never answered `hello`. */
  readonly capabilities: Capabilities | null;
}

export interface CaseInfo {
  readonly id: string;
  readonly level: string;
  /** One line: the schedule or fault. */
  readonly title: string;
}

/**
 * - `skipped`: a declared capability (subject or cluster) is missing; `reason` says which.
 * - `error`: the harness or the subject protocol broke; nothing was judged; `reason` says how.
 */
export type Outcome = Verdict | "skipped" | "error";

export interface CaseResult {
  readonly type: "case";
  readonly case: string;
  readonly subject: string;
  readonly outcome: Outcome;
  /** Required for `skipped` and `error`. */
  readonly reason?: string;
  /** Wall time. */
  readonly ms: number;
  readonly startedAt: string;
  readonly seed: number;
  /** Null for `skipped` and `error`. */
  readonly judgement: Judgement | null;
  /** Command line that repeats just this case with this seed. */
  readonly repro: string;
  /** Paths relative to the output folder. `history` feeds the charts. */
  readonly artefacts: readonly Artefact[];
  /** Last lines of what was captured; shown when the case did not pass. */
  readonly logs: readonly { readonly source: string; readonly text: string }[];
  /** In a self test: what this mutant or sabotaged harness must lead to. */
  readonly expectation?: Expectation;
}

export interface Artefact {
  readonly kind: "history" | "wire" | "log" | "other";
  readonly path: string;
}

export interface Expectation {
  readonly outcome: Outcome;
  /** Invariants that must have failed; empty where the outcome is no failure. */
  readonly invariants: readonly InvariantId[];
  readonly met: boolean;
  /** Why not, in words. */
  readonly detail?: string;
}

export interface RunFooter {
  readonly type: "footer";
  readonly finishedAt: string;
  readonly ms: number;
  readonly totals: Readonly<Record<Outcome, number>>;
  readonly exitCode: number;
}

/** Counts outcomes, for the footer. */
export function totalsOf(cases: readonly CaseResult[]): Readonly<Record<Outcome, number>> {
  const totals = { pass: 0, fail: 0, unknown: 0, skipped: 0, error: 0 };
  for (const result of cases) totals[result.outcome] += 1;
  return totals;
}
