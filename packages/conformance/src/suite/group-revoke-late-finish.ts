import type { Case } from "../runner/case.ts";
import type { Work } from "../runner/ledger.ts";
import { evenWorkload } from "../runner/workload.ts";
import { assignedSince, of } from "./group-helpers.ts";

const PARTITIONS = 6;
const FAULT = "m1 takes over from handlers that outlive the drain";
const isSlow = (work: Work): boolean => work.offset === 5;

export const revokeLateFinish: Case = {
  id: "group/revoke-late-finish",
  level: "L2",
  title: "handlers outlive the revoke; the new owner commits; then they finish",
  about:
    "Brokers accept a commit for a partition that the member no longer owns. A handler that finishes " +
    "after its partition has gone must move nothing: not the new owner's offset, not its own.",
  needs: ["broker", "proxy"],
  invariants: [
    ...["P1", "P1s", "P3", "P4", "P5", "K1", "K2", "N1", "X1", "D1"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [FAULT],
  duplicates: "explained",
  settings: { drainTimeoutMs: 1_500 },
  workload: (seed) =>
    evenWorkload(seed, PARTITIONS, 60, (partition, offset) =>
      offset === 5 ? `slow-${partition}` : `k${partition}-${offset % 8}`,
    ),
  run: async (c) => {
    const slow = (work: Work): boolean => isSlow(work) && work.member === "m0";
    let over = false;
    c.hold((work) => slow(work) && !over);
    await c.start("m0");
    await c.untilHeld("a handler of each partition runs", PARTITIONS, slow);
    const zombies = c.held(slow);
    const fault = c.inject(FAULT);
    const since = c.now;
    const joining = c.start("m1");
    await c.untilWire("m1", "m1 has partitions", () => assignedSince(c, "m1", since).length > 0);
    await joining;
    const moved = assignedSince(c, "m1", since);
    const late = zombies.filter(({ partition }) => moved.includes(partition));
    fault.observed(
      `m1 was given ${moved.length} partitions, ${late.length} with a running handler`,
    );
    await c.until("m1 has handled and committed the same records", () =>
      late.every(
        ({ partition }) =>
          c.ledger.isOk(c.topic, partition, 5) &&
          c.wire
            .commitsOf("m1", since)
            .some(
              ({ request, accepted }) =>
                accepted === true &&
                request.offsets.some((o) => o.partition === partition && Number(o.offset) > 5),
            ),
      ),
    );
    const still = late.filter((work) => c.held(of("m0")).includes(work)).length;
    c.guard(
      "old handlers finish after the new owner's commit",
      still > 0 && still === late.length,
      `${still} of ${late.length} were still running`,
    );
    over = true;
    c.finish(late);
    await c.commitIntervals(3);
    // The others too, which free m0's own partitions: it commits again, and must commit those only.
    c.finish(c.held(slow));
    await c.commitIntervals(3);
    fault.healed();
  },
};
