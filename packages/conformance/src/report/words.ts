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

export const STATE_WORDS: Readonly<Record<State, string>> = { ...WORDS, known: "known failing" };

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

/** Whether this result is what the run wants: a pass, or what was to be expected of it. */
export function isGood(result: CaseResult): boolean {
  const state = stateOf(result);
  return state === "pass" || state === "skipped" || state === "known";
}

/**
 * How a result is shown. `known`: it failed and is on a list of those that do. A self test shows
 * whether its expectation was met, unless it could not be run here; a pass that a list calls a failure
 * is one: the list is wrong.
 */
export type State = Outcome | "known";

export function stateOf({ expectation, known, outcome }: CaseResult): State {
  if (outcome === "skipped") return outcome;
  if (expectation) return expectation.met ? "pass" : "fail";
  if (known?.list === "failing") {
    if (outcome === "fail") return "known";
    return outcome === "pass" ? "fail" : outcome;
  }
  return known !== undefined && outcome === "fail" ? "known" : outcome;
}

/** Why a case ended as it did, in one sentence; null when it simply passed. */
export function why(result: CaseResult): string | null {
  if (result.expectation && !result.expectation.met && result.outcome !== "skipped") {
    const { outcome, invariants, detail } = result.expectation;
    const by = invariants.length > 0 ? ` by ${invariants.join(" and ")}` : "";
    return `expected ${outcome}${by}: ${detail ?? `it was ${result.outcome}`}`;
  }
  if (result.known?.list === "failing" && result.outcome === "pass") {
    return `was expected to fail but did not (listed with: ${result.known.reason})`;
  }
  if (result.reason !== undefined) return result.reason;
  return result.outcome === "pass" ? null : (result.judgement?.summary ?? null);
}

/** `34 passed, 1 failed, 2 unknown, 3 skipped`. */
export function totalsInWords({ cases }: Pick<RunReport, "cases">): string {
  const asked = (result: CaseResult): boolean =>
    result.expectation !== undefined && result.outcome !== "skipped";
  const expected = cases.filter(asked);
  const own = cases.filter((result) => !asked(result));
  const parts = (Object.keys(STATE_WORDS) as State[])
    .map((state) => [own.filter((result) => stateOf(result) === state).length, state] as const)
    .filter(
      ([count, state]) =>
        count > 0 || (state === "pass" && own.some(({ expectation }) => !expectation)),
    )
    .map(([count, state]) => `${count} ${STATE_WORDS[state]}`);
  if (expected.length > 0) {
    const met = expected.filter(({ expectation }) => expectation?.met === true).length;
    parts.push(`${met} of ${expected.length} self tests as expected`);
  }
  return parts.length === 0 ? "nothing was run" : parts.join(", ");
}

/** `214 MiB`. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

/** Said wherever a verdict is: what a green matrix does not mean. */
export const HONESTY =
  "Absence of failure is evidence for these schedules only; unknown and skipped cases are no evidence at all.";
