import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderJUnit } from "../report/junit.ts";
import type { RunReport } from "../report/run-report.ts";

/** The files beside `run.jsonl`. */
export async function writeReport(report: RunReport, outDir: string): Promise<void> {
  writeFileSync(join(outDir, "junit.xml"), renderJUnit(report));
}
