// @ts-check
// `pnpm foreign`: do subjects in other languages still work with the suite, and does it tell a good one from a bad one?
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { command, say } from "../run/command.mjs";
import { list, seed, UsageError } from "../run/options.mjs";
import { prepare } from "../run/prepare.mjs";
import { root, run, step } from "../run/process.mjs";
import { ready, SUBJECTS } from "./subjects.mjs";

/** @typedef {import("./subjects.mjs").Foreign} Foreign */

const HELP = `pnpm foreign [options]

A handful of conformance cases for the templates in Python, Go and Java (packages/conformance/templates), and for a naive consumer
with auto-commit, which must fail as its list says. What cannot be built here is left out, and said; with
SLUICE_REQUIRE_FOREIGN=1 that is an error.

  --only <subjects>   ${Object.keys(SUBJECTS).join(", ")}; repeatable or with commas
  --seed <n>          the same schedules again                 (SLUICE_SEED, or random)
  -h, --help

Exit codes: 0 as expected, 1 not, 4 nothing can run here (or, where all is required, something), 64 wrong usage, else as
\`pnpm conformance\`
`;

process.exitCode = await command({ help: HELP, options: parsed, run: main });

/** @param {ReturnType<typeof parsed>} options */
async function main(options) {
  await prepare({ addon: false });
  /** @type {Map<string, string | null>} by toolchain, why it is not there */
  const lacking = new Map();
  let worst = 0;
  let ran = 0;
  for (const [name, subject] of options.only) {
    const { toolchain, what } = subject;
    if (!lacking.has(toolchain)) lacking.set(toolchain, await ready(toolchain));
    const why = lacking.get(toolchain) ?? null;
    if (why !== null) {
      say(`! ${what} is not run: it ${why}`);
      continue;
    }
    ran += 1;
    const code = await step(what, () => conformance(name, subject, options.seed));
    if (code === 130 || code === 143) return code;
    worst = Math.max(worst, code);
  }
  const all = ran === options.only.length;
  if (worst !== 0 || all) return worst;
  return ran === 0 || process.env["SLUICE_REQUIRE_FOREIGN"] === "1" ? 4 : 0;
}

/** @param {string} name @param {Foreign} subject @param {number} of seed */
async function conformance(name, { start, cases, fails }, of) {
  const out = join("conformance-report", `foreign-${name}`);
  rmSync(join(root, out), { recursive: true, force: true });
  const code = await run(process.execPath, [
    join(root, "packages/conformance/dist/cli.js"),
    ...cases.flatMap((id) => ["--run", id]),
    ...["--seed", String(of), "--out", out],
    ...(fails === undefined ? [] : ["--known-failing", `@${fails.list}`]),
    "--",
    ...start,
  ]);
  if (code !== 0) return code;
  // It needs the packages built, which main has seen to.
  const { failedInvariants, readRun } = await import("../../packages/conformance/dist/index.js");
  const results = readRun(join(root, out, "run.jsonl")).cases;
  const skipped = results.find(({ outcome }) => outcome === "skipped");
  if (skipped !== undefined) {
    say(`✗ ${skipped.case} was skipped: ${skipped.reason}`);
    return 1;
  }
  if (fails === undefined) return 0;
  const found = results.filter((result) => result.case === fails.case).flatMap(failedInvariants);
  if (found.some((id) => id === fails.invariant)) return 0;
  say(`✗ ${fails.case} had to fail by ${fails.invariant}, and failed by ${found.join(", ")}`);
  return 1;
}

function parsed() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      seed: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const names = list(values.only);
  const unknown = names.find((name) => !Object.hasOwn(SUBJECTS, name));
  if (unknown !== undefined) {
    throw new UsageError(`no subject "${unknown}": there are ${Object.keys(SUBJECTS).join(", ")}`);
  }
  return {
    help: values.help,
    seed: seed(values.seed),
    only: Object.entries(SUBJECTS).filter(([name]) => names.length === 0 || names.includes(name)),
  };
}
