import { SOMETIMES } from "./coverage.ts";
import type { Sometimes } from "./coverage.ts";
import { scenarioOf } from "./scenario.ts";
import { fingerprint, simulate } from "./simulate.ts";

/** What many seeds came to; JSON-serialisable, so that workers can report it. */
export interface CampaignResult {
  readonly seeds: number;
  readonly events: number;
  readonly failed: readonly { readonly seed: number; readonly failures: readonly string[] }[];
  /** Seeds that gave another history when they were run again. */
  readonly unlike: readonly number[];
  readonly coverage: Readonly<Partial<Record<Sometimes, number>>>;
}

/** Runs each seed, and one in fifty a second time. Ends early when `enough` says so. */
export async function runSeeds(
  seeds: Iterable<number>,
  enough: (result: CampaignResult) => boolean = () => false,
): Promise<CampaignResult> {
  const result = {
    seeds: 0,
    events: 0,
    failed: [] as { seed: number; failures: readonly string[] }[],
    unlike: [] as number[],
    coverage: {} as Partial<Record<Sometimes, number>>,
  };
  for (const seed of seeds) {
    const { failures, history, coverage } = await simulate(scenarioOf(seed));
    result.seeds++;
    result.events += history.length;
    if (failures.length > 0) result.failed.push({ seed, failures });
    for (const [what, count] of coverage.counts) {
      result.coverage[what] = (result.coverage[what] ?? 0) + count;
    }
    if (seed % 50 === 0) {
      const again = await simulate(scenarioOf(seed));
      if (fingerprint(again.history) !== fingerprint(history)) result.unlike.push(seed);
    }
    if (enough(result)) break;
  }
  return result;
}

export function merge(results: readonly CampaignResult[]): CampaignResult {
  const coverage: Partial<Record<Sometimes, number>> = {};
  for (const result of results) {
    for (const what of SOMETIMES) {
      const count = result.coverage[what] ?? 0;
      if (count > 0) coverage[what] = (coverage[what] ?? 0) + count;
    }
  }
  const sum = (of: (result: CampaignResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    seeds: sum(({ seeds }) => seeds),
    events: sum(({ events }) => events),
    failed: results.flatMap(({ failed }) => failed).sort((a, b) => a.seed - b.seed),
    unlike: results.flatMap(({ unlike }) => unlike),
    coverage,
  };
}

/** What was never met. */
export function neverMet({ coverage }: CampaignResult): readonly Sometimes[] {
  return SOMETIMES.filter((what) => (coverage[what] ?? 0) === 0);
}
