// @ts-check
import { format, resolveConfig } from "prettier";
import { table } from "./table.mjs";

/** docs/mutation.md.
 * @param {Parameters<typeof table>[0]} verdicts
 * @param {readonly import("./judge.mjs").Explanation[]} explanations
 * @param {readonly string[]} unjudged files */
export async function markdown(verdicts, explanations, unjudged) {
  const open = verdicts.flatMap(({ survivors }) => survivors);
  const text = `# Mutation testing of the core

    pnpm mutation                        all of it; what is known is not asked again
    pnpm mutation --only gate            one folder, a minute or a few
    pnpm mutation --only gate --again    what ran into the clock there, once more and one at a time
    pnpm mutation --list                 what is known
    pnpm mutation --docs                 this page anew

[Stryker](https://stryker-mutator.io) changes the core in one place, and the tests of the folder and the vectors are run that reach the place. A change that none of them notices is a missing test or dead code, unless it is explained below (\`tools/mutation/explained.json\`, where the run looks it up; an explanation for nothing is reported as well). Tests are loaded once and run again for each mutant in the same process (\`tools/mutation/lib/hot-runner.mjs\`), and anew for a mutant that is run while modules load. Not in CI: it takes too long. Properties get 50 inputs each rather than thousands.

${table(verdicts)}

_Of all_: killed or timed out, of all mutants. _Of what can be_: of those not explained. A time-out is a loop that never ends: the mutant was run far more often than the code was without it, or the clock ran out, and then \`--again\` tells whether the machine was only busy.

${unjudged.length === 0 ? "" : `Not judged yet: ${unjudged.map(code).join(", ")}.\n\n`}${open.length === 0 ? "" : section({ reason: "Survivors that want a test, or to be dead code", mutants: open }).replace("\n###", "##")}
## Survivors, and why no test can notice them
${explanations.map(section).join("")}`;
  return format(text, { ...(await resolveConfig("docs/mutation.md")), parser: "markdown" });
}

/** @param {import("./judge.mjs").Explanation} explanation */
function section({ reason, mutants }) {
  /** @type {Map<string, string[]>} by the line that they change */
  const lines = new Map();
  for (const { file, in: line, from, to } of mutants) {
    const place = `\`${file}\`: ${code(line)}`;
    const change = from === line ? code(to) : `${code(from)} to ${code(to)}`;
    lines.set(place, [...(lines.get(place) ?? []), change]);
  }
  const items = [...lines].map(([place, changes]) => `- ${place}: ${changes.join("; ")}`);
  return `\n### ${reason}\n\n${items.join("\n")}\n`;
}

/** @param {string} text */
function code(text) {
  const short = text.length > 70 ? `${text.slice(0, 69)}…` : text;
  return short === "" ? "nothing" : short.includes("`") ? `\`\` ${short} \`\`` : `\`${short}\``;
}
