// @ts-check
// `pnpm foreign`: do subjects in other languages still work with the suite, and does it tell a good one from a bad one?
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { command, say } from "../run/command.mjs";
import { list, seed, UsageError } from "../run/options.mjs";
import { prepare } from "../run/prepare.mjs";
import { root, run, step } from "../run/process.mjs";
import { lacks, ready, SUBJECTS } from "./subjects.mjs";

/** @typedef {import("./subjects.mjs").Foreign} Foreign */

const REQUIRED = process.env["SLUICE_REQUIRE_FOREIGN"] === "1";

/** Of what the list of known failures allows; the rest is one. */
const SIGN = new Map([
  ["pass", "✓"],
  ["skipped", "−"],
]);

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
  const toolchains = [...new Set(options.only.map(([, { toolchain }]) => toolchain))];
  const lacking = toolchains.flatMap((toolchain) => lacks(toolchain) ?? []);
  if (REQUIRED && lacking.length > 0) {
    say(
      `${lacking.join("\n")}\nInstall what is missing, or name those that are to run: --only python`,
    );
    return 4;
  }
  await prepare({ addon: false });
  // Most of a case is waiting: side by side they take half the time. Those of one toolchain share what is built.
  const codes = await Promise.all(
    toolchains.map((toolchain) =>
      inTurn(
        toolchain,
        options.only.filter(([, subject]) => subject.toolchain === toolchain),
        options.seed,
      ),
    ),
  );
  const ran = codes.flat();
  const interrupted = ran.find((code) => code === 130 || code === 143);
  const worst = interrupted ?? Math.max(0, ...ran);
  if (worst !== 0 || ran.length === options.only.length) return worst;
  return ran.length === 0 || REQUIRED ? 4 : 0;
}

/**
 * The exit codes of those that were run: none when they cannot be built.
 *
 * @param {string} toolchain
 * @param {readonly [name: string, Foreign][]} subjects
 * @param {number} of seed
 */
async function inTurn(toolchain, subjects, of) {
  const why = await ready(toolchain);
  /** @type {number[]} */
  const codes = [];
  for (const [name, subject] of subjects) {
    if (why !== null) say(`! ${subject.what} is not run: ${why}`);
    else if (codes.some((code) => code === 130 || code === 143)) break;
    else codes.push(await step(subject.what, () => conformance(name, subject, of)));
  }
  return codes;
}

/** @param {string} name @param {Foreign} subject @param {number} of seed */
async function conformance(name, { what, start, cases, fails }, of) {
  const out = join("conformance-report", `foreign-${name}`);
  rmSync(join(root, out), { recursive: true, force: true });
  const args = [
    join(root, "packages/conformance/dist/cli.js"),
    ...cases.flatMap((id) => ["--run", id]),
    ...["--seed", String(of), "--out", out],
    ...(fails === undefined ? [] : ["--known-failing", `@${fails.list}`]),
    "--",
    ...start,
  ];
  const code = await run(process.execPath, args, { quiet: true });
  if (code !== 0) return code;
  // It needs the packages built, which main has seen to.
  const { failedInvariants, readRun } = await import("../../packages/conformance/dist/index.js");
  const results = readRun(join(root, out, "run.jsonl")).cases;
  const each = results.map((result) => `${result.case} ${SIGN.get(result.outcome) ?? "~"}`);
  say(`  ${what}: ${each.join("  ")}`);
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
