// @ts-check
// `pnpm false-alarms`: does the suite accuse correct consumers? Runs it again and again with new seeds and
// appends what came out to a log that is committed. Hours; no part of CI.
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { command, say } from "../run/command.mjs";
import { UsageError, whole } from "../run/options.mjs";
import { prepare } from "../run/prepare.mjs";
import { root, run } from "../run/process.mjs";
import { markdown, summary } from "./lib/docs.mjs";

const LOG = join(root, "docs/false-alarms.jsonl");
const PAGE = join(root, "docs/false-alarms.md");
/** Where the histories stay of what did not pass. */
const RUNS = "false-alarm-runs";
const LEVELS = ["L0", "L1", "L2", "L3", "L4"];
const EXIT = { ok: 0, alarm: 1, harness: 3 };

const HELP = `pnpm false-alarms [options]

Runs the conformance suite against both adapters again and again, each time with a seed of its own, and
appends a line for each run to docs/false-alarms.jsonl: when, which commit, the seed, the load, how many
cells passed, and every cell that did not. What did not pass keeps its report in ${RUNS}/.

A violation is an alarm until somebody has judged it: write "judged": "false alarm: …" or "defect: …" into
its cell of the log. --docs counts them.

  --rounds <n>         runs                                                        (1)
  --level <level>      cases up to this level: ${LEVELS.join(", ")}                     (all)
  --side-by-side <n>   runs at the same time, each with a Kafka of its own: a busy machine   (1)
  --docs               write docs/false-alarms.md from the log, run nothing
  -h, --help

Examples:
  $ pnpm false-alarms --rounds 20 --level L2 --side-by-side 2
  $ pnpm false-alarms --rounds 3

Exit codes: 0 nothing but passes, skips and what is known to fail; 1 an alarm or an unknown that nobody has
judged; 3 a run did not come to its end; 64 wrong usage
`;

process.exitCode = await command({ help: HELP, options: parsed, run: main });

/** @param {ReturnType<typeof parsed>} options */
async function main(options) {
  let broken = false;
  if (!options.docs) {
    await prepare({ addon: true });
    let left = options.rounds;
    const loop = async () => {
      while (left-- > 0) broken = !(await round(options.level)) || broken;
    };
    await Promise.all(Array.from({ length: options.sideBySide }, loop));
  }
  const log = entries();
  process.stdout.write(`${summary(log)}\n`);
  if (options.docs) writeFileSync(PAGE, await markdown(log));
  if (broken) return EXIT.harness;
  const open = log.flatMap(({ cells }) => cells).some(({ judged }) => judged === undefined);
  return open ? EXIT.alarm : EXIT.ok;
}

/** @param {string | undefined} level @returns {Promise<boolean>} whether it came to its end */
async function round(level) {
  const seed = Math.floor(Math.random() * 1_000_000_000);
  const out = join(root, RUNS, String(seed));
  const [load] = loadavg();
  const commit = execFileSync("git", ["log", "-1", "--format=%h"], { cwd: root, encoding: "utf8" });
  await run(
    process.execPath,
    [
      join(root, "packages/conformance/dist/cli.js"),
      ...["--seed", String(seed), "--out", out],
      ...(level === undefined ? [] : ["--level", level]),
    ],
    { quiet: true },
  );
  // It needs the packages built, which main has seen to.
  const { parseRunSoFar } = await import("../../packages/conformance/dist/index.js");
  const { entryOf } = await import("./lib/entry.mjs");
  const { header, cases, footer } = parseRunSoFar(join(out, "run.jsonl"));
  if (footer === null) {
    say(`seed ${seed}: cut short, see ${out}`);
    return false;
  }
  const entry = entryOf(
    { header, cases, footer },
    {
      commit: commit.trim(),
      level: level ?? "all",
      cores: availableParallelism(),
      load: [load ?? 0, loadavg()[0] ?? 0],
    },
  );
  appendFileSync(LOG, `${JSON.stringify(entry)}\n`);
  for (const { cell, outcome, why } of entry.cells) say(`${cell}: ${outcome}: ${why}`);
  say(`seed ${seed}: ${entry.pass} of ${entry.ran} cells passed in ${Math.round(entry.seconds)} s`);
  if (entry.cells.length === 0) rmSync(out, { recursive: true });
  return true;
}

/** @returns {import("./lib/entry.mjs").Entry[]} */
function entries() {
  const text = readFileSync(LOG, { encoding: "utf8", flag: "a+" }).trim();
  return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line));
}

function parsed() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "1" },
      level: { type: "string" },
      "side-by-side": { type: "string", default: "1" },
      docs: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.level !== undefined && !LEVELS.includes(values.level)) {
    throw new UsageError(`--level is one of ${LEVELS.join(", ")}, not "${values.level}"`);
  }
  const sideBySide = whole("--side-by-side", values["side-by-side"]);
  if (sideBySide === 0) throw new UsageError("--side-by-side is 1 at least");
  return {
    rounds: whole("--rounds", values.rounds),
    level: values.level,
    sideBySide,
    docs: values.docs,
    help: values.help,
  };
}
