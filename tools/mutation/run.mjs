// @ts-check
// `pnpm mutation`: does a test notice when the core is changed? Each change that none notices is either
// explained in explained.json or reported. Takes minutes; no part of CI nor of `pnpm check`.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { command, say } from "../run/command.mjs";
import { list, UsageError, whole } from "../run/options.mjs";
import { root } from "../run/process.mjs";
import { markdown } from "./lib/docs.mjs";
import { judge } from "./lib/judge.mjs";
import { table } from "./lib/table.mjs";

const SOURCES = "packages/core/src";
const REPORTS = "mutation-report";
const RUNS = join(REPORTS, "runs.json");
/** The files that lie in no folder. */
const TOP = "top";
/** Cheapest first; the engine takes as long as all others. */
const ORDER = [
  ...["gate", "metadata", "retry", "lane", "envelope", "partitioner", "limit", "dialect", "port"],
  ...["vectors", TOP, "engine"],
];
const EXIT = { ok: 0, survived: 1, harness: 3 };

const HELP = `pnpm mutation [options]

Changes the core in every way Stryker knows, one at a time, and runs the tests that reach the change. What
no test notices is listed, unless tools/mutation/explained.json says why none can. A folder is judged by
its own tests and the vectors. What a run learnt is kept in ${REPORTS}/: the next one judges only what
has changed since.

  --only <folder>       ${ORDER.join(", ")},
                        or files below ${SOURCES}: engine/commits.ts, or lines of one:
                        engine/commits.ts:120-140; repeatable or with commas
  --fresh               judge anew what is known already
  --again               judge anew, one at a time, what ran into the clock: the machine may have been busy
  --runs <n>            inputs for each property                                        (50)
  --concurrency <n>     processes                                                       (2)
  --list                judge by what is known, run nothing
  --docs                write docs/mutation.md from what is known, run nothing
  -h, --help

Examples:
  $ pnpm mutation --only gate
  $ pnpm mutation --only engine/commits.ts,engine/drain.ts:80-104
  $ nohup pnpm mutation > mutation.log &        all of it

Exit codes: 0 all noticed or explained, 1 some were not, 3 the tests fail as they are, 64 wrong usage
`;

process.exitCode = await command({ help: HELP, options: parsed, run: main });

/** @param {ReturnType<typeof parsed>} options */
async function main(options) {
  process.chdir(root);
  mkdirSync(REPORTS, { recursive: true });
  if (!options.list && !options.docs) {
    setPriority(Math.max(10, getPriority()));
    process.env["SLUICE_PROPERTY_RUNS"] = String(options.runs);
    for (const [folder, files] of options.folders) {
      try {
        if (options.again) forgetClock(folder, files);
        await mutate(folder, files, options);
        remember(folder);
      } catch {
        // Stryker has said what it was.
        return EXIT.harness;
      }
    }
  }
  const explained = JSON.parse(readFileSync(new URL("explained.json", import.meta.url), "utf8"));
  const verdicts = [...options.folders.keys()]
    .filter((folder) => existsSync(known(folder)))
    .map((folder) => ({
      ...judge(folder, JSON.parse(readFileSync(known(folder), "utf8")), explained),
      asOf: runs()[folder] ?? "",
    }));
  for (const { survivors, stale } of verdicts) {
    for (const { place, from, to, covered } of survivors) {
      say(`${covered ? "survived" : "not run"}  ${SOURCES}/${place}\n  - ${from}\n  + ${to}`);
    }
    for (const { file, from, to } of stale) {
      say(`explained for nothing: ${file}\n  - ${from}\n  + ${to}`);
    }
  }
  process.stdout.write(`${table(verdicts)}\n`);
  writeFileSync(join(REPORTS, "summary.json"), `${JSON.stringify(verdicts, null, 2)}\n`);
  if (options.docs)
    writeFileSync("docs/mutation.md", await markdown(verdicts, explained, unjudged()));
  return verdicts.some(({ survivors }) => survivors.length > 0) ? EXIT.survived : EXIT.ok;
}

/** Files with code of which nothing is known. */
function unjudged() {
  return ORDER.flatMap((folder) => {
    const report = existsSync(known(folder)) ? JSON.parse(readFileSync(known(folder), "utf8")) : {};
    const directory = join(SOURCES, folder === TOP ? "" : folder);
    return readdirSync(directory)
      .filter((name) => /(?<!\.test)\.ts$/.test(name))
      .map((name) => join(directory, name))
      .filter((path) => report.files?.[path] === undefined)
      .filter((path) => /^export (?:class|function|const)/m.test(readFileSync(path, "utf8")))
      .map((path) => path.slice(SOURCES.length + 1));
  });
}

/** What is known of a folder's mutants. @param {string} folder */
function known(folder) {
  return join(REPORTS, `${folder}.json`);
}

/** When each folder was last judged. @returns {Record<string, string>} */
function runs() {
  return existsSync(RUNS) ? JSON.parse(readFileSync(RUNS, "utf8")) : {};
}

