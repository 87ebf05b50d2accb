import type { Case } from "../runner/case.ts";
import { evenWorkload } from "../runner/workload.ts";

const WANTED = 30;
/** Every fifth record fails once or twice, then succeeds. */
const failures = (offset: number): number => (offset % 5 === 2 ? 1 + (offset % 2) : 0);

export const transient: Case = {
  id: "retry/transient",
  level: "L1",
  title: "every fifth record fails once or twice, then succeeds",
  about:
    "A failed attempt is repeated after its backoff, numbered without a gap, while the later records " +
    "of its key wait and the offset is not committed past it.",
  needs: ["broker"],
  requires: ({ retry }) => (retry.includes("inline") ? null : "inline retries"),
  invariants: [
    ...["P1", "P1s", "K1", "N1", "X1", "D1", "D2", "T1"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [],
  duplicates: "none",
  settings: { retry: { maxAttempts: 4, backoffMs: 100 }, concurrency: 32 },
  workload: (seed) =>
    evenWorkload(seed, 6, 50, (partition, offset) => `k${partition}-${offset % 8}`),
  run: async (c) => {
    c.script(({ offset, attempt }) => {
      if (attempt > failures(offset)) return "ok";
      return offset % 2 === 0 ? "throw" : "retry";
    });
    await c.start("m0");
    await c.untilSettled();
    const recovered = c.ledger.finished(
      ({ offset, attempt, result }) =>
        result === "ok" && attempt > 1 && attempt === failures(offset) + 1,
    ).length;
    c.guard(
      "records that succeeded at the planned attempt",
      recovered >= WANTED,
      `${recovered}, wanted ${WANTED}`,
      "subject",
    );
  },
};
