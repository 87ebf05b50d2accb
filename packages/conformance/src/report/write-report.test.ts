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
  const names = [
    "index.html",
    "junit.xml",
    "badge.json",
    "badge-kafkajs.json",
    "badge-rdkafka.json",
  ];
  expect(written).toEqual(names.map((name) => join(folder, name)));
  expect(readFileSync(written[0]!, "utf8")).toContain('<div class="charts">');
  expect(readFileSync(written[1]!, "utf8")).toContain("<testsuites");
});

it("goes without charts when a history is missing or cut off, and says so", () => {
  const page = (): string => readFileSync(writeReport(folder, sampleRun())[0]!, "utf8");
  expect(page()).not.toContain('<div class="charts">');
  expect(page()).toContain(`${history} is missing or cut off`);
  writeFileSync(join(folder, history), '{"type":"case","t":');
  expect(page()).not.toContain('<div class="charts">');
  expect(page()).toContain(`${history} is missing or cut off`);
});