/** @param {string} folder */
function remember(folder) {
  const commit = execFileSync("git", ["log", "-1", "--format=%h"], { encoding: "utf8" }).trim();
  const now = `${commit}, ${new Date().toISOString().slice(0, 10)}`;
  writeFileSync(RUNS, `${JSON.stringify({ ...runs(), [folder]: now }, null, 2)}\n`);
}

/** A time-out that was told by the clock and not by hits, which only an endless loop has so many of.
 * @param {string} folder @param {readonly string[]} files */
function forgetClock(folder, files) {
  if (!existsSync(known(folder))) return;
  const report = JSON.parse(readFileSync(known(folder), "utf8"));
  for (const [path, file] of Object.entries(report.files)) {
    file.mutants = file.mutants.filter(
      (/** @type {import("./lib/judge.mjs").Mutant} */ { status, statusReason, location }) =>
        status !== "Timeout" ||
        statusReason !== undefined ||
        !files.some((asked) => asks(asked, path, location.start.line)),
    );
  }
  writeFileSync(known(folder), JSON.stringify(report));
}

/** Whether a line is among what is to be changed. @param {string} asked @param {string} path
 * @param {number} line */
function asks(asked, path, line) {
  if (asked.includes("*")) return true;
  const [file, from = "1", to = "Infinity"] = asked.split(/[:-](?=\d)/);
  return file === path && Number(from) <= line && line <= Number(to);
}

/** @param {string} folder @param {readonly string[]} files
 * @param {{ concurrency: number, fresh: boolean, again: boolean }} options */
async function mutate(folder, files, { concurrency, fresh, again }) {
  const { Stryker } = await import("@stryker-mutator/core");
  say(`• ${files.join(" ")} …`);
  const tests = [...new Set([folder === TOP ? "" : folder, "vectors"])].flatMap(testsIn);
  process.env["SLUICE_MUTATION_TESTS"] = tests.join();
  await new Stryker({
    mutate: [...files, "!**/*.test.ts"],
    // Copied is what the tests need, and nothing that somebody builds meanwhile.
    ignorePatterns: [
      ...others("packages", ["core", "spec"]),
      ...others("tools", ["vitest", "mutation"]),
      ...["/docs", "/examples", "dist"],
    ],
    plugins: [fileURLToPath(new URL("lib/hot-runner.mjs", import.meta.url))],
    testRunner: "hot",
    // Stryker would read it with the compiler's interface, which TypeScript 7 does not have.
    tsconfigFile: "none",
    coverageAnalysis: "perTest",
    concurrency,
    // On a busy machine a slow run is no endless one: with --again it is given longer, and alone. An endless
    // one mostly shows by its hits, but what only leads into a loop that is not left again has few.
    timeoutMS: again ? 20_000 : 4_000,
    timeoutFactor: again ? 4 : 1.5,
    reporters: [process.stdout.isTTY ? "progress" : "progress-append-only"],
    incremental: true,
    force: fresh,
    incrementalFile: known(folder),
    tempDirName: ".stryker-tmp",
    allowConsoleColors: process.stdout.isTTY,
  }).runMutationTest();
}

/** The test files of a folder below SOURCES. @param {string} folder */
function testsIn(folder) {
  return readdirSync(join(SOURCES, folder))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(SOURCES, folder, name));
}

/** @param {string} folder @param {readonly string[]} wanted */
function others(folder, wanted) {
  return readdirSync(folder)
    .filter((name) => !wanted.includes(name))
    .map((name) => `/${folder}/${name}`);
}

function parsed() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      fresh: { type: "boolean", default: false },
      again: { type: "boolean", default: false },
      runs: { type: "string", default: "50" },
      concurrency: { type: "string", default: "2" },
      list: { type: "boolean", default: false },
      docs: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const only = list(values.only);
  /** @type {Map<string, string[]>} folders, and what of each is changed */
  const folders = new Map();
  for (const name of only.length === 0 ? ORDER : only) {
    const [first = "", ...rest] = name.split("/");
    const [file = ""] = name.split(/:\d+-\d+$/);
    const isFile = file.endsWith(".ts");
    const folder = rest.length === 0 && isFile ? TOP : first;
    if (!ORDER.includes(folder) || (rest.length > 0 && !isFile)) {
      throw new UsageError(`no folder "${name}" of the core: there are ${ORDER.join(", ")}`);
    }
    if (isFile && !existsSync(join(root, SOURCES, file))) {
      throw new UsageError(`no file ${SOURCES}/${file}`);
    }
    const what = isFile ? name : folder === TOP ? "*.ts" : `${folder}/**/*.ts`;
    folders.set(folder, [...(folders.get(folder) ?? []), `${SOURCES}/${what}`]);
  }
  return {
    folders,
    fresh: values.fresh,
    again: values.again,
    runs: whole("--runs", values.runs),
    concurrency: values.again ? 1 : whole("--concurrency", values.concurrency),
    list: values.list,
    docs: values.docs,
    help: values.help,
  };
}
