import type { Case } from "../runner/case.ts";
import type { Work } from "../runner/ledger.ts";
import { evenWorkload } from "../runner/workload.ts";

const PARTITIONS = 6;
const BEHIND = 99;
const isHead = (work: Work): boolean => work.offset === 0;

export const holdHead: Case = {
  id: "core/hold-head",
  level: "L1",
  title: "the first record of each partition is held, the 99 behind it finish",
  about:
    "A commit may only cover a gap-free prefix of finished records. Here the very first one is not " +
    "finished, so nothing may be committed however much lies behind it; and a held handler must not " +
    "cost the member its heartbeats.",
  needs: ["broker", "proxy", "commitLog"],
  invariants: [
    ...["P1", "P1s", "P2", "P4", "K1", "N1", "X1", "D2", "B1"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [],
  duplicates: "none",
  // The heads have keys of their own: nothing may wait behind them for order's sake.
  workload: (seed) =>
    evenWorkload(seed, PARTITIONS, 1 + BEHIND, (partition, offset) =>
      offset === 0 ? `head-${partition}` : `k${partition}-${offset % 10}`,
    ),
  run: async (c) => {
    const heads = c.hold(isHead);
    await c.start("m0");
    await c.untilHeld("the head of each partition is held", PARTITIONS, isHead);
    const behind = (): number => c.ledger.finished((work) => !isHead(work)).length;
    await c.until(
      `${BEHIND} are finished behind each head`,
      () => behind() >= PARTITIONS * BEHIND,
      {
        progress: () => `${behind()} of ${PARTITIONS * BEHIND}`,
      },
    );
    const since = c.now;
    await c.commitIntervals(3, since);
    await c.untilWire("m0", "3 heartbeats are answered during the hold", () => {
      return c.wire.heartbeats("m0", since) >= 3;
    });
    const held = c.held(isHead).length;
    c.guard("heads held for 3 commit intervals", held === PARTITIONS, `${held} of ${PARTITIONS}`);
    heads.release();
  },
};
