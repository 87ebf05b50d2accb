// @ts-check
// `pnpm crosscheck`: do the readers in other languages answer as the core does?
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, say } from "../run/command.mjs";
import { prepare } from "../run/prepare.mjs";
import { root, run, step } from "../run/process.mjs";
import { UsageError } from "../run/options.mjs";
import { HELP, parseOptions } from "./lib/options.mjs";
import { build, missingToolchains, readerNamed } from "./lib/readers.mjs";

/** @typedef {import("./lib/options.mjs").Options} Options */
/** @typedef {import("./lib/differential.mjs").Comparison} Comparison */

const EXIT = { ok: 0, disagreement: 1, harness: 3, environment: 4 };

/** Only answers count here. */
const SILENT = { event: () => {}, broken: () => {}, exited: () => {} };

process.exitCode = await command({ help: HELP, options: parseOptions, run: crosscheck });

/** @param {Options} options */
async function crosscheck(options) {
  const missing = missingToolchains(options.only);
  if (missing.length > 0) {
    say(
      `${missing.join("\n")}\nInstall what is missing, or name the readers to check: --only python`,
    );
    return EXIT.environment;
  }
  await prepare({ addon: false });
  const asked = await operationsAsked(options.ops);
  for (const name of options.only) if (!(await build(name))) return EXIT.environment;
  const fine = options.vectors ? await vectors(options.only) : true;
  const code = await differential(options, asked);
  return code === EXIT.ok && !fine ? EXIT.disagreement : code;
}

/**
 * The vectors are what their generator writes, and every reader answers each of them as expected.
 *
 * @param {readonly string[]} names
 */
async function vectors(names) {
  let fine = true;
  if (names.includes("java")) {
    const args = [join(root, "tools/vectors/generate.mjs"), "--check"];
    const code = await step("the vectors are what their generator writes", () =>
      run(process.execPath, args, { quiet: true }),
    );
    fine &&= code === 0;
  }
  const out = mkdtempSync(join(tmpdir(), "sluice-crosscheck-"));
  for (const name of names) {
    const { language, start } = readerNamed(name);
    const cli = [join(root, "packages/conformance/dist/cli.js"), "--level", "L0", "--out", out];
    const code = await step(`the reader in ${language} answers the vectors`, () =>
      run(process.execPath, [...cli, "--", start.command, ...start.args], { quiet: true }),
    );
    fine &&= code === 0;
  }
  rmSync(out, { recursive: true, force: true });
  return fine;
}

/**
 * The core, what is known of its operations, and which of them are asked. Needs the packages built.
 *
 * @param {readonly string[]} named none means all
 * @throws UsageError
 */
async function operationsAsked(named) {
  const { answerVector } = await import("../../packages/core/dist/vectors/index.js");
  const { operations } = await import("./lib/operations.mjs");
  const table = operations(answerVector);
  const unknown = named.find((op) => !Object.hasOwn(table, op));
  if (unknown !== undefined) {
    throw new UsageError(`no operation "${unknown}": there are ${Object.keys(table).join(", ")}`);
  }
  return { answerVector, table, ops: named.length === 0 ? Object.keys(table) : named };
}

/** @param {Options} options @param {Awaited<ReturnType<typeof operationsAsked>>} asked */
async function differential(options, { answerVector, table, ops }) {
  // They need the packages built, which was done a moment ago.
  const { SubjectProcess, killAllSubjects } =
    await import("../../packages/conformance/dist/subject/subject-process.js");
  const { compare } = await import("./lib/differential.mjs");

  process.once("SIGINT", () => {
    killAllSubjects();
    process.exit(130);
  });
  const { seed, from, cases } = options;
  say(`seed ${seed}, inputs ${from} to ${from + cases} of each operation`);
  let code = EXIT.ok;
  try {
    /** @type {Map<string, ReturnType<typeof SubjectProcess.spawn>>} */
    const readers = new Map();
    for (const name of options.only) {
      const reader = SubjectProcess.spawn(name, readerNamed(name).start, SILENT);
      const { capabilities } = await reader.hello(20_000);
      const lacking = ops.filter((op) => !capabilities.vectors.includes(op));
      if (lacking.length > 0) {
        say(`✗ ${name} does not declare: ${lacking.join(", ")}`);
        code = EXIT.disagreement;
      }
      readers.set(name, reader);
    }
    for (const op of ops) {
      const operation = /** @type {import("./lib/operations.mjs").Operation} */ (table[op]);
      const comparison = await compare(op, operation, answerVector, readers, {
        seed,
        from,
        cases,
        progress: (done) => progress(op, done, cases),
      });
      report(comparison, options);
      const { unreached, disagreements } = comparison;
      if (unreached.length + disagreements.length > 0) code = EXIT.disagreement;
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "SubjectError") throw error;
    say(error.message);
    code = EXIT.harness;
  } finally {
    killAllSubjects();
  }
  return code;
}

/** @param {Comparison} comparison @param {Options} options */
function report({ op, cases, perSecond, spread, unreached, disagreements }, { json, seed, only }) {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const good = disagreements.length + unreached.length === 0;
  say(`${good ? "✓" : "✗"} ${op.padEnd(20)} ${cases} inputs, ${perSecond.toFixed(0)}/s: ${spread}`);
  if (unreached.length > 0) say(`  no input led to: ${unreached.join(", ")}`);
  for (const { reader, count, index, input, differences } of disagreements) {
    say(`  ${reader} disagrees on ${count} of ${cases}; the smallest:`);
    say(`    input   ${JSON.stringify(input)}`);
    for (const { path, expected, found } of differences.slice(0, 4)) {
      say(`    core    ${place(path)}${shown(expected)}`);
      say(`    ${reader.padEnd(7)} ${place(path)}${shown(found)}`);
    }
    say(
      `    repeat  pnpm crosscheck --only ${reader} --op ${op} --from ${index} --cases 1 --seed ${seed}`,
    );
  }
  if (!json) return;
  const line = {
    op,
    seed,
    cases,
    readers: only,
    perSecond: Math.round(perSecond),
    spread: spread.shares,
    unreached,
    disagreements,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** @param {string} op @param {number} done @param {number} of */
function progress(op, done, of) {
  if (process.stderr.isTTY) process.stderr.write(`\r  ${op} ${done} of ${of} `);
}

/** @param {string} path */
function place(path) {
  return path === "" ? "" : `${path}: `;
}

/** @param {unknown} value */
function shown(value) {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
