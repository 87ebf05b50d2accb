import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import type { HistoryEvent } from "./history.ts";
import { INVARIANT_IDS } from "./intake.ts";
import type { Judgement, Verdict } from "./verdict.ts";

interface Entry {
  readonly file: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly violates: readonly string[];
  readonly violatesWhenAllAreDemanded: readonly string[];
  /** Line of a bad one, from 1. */
  readonly witness?: number;
}

const folder = new URL("../histories/", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
const manifest = JSON.parse(read("manifest.json")) as readonly Entry[];
const historyOf = (file: string): HistoryEvent[] =>
  read(file)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as HistoryEvent);
const violated = (judgement: Judgement): string[] =>
  judgement.invariants.filter(({ verdict }) => verdict === "fail").map(({ id }) => id);

describe("canned histories", () => {
  it.each(manifest)("$file: $title", ({ file, verdict, violates }) => {
    const judgement = check(historyOf(file));
    expect(
      { verdict: judgement.verdict, violates: violated(judgement) },
      judgement.summary,
    ).toEqual({ verdict, violates });
  });

  it.each(manifest.filter(({ file }) => !file.startsWith("BROKEN")))(
    "$file breaks nothing else when every invariant is demanded",
    ({ file, violatesWhenAllAreDemanded }) => {
      const history = historyOf(file).map((event) =>
        event.type === "case" ? { ...event, invariants: INVARIANT_IDS } : event,
      );
      const judgement = check(history);
      const told = judgement.invariants.flatMap(({ id, examples }) =>
        examples.map(({ message }) => `${id}: ${message}`),
      );
      expect(violated(judgement).sort(), told.join("\n")).toEqual(
        [...violatesWhenAllAreDemanded].sort(),
      );
    },
  );

  it.each(manifest.filter(({ file }) => !file.startsWith("BROKEN")))(
    "$file: what a violation lists suffices to show it",
    ({ file, violatesWhenAllAreDemanded }) => {
      const [header, ...events] = historyOf(file);
      const demanding = (invariants: readonly string[]): HistoryEvent =>
        ({ ...header!, invariants }) as HistoryEvent;
      const whole = [demanding(violatesWhenAllAreDemanded), ...events];
      for (const { id, examples } of check(whole).invariants) {
        for (const { message, events: listed } of examples) {
          const part = [demanding([id]), ...listed.map((index) => whole[index]!)];
          const t = part.at(-1)!.t;
          // Only that the run was not cut short may be missing.
          const judgement = check([...part, { type: "phase", phase: "quiesce", t }]);
          expect(violated(judgement), `${message}\n${judgement.summary}`).toContain(id);
        }
      }
    },
  );

  it.each(manifest.filter(({ verdict }) => verdict === "fail"))(
    "$file: line $witness is among the events that show what it violates",
    ({ file, violates, witness }) => {
      const { invariants } = check(historyOf(file));
      const listed = invariants
        .filter(({ id }) => violates.includes(id))
        .flatMap(({ examples }) => examples.flatMap(({ events }) => events));
      expect(listed.map((index) => index + 1)).toContain(witness);
    },
  );

  const count = (folder: string, verdict: Verdict): number =>
    manifest.filter((entry) => entry.file.startsWith(`${folder}/`) && entry.verdict === verdict)
      .length;

  it.each(INVARIANT_IDS)("%s has at least three good ones and a bad one", (id) => {
    expect(count(id, "pass")).toBeGreaterThanOrEqual(3);
    expect(count(id, "fail")).toBeGreaterThanOrEqual(1);
  });

  it("what a broker may do has at least three good ones and one that leaves it open", () => {
    expect(count("SUBSTRATE", "pass")).toBeGreaterThanOrEqual(3);
    expect(count("SUBSTRATE", "unknown")).toBeGreaterThanOrEqual(1);
  });

  it("are what build.mjs writes", async () => {
    const { files } = (await import(new URL("build.mjs", folder).href)) as {
      files: ReadonlyMap<string, string>;
    };
    for (const [file, text] of files) {
      if (file.endsWith(".jsonl")) expect(read(file), file).toBe(text);
      else expect(JSON.parse(read(file))).toEqual(JSON.parse(text));
    }
  });
});
