import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { merge, neverMet } from "./campaign.ts";
import type { CampaignResult } from "./campaign.ts";
import { HELP, parseOptions } from "./cli-options.ts";
import type { Options } from "./cli-options.ts";
import { compareMetadata, COMPARISON_HEAD, lineOf } from "./comparison.ts";
import type { ComparisonRow } from "./comparison.ts";
import { SOMETIMES } from "./coverage.ts";
import { writeRegression } from "./regression.ts";
import { scenarioOf } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import { runInThreads } from "./threads.ts";
import { traceOf } from "./trace.ts";

const EXIT = { ok: 0, failed: 1, usage: 64 };
/** From as many seeds on, something that was never met is a fault of the simulation. */
const SEEDS_FOR_COVERAGE = 3000;
/** Seeds for each line of the log. */
const CHUNK = 5000;
const REGRESSIONS = new URL("../../regressions/", import.meta.url);

process.exitCode = await main();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parseOptions();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n(--help shows what there is)\n`);
    return EXIT.usage;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return EXIT.ok;
  }
  if (options.compare) return compare(options);
  if (options.seed !== null) return one(options.seed, options);
  return many(options);
}

async function one(seed: number, { whole, keep, json }: Options): Promise<number> {
  const run = await simulate(scenarioOf(seed));
  const isFine = run.failures.length === 0;
  const shown = isFine || whole ? run : await shrink(run);
  if (json) {
    const { scenario, failures, history } = shown;
    say(JSON.stringify({ seed, failures, scenario, history }));
  } else if (isFine && !whole) say(`seed ${seed}: all is well (--whole tells what happened)`);
  else say(traceOf(shown));
  if (keep !== null && !isFine) {
    const file = fileURLToPath(new URL(`${keep}.json`, REGRESSIONS));
    writeFileSync(file, writeRegression(shown), { flag: "wx" });
    process.stderr.write(`kept as ${file}\n`);
  }
  return isFine ? EXIT.ok : EXIT.failed;
}

async function compare({ from, seeds, json }: Options): Promise<number> {
  const rows: ComparisonRow[] = [];
  if (!json) say(COMPARISON_HEAD);
  const range = Array.from({ length: seeds }, (_, i) => from + i);
  await compareMetadata(range, (row) => {
    rows.push(row);
    if (!json) say(lineOf(row));
  });
  if (json) say(JSON.stringify(rows));
  return rows.every(({ failed }) => failed === 0) ? EXIT.ok : EXIT.failed;
}

async function many(options: Options): Promise<number> {
  const { from, minutes, atLeast, json, log } = options;
  const began = performance.now();
  const result = log === null ? await run(from, options) : await runLogged(log, options);
  const seconds = (performance.now() - began) / 1000;
  const missing = result.seeds >= SEEDS_FOR_COVERAGE ? neverMet(result) : [];
  const isEnough = result.seeds >= atLeast;
  const isFine = isEnough && result.failed.length + result.unlike.length + missing.length === 0;
  if (json) {
    say(JSON.stringify({ ...result, seconds, missing }));
    return isFine ? EXIT.ok : EXIT.failed;
  }
  for (const what of SOMETIMES) say(`${String(result.coverage[what] ?? 0).padStart(9)}  ${what}`);
  const met = SOMETIMES.length - neverMet(result).length;
  say(`${met} of ${SOMETIMES.length} things that sometimes happen were met`);
  say(
    `${result.seeds} seeds from ${from} on, ${result.events} events in ${seconds.toFixed(1)} s: ` +
      `${(result.seeds / seconds).toFixed(1)} seeds/s with ${options.workers} threads`,
  );
  for (const what of missing) say(`✗ never met: ${what}`);
  for (const seed of result.unlike) say(`✗ seed ${seed} gave two histories`);
  for (const { seed, failures } of result.failed) say(`✗ seed ${seed}: ${failures[0]}`);
  if (!isEnough) {
    say(
      `✗ ${result.seeds} seeds in ${2 * minutes!} minutes, and ${atLeast} are required: this machine ` +
        `is too slow, or too busy`,
    );
  }
  const [first] = result.failed;
  if (first !== undefined) {
    say("");
    say(traceOf(await shrink(await simulate(scenarioOf(first.seed)))));
  }
  return isFine ? EXIT.ok : EXIT.failed;
}

async function run(
  from: number,
  { seeds, minutes, atLeast, workers }: Options,
): Promise<CampaignResult> {
  const ms = minutes === null ? Infinity : minutes * 60_000;
  const to = from + seeds;
  const until = Date.now() + ms;
  const latest = atLeast === 0 ? until : Date.now() + 2 * ms;
  return runInThreads({ from, to, until, atLeast, latest }, Math.min(workers, seeds));
}

/** Chunk by chunk, each a line of the file; those that it has already are not run again. */
async function runLogged(file: string, options: Options): Promise<CampaignResult> {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const results = lines
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CampaignResult & { readonly from: number });
  const end = options.from + options.seeds;
  let next = Math.max(options.from, ...results.map(({ from, seeds }) => from + seeds));
  while (next < end) {
    const began = performance.now();
    const seeds = Math.min(CHUNK, end - next);
    const result = await run(next, { ...options, seeds, minutes: null, atLeast: 0 });
    const seconds = Math.round((performance.now() - began) / 1000);
    const line = { from: next, at: new Date().toISOString(), seconds, ...result };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    results.push(line);
    next += seeds;
    if (merge(results).failed.length > 0) break;
  }
  return merge(results);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
