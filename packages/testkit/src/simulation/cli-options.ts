import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export const HELP = `pnpm simulate [options]

Runs the real consumer against a simulated Kafka in virtual time, with faults, once for each seed, and
judges every run by the invariants of the specification.

  --seeds <n>      how many                            (5000; without end where --minutes is given)
  --from <seed>    the first one                       (1)
  --minutes <m>    for so long
  --at-least <n>   with --minutes: no fewer seeds than these, for up to twice as long
  --workers <n>    threads                             (processors, at most 8)
  --log <file>     a line of JSON after each 5000 seeds; goes on behind what the file has already
  --seed <n>       this one alone; what fails is shrunk and told
  --whole          with --seed: as it is, not shrunk
  --keep <name>    with --seed: writes the shrunk run to packages/testkit/regressions, for a test to
                   run it from then on
  --compare metadata
                   what a kill and a handover cost, with and without commit metadata (500 seeds)
  --json           the result as one line of JSON

Exit codes: 0 all is well, 1 a seed failed, gave two histories, something was never met (from 3000
seeds on) or too few seeds were run, 64 wrong usage
`;

export interface Options {
  readonly help: boolean;
  /** Infinity for no end. */
  readonly seeds: number;
  readonly from: number;
  readonly seed: number | null;
  readonly minutes: number | null;
  readonly atLeast: number;
  readonly workers: number;
  readonly log: string | null;
  readonly whole: boolean;
  readonly keep: string | null;
  readonly compare: boolean;
  readonly json: boolean;
}

/** @throws Error for wrong usage */
export function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h", default: false },
      seeds: { type: "string" },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      minutes: { type: "string" },
      "at-least": { type: "string" },
      workers: { type: "string", default: String(Math.min(8, availableParallelism())) },
      log: { type: "string" },
      whole: { type: "boolean", default: false },
      keep: { type: "string" },
      compare: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { seeds, seed, minutes, keep, compare, log } = values;
  const atLeast = values["at-least"];
  if (compare !== undefined && compare !== "metadata") {
    throw new Error(`--compare: expected "metadata", got "${compare}"`);
  }
  if (atLeast !== undefined && minutes === undefined) throw new Error("--at-least needs --minutes");
  if (keep !== undefined && seed === undefined) throw new Error("--keep needs --seed");
  if (keep !== undefined && !/^[a-z0-9-]+$/.test(keep)) {
    throw new Error(`--keep: expected a name of the letters a-z, 0-9 and "-", got "${keep}"`);
  }
  const usual = compare !== undefined ? 500 : minutes === undefined ? 5000 : Infinity;
  return {
    help: values.help,
    seeds: seeds === undefined ? usual : whole("seeds", seeds, 1),
    from: whole("from", values.from, 0),
    seed: seed === undefined ? null : whole("seed", seed, 0),
    minutes: minutes === undefined ? null : positive("minutes", minutes),
    atLeast: atLeast === undefined ? 0 : whole("at-least", atLeast, 1),
    workers: whole("workers", values.workers, 1),
    log: log ?? null,
    whole: values.whole,
    keep: keep ?? null,
    compare: compare !== undefined,
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
