import { describe, expect, test } from "vitest";
import type { CaseResult, Outcome } from "../report/run-report.ts";
import { exitCodeFor } from "./exit-code.ts";

function result(outcome: Outcome, met?: boolean): CaseResult {
  return {
    type: "case",
    case: "c",
    subject: "s",
    outcome,
    ms: 1,
    startedAt: "",
    seed: 1,
    judgement: null,
    repro: "",
    artefacts: [],
    logs: [],
    ...(met === undefined ? {} : { expectation: { outcome: "fail", invariants: [], met } }),
  };
}

describe("the exit code", () => {
  test.each([
    [[], 0],
    [["pass", "skipped"], 0],
    [["pass", "unknown"], 2],
    [["unknown", "error"], 3],
    [["unknown", "error", "fail"], 1],
  ] as [Outcome[], number][])("of %j is %i", (outcomes, code) => {
    expect(exitCodeFor(outcomes.map((outcome) => result(outcome)))).toBe(code);
  });

  test("of a self test counts expectations, not outcomes", () => {
    expect(
      exitCodeFor([result("fail", true), result("unknown", true), result("error", true)]),
    ).toBe(0);
    expect(exitCodeFor([result("fail", true), result("pass", false)])).toBe(1);
  });

  test.each([
    ["failing", "fail", 0],
    ["failing", "pass", 1],
    ["failing", "unknown", 2],
    ["failing", "error", 3],
    ["failing", "skipped", 0],
    ["flaky", "fail", 0],
    ["flaky", "pass", 0],
    ["flaky", "unknown", 2],
  ] as const)("of a case that is known to be %s and is %s: %i", (list, outcome, code) => {
    const known = { list, reason: "issue 17" };
    expect(exitCodeFor([{ ...result(outcome), known }])).toBe(code);
  });
});
