import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { badgeOf } from "./badge.ts";
import { evidenceOf } from "./evidence.ts";
import { renderPage } from "./html/page.ts";
import { renderJUnit } from "./junit.ts";
import type { RunReport } from "./run-report.ts";

/**
 * Writes `index.html`, `junit.xml` and the badges beside the run's `run.jsonl`; histories are looked for
 * in `outDir`. Answers the paths written. @throws the file system's error
 */
export function writeReport(outDir: string, report: RunReport): readonly string[] {
  const files: readonly (readonly [name: string, text: () => string])[] = [
    [
      "index.html",
      () => renderPage(report, (result) => evidenceOf(outDir, result, report.cases.length)),
    ],
    ["junit.xml", () => renderJUnit(report)],
    ["badge.json", () => `${JSON.stringify(badgeOf(report))}\n`],
    ...columns(report).map(
      (id) => [`badge-${slug(id)}.json`, () => `${JSON.stringify(badgeOf(report, id))}\n`] as const,
    ),
  ];
  return files.map(([name, text]) => {
    const path = join(outDir, name);
    writeFileSync(path, text());
    return path;
  });
}

/** Each adapter has a badge of its own; a mutant needs none. */
function columns({ header, cases }: RunReport): readonly string[] {
  const own = new Set(
    cases.filter(({ expectation }) => expectation === undefined).map(({ subject }) => subject),
  );
  return header.subjects.map(({ id }) => id).filter((id) => own.has(id));
}

function slug(id: string): string {
  return id.replaceAll(/[^a-z0-9]+/gi, "-");
}
