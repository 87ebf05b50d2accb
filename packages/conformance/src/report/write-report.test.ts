import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sampleHistory, sampleRun } from "../../test/sample-run.ts";
import { writeReport } from "./write-report.ts";

let folder: string;
const history = "cases/rdkafka/core-hold-head/history.jsonl";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-report-"));
  mkdirSync(join(folder, "cases/rdkafka/core-hold-head"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("writes the page with charts from the recorded histories, and JUnit beside it", () => {
  const lines = sampleHistory(true).map((event) => JSON.stringify(event));
  writeFileSync(join(folder, history), `${lines.join("\n")}\n`);
  const written = writeReport(folder, sampleRun());
  expect(written).toEqual([join(folder, "index.html"), join(folder, "junit.xml")]);
  expect(readFileSync(written[0]!, "utf8")).toContain("Offsets over time");
  expect(readFileSync(written[1]!, "utf8")).toContain("<testsuites");
});

it("goes without charts when a history is missing or cut off", () => {
  expect(readFileSync(writeReport(folder, sampleRun())[0]!, "utf8")).not.toContain("Offsets over");
  writeFileSync(join(folder, history), '{"type":"case","t":');
  expect(readFileSync(writeReport(folder, sampleRun())[0]!, "utf8")).not.toContain("Offsets over");
});
