import { expect, test } from "vitest";
import { judge, scores } from "./judge.mjs";
import { table } from "./table.mjs";

const source = "const a = 1;\n  if (a === 0) {\n    stop();\n  }\n";
const report = (...mutants: readonly (readonly [status: string, replacement: string])[]) => ({
  files: {
    "packages/core/src/gate/gate.ts": {
      source,
      mutants: mutants.map(([status, replacement]) => ({
        status,
        replacement,
        location: { start: { line: 2, column: 7 }, end: { line: 2, column: 14 } },
      })),
    },
  },
});
const because = (file: string, to: string) => ({
  reason: "it cannot be seen",
  mutants: [{ file, in: "if (a === 0) {", from: "a === 0", to }],
});

test("what a test noticed counts, what would not compile does not", () => {
  const all = report(
    ["Killed", "true"],
    ["Timeout", "false"],
    ["CompileError", "a"],
    ["Ignored", "b"],
  );
  const verdict = judge("gate", all, []);
  expect(verdict).toMatchObject({ killed: 1, timeout: 1, explained: 0, survivors: [] });
  expect(scores(verdict)).toEqual({ ofAll: 100, ofPossible: 100 });
});

test("a survivor is told with its place and what was changed, on one line", () => {
  const verdict = judge("gate", report(["Survived", "a !== 0"], ["NoCoverage", "{\n}"]), []);
  expect(verdict.survivors).toEqual([
    {
      ...{ file: "gate/gate.ts", place: "gate/gate.ts:2:7", covered: true },
      ...{ in: "if (a === 0) {", from: "a === 0", to: "a !== 0" },
    },
    expect.objectContaining({ covered: false, to: "{ }" }),
  ]);
});

test("over several lines too", () => {
  const { files } = report(["Survived", "{}"]);
  const block = { start: { line: 2, column: 16 }, end: { line: 4, column: 4 } };
  const [file] = Object.values(files);
  const mutants = file!.mutants.map((mutant) => ({ ...mutant, location: block }));
  const verdict = judge(
    "gate",
    { files: { "packages/core/src/gate/g.ts": { source, mutants } } },
    [],
  );
  expect(verdict.survivors[0]).toMatchObject({ from: "{ stop(); }", to: "{}" });
});

test("one explanation stands for one survivor of its own file", () => {
  const twice = report(["Survived", "true"], ["Survived", "true"], ["Killed", "false"]);
  const verdict = judge("gate", twice, [
    because("gate/gate.ts", "true"),
    because("lane/gate.ts", "true"),
  ]);
  expect(verdict).toMatchObject({ explained: 1, stale: [] });
  expect(verdict.survivors).toHaveLength(1);
  expect(scores(verdict)).toEqual({ ofAll: 100 / 3, ofPossible: 50 });
});

test("an explanation that nothing needs is told", () => {
  const verdict = judge("gate", report(["Killed", "true"]), [because("gate/gate.ts", "true")]);
  expect(verdict.stale).toEqual([expect.objectContaining({ file: "gate/gate.ts", to: "true" })]);
});

test("the table sums up", () => {
  const gate = {
    ...judge("gate", report(["Killed", "true"], ["Survived", "false"]), []),
    asOf: "abc",
  };
  const lane = { ...judge("lane", report(["Killed", "true"], ["Killed", "false"]), []), asOf: "" };
  const [head, rule, ...rows] = table([gate, lane]).split("\n");
  expect(head).toMatch(/^\| folder \| mutants \|/);
  expect(rule).toMatch(/^\| -+ \| -+: \|/);
  expect(rows.map((row) => row.replaceAll(/\s+/g, " "))).toEqual([
    "| gate | 2 | 1 | 0 | 0 | 1 | 50.0 % | 50.0 % | abc |",
    "| lane | 2 | 2 | 0 | 0 | 0 | 100.0 % | 100.0 % | |",
    "| all | 4 | 3 | 0 | 0 | 1 | 75.0 % | 75.0 % | |",
  ]);
});
