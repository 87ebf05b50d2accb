import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "@sluice/checker";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { result, sampleHistory } from "../../test/sample-run.ts";
import { rejudge } from "./rejudge.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-rejudge-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const artefacts = [{ kind: "history", path: "history.jsonl" }] as const;
const record = (lines: readonly unknown[], end = "\n"): void =>
  writeFileSync(
    join(folder, "history.jsonl"),
    lines.map((line) => JSON.stringify(line)).join("\n") + end,
  );
const judged = (broken: boolean, more = {}): ReturnType<typeof result> => {
  const judgement = check(sampleHistory(broken));
  return result("core/hold-head", "kafkajs", judgement.verdict, { judgement, artefacts, ...more });
};

describe("judging a result again", () => {
  it("comes to the same verdict over the same history", async () => {
    record(sampleHistory(true));
    const before = judged(true);
    const { result: after, change, kept } = await rejudge(folder, before);
    expect(after).toEqual(before);
    expect(change).toBeNull();
    expect(kept).toBeNull();
  });

  it("says how the verdict differs from the stored one", async () => {
    record(sampleHistory(true));
    const { result: after, change } = await rejudge(folder, judged(false));
    expect(after.outcome).toBe("fail");
    expect(change).toEqual({
      case: "core/hold-head",
      subject: "kafkajs",
      before: "pass",
      after: "fail by P1, P1s",
    });
  });

  it("finds a history that was cut off unknown, with the line", async () => {
    record(sampleHistory(false), '\n{"type":"begi');
    const { result: after, change } = await rejudge(folder, judged(false));
    expect(after.outcome).toBe("unknown");
    const lines = sampleHistory(false).length + 1;
    expect(after.judgement!.summary).toContain(`line ${lines}: expected an event`);
    expect(change).toMatchObject({ before: "pass", after: "unknown" });
  });

  it("takes over what cannot be judged, and says why", async () => {
    const skipped = result("core/hold-head", "kafkajs", "skipped", { reason: "no proxy" });
    expect(await rejudge(folder, skipped)).toMatchObject({ result: skipped, kept: "skipped" });
    const missing = await rejudge(folder, judged(false));
    expect(missing).toMatchObject({
      change: null,
      kept: expect.stringMatching(/cannot be read: ENOENT/) as string,
    });
  });

  it("says anew whether a self test met its expectation", async () => {
    record(sampleHistory(true));
    const expectation = {
      outcome: "fail",
      invariants: ["P1"],
      mayFail: ["P1s"],
      met: false,
    } as const;
    const caught = await rejudge(folder, judged(true, { expectation }));
    expect(caught.result.expectation).toMatchObject({ met: true });
    record(sampleHistory(false));
    const survived = await rejudge(folder, judged(true, { expectation }));
    expect(survived.result.expectation).toMatchObject({
      met: false,
      detail: expect.stringMatching(/got pass/) as string,
    });
  });
});
