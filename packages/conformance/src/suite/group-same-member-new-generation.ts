import type { Case } from "../runner/case.ts";
import type { Work } from "../runner/ledger.ts";
import { evenWorkload } from "../runner/workload.ts";
import { assignedSince, of } from "./group-helpers.ts";

const PARTITIONS = 6;
const FAULT = "partitions leave m0 and come back";
const SLOW = 5;
const LATE = 20;
const isSlow = (work: Work): boolean => work.offset === SLOW;
/** Begins in the new assignment before the old handler finishes: then that assignment has begun. */
const isLate = (work: Work): boolean => work.offset === LATE;

export const sameMemberNewGeneration: Case = {
  id: "group/same-member-new-generation",
  level: "L2",
  title: "a partition leaves a member and comes back while its old handler runs",
  about:
    "The same member owns the partition again, but in a new assignment: what the old handler finishes " +
    "now says nothing about the new one. A fence by member id or by generation lets it pass.",
  needs: ["broker", "proxy"],
  invariants: [
    ...["P1", "P1s", "P3", "P4", "P5", "K1", "K2", "N1", "X1", "D1"],
    ...["V1", "V2", "V6"],
  ] as Case["invariants"],
  faults: [FAULT],
  duplicates: "explained",
  settings: { drainTimeoutMs: 1_500 },
  workload: (seed) =>
    evenWorkload(
      seed,
      PARTITIONS,
      40,
      (partition, offset) =>
        ({ [SLOW]: `slow-${partition}`, [LATE]: `late-${partition}` })[offset] ??
        `k${partition}-${offset % 8}`,
    ),
  run: async (c) => {
    const hold = c.hold((work) => isSlow(work) || isLate(work));
    await c.start("m0");
    await c.untilHeld("two handlers of each partition run", 2 * PARTITIONS, of("m0"));
    const old = c.held(of("m0"));

    const fault = c.inject(FAULT);
    let since = c.now;
    const joining = c.start("m1");
    await c.untilWire("m1", "m1 has partitions", () => assignedSince(c, "m1", since).length > 0);
    await joining;
    const moved = assignedSince(c, "m1", since);
    // m1 begins the same records and gets nowhere with them.
    await c.untilHeld("m1 handles the same records", 2 * moved.length, of("m1"));

    since = c.now;
    const stopped = c.stop("m1");
    // Failed, not finished: it leaves without a settled record.
    await c.until("m1 is stopping", () => true);
    c.finish(c.held(of("m1")), "throw");
    await stopped;
    await c.untilWire("m0", "the partitions are back at m0", () => {
      return assignedSince(c, "m0", since).length === PARTITIONS;
    });
    const cameBack = old.filter(({ partition }) => moved.includes(partition));
    const anew = async (what: string, from: number, which: (work: Work) => boolean) =>
      c.until(what, () =>
        moved.every((p) =>
          c.ledger.works.slice(from).some((work) => which(work) && work.partition === p),
        ),
      );
    const before = c.ledger.works.length;
    c.finish(cameBack.filter(isLate), "throw");
    await anew("m0 begins other records of the new assignment", before, isLate);
    const zombies = cameBack.filter(isSlow);
    const still = zombies.filter((work) => c.held(of("m0")).includes(work)).length;
    fault.observed(`${moved.length} partitions went and came back, ${still} with an old handler`);
    c.guard(
      "old handlers finish in the new assignment",
      still > 0 && still === zombies.length,
      `${still} of ${zombies.length} were still running`,
    );
    const begun = c.ledger.works.length;
    c.finish(zombies);
    await anew("m0 begins those records anew", begun, isSlow);
    // Held again: whoever counts the old handler's work now commits past a running one.
    await c.commitIntervals(4);
    hold.release();
    fault.healed();
  },
};
