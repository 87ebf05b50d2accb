import type { Case } from "../runner/case.ts";
import type { Work } from "../runner/ledger.ts";
import { evenWorkload } from "../runner/workload.ts";

const PARTITIONS = 6;
const COUNT = 80;
const HELD_AT = 10;
const FAULT = "SIGKILL m0";
const isHeld = (work: Work): boolean => work.offset === HELD_AT;

type Particulars = Pick<Case, "id" | "title" | "about" | "duplicates" | "requires">;

const COMMON: Omit<Case, keyof Particulars> = {
  level: "L3",
  needs: ["broker", "proxy", "commitLog"],
  invariants: [
    ...["P1", "P1s", "P2", "P3", "P4", "K1", "K2", "N1", "X1", "D1", "D2"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [FAULT],
  workload: (seed) =>
    evenWorkload(seed, PARTITIONS, COUNT, (partition, offset) =>
      offset === HELD_AT ? `slow-${partition}` : `k${partition}-${offset % 8}`,
    ),
  run: async (c) => {
    const hold = c.hold(isHeld);
    await c.start("m0");
    await c.untilHeld("a handler of each partition runs", PARTITIONS, isHeld);
    const above = (): number => c.ledger.finished(({ offset }) => offset > HELD_AT).length;
    const wanted = PARTITIONS * (COUNT - HELD_AT - 1);
    await c.until("the records above are finished", () => above() >= wanted, {
      progress: () => `${above()} of ${wanted}`,
    });
    await c.until("the records below are committed", () =>
      Array.from({ length: PARTITIONS }, (_, p) => c.committed(p)).every((at) => at >= HELD_AT),
    );
    // At least one commit that could have gone too far.
    await c.commitIntervals(3);
    const uncommitted = c.ledger.finished(
      ({ partition, offset }) => offset >= c.committed(partition),
    ).length;
    const running = c.held(isHeld).length;
    c.guard(
      "G4",
      uncommitted > 0 && running > 0,
      `at the kill ${uncommitted} finished and not committed, ${running} running below them`,
      running === 0 ? "environment" : "subject",
    );
    const fault = c.inject(FAULT, `${uncommitted} finished and not committed, ${running} running`);
    await c.kill("m0");
    const exit = c.history.events.findLast((e) => e.type === "member" && e.state === "exited");
    if (exit?.type === "member" && exit.signal === "SIGKILL") {
      fault.observed("its process ended by SIGKILL");
    }
    hold.release();
    fault.healed();
    await c.start("m1");
  },
};

export const sigkillMidBatch: Case = sigkillAboveHead({
  id: "proc/sigkill-mid-batch",
  title: "a member is killed with finished work above a running handler",
  about:
    "After a crash the partition goes on at the committed offset: the record that was running and what " +
    "was finished above it may repeat, what was committed may not, and nothing is skipped.",
  duplicates: "crash-window",
});

export const sigkillRestore: Case = sigkillAboveHead({
  id: "proc/sigkill-restore",
  title: "the next owner knows what was finished above the committed offset",
  about:
    "The commits of the killed member told which records above the committed offset were finished. Whoever takes " +
    "the partition over runs the one that was running, and none that was finished.",
  requires: ({ commitMetadata }) => (commitMetadata ? null : "commit metadata"),
  duplicates: "unfinished",
});

function sigkillAboveHead(particulars: Particulars): Case {
  return { ...particulars, ...COMMON };
}
