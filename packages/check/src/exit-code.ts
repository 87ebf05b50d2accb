import type { Verdict } from "@sluice/checker";

/** As in the conformance suite; the help and the README say the same. */
export const EXIT = { pass: 0, fail: 1, unknown: 2, usage: 64 } as const;

export function exitCodeOf(verdict: Verdict): number {
  return EXIT[verdict];
}
