import type { CaseResult } from "../report/run-report.ts";
import { stateOf } from "../report/words.ts";

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

/**
 * The worst of all results decides; skipped cells are fine, for their reason is declared, and so is
 * what fails as its list says. What passes although a list says that it fails is a violation.
 */
export function exitCodeFor(results: readonly CaseResult[]): number {
  const states = new Set(results.map(stateOf));
  if (states.has("fail")) return EXIT.violation;
  if (states.has("error")) return EXIT.harness;
  if (states.has("unknown")) return EXIT.unknown;
  return EXIT.ok;
}
