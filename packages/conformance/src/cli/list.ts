import { killedBy } from "../runner/self-test.ts";
import type { Case } from "../runner/case.ts";
import type { RunOptions } from "./options.ts";
import { LEVELS, matches } from "./options.ts";

/** The cases that a command line chooses, in the order of the catalogue. */
export function chosen(
  cases: readonly Case[],
  { patterns, level }: Pick<RunOptions, "patterns" | "level">,
): Case[] {
  return cases.filter(
    (definition) =>
      (patterns.length === 0 || patterns.some((pattern) => matches(pattern, definition.id))) &&
      (level === null || LEVELS.indexOf(definition.level) <= LEVELS.indexOf(level)),
  );
}

export function listText(cases: readonly Case[]): string {
  const width = Math.max(...cases.map(({ id }) => id.length));
  const lines = cases.map(({ id, level, title }) => `${level}  ${id.padEnd(width)}  ${title}`);
  return `${lines.join("\n")}\n`;
}

export function listJson(cases: readonly Case[]): string {
  const rows = cases.map(({ id, level, title, needs, invariants, faults, kills }) => ({
    id,
    level,
    title,
    needs,
    invariants,
    faults,
    killedMutants: Object.keys(kills),
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

export function explain(definition: Case): string {
  const { id, level, title, about, needs, faults, invariants, duplicates } = definition;
  const killed = killedBy(definition);
  return [
    `${id}  (${level})`,
    title,
    "",
    wrap(about),
    "",
    `invariants  ${invariants.join(", ")}`,
    `needs       ${needs.join(", ") || "nothing: no broker"}`,
    `fault       ${faults.join(", ") || "none"}`,
    `duplicates  ${DUPLICATES[duplicates]}`,
    `catches     ${killed.join("\n            ") || "-"}`,
    "",
  ].join("\n");
}

const DUPLICATES = {
  none: "none allowed",
  unfinished: "only what was not finished at the crash",
  "crash-window": "only what was not committed at the crash",
  explained: "each must be explained by an event of the history",
} as const;

function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    const line = lines[last] ?? "";
    if (line.length + word.length > 90) lines.push(word);
    else lines[last] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}
