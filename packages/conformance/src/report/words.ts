import type { InvariantId } from "@sluice/checker";
import type { CaseResult, Outcome, RunReport } from "./run-report.ts";

/** How an outcome is shown everywhere: a sign that needs no colour, and a word. */
export const SIGNS: Readonly<Record<Outcome, string>> = {
  pass: "✓",
  fail: "✗",
  unknown: "?",
  skipped: "−",
  error: "!",
};
export const WORDS: Readonly<Record<Outcome, string>> = {
  pass: "passed",
  fail: "failed",
  unknown: "unknown",
  skipped: "skipped",
  error: "error",
};

/** `3.4 s`, `4 min 12 s`. */
export function duration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

export function failedInvariants(result: CaseResult): readonly InvariantId[] {
  return (result.judgement?.invariants ?? [])
    .filter(({ verdict }) => verdict === "fail")
    .map(({ id }) => id);
}

/** Whether this result is what the run wants: a pass, or in a self test what was to be expected. */
export function isGood(result: CaseResult): boolean {
  if (result.expectation) return result.expectation.met;
  return result.outcome === "pass" || result.outcome === "skipped";
}

/** Why a case ended as it did, in one sentence; null when it simply passed. */
export function why(result: CaseResult): string | null {
  if (result.expectation && !result.expectation.met) {
    const { outcome, invariants, detail } = result.expectation;
    const by = invariants.length > 0 ? ` by ${invariants.join(" and ")}` : "";
    return `expected ${outcome}${by}: ${detail ?? `it was ${result.outcome}`}`;
  }
  if (result.reason !== undefined) return result.reason;
  return result.outcome === "pass" ? null : (result.judgement?.summary ?? null);
}

/** `34 passed, 1 failed, 2 unknown, 3 skipped`. */
export function totalsInWords({ cases }: Pick<RunReport, "cases">): string {
  const expected = cases.filter(({ expectation }) => expectation !== undefined);
  const own = cases.filter(({ expectation }) => expectation === undefined);
  const parts = (Object.keys(WORDS) as Outcome[])
    .map((outcome) => [own.filter((result) => result.outcome === outcome).length, outcome] as const)
    .filter(([count, outcome]) => count > 0 || (outcome === "pass" && own.length > 0))
    .map(([count, outcome]) => `${count} ${WORDS[outcome]}`);
  if (expected.length > 0) {
    const met = expected.filter(({ expectation }) => expectation?.met === true).length;
    parts.push(`${met} of ${expected.length} self tests as expected`);
  }
  return parts.length === 0 ? "nothing was run" : parts.join(", ");
}

/** Said wherever a verdict is: what a green matrix does not mean. */
export const HONESTY =
  "Absence of failure is evidence for these schedules only; unknown and skipped cases are no evidence at all.";
