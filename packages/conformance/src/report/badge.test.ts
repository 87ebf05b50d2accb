import { describe, expect, it } from "vitest";
import { result, sampleRun } from "../../test/sample-run.ts";
import { badgeOf } from "./badge.ts";

const one = (outcome: Parameters<typeof result>[2], more = {}): ReturnType<typeof result> =>
  result("core/hold-head", "kafkajs", outcome, more);

describe("the badge", () => {
  it.each([
    ["all passed", [one("pass"), one("pass")], "2 passed", "brightgreen"],
    ["some skipped", [one("pass"), one("skipped")], "1 passed, 1 skipped", "brightgreen"],
    ["one failed", [one("pass"), one("fail")], "1 failed, 1 passed", "red"],
    ["the harness broke", [one("error")], "1 broken, 0 passed", "red"],
    ["unknown is never green", [one("pass"), one("unknown")], "1 unknown, 1 passed", "yellow"],
    ["nothing but skips", [one("skipped")], "0 passed, 1 skipped", "lightgrey"],
    ["nothing at all", [], "not finished", "lightgrey"],
    [
      "a known failure",
      [one("pass"), one("fail", { known: { list: "failing", reason: "issue 17" } })],
      "1 passed, 1 known failing",
      "brightgreen",
    ],
  ])("%s", (_what, cases, message, color) => {
    const badge = badgeOf(sampleRun(cases));
    expect(badge).toMatchObject({ schemaVersion: 1, label: "sluice conformance", message, color });
    expect(badge.isError === true).toBe(color === "red");
  });

  it("of a run that was cut short is no pass", () => {
    expect(badgeOf({ ...sampleRun([one("pass")]), interrupted: true })).toMatchObject({
      message: "not finished",
      color: "lightgrey",
    });
  });

  it("of one adapter counts its results only", () => {
    const run = sampleRun([one("pass"), result("core/hold-head", "rdkafka", "fail")]);
    expect(badgeOf(run, "kafkajs")).toMatchObject({
      label: "sluice conformance: kafkajs",
      message: "1 passed",
    });
    expect(badgeOf(run, "rdkafka")).toMatchObject({ message: "1 failed, 0 passed" });
  });

  it("of a self test counts what was caught", () => {
    const expectation = { outcome: "fail", invariants: ["P1"] } as const;
    const met = one("fail", { expectation: { ...expectation, met: true } });
    const missed = one("pass", { expectation: { ...expectation, met: false } });
    expect(badgeOf(sampleRun([met, met]))).toMatchObject({ message: "2 of 2 mutants caught" });
    expect(badgeOf(sampleRun([met, missed]))).toMatchObject({ color: "red", isError: true });
  });
});
