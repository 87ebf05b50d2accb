import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleHistory, sampleRun } from "../../test/sample-run.ts";
import { NotARunError, openRun } from "./recorded-run.ts";
import { InvalidRunError, RunFile } from "./run-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-recorded-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("what a run has left", () => {
  it("is opened by its folder or by its run.jsonl", () => {
    const run = sampleRun();
    const file = new RunFile(folder, run.header);
    for (const result of run.cases) file.add(result);
    file.finish(run.footer);
    for (const path of [folder, file.path]) {
      const recorded = openRun(path);
      expect(recorded).toMatchObject({ folder, interrupted: false, ms: run.footer.ms });
      expect(recorded.results).toHaveLength(run.cases.length);
    }
  });

  it("without a footer is interrupted, and knows how many cells it had set out to do", () => {
    const { header, cases } = sampleRun();
    const unplanned = [{ case: "group/leave-drain", subject: "rdkafka", reason: "elsewhere" }];
    const file = new RunFile(folder, { ...header, unplanned });
    for (const result of cases.slice(0, 3)) file.add(result);
    expect(openRun(folder)).toMatchObject({
      interrupted: true,
      // Four cases of two subjects, less the one that was left out.
      planned: 7,
      ms: cases.slice(0, 3).reduce((sum, { ms }) => sum + ms, 0),
    });
  });

  it("of one case is its history, with the frames that were withheld", () => {
    const path = join(folder, "history.jsonl");
    writeFileSync(path, `${JSON.stringify(sampleHistory(false)[0])}\n`);
    writeFileSync(join(folder, "withheld.jsonl"), "");
    for (const place of [folder, path]) {
      const { header, results } = openRun(place);
      expect(header).toBeNull();
      expect(results).toMatchObject([
        {
          case: "core/hold-head",
          subject: "sample",
          seed: 7,
          artefacts: [{ path: "history.jsonl" }, { path: "withheld.jsonl" }],
        },
      ]);
    }
  });

  it.each([
    ["no such folder", () => join(folder, "nowhere"), /there is no such file or folder/],
    ["an empty folder", () => folder, /neither a run \(run\.jsonl\) nor a case/],
    [
      "a file that is no history",
      () => {
        writeFileSync(join(folder, "x.jsonl"), '{"type":"begin"}\n');
        return join(folder, "x.jsonl");
      },
      /is no history: its first line is no case event/,
    ],
    [
      "a history that is not JSON",
      () => {
        writeFileSync(join(folder, "history.jsonl"), "hello");
        return folder;
      },
      /is no history/,
    ],
  ])("is not there: %s", (_what, path, message) => {
    const place = path();
    expect(() => openRun(place)).toThrow(NotARunError);
    expect(() => openRun(place)).toThrow(message);
  });

  it("is refused when run.jsonl is broken", () => {
    mkdirSync(join(folder, "r"));
    writeFileSync(join(folder, "r/run.jsonl"), "hello\n");
    expect(() => openRun(join(folder, "r"))).toThrow(InvalidRunError);
  });
});
