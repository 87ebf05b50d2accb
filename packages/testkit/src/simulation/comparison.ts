import { Random } from "../random.ts";
import { PLAIN } from "./scenario-config.ts";
import type { PlannedFault, Scenario } from "./scenario.ts";
import { simulate } from "./simulate.ts";

/** What happens to one of two members in the midst of its work. */
export type Incident = "kill" | "handover";

export interface ComparisonRow {
  readonly incident: Incident;
  readonly commitMetadata: boolean;
  readonly runs: number;
  /** Runs that an invariant did not hold in. */
  readonly failed: number;
  /** Successful attempts beyond the first of a record, in each run; ascending. */
  readonly duplicates: readonly number[];
}

const LENGTH_MS = 12_000;
const RECORDS = 600;
const KEYS = 60;
const SLOW = 0.05;
const FAILING = 0.05;

/**
 * The same 600 records in 12 seconds, with one incident: two members, four partitions, 16 handlers at
 * once, a commit each second, a drain of up to 15 seconds. Handlers take 5 to 100 ms, one in twenty up
 * to 3 seconds; one attempt in twenty fails and is made again after a second.
 */
export function comparisonOf(seed: number, incident: Incident, commitMetadata: boolean): Scenario {
  const random = new Random(seed);
  const at = random.between(4000, 10_000);
  const fault: PlannedFault =
    incident === "kill"
      ? { at, type: "crash", member: "m1", restartAfterMs: 2000 }
      : { at, type: "stop", member: "m1", restartAfterMs: 2000 };
  return {
    seed,
    calm: false,
    config: {
      ...PLAIN,
      protocol: random.pick(["eager", "cooperative", "consumer"]),
      partitions: 4,
      commitMetadata,
      backoff: { type: "fixed", delayMs: 1000 },
      latencyMs: [1, 30],
    },
    members: [
      { name: "m1", at: 0 },
      { name: "m2", at: 500 },
    ],
    records: Array.from({ length: RECORDS }, (_, i) => {
      const key = random.below(KEYS);
      return {
        at: Math.floor((i * LENGTH_MS) / RECORDS),
        partition: key % 4,
        key: `k${key}`,
        behaviour: random.chance(FAILING)
          ? { type: "transient", failures: 1, asks: false }
          : { type: "ok" },
        durationMs: random.chance(SLOW) ? random.between(100, 3000) : random.between(5, 100),
        heedsSignal: false,
        before: "nothing",
      };
    }),
    faults: [fault],
  };
}

export async function compareMetadata(
  seeds: Iterable<number>,
  done: (row: ComparisonRow) => void,
): Promise<void> {
  const all = [...seeds];
  for (const incident of ["kill", "handover"] as const) {
    for (const commitMetadata of [true, false]) {
      const duplicates: number[] = [];
      let failed = 0;
      for (const seed of all) {
        const run = await simulate(comparisonOf(seed, incident, commitMetadata));
        duplicates.push(run.duplicates);
        if (run.failures.length > 0) failed++;
      }
      duplicates.sort((a, b) => a - b);
      done({ incident, commitMetadata, runs: all.length, failed, duplicates });
    }
  }
}

export const COMPARISON_HEAD: string =
  "incident    metadata     runs   duplicates: mean   median      95 %      most   runs without   failed";

export function lineOf({
  incident,
  commitMetadata,
  runs,
  failed,
  duplicates,
}: ComparisonRow): string {
  const sum = duplicates.reduce((total, each) => total + each, 0);
  const at = (share: number): number => duplicates[Math.min(runs - 1, Math.floor(share * runs))]!;
  const none = duplicates.filter((each) => each === 0).length / runs;
  const cells = [(sum / runs).toFixed(2), at(0.5), at(0.95), duplicates.at(-1)!];
  return (
    `${incident.padEnd(12)}${(commitMetadata ? "with" : "without").padEnd(9)}${String(runs).padStart(8)}` +
    `   ${String(cells[0]).padStart(16)}${cells
      .slice(1)
      .map((cell) => String(cell).padStart(10))
      .join("")
      .slice(1)}` +
    `${`${(none * 100).toFixed(1)} %`.padStart(15)}${String(failed).padStart(9)}`
  );
}
