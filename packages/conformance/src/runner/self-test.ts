import { createRequire } from "node:module";
import type { Expectation } from "../report/run-report.ts";
import type { Case, Kill, Need } from "./case.ts";
import type { Sabotage } from "./case-run.ts";
import type { CaseOutcome } from "./run-case.ts";
import type { Planned } from "./run-suite.ts";
import { missingCapability } from "./run-suite.ts";
import type { SubjectUnderTest } from "./subject-under-test.ts";

/** `mutants.json`: the defects there are. Which case catches which, and how, is said by the case. */
export interface Defects {
  readonly mutants: readonly {
    readonly id: string;
    /** Number in the catalogue of defects. */
    readonly number?: string;
    readonly about: string;
  }[];
  readonly sabotage: readonly {
    readonly id: Sabotage;
    readonly about: string;
    readonly case: string;
    /** What the case can do without and the sabotage cannot: what there is not cannot be broken. */
    readonly needs?: readonly Need[];
  }[];
}

export function defects(): Defects {
  return createRequire(import.meta.url)("../../mutants.json") as Defects;
}

/** Mutants that a case catches, in words. */
export function killedBy({ kills }: Pick<Case, "kills">): string[] {
  return defects()
    .mutants.filter(({ id }) => Object.hasOwn(kills, id))
    .map(({ id, number, about }) => `${number === undefined ? id : `${number} ${id}`}: ${about}`);
}

/** What is wrong with the subject of a self test, by its id in the run. */
export function defectOf(subject: string): string | null {
  const { mutants, sabotage } = defects();
  const mutant = mutants.find(({ id }) => subject === `mutant/${id}`);
  if (mutant) return [mutant.number ?? "", mutant.about].join(" ").trim();
  return sabotage.find(({ id }) => subject === `sabotage/${id}`)?.about ?? null;
}

/**
 * Every mutant against the cases that must catch it, and a reference on a sabotaged harness.
 * @param references a case is run with the first one that it can be run with, or not at all
 * @throws Error when a case that is to be sabotaged is not there
 */
export function planSelfTest(
  cases: readonly Case[],
  references: readonly SubjectUnderTest[],
  mutantSubject: (id: string, reference: SubjectUnderTest) => SubjectUnderTest,
): Planned[] {
  const { mutants, sabotage } = defects();
  const find = (id: string): Case => {
    const found = cases.find((definition) => definition.id === id);
    if (found === undefined) throw new Error(`mutants.json names the unknown case ${id}`);
    return found;
  };
  return [
    ...mutants.flatMap(({ id }) =>
      cases.flatMap((definition) => {
        const kill = definition.kills[id];
        const reference = referenceFor(definition, references);
        if (kill === undefined || definition.draft !== null || reference === undefined) return [];
        const expect = (outcome: CaseOutcome): Expectation => expectKill(kill, outcome);
        return [{ case: definition, subject: mutantSubject(id, reference), expect }];
      }),
    ),
    ...sabotage.flatMap(({ id, case: caseId, needs = [] }) => {
      const found = find(caseId);
      const definition = { ...found, needs: [...new Set([...found.needs, ...needs])] };
      const reference = referenceFor(definition, references);
      if (reference === undefined) return [];
      const subject = { ...reference, id: `sabotage/${id}` };
      return [{ case: definition, subject, sabotage: id, expect: expectUnknown }];
    }),
  ];
}

function referenceFor(
  definition: Case,
  references: readonly SubjectUnderTest[],
): SubjectUnderTest | undefined {
  return references.find((reference) => missingCapability(definition, reference) === null);
}

/** A mutant killed for another reason than its defect would prove nothing. */
export function expectKill(kill: Kill, { outcome, judgement, reason }: CaseOutcome): Expectation {
  const wanted = kill.outcome ?? "fail";
  const failed = (judgement?.invariants ?? [])
    .filter(({ verdict }) => verdict === "fail")
    .map(({ id }) => id);
  // Where a witness is missing, some are not even asked; but what is left must catch it.
  const judged = new Set((judgement?.invariants ?? []).map(({ id }) => id));
  const wantedHere = kill.fails.filter((id) => judged.has(id));
  const missing = (wantedHere.length > 0 ? wantedHere : kill.fails).filter(
    (id) => !failed.includes(id),
  );
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
    ...(kill.mayFail === undefined ? {} : { mayFail: kill.mayFail }),
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
