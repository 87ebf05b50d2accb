import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { merge, neverMet, runSeeds } from "./campaign.ts";
import type { CampaignResult } from "./campaign.ts";
import { SOMETIMES } from "./coverage.ts";
import { scenarioOf } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import { traceOf } from "./trace.ts";

const HELP = `pnpm simulate [options]

Runs the real consumer against a simulated Kafka in virtual time, with faults, once for each seed, and
judges every run by the invariants of the specification.

  --seeds <n>      how many                                           (5000)
  --from <seed>    the first one                                      (1)
  --minutes <m>    stop after this long, whatever is left
  --workers <n>    threads                                            (processors, at most 8)
  --seed <n>       this one alone; what fails is shrunk and told
  --whole          with --seed: as it is, not shrunk
  --json           the result as one line of JSON

Exit codes: 0 all is well, 1 a seed failed, gave two histories, or something was never met (from 1000
seeds on), 64 wrong usage
`;
const EXIT = { ok: 0, failed: 1, usage: 64 };
/** From as many seeds on, something that was never met is a fault of the simulation. */
const SEEDS_FOR_COVERAGE = 1000;
const FAILURES_BORNE = 20;

interface Share {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** Milliseconds since the Unix epoch. */
  readonly until: number;
}

if (isMainThread) process.exitCode = await main();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
else parentPort!.postMessage(await work(workerData as Share));

async function work({ from, to, step, until }: Share): Promise<CampaignResult> {
  const seeds = function* (): Generator<number> {
    for (let seed = from; seed < to; seed += step) yield seed;
  };
  return runSeeds(seeds(), ({ failed }) => Date.now() > until || failed.length >= FAILURES_BORNE);
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parsed();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n(--help shows what there is)\n`);
    return EXIT.usage;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return EXIT.ok;
  }
  return options.seed === null ? many(options) : one(options.seed, options);
}

async function one(seed: number, { whole, json }: Options): Promise<number> {
  const run = await simulate(scenarioOf(seed));
  const isFine = run.failures.length === 0;
  const shown = isFine || whole ? run : await shrink(run);
  if (json) {
    const { scenario, failures, history } = shown;
    say(JSON.stringify({ seed, failures, scenario, history }));
  } else if (isFine && !whole) say(`seed ${seed}: all is well (--whole tells what happened)`);
  else say(traceOf(shown));
  return isFine ? EXIT.ok : EXIT.failed;
}

async function many({ from, seeds, minutes, workers, json }: Options): Promise<number> {
  const began = performance.now();
  const until = minutes === null ? Infinity : Date.now() + minutes * 60_000;
  const count = Math.min(workers, seeds);
  const shares = Array.from({ length: count }, (_, i): Share => {
    return { from: from + i, to: from + seeds, step: count, until };
  });
  const result = merge(await Promise.all(shares.map((share) => inWorker(share))));
  const seconds = (performance.now() - began) / 1000;
  const missing = result.seeds >= SEEDS_FOR_COVERAGE ? neverMet(result) : [];
  const isFine = result.failed.length + result.unlike.length + missing.length === 0;
  if (json) {
    say(JSON.stringify({ ...result, seconds, missing }));
    return isFine ? EXIT.ok : EXIT.failed;
  }
  for (const what of SOMETIMES) say(`${String(result.coverage[what] ?? 0).padStart(9)}  ${what}`);
  say(
    `${result.seeds} seeds, ${result.events} events in ${seconds.toFixed(1)} s: ` +
      `${(result.seeds / seconds).toFixed(0)} seeds/s with ${count} threads`,
  );
  for (const what of missing) say(`✗ never met: ${what}`);
  for (const seed of result.unlike) say(`✗ seed ${seed} gave two histories`);
  for (const { seed, failures } of result.failed) say(`✗ seed ${seed}: ${failures[0]}`);
  const [first] = result.failed;
  if (first !== undefined) {
    say("");
    say(traceOf(await shrink(await simulate(scenarioOf(first.seed)))));
  }
  return isFine ? EXIT.ok : EXIT.failed;
}

function inWorker(share: Share): Promise<CampaignResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

interface Options {
  readonly help: boolean;
  readonly seeds: number;
  readonly from: number;
  readonly seed: number | null;
  readonly minutes: number | null;
  readonly workers: number;
  readonly whole: boolean;
  readonly json: boolean;
}

/** @throws Error for wrong usage */
function parsed(): Options {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h", default: false },
      seeds: { type: "string", default: "5000" },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      minutes: { type: "string" },
      workers: { type: "string", default: String(Math.min(8, availableParallelism())) },
      whole: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  return {
    help: values.help,
    seeds: whole("seeds", values.seeds, 1),
    from: whole("from", values.from, 0),
    seed: values.seed === undefined ? null : whole("seed", values.seed, 0),
    minutes: values.minutes === undefined ? null : positive("minutes", values.minutes),
    workers: whole("workers", values.workers, 1),
    whole: values.whole,
    json: values.json,
  };
}

function whole(name: string, given: string, least: number): number {
  const value = Number(given);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name}: expected a whole number from ${least}, got "${given}"`);
}

function positive(name: string, given: string): number {
  const value = Number(given);
  if (value > 0 && value < Infinity) return value;
  throw new Error(`--${name}: expected a number above 0, got "${given}"`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
