import type { CaseResult, RunReport } from "./run-report.ts";
import { stateOf } from "./words.ts";
import type { State } from "./words.ts";

/** The format of shields.io's endpoint badges. */
export interface Badge {
  readonly schemaVersion: 1;
  readonly label: string;
  readonly message: string;
  readonly color: "brightgreen" | "yellow" | "red" | "lightgrey";
  readonly isError?: true;
}

/** The run, or one of its subjects, as a badge: what failed, else what passed. */
export function badgeOf(report: RunReport, subject: string | null = null): Badge {
  const label = subject === null ? "sluice conformance" : `sluice conformance: ${subject}`;
  const results = report.cases.filter((result) => subject === null || result.subject === subject);
  if (report.interrupted === true || results.length === 0) {
    return { schemaVersion: 1, label, message: "not finished", color: "lightgrey" };
  }
  const tests = results.filter(({ expectation }) => expectation !== undefined);
  if (tests.length === results.length) return { schemaVersion: 1, label, ...selfTest(tests) };
  const count = (state: State): number =>
    results.filter((result) => stateOf(result) === state).length;
  const bad = (["fail", "error", "unknown"] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${BAD[state]}`);
  if (bad.length > 0) {
    const failed = count("fail") + count("error") > 0;
    return {
      schemaVersion: 1,
      label,
      message: [...bad, `${count("pass")} passed`].join(", "),
      color: failed ? "red" : "yellow",
      ...(failed ? { isError: true } : {}),
    };
  }
  const besides = (["known", "skipped"] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `, ${count(state)} ${state === "known" ? "known failing" : state}`);
  return {
    schemaVersion: 1,
    label,
    message: `${count("pass")} passed${besides.join("")}`,
    color: count("pass") > 0 ? "brightgreen" : "lightgrey",
  };
}

const BAD = { fail: "failed", error: "broken", unknown: "unknown" } as const;

function selfTest(tests: readonly CaseResult[]): Pick<Badge, "message" | "color" | "isError"> {
  const met = tests.filter(({ expectation }) => expectation?.met === true).length;
  const message = `${met} of ${tests.length} mutants caught`;
  return met === tests.length
    ? { message, color: "brightgreen" }
    : { message, color: "red", isError: true };
}
