import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HistoryEvent } from "@sluice/checker";
import { chartData } from "./html/chart-data.ts";
import type { ChartData } from "./html/chart-data.ts";
import { renderPage } from "./html/page.ts";
import { renderJUnit } from "./junit.ts";
import type { CaseResult, RunReport } from "./run-report.ts";

/**
 * Writes `junit.xml` and `index.html` beside the run's `run.jsonl`; histories are looked for in
 * `outDir`. Answers the paths written. @throws the file system's error
 */
export function writeReport(outDir: string, report: RunReport): readonly string[] {
  const junit = join(outDir, "junit.xml");
  writeFileSync(junit, renderJUnit(report));
  const page = join(outDir, "index.html");
  writeFileSync(
    page,
    renderPage(report, (result) => charts(outDir, result)),
  );
  return [page, junit];
}

/** A history that is missing or cut off costs its charts, not the report. */
function charts(outDir: string, { artefacts }: CaseResult): ChartData | null {
  const history = artefacts.find(({ kind }) => kind === "history");
  if (!history) return null;
  try {
    const events = readFileSync(join(outDir, history.path), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as HistoryEvent);
    return events.length === 0 ? null : chartData(events);
  } catch {
    return null;
  }
}
