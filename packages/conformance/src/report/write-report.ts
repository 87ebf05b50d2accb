import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderJUnit } from "./junit.ts";
import type { RunReport } from "./run-report.ts";

/**
 * Writes `junit.xml` beside the run's `run.jsonl`; the artefacts of cases are
 * looked for in `outDir`. Answers the paths written. @throws the file system's error
 */
export async function writeReport(outDir: string, report: RunReport): Promise<readonly string[]> {
  const junit = join(outDir, "junit.xml");
  writeFileSync(junit, renderJUnit(report));
  return [junit];
}
