import { defects } from "../runner/self-test.ts";
import { FAMILIES } from "./load-suite.ts";
import type { Line } from "./story.ts";
import { storyOf } from "./story.ts";
import type { SuiteCase } from "./to-case.ts";

/** Every case for people to read, as Markdown: `CATALOGUE.md`. */
export function renderCatalogue(cases: readonly SuiteCase[]): string {
  const drafts = cases.filter(({ draft }) => draft !== null).length;
  const about = new Map(defects().mutants.map((mutant) => [mutant.id, mutant.about]));
  const families = Object.entries(FAMILIES).flatMap(([family, title]) => {
    const of = cases.filter(({ id }) => id.startsWith(`${family}/`));
    return of.length === 0 ? [] : [{ title, of }];
  });
  return [
    "# Catalogue",
    "",
    "Written from `suite/` by `node tools/catalogue/generate.mjs`: do not edit." +
      ` ${cases.length - drafts} cases, and ${drafts} drafts, which are not run and not counted.`,
    "",
    ...families.flatMap(({ title, of }) => [
      `- **${title}**: ${of.map(({ id, draft }) => linkTo(id, draft)).join(", ")}`,
    ]),
    "",
    ...families.flatMap(({ title, of }) => [
      `## ${title}`,
      "",
      ...of.flatMap((one) => section(one, about)),
    ]),
  ].join("\n");
}

function linkTo(id: string, draft: string | null): string {
  const link = `[${id}](#${id.replaceAll("/", "")})`;
  return draft === null ? link : `${link} (draft)`;
}

function section(definition: SuiteCase, mutants: ReadonlyMap<string, string>): string[] {
  const { id, level, title, about, draft, kills, file } = definition;
  const story = storyOf(file);
  const caught = Object.entries(kills).map(([mutant, { fails, outcome = "fail" }]) => {
    const by = fails.length === 0 ? outcome : fails.join(", ");
    return `- \`${mutant}\`, which ${mutants.get(mutant) ?? ""}: ${by}`;
  });
  return [
    `### ${id}`,
    "",
    `**${level} · ${title}.** [suite/${id}.yaml](suite/${id}.yaml)`,
    "",
    ...(draft === null ? [] : [`**Draft**: ${draft.trim()}`, ""]),
    about.replaceAll("\n", " "),
    "",
    ...(story.produced === null ? [] : [`Produced: ${story.produced}.`, ""]),
    ...(story.settings.length === 0 ? [] : [`Settings: ${story.settings.join("; ")}.`, ""]),
    ...numbered(story.steps, ""),
    ...story.plan.map((line) => `- ${line}`),
    ...(story.steps.length + story.plan.length > 0 ? [""] : []),
    ...titled("It is a real test only with:", story.guards.map(bullet)),
    ...titled("It catches:", caught),
    `Must hold: ${story.invariants.map(({ id: one }) => one).join(", ")}. Duplicates: ${story.duplicates}.`,
    ...(story.needs.length === 0 ? [] : [`Needs ${story.needs.join(", ")}.`]),
    `Clauses: ${clauses(story.clauses)}.`,
    "",
  ];
}

function numbered(lines: readonly Line[], indent: string): string[] {
  return lines.flatMap(({ text, why, within }, i) => [
    `${indent}${i + 1}. ${text}${why === null ? "." : `. _${why.replaceAll("\n", " ")}_`}`,
    ...within.flatMap((list, j) =>
      within.length === 1
        ? numbered(list, `${indent}   `)
        : [`${indent}   - side ${j + 1}:`, ...numbered(list, `${indent}     `)],
    ),
  ]);
}

function bullet({ text, why }: Line): string {
  return `- ${text}${why === null ? "" : ` (${why.replaceAll("\n", " ")})`}`;
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, "", ...lines, ""];
}

/** Vectors prove many: a range of ids says as much as all of them. */
function clauses(ids: readonly string[]): string {
  return ids.length <= 8 ? ids.join(", ") : `${ids.length} of them, ${ids[0]} to ${ids.at(-1)}`;
}
