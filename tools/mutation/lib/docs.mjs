// @ts-check
import { execFileSync } from "node:child_process";
import { table } from "./table.mjs";

/** docs/mutation.md.
 * @param {readonly import("./judge.mjs").Verdict[]} verdicts
 * @param {readonly import("./judge.mjs").Explanation[]} explanations */
export function markdown(verdicts, explanations) {
  const commit = execFileSync("git", ["log", "-1", "--format=%h, %cs"], {
    encoding: "utf8",
  }).trim();
  return `# Mutation testing of the core

    pnpm mutation                        all of it, an hour or more on two cores; what is known is not asked again
    pnpm mutation --only gate            one folder, about a minute
    pnpm mutation --list                 what is known
    pnpm mutation --docs                 this page anew

[Stryker](https://stryker-mutator.io) changes the core in one place, and the tests of the folder and the vectors are run
that reach the place. A change that none of them notices is a missing test or dead code, unless it is explained below
(\`tools/mutation/explained.json\`, where the run looks it up; an explanation for nothing is reported as well). Not in CI:
it takes too long. Properties get 50 inputs each rather than thousands.

At ${commit}:

${table(verdicts)}

*Of all*: killed or timed out, of all mutants. *Of what can be*: of those not explained.

## Survivors, and why no test can notice them
${explanations.map(section).join("")}`;
}

/** @param {import("./judge.mjs").Explanation} explanation */
function section({ reason, mutants }) {
  const lines = mutants.map(
    ({ file, in: line, from, to }) =>
      `- \`${file}\`: ${code(line)}${from === line ? "" : `, ${code(from)}`} → ${code(to)}`,
  );
  return `\n### ${reason}\n\n${lines.join("\n")}\n`;
}

/** @param {string} text */
function code(text) {
  const short = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return short === "" ? "nothing" : short.includes("`") ? `\`\` ${short} \`\`` : `\`${short}\``;
}
