import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { result } from "../../test/sample-run.ts";
import { createProgress } from "./live-progress.ts";
import type { Progress } from "./progress.ts";

const at = { case: "group/join-midflight", subject: "rdkafka", index: 12, of: 34 };
let written: string;
const open = (isTTY: boolean, columns = 80): Progress =>
  createProgress(
    { isTTY, columns, write: (text) => (written += text) },
    { color: false, now: () => Date.now() },
  );
beforeEach(() => {
  written = "";
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => vi.useRealTimers());

/** What a terminal shows after these writes. */
const screen = (): string[] =>
  written
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\u001b[2K") + 1).replace(/^\[2K/, ""));

describe("progress on a terminal", () => {
  it("keeps one line up to date and leaves one for each finished case", () => {
    const progress = open(true);
    progress.note("cluster: local");
    progress.caseStarted(at);
    progress.step(at, "waiting for 8 held");
    vi.advanceTimersByTime(4100);
    expect(screen()).toEqual([
      "cluster: local",
      "[12/34] group/join-midflight · rdkafka · 4.0 s · waiting for 8 held",
    ]);
    progress.caseFinished(at, result(at.case, at.subject, "pass"));
    progress.close();
    expect(screen()).toEqual(["cluster: local", "✓  group/join-midflight · rdkafka  3.4 s", ""]);
  });

  it("never fills the line, which would wrap and could not be cleared", () => {
    const progress = open(true, 30);
    progress.caseStarted(at);
    progress.step(at, "a text\nof two lines that is far too long for this terminal");
    expect(screen().at(-1)!.length).toBeLessThan(30);
    expect(screen()).toHaveLength(1);
    progress.close();
    expect(screen()).toEqual([""]);
  });
});

describe("progress elsewhere", () => {
  it("writes a line for each finished case, without any control character", () => {
    const progress = open(false);
    progress.caseStarted(at);
    progress.step(at, "waiting");
    progress.caseFinished(at, result(at.case, at.subject, "fail", { reason: "no\nway" }));
    progress.close();
    expect(written).toBe("[12/34] ✗  group/join-midflight · rdkafka  3.4 s  no\n");
  });

  it("gives a sign of life when nothing has finished for a while", () => {
    const progress = open(false);
    progress.caseStarted(at);
    progress.step(at, "hold 18 s");
    vi.advanceTimersByTime(16_000);
    progress.close();
    vi.advanceTimersByTime(60_000);
    expect(written).toBe("[12/34] … group/join-midflight · rdkafka · 15.0 s · hold 18 s\n");
  });
});
