import { killedBy } from "../runner/self-test.ts";
import type { Line } from "../suite/story.ts";
import { clausesOf, storyOf } from "../suite/story.ts";
import type { SuiteCase } from "../suite/to-case.ts";
import type { RunOptions } from "./options.ts";
import { LEVELS } from "./options.ts";
import { matches } from "./pattern.ts";

/** The cases that a command line chooses, drafts too, in the order of the catalogue. */
export function chosen(
  cases: readonly SuiteCase[],
  { patterns, level }: Pick<RunOptions, "patterns" | "level">,
): SuiteCase[] {
  return cases.filter(
    (definition) =>
      (patterns.length === 0 || patterns.some((pattern) => matches(pattern, definition.id))) &&
      (level === null || LEVELS.indexOf(definition.level) <= LEVELS.indexOf(level)),
  );
}

/** As {@link chosen}, to be run: what goes on for long is so only when it is asked for by name or level. */
export function chosenToRun(
  cases: readonly SuiteCase[],
  options: Pick<RunOptions, "patterns" | "level">,
): SuiteCase[] {
  const asked = options.patterns.length > 0 || options.level !== null;
  return chosen(cases, options).filter(({ level }) => asked || level !== "L4");
}

export function listText(cases: readonly SuiteCase[]): string {
  const width = Math.max(0, ...cases.map(({ id }) => id.length));
  const lines = cases.map(
    ({ id, level, title, draft }) =>
      `${level}  ${id.padEnd(width)}  ${draft === null ? "" : "(draft) "}${title}`,
  );
  const drafts = cases.filter(({ draft }) => draft !== null).length;
  const count = `${cases.length - drafts} cases`;
  const rest = drafts === 0 ? "" : `, and ${drafts} drafts, which are not run`;
  return `${lines.join("\n")}\n\n${count}${rest}\n`;
}

export function listJson(cases: readonly SuiteCase[]): string {
  const rows = cases.map(
    ({ id, level, title, draft, needs, file, invariants, faults, kills, duplicates }) => ({
      id,
      level,
      title,
      draft,
      needs,
      requires: file.requires ?? [],
      invariants,
      duplicates,
      faults,
      clauses: clausesOf(file),
      kills,
    }),
  );
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/** A case in words, all of it from its file. */
export function explain(definition: SuiteCase): string {
  const { id, level, title, about, draft, faults, file } = definition;
  const story = storyOf(file);
  const { plan, steps, guards } = story;
  return [
    `${id}  (${level}${draft === null ? "" : ", draft"})`,
    title,
    "",
    ...wrap(about, ""),
    "",
    ...(draft === null ? [] : [...wrap(`Draft, not run: ${draft.trim()}`, ""), ""]),
    ...section("what is done", [
      ...(story.produced === null ? [] : hang("-", `Produced: ${story.produced}`)),
      ...story.settings.flatMap((setting) => hang("-", `Set: ${setting}`)),
      ...numbered(steps),
      ...plan.flatMap((line) => hang("-", line)),
    ]),
    ...section(
      "what makes it a real test",
      guards.flatMap((line) => told("-", line)),
    ),
    ...section(
      "what must hold",
      story.invariants.flatMap(({ id: one, rule }) => hang(one.padEnd(3), rule)),
    ),
    ...section(
      "what it catches",
      killedBy(definition).flatMap((line) => hang("-", line)),
    ),
    ...section("besides", [
      ...hang("-", `Duplicates: ${story.duplicates}`),
      ...hang("-", `Faults: ${faults.join(", ") || "none"}`),
      ...hang("-", `Needs: ${story.needs.join(", ") || "nothing: no broker"}`),
      ...hang("-", `Clauses: ${story.clauses.join(", ")}`),
    ]),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines, ""];
}

function numbered(lines: readonly Line[], indent = "", prefix = ""): string[] {
  return lines.flatMap((line, i) => [
    ...told(`${prefix}${i + 1}.`, line, indent),
    ...line.within.flatMap((list, j) =>
      numbered(list, `${indent}  `, line.within.length === 1 ? "" : String.fromCodePoint(97 + j)),
    ),
  ]);
}

function told(mark: string, { text, why }: Line, indent = ""): string[] {
  return hang(mark, why === null ? text : `${text}. ${why.replaceAll("\n", " ")}`, indent);
}

const WIDTH = 100;

/** Text behind a mark, its further lines under its first. */
function hang(mark: string, text: string, indent = ""): string[] {
  const margin = `  ${indent}${mark} `;
  const [first = "", ...rest] = wrap(text, " ".repeat(margin.length));
  return [`${margin}${first.trimStart()}`, ...rest];
}

function wrap(text: string, margin: string): string[] {
  const lines = [margin];
  for (const word of text.split(/\s+/)) {
    const last = lines.length - 1;
    const line = lines[last] ?? margin;
    if (line === margin) lines[last] = `${margin}${word}`;
    else if (line.length + word.length >= WIDTH) lines.push(`${margin}${word}`);
    else lines[last] = `${line} ${word}`;
  }
  return lines;
}
