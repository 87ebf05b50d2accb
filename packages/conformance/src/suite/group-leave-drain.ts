import type { Case } from "../runner/case.ts";
import { evenWorkload } from "../runner/workload.ts";
import { assignedSince, of, stable } from "./group-helpers.ts";

const PARTITIONS = 6;
const FAULT = "m2 stops";
/**
 * One key: the first of its records is held, so the others wait in a queue below records that are
 * finished. What is above them would run twice if the drain left them there.
 */
const isSlow = (offset: number): boolean => offset >= 10 && offset <= 14 && offset % 2 === 0;

export const leaveDrain: Case = {
  id: "group/leave-drain",
  level: "L2",
  title: "one member of three stops while its handlers run; they finish in time",
  about:
    "A stop waits for running handlers, and for queued records below finished ones, commits what was " +
    "done, leaves the group and exits with 0: nothing that it finished runs again elsewhere.",
  needs: ["broker", "proxy"],
  requires: ({ graceful }) => (graceful ? null : "draining on stop"),
  invariants: [
    ...["P1", "P1s", "P2", "P3", "P4", "P5", "K1", "K2", "N1", "X1", "D1", "D2"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [FAULT],
  duplicates: "none",
  workload: () => [],
  run: async (c) => {
    await c.startAll("m0", "m1", "m2");
    await stable(c, "m0", "m1", "m2");
    const hold = c.hold(({ offset }) => offset === 10);
    await c.produce(
      evenWorkload(c.seed, PARTITIONS, 60, (partition, offset) =>
        isSlow(offset) ? `slow-${partition}` : `k${partition}-${offset % 8}`,
      ),
    );
    await c.untilHeld("a handler of each partition runs", PARTITIONS, () => true);
    const above = (): number => c.ledger.finished(({ offset }) => offset > 14).length;
    await c.until("records above them are finished", () => above() >= PARTITIONS * 45);
    const leaving = c.held(of("m2"));
    c.guard("m2 has work in flight", leaving.length > 0, `${leaving.length} handlers`, "subject");
    const since = c.now;
    const fault = c.inject(FAULT, `with ${leaving.length} handlers running`);
    const stopped = c.stop("m2");
    await c.commitIntervals(3, since);
    c.finish(leaving);
    await stopped;
    hold.release();
    await c.untilWire("m2", "m2 leaves the group", () => c.wire.leaves("m2", since) > 0);
    fault.observed("its leave was seen on the wire");
    await c.untilWire("m0", "the others take its partitions", () => {
      return (
        assignedSince(c, "m0", since).length + assignedSince(c, "m1", since).length === PARTITIONS
      );
    });
    fault.healed();
  },
};
