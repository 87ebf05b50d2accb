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
  /** The run was cut short: what is missing has neither passed nor failed. */
  readonly interrupted?: true;
  /** The verdicts are not those of the run but of its histories, judged again. */
  readonly replay?: Replay;
}

export interface Replay {
  readonly judgedAt: string;
  /** Version of `@sluice/conformance` whose checker judged. */
  readonly runner: string;
  /** Results that are not what the run had said. */
  readonly changes: readonly VerdictChange[];
  /** Results taken over as they were, for there was nothing to judge: `core/x (kafkajs): why`. */
  readonly kept: readonly string[];
}

export interface VerdictChange {
  readonly case: string;
  readonly subject: string;
  /** `pass`, `fail by P1, P1s`. */
  readonly before: string;
  readonly after: string;
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
  /** Rows of the matrix, in order. */
  readonly cases: readonly CaseInfo[];
  /** Cells left out on purpose; any other cell without a result was not reached. */
  readonly unplanned?: readonly UnplannedCell[];
  /** Cases of the catalogue that are not run yet: listed, never counted. */
  readonly drafts?: readonly DraftCase[];
}

export interface DraftCase extends CaseInfo {
  /** Why it is not run yet. */
  readonly reason: string;
}

export interface UnplannedCell {
  readonly case: string;
  readonly subject: string;
  readonly reason: string;
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
  /** Of a mutant or a sabotaged harness: what is wrong with it, after its number in the catalogue. */
  readonly about?: string;
}

export interface CaseInfo {
  readonly id: string;
  readonly level: string;
  /** One line: the schedule or fault. */
  readonly title: string;
  /** What a right consumer does, and how a wrong one is caught. */
  readonly about?: string;
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
  /** This cell is on a list: a failure is expected (`failing`) or may happen (`flaky`). */
  readonly known?: { readonly list: "failing" | "flaky"; readonly reason: string };
}

export interface Artefact {
  readonly kind: "history" | "wire" | "log" | "other";
  readonly path: string;
}

export interface Expectation {
  readonly outcome: Outcome;
  /** Invariants that must have failed; empty where the outcome is no failure. */
  readonly invariants: readonly InvariantId[];
  /** These may have failed besides: it depends on timing. */
  readonly mayFail?: readonly InvariantId[];
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
  /** The most memory that the runner has had, subjects and brokers not counted; a replay has none. */
  readonly peakRssBytes?: number;
}

/** Counts outcomes, for the footer. */
export function totalsOf(cases: readonly CaseResult[]): Readonly<Record<Outcome, number>> {
  const totals = { pass: 0, fail: 0, unknown: 0, skipped: 0, error: 0 };
  for (const result of cases) totals[result.outcome] += 1;
  return totals;
}
