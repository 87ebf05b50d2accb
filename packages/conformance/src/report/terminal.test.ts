import { check } from "@sluice/checker";
import type { Judgement } from "@sluice/checker";
import { describe, expect, it } from "vitest";
import { result, sampleCases, sampleRun } from "../../test/sample-run.ts";
import { renderTerminal } from "./terminal.ts";

const plain = (run = sampleRun()): string => renderTerminal(run, { color: false });

describe("the report on the terminal", () => {
  it("shows each case by adapter, what was skipped and what was not run", () => {
    const text = plain();
    expect(text).toMatch(/^case +kafkajs +rdkafka$/m);
    expect(text).toMatch(/^core\/hold-head +✓ 3\.4 s +✗ 3\.4 s$/m);
    expect(text).toMatch(/^group\/leave-drain +\? unknown +○ not run$/m);
    expect(text).toMatch(/^net\/commit-ack-lost +− skipped +○ not run$/m);
    expect(text).toMatch(/^vec\/partitioner +○ not run +! error$/m);
    expect(text).toContain("skipped: cluster brokers has no proxy: net/commit-ack-lost (kafkajs)");
    expect(text).toContain("1 passed, 1 failed, 1 unknown, 1 skipped, 1 error in 4 min 12 s");
  });

  it("tells a failure in words, with the line that repeats it", () => {
    const text = plain();
    expect(text).toContain("P1  Every record below a committed offset was settled");
    expect(text).toMatch(
      /m0 committed in\/0 8 at \d\.\d\d s while in\/0@0 \(key a\) was unsettled: begun at/,
    );
    expect(text).toContain(
      "repeat   npx -y pnpm@12 conformance --run core/hold-head --adapter rdkafka --seed 42",
    );
  });

  it("shows the logs where there is no violation to show", () => {
    const logs = [{ source: "stderr m0", text: "first line\nlast line\n" }];
    const shown = (outcome: "fail" | "unknown" | "error" | "pass"): string =>
      plain(sampleRun([result("core/hold-head", "kafkajs", outcome, { logs })]));
    expect(shown("unknown")).toMatch(/stderr m0:\n +first line\n +last line/);
    expect(shown("error")).toContain("last line");
    expect(shown("fail")).not.toContain("last line");
    expect(shown("pass")).not.toContain("last line");
  });

  it("says why a case is unknown and why there is no verdict", () => {
    expect(plain()).toContain("unknown: broken history: the history is empty");
    expect(plain()).toContain('subject wrote "<garbage>" on standard output');
  });

  it("tells where the time of a long run went, and how much memory it took", () => {
    const cases = Array.from({ length: 25 }, (_, i) =>
      result(`core/c${i}`, "kafkajs", "pass", { ms: (i + 1) * 1_000 }),
    );
    const run = sampleRun(cases);
    const text = plain({ ...run, footer: { ...run.footer, peakRssBytes: 160 * 1_048_576 } });
    expect(text).toMatch(/^slowest: core\/c24 \(kafkajs\) 25\.0 s, core\/c23 /m);
    expect(text.match(/core\/c\d+ \(kafkajs\)/g)).toHaveLength(10);
    expect(text).toContain("· runner 160 MiB ·");
    expect(plain(sampleRun(cases.slice(0, 19)))).not.toMatch(/slowest|runner/);
  });

  it("tells how many vectors each subject answers as expected", () => {
    const answers = (
      verdict: "pass" | "fail",
      examined: number,
      violations: number,
    ): Judgement => ({
      ...check([]),
      verdict,
      invariants: [{ id: "H1", verdict, examined, violations, examples: [] }],
    });
    const text = plain(
      sampleRun([
        result("vec/text", "reader", "pass", { judgement: answers("pass", 40, 0) }),
        result("vec/move", "reader", "fail", { judgement: answers("fail", 60, 7) }),
        result("vec/move", "other", "skipped", { reason: "no vectors" }),
      ]),
    );
    expect(text).toContain("vectors: reader answers 93 of 100 as expected");
    expect(text).not.toContain("vectors: other");
  });

  it("uses colour only when asked to", () => {
    // oxlint-disable-next-line no-control-regex
    const escape = /\u001b\[/;
    expect(plain()).not.toMatch(escape);
    expect(renderTerminal(sampleRun(), { color: true })).toMatch(escape);
  });

  it("lists self tests by whether they went as expected", () => {
    const caught = result("core/hold-head", "mutant/commits-highest", "fail", {
      judgement: sampleCases()[1]!.judgement,
      expectation: { outcome: "fail", invariants: ["P1"], met: true },
    });
    const survived = result("core/hot-key", "mutant/no-key-lock", "pass", {
      expectation: { outcome: "fail", invariants: ["K1"], met: false, detail: "it passed" },
    });
    const text = plain(sampleRun([caught, survived]));
    expect(text).toContain("✓  core/hold-head · mutant/commits-highest  3.4 s  fail by P1, P1s");
    expect(text).toContain(
      "✗  core/hot-key · mutant/no-key-lock  3.4 s  expected fail by K1: it passed",
    );
    expect(text).toContain("1 of 2 self tests as expected");
  });

  it("counts what is known to fail, and says why it is", () => {
    const text = plain(
      sampleRun([
        result("core/hold-head", "kafkajs", "fail", {
          known: { list: "failing", reason: "issue 17" },
        }),
        result("core/hot-key", "kafkajs", "pass", {
          known: { list: "flaky", reason: "issue 18" },
        }),
        result("core/in-order", "kafkajs", "pass", {
          known: { list: "failing", reason: "issue 19" },
        }),
      ]),
    );
    expect(text).toContain("1 passed, 1 failed, 1 known failing");
    expect(text).toContain("known failing: core/hold-head (kafkajs): issue 17");
    expect(text).not.toContain("issue 18");
    expect(text).toContain("was expected to fail but did not (listed with: issue 19)");
  });
});
