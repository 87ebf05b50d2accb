import type { Case } from "../runner/case.ts";
import type { Work } from "../runner/ledger.ts";
import { Random } from "../runner/random.ts";
import type { WorkloadRecord } from "../runner/workload.ts";

const RECORDS = 360;
const PARTITIONS = 6;
const PAIRS = 100;

export const hotKey: Case = {
  id: "core/hot-key",
  level: "L1",
  title: "one key has 60 % of the records, handlers last 0 to 8 ms at random",
  about:
    "Records of one key are handled one after the other, in order; the hot key must not stop the " +
    "others from running side by side.",
  needs: ["broker"],
  invariants: [
    ...["P1", "P1s", "P3", "K1", "N1", "X1", "D2", "B1"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [],
  duplicates: "none",
  workload: (seed) => {
    const random = new Random(seed);
    return Array.from({ length: RECORDS }, (_, i): WorkloadRecord => {
      const hot = random.fraction() < 0.6;
      const cold = random.integer(0, 35);
      return {
        partition: hot ? 0 : cold % PARTITIONS,
        key: Buffer.from(hot ? "hot" : `cold-${cold}`),
        value: Buffer.from(`v${i}`),
      };
    });
  },
  run: async (c) => {
    c.script(() => ({ afterMs: c.random.integer(0, 8), result: "ok" }));
    await c.start("m0");
    await c.untilSettled();
    const hot = c.ledger.works.filter(({ key }) => key === HOT).length;
    c.guard("pairs of the hot key", hot > PAIRS, `${hot - 1} pairs, wanted ${PAIRS}`);
    const overlap = overlapping(c.ledger.works.filter(({ key }) => key !== HOT));
    c.guard(
      "other keys overlap",
      overlap !== null,
      overlap ?? "no two handlers of different keys ran at the same time",
      "subject",
    );
  },
};

const HOT = Buffer.from("hot").toString("base64");

/** Two handlers of different keys that ran at the same time, in words. */
function overlapping(works: readonly Work[]): string | null {
  for (const [i, first] of works.entries()) {
    for (const second of works.slice(i + 1)) {
      if (first.key === second.key) continue;
      if (second.begunAt < (first.finishedAt ?? Infinity)) {
        return `${first.handle} and ${second.handle}`;
      }
    }
  }
  return null;
}
