import type { CaseResult } from "../report/run-report.ts";

/** What the command line ends with; the README says the same. */
export const EXIT = {
  ok: 0,
  violation: 1,
  unknown: 2,
  harness: 3,
  environment: 4,
  usage: 64,
  interrupted: 130,
} as const;

/** The worst of all results decides; skipped cells are fine, for their reason is declared. */
export function exitCodeFor(results: readonly CaseResult[]): number {
  const expected = results.filter(({ expectation }) => expectation !== undefined);
  if (expected.some(({ expectation }) => expectation?.met === false)) return EXIT.violation;
  const outcomes = new Set(
    results.filter(({ expectation }) => expectation === undefined).map(({ outcome }) => outcome),
  );
  if (outcomes.has("fail")) return EXIT.violation;
  if (outcomes.has("error")) return EXIT.harness;
  if (outcomes.has("unknown")) return EXIT.unknown;
  return EXIT.ok;
}
