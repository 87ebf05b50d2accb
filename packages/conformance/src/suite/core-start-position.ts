import type { Case } from "../runner/case.ts";
import { evenWorkload } from "../runner/workload.ts";

const PARTITIONS = 6;
const COUNT = 40;
/** Committed before the first member starts. */
const COMMITTED = new Map([
  [2, 20],
  [3, 20],
  [4, 5],
  [5, 5],
]);
/** Log start moved there by DeleteRecords: 1 has no commit, 4 and 5 have theirs outside the log. */
const LOG_STARTS = new Map([
  [1, 10],
  [4, 30],
  [5, 30],
]);
const workload: NonNullable<Case["workload"]> = (seed) =>
  evenWorkload(seed, PARTITIONS, COUNT, (partition, offset) => `k${partition}-${offset % 5}`);
const invariants = [
  ...["P1", "P1s", "P2", "K1", "N1", "X1", "D1", "D2"],
  ...["V1", "V2", "V5", "V6"],
] as Case["invariants"];

export const startPosition: Case = {
  id: "core/start-position",
  level: "L1",
  title: "nothing committed, committed, and committed outside the log (earliest)",
  about:
    "A partition starts at its committed offset, and by the reset policy only where there is none " +
    "or it lies outside the log. A start in the wrong place loses or repeats records silently.",
  needs: ["broker", "commitLog"],
  requires: ({ startAt }) => (startAt ? null : "start positions"),
  invariants,
  faults: [],
  duplicates: "none",
  workload,
  run: async (c) => {
    await c.witness.setCommitted(c.group, c.topic, COMMITTED);
    for (const [partition, offset] of LOG_STARTS) {
      await c.witness.deleteRecordsBefore(c.topic, partition, offset);
    }
    const ranges = await c.witness.logRanges(c.topic);
    c.guard(
      "log starts have moved",
      [...LOG_STARTS].every(([p, offset]) => ranges[p]?.start === offset),
      ranges.map(({ partition, start }) => `${partition}: ${start}`).join(", "),
    );
    await c.witness.commitLogCaughtUp(10_000);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const committed = COMMITTED.get(partition) ?? 0;
      c.startsAt(partition, Math.max(committed, LOG_STARTS.get(partition) ?? 0));
    }
    await c.start("m0");
    await c.untilSettled();
  },
};

export const startLatest: Case = {
  id: "core/start-latest",
  level: "L1",
  title: "nothing committed, starting at the end (latest)",
  about:
    "With `latest` a new group begins behind what the topic holds when the partition is assigned, and " +
    "misses nothing that comes after.",
  needs: ["broker", "proxy", "commitLog"],
  requires: ({ startAt }) => (startAt ? null : "start positions"),
  invariants,
  faults: [],
  duplicates: "none",
  settings: { startAt: "latest" },
  workload,
  run: async (c) => {
    for (let partition = 0; partition < PARTITIONS; partition++) c.startsAt(partition, COUNT);
    await c.start("m0");
    const assigned = (): number =>
      c.history.events
        .filter((e) => e.type === "claim" && e.claim === "assigned")
        .flatMap((e) => (e.type === "claim" ? (e.partitions ?? []) : [])).length;
    await c.until("m0 has its partitions", () => assigned() >= PARTITIONS);
    const since = c.now;
    // The end was looked up by then: the client fetches from there.
    await c.untilWire("m0", "m0 fetches", () => c.wire.fetches("m0", since) > 0);
    await c.produce(workload(c.seed + 1));
    await c.untilSettled();
  },
};
