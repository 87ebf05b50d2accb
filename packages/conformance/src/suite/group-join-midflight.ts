import type { Case } from "../runner/case.ts";
import type { Work } from "../runner/ledger.ts";
import { evenWorkload } from "../runner/workload.ts";
import { assignedSince, givingUp, of } from "./group-helpers.ts";

const PARTITIONS = 6;
const FAULT = "m1 joins";
/** Two handlers a partition, of keys of their own. */
const isSlow = ({ offset }: Pick<Work, "offset">): boolean => offset === 20 || offset === 30;

export const joinMidflight: Case = {
  id: "group/join-midflight",
  level: "L2",
  title: "a second member joins while 12 handlers run; they finish during the drain",
  about:
    "A partition is given up after its running handlers have finished and their work is committed: " +
    "until then nothing of it counts as done, afterwards nothing of it runs twice.",
  needs: ["broker", "proxy"],
  requires: ({ graceful }) => (graceful ? null : "draining on revoke"),
  invariants: [
    ...["P1", "P1s", "P2", "P3", "P4", "P5", "K1", "K2", "N1", "X1", "D1", "D2"],
    ...["V1", "V2", "V3", "V5", "V6"],
  ] as Case["invariants"],
  faults: [FAULT],
  duplicates: "none",
  workload: (seed) =>
    evenWorkload(seed, PARTITIONS, 60, (partition, offset) =>
      isSlow({ offset }) ? `slow-${partition}-${offset}` : `k${partition}-${offset % 8}`,
    ),
  run: async (c) => {
    const hold = c.hold(isSlow);
    await c.start("m0");
    await c.untilHeld("12 handlers run", 2 * PARTITIONS, isSlow);
    const fault = c.inject(FAULT);
    const since = c.now;
    const joining = c.start("m1");
    await Promise.all([joining, letGo()]);

    async function letGo(): Promise<void> {
      await c.until("m0 is giving partitions up", () => givingUp(c, "m0", since));
      // Long enough for a consumer that does not wait to show it.
      await c.commitIntervals(3);
      hold.release();
      await c.untilWire("m1", "m1 has partitions", () => assignedSince(c, "m1", since).length > 0);
      const held = new Set(
        c.ledger.works
          .filter(isSlow)
          .filter(of("m0"))
          .map((w) => w.partition),
      );
      const moved = assignedSince(c, "m1", since).filter((partition) => held.has(partition));
      c.guard("moved partitions had held work", moved.length > 0, `${moved.join(", ")} moved`);
      fault.observed(`m1 was given ${moved.length} partitions with held work`);
      fault.healed();
      // Something for the new member, whatever was finished before it came.
      await c.produce(evenWorkload(c.seed + 1, PARTITIONS, 10, (p, i) => `k${p}-${i}`));
    }
  },
};
