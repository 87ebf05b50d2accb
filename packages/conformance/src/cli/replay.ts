import { join, relative, resolve } from "node:path";
import { SPEC_VERSION } from "@sluice/spec";
import { hasColors } from "../report/has-colors.ts";
import { NotARunError, openRun } from "../report/recorded-run.ts";
import type { RecordedRun } from "../report/recorded-run.ts";
import { rejudge } from "../report/rejudge.ts";
import { totalsOf } from "../report/run-report.ts";
import type { CaseResult, Replay, RunReport } from "../report/run-report.ts";
import { renderTerminal } from "../report/terminal.ts";
import { writeReport } from "../report/write-report.ts";
import { exitCodeFor, EXIT } from "./exit-code.ts";
import { UsageError } from "./options.ts";
import type { Streams } from "./run.ts";

/**
 * Judges a recorded run again, or one history of it, and writes its report anew; what was recorded
 * stays as it is. The answer is the exit code, that of the new verdicts.
 *
 * @param path a run's folder, a case's, or a `history.jsonl`
 * @throws UsageError when nothing was recorded there
 */
export async function replay(path: string, version: string, streams: Streams): Promise<number> {
  const started = performance.now();
  const recorded = open(resolve(path));
  if (recorded.interrupted) {
    streams.err.write(
      `${path}: the run was cut short (its run.jsonl has no footer): ${recorded.results.length} of ${recorded.planned} cells have a result.\n`,
    );
  }
  const cases: CaseResult[] = [];
  const changes: Replay["changes"][number][] = [];
  const kept: string[] = [];
  for (const result of recorded.results) {
    const again = await rejudge(recorded.folder, result);
    if (again.kept !== null) kept.push(`${result.case} (${result.subject}): ${again.kept}`);
    if (again.change !== null) changes.push(again.change);
    cases.push(again.result);
  }
  const report = reportOf(recorded, cases, { changes, kept }, version, started);
  const [page = ""] = writeReport(recorded.folder, report);
  streams.out.write(`\n${renderTerminal(report, { color: hasColors(streams.out) })}`);
  streams.out.write(told(recorded, report));
  streams.out.write(`\nreport   ${relative(process.cwd(), page)}\n`);
  return report.footer.exitCode;
}

function open(path: string): RecordedRun {
  try {
    return openRun(path);
  } catch (error) {
    if (error instanceof NotARunError) throw new UsageError(error.message);
    throw error;
  }
}

function reportOf(
  recorded: RecordedRun,
  cases: readonly CaseResult[],
  { changes, kept }: Pick<Replay, "changes" | "kept">,
  version: string,
  started: number,
): RunReport {
  const judgedAt = new Date().toISOString();
  const code = exitCodeFor(cases);
  return {
    header: recorded.header ?? {
      type: "header",
      report: 1,
      spec: SPEC_VERSION,
      runner: version,
      startedAt: judgedAt,
      seed: cases[0]?.seed ?? 0,
      commandLine: process.argv.slice(2).join(" "),
      cluster: { kind: "recorded", reason: "a single history", kafkaVersion: "not recorded" },
      node: process.version,
      os: process.platform,
      subjects: recorded.subjects,
      cases: recorded.cases,
    },
    cases,
    footer: {
      type: "footer",
      finishedAt: judgedAt,
      ms: Math.round(recorded.ms ?? performance.now() - started),
      totals: totalsOf(cases),
      // What an interrupted run does not hold is unknown: it must not look like a pass.
      exitCode: recorded.interrupted && code === EXIT.ok ? EXIT.unknown : code,
    },
    ...(recorded.interrupted ? { interrupted: true as const } : {}),
    replay: { judgedAt, runner: version, changes, kept },
  };
}

function told({ results, folder, header }: RecordedRun, { replay: again }: RunReport): string {
  if (again === undefined) return "";
  const lines = again.changes.map(
    ({ case: id, subject, before, after }) =>
      `${header === null ? "" : "differs  "}${id} (${subject}): was ${before}, is ${after}`,
  );
  if (again.changes.length === 0 && header !== null) {
    const judged = results.length - again.kept.length;
    lines.push(`replay   ${judged} histories judged again: every verdict is what the run had said`);
  }
  for (const reason of again.kept) lines.push(`kept     ${reason}`);
  if (header === null) lines.push(`history  ${join(folder, "history.jsonl")}`);
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}
