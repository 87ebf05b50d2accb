import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleRun } from "../../test/sample-run.ts";
import { InvalidRunError, parseRunSoFar, readRun, RunFile } from "./run-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-report-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("run.jsonl", () => {
  it("gives back what was written, result by result", () => {
    const run = sampleRun();
    const file = new RunFile(join(folder, "out"), run.header);
    for (const result of run.cases) file.add(result);
    file.finish(run.footer);
    expect(readRun(file.path)).toEqual(JSON.parse(JSON.stringify(run)));
    expect(readFileSync(file.path, "utf8").trimEnd().split("\n")).toHaveLength(7);
  });

  it("is invalid without its footer", () => {
    const run = sampleRun();
    const file = new RunFile(folder, run.header);
    for (const result of run.cases) file.add(result);
    expect(() => readRun(file.path)).toThrow(/no footer: the run was cut short/);
  });

  it("of a run that was killed, even within a line, gives what it knew", () => {
    const run = sampleRun();
    const file = new RunFile(folder, run.header);
    for (const result of run.cases.slice(0, 2)) file.add(result);
    appendFileSync(file.path, '{"type":"case","case":"core/h');
    const { header, cases, footer } = parseRunSoFar(file.path);
    expect(header.seed).toBe(run.header.seed);
    expect(cases.map((result) => result.case)).toEqual(["core/hold-head", "core/hold-head"]);
    expect(footer).toBeNull();
  });

  it.each([
    ["empty", "", /not a run's header/],
    ["of something else", '{"type":"case"}\n', /not a run's header/],
    ["not JSON", '{"type":"header"}\n{"ty\n', /line 2 is not JSON/],
  ])("is invalid when %s", (_what, text, message) => {
    const path = join(folder, "run.jsonl");
    writeFileSync(path, text);
    expect(() => readRun(path)).toThrow(InvalidRunError);
    expect(() => readRun(path)).toThrow(message);
  });

  it("is invalid with a second header in the middle", () => {
    const run = sampleRun();
    const file = new RunFile(folder, run.header);
    appendFileSync(file.path, `${JSON.stringify(run.header)}\n`);
    file.finish(run.footer);
    expect(() => readRun(file.path)).toThrow(/line 2 is a header, not a case/);
  });
});
