import type { Adapter } from "@sluice/core";
import type { Scenario, ScenarioConfig } from "./scenario.ts";
import { simulate } from "./simulate.ts";
import type { Simulated } from "./simulate.ts";

/**
 * A smaller scenario that fails in the same way: leaves out faults, members and records, halves
 * first, then one by one, and calms what is left, as long as the failure stays.
 */
export async function shrink(
  failing: Simulated,
  maxRuns: number = 400,
  adapt?: (adapter: Adapter) => Adapter,
): Promise<Simulated> {
  const wanted = kindOf(failing);
  let best = failing;
  let runs = 0;
  const take = async (scenario: Scenario): Promise<boolean> => {
    if (runs++ >= maxRuns) return false;
    const tried = await simulate(scenario, adapt);
    if (kindOf(tried) !== wanted) return false;
    best = tried;
    return true;
  };
  let before: Scenario;
  do {
    before = best.scenario;
    for (const part of ["faults", "records", "members"] as const) {
      for (let size = Math.ceil(best.scenario[part].length / 2); size >= 1; size = half(size)) {
        for (let at = 0; at < best.scenario[part].length;) {
          const left = best.scenario[part].toSpliced(at, size);
          if (part === "members" && left.length === 0) break;
          if (!(await take({ ...best.scenario, [part]: left }))) at += size;
        }
      }
    }
    for (const calm of CALM) {
      const config = { ...best.scenario.config, ...calm };
      const [[name, value]] = Object.entries(calm) as [[keyof ScenarioConfig, unknown]];
      if (JSON.stringify(best.scenario.config[name]) === JSON.stringify(value)) continue;
      await take({ ...best.scenario, config });
    }
  } while (best.scenario !== before && runs < maxRuns);
  return best;
}

/** `P1: …` and another violation of P1 are the same failure. */
function kindOf({ failures: [first = ""] }: Simulated): string {
  return first.split(/[ :]/, 1)[0]!;
}

function half(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}

const CALM: readonly Partial<ScenarioConfig>[] = [
  { loss: 0 },
  { latencyMs: [0, 2] },
  { budgetRecords: 5000 },
  { fetchRecords: 500 },
  { metadataBytes: 4096 },
  { batch: null },
  { rateLimit: null },
  { earlyRelease: null },
  { handlerTimeoutMs: null },
  { commitEvery: null },
  { commitWhenIdleMs: null },
  { maxWaiting: null },
  { concurrency: 16 },
  { backoff: { type: "fixed", delayMs: 10 } },
];
