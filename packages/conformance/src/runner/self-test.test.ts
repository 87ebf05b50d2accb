import type { InvariantId, Judgement } from "@sluice/checker";
import { describe, expect, test } from "vitest";
import { catalogue } from "../suite/index.ts";
import type { CaseOutcome } from "./run-case.ts";
import { subject as hello } from "../../test/sample-run.ts";
import { defects, expectKill, expectUnknown, planSelfTest } from "./self-test.ts";
import type { SubjectUnderTest } from "./subject-under-test.ts";

/** It can all that is asked for. */
const subject = {
  id: "all",
  hello: hello("all"),
  mode: { groupProtocol: "classic", assignor: "range", rebalance: "eager" },
} as unknown as SubjectUnderTest;

/** @param judged what the case demanded, where it was run */
function outcome(
  verdict: CaseOutcome["outcome"],
  failed: InvariantId[] = [],
  judged: InvariantId[] = ["P1", "P1s", "V2", "K1"],
): CaseOutcome {
  const judgement: Judgement = {
    verdict: verdict === "fail" ? "fail" : "unknown",
    invariants: judged.map((id) => ({
      id,
      verdict: failed.includes(id) ? "fail" : "pass",
      examined: 1,
      violations: failed.includes(id) ? 1 : 0,
      examples: [],
    })),
    guards: [],
    summary: "",
    metrics: {
      records: 0,
      begins: 0,
      okEffects: 0,
      duplicates: 0,
      commits: 0,
      generations: 0,
      faults: 0,
      faultsSeen: 0,
      recoveryMs: null,
    },
  };
  return { outcome: verdict, judgement, artefacts: [], logs: [] };
}

describe("judging a mutant", () => {
  const kill = { fails: ["P1", "P1s"], mayFail: ["V2"] } as const;

  test("killed by exactly what must catch it", () => {
    expect(expectKill(kill, outcome("fail", ["P1", "P1s"])).met).toBe(true);
    expect(expectKill(kill, outcome("fail", ["P1", "P1s", "V2"])).met).toBe(true);
  });

  test.each([
    ["it survives", outcome("pass"), /wanted fail, got pass/],
    ["nothing can be said", outcome("unknown"), /wanted fail, got unknown/],
    ["one invariant misses it", outcome("fail", ["P1"]), /not caught by P1s/],
    ["it dies of something else", outcome("fail", ["P1", "P1s", "K1"]), /also failed K1/],
  ])("not when %s", (_, result, detail) => {
    const expectation = expectKill(kill, result);
    expect(expectation.met).toBe(false);
    expect(expectation.detail).toMatch(detail);
  });

  test("by what is left of it, where a witness is missing", () => {
    expect(expectKill(kill, outcome("fail", ["P1"], ["P1", "V2"])).met).toBe(true);
    expect(expectKill(kill, outcome("fail", ["V2"], ["P1", "V2"])).met).toBe(false);
    expect(expectKill(kill, outcome("fail", ["V2"], ["V2"])).detail).toMatch(/by P1, P1s/);
  });

  test("a sabotaged harness may only be unknown", () => {
    expect(expectUnknown(outcome("unknown")).met).toBe(true);
    for (const other of ["pass", "fail", "error", "skipped"] as const) {
      expect(expectUnknown(outcome(other)).met).toBe(false);
    }
  });
});

describe("the kill matrix", () => {
  const { mutants, sabotage } = defects();
  const names = mutants.map(({ id }) => id);

  test("every case names mutants that exist", () => {
    for (const { id, kills } of catalogue()) {
      for (const mutant of Object.keys(kills)) expect(names, id).toContain(mutant);
    }
  });

  test("has a mutant for every case: one that kills nothing would test nothing", () => {
    const idle = catalogue().filter(
      ({ draft, kills }) => draft === null && Object.keys(kills).length === 0,
    );
    expect(idle.map(({ id }) => id)).toEqual([]);
  });

  test("has a case for every mutant and every sabotage", () => {
    const run = catalogue().filter(({ draft }) => draft === null);
    const killed = new Set(run.flatMap(({ kills }) => Object.keys(kills)));
    expect(names.filter((name) => !killed.has(name))).toEqual([]);
    const ids = run.map(({ id }) => id);
    for (const { case: caseId } of sabotage) expect(ids).toContain(caseId);
  });

  test("asks for what a sabotage breaks, so that it is skipped where there is none", () => {
    const cases = catalogue();
    const plan = planSelfTest(cases, [subject], (id) => ({ ...subject, id: `mutant/${id}` }));
    const of = (id: string): (typeof plan)[number] =>
      plan.find((planned) => planned.sabotage === id)!;
    const own = cases.find(({ id }) => id === of("wire-off").case.id)!;
    expect(own.needs).not.toContain("proxy");
    expect(of("wire-off").case.needs).toEqual([...own.needs, "proxy"]);
    expect(of("nothing-held").case.needs).toEqual(own.needs);
  });

  test("has every mutant once", () => {
    expect(names).toEqual([...new Set(names)]);
  });
});
