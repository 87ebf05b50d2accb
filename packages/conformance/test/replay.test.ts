import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HistoryEvent } from "@sluice/checker";
import { check } from "@sluice/checker";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RunFile } from "../src/report/run-file.ts";
import type { CaseResult } from "../src/report/run-report.ts";
import { result, sampleHistory, sampleRun } from "./sample-run.ts";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

let folder: string;
beforeEach(() => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: build the packages first`);
  folder = mkdtempSync(join(tmpdir(), "sluice-replay-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function replay(path: string): { code: number | null; out: string; err: string } {
  const child = spawnSync(process.execPath, [CLI, "replay", path], { encoding: "utf8" });
  return { code: child.status, out: child.stdout, err: child.stderr };
}

/** A run of two cells whose histories are on disk, judged as they are unless told otherwise. */
function record(
  histories: readonly (readonly HistoryEvent[])[],
  stored: readonly (readonly HistoryEvent[])[] = histories,
): { file: RunFile; run: ReturnType<typeof sampleRun> } {
  const cases = histories.map((history, i): CaseResult => {
    const subject = i === 0 ? "kafkajs" : "rdkafka";
    const path = `cases/${subject}/core-hold-head`;
    mkdirSync(join(folder, path), { recursive: true });
    const lines = history.map((event) => `${JSON.stringify(event)}\n`);
    writeFileSync(join(folder, path, "history.jsonl"), lines.join(""));
    const judgement = check(stored[i] ?? history);
    const artefacts = [{ kind: "history", path: `${path}/history.jsonl` }] as const;
    return result("core/hold-head", subject, judgement.verdict, { judgement, artefacts });
  });
  const run = sampleRun(cases);
  const file = new RunFile(folder, run.header);
  for (const one of cases) file.add(one);
  return { file, run };
}

test("a run that passed passes again, and its report is written", () => {
  const { file, run } = record([sampleHistory(false), sampleHistory(false)]);
  file.finish(run.footer);
  const before = readFileSync(file.path, "utf8");
  const { code, out } = replay(folder);
  expect(out).toMatch(/2 histories judged again: every verdict is what the run had said/);
  expect(code).toBe(0);
  expect(readFileSync(join(folder, "index.html"), "utf8")).toContain("Judged again");
  for (const name of ["junit.xml", "badge.json"]) expect(existsSync(join(folder, name))).toBe(true);
  // What was recorded stays as it is.
  expect(readFileSync(file.path, "utf8")).toBe(before);
});

test("a verdict that differs from the stored one is told, and decides the exit code", () => {
  const good = sampleHistory(false);
  const { file, run } = record([good, sampleHistory(true)], [good, good]);
  file.finish(run.footer);
  const { code, out } = replay(folder);
  expect(out).toMatch(/differs +core\/hold-head \(rdkafka\): was pass, is fail by P1, P1s/);
  expect(code).toBe(1);
  expect(readFileSync(join(folder, "index.html"), "utf8")).toContain(
    "was pass, is fail by P1, P1s",
  );
});

test("a run that was cut short says so, shows what there is, and is no pass", () => {
  record([sampleHistory(false)]);
  const { code, out, err } = replay(folder);
  expect(err).toMatch(/the run was cut short \(its run\.jsonl has no footer\): 1 of 8 cells/);
  expect(out).toMatch(/core\/hold-head +✓/);
  expect(code).toBe(2);
  expect(readFileSync(join(folder, "index.html"), "utf8")).toContain("Interrupted.");
});

test("one case's folder is judged alone", () => {
  record([sampleHistory(false), sampleHistory(true)]);
  const one = join(folder, "cases/rdkafka/core-hold-head");
  const { code, out } = replay(one);
  expect(out).toMatch(/P1 +Every record below a committed offset/);
  expect(code).toBe(1);
  expect(existsSync(join(one, "index.html"))).toBe(true);
});

test("what is no run is refused with what was looked for, and no stack", () => {
  const { code, err } = replay(folder);
  expect(err).toMatch(/neither a run \(run\.jsonl\) nor a case \(history\.jsonl\)/);
  expect(code).toBe(64);
  writeFileSync(join(folder, "run.jsonl"), "hello\n");
  const broken = replay(folder);
  expect(broken.err).toMatch(/run\.jsonl: line 1 is not JSON/);
  expect(broken.err).not.toMatch(/ {4}at /);
  expect(broken.code).toBe(64);
});
