import { createRequire } from "node:module";
import type { InvariantId } from "@sluice/checker";
import type { Expectation, Outcome } from "../report/run-report.ts";
import type { Case } from "./case.ts";
import type { Sabotage } from "./case-run.ts";
import type { CaseOutcome } from "./run-case.ts";
import type { Planned } from "./run-suite.ts";
import type { SubjectUnderTest } from "./subject-under-test.ts";

/** `mutants.json`: which case must catch which mutant, by which invariants. */
export interface KillMatrix {
  readonly mutants: readonly {
    readonly id: string;
    /** Number in the catalogue of defects. */
    readonly number?: string;
    readonly about: string;
    readonly kills: Readonly<Record<string, Kill>>;
  }[];
  readonly sabotage: readonly {
    readonly id: Sabotage;
    readonly about: string;
    readonly case: string;
  }[];
}

interface Kill {
  /** @defaultValue "fail" */
  readonly outcome?: Outcome;
  /** Exactly these fail. */
  readonly fails: readonly InvariantId[];
  /** These may fail besides: it depends on timing. */
  readonly mayFail?: readonly InvariantId[];
}

export function killMatrix(): KillMatrix {
  return createRequire(import.meta.url)("../../mutants.json") as KillMatrix;
}

/** Mutants that a case is known to catch, for `--explain`. */
export function killedBy(caseId: string): string[] {
  return killMatrix()
    .mutants.filter(({ kills }) => Object.hasOwn(kills, caseId))
    .map(({ id, number, about }) => `${number === undefined ? id : `${number} ${id}`}: ${about}`);
}

/**
 * Every mutant against the cases that must catch it, and the reference on a sabotaged harness.
 * @throws Error when the matrix names a case that is not there
 */
export function planSelfTest(
  cases: readonly Case[],
  reference: SubjectUnderTest,
  mutantSubject: (id: string) => SubjectUnderTest,
): Planned[] {
  const matrix = killMatrix();
  const find = (id: string): Case => {
    const found = cases.find((definition) => definition.id === id);
    if (found === undefined) throw new Error(`mutants.json names the unknown case ${id}`);
    return found;
  };
  return [
    ...matrix.mutants.flatMap(({ id, kills }) =>
      Object.entries(kills).map(([caseId, kill]) => ({
        case: find(caseId),
        subject: mutantSubject(id),
        expect: (outcome: CaseOutcome) => expectKill(kill, outcome),
      })),
    ),
    ...matrix.sabotage.map(({ id, case: caseId }) => ({
      case: find(caseId),
      subject: { ...reference, id: `sabotage/${id}` },
      sabotage: id,
      expect: expectUnknown,
    })),
  ];
}

/** A mutant killed for another reason than its defect would prove nothing. */
export function expectKill(kill: Kill, { outcome, judgement, reason }: CaseOutcome): Expectation {
  const wanted = kill.outcome ?? "fail";
  const failed = (judgement?.invariants ?? [])
    .filter(({ verdict }) => verdict === "fail")
    .map(({ id }) => id);
  const missing = kill.fails.filter((id) => !failed.includes(id));
  const surplus = failed.filter(
    (id) => !kill.fails.includes(id) && !(kill.mayFail ?? []).includes(id),
  );
  const problems = [
    ...(outcome === wanted
      ? []
      : [`wanted ${wanted}, got ${outcome}${reason === undefined ? "" : ` (${reason})`}`]),
    ...(missing.length === 0 ? [] : [`not caught by ${missing.join(", ")}`]),
    ...(surplus.length === 0 ? [] : [`also failed ${surplus.join(", ")}`]),
  ];
  return {
    outcome: wanted,
    invariants: kill.fails,
    met: problems.length === 0,
    ...(problems.length === 0 ? {} : { detail: problems.join("; ") }),
  };
}

/** A harness that is broken must say that it knows nothing. */
export function expectUnknown({ outcome }: CaseOutcome): Expectation {
  const met = outcome === "unknown";
  return {
    outcome: "unknown",
    invariants: [],
    met,
    ...(met ? {} : { detail: `a sabotaged harness answered ${outcome}` }),
  };
}
