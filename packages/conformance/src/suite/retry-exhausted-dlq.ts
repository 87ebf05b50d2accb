import type { Case } from "../runner/case.ts";
import type { Work } from "../runner/ledger.ts";
import { evenWorkload } from "../runner/workload.ts";

const PARTITIONS = 6;
const COUNT = 180;
const PRODUCE = 0;
/** One in ten, in every partition, among successful neighbours of the same key. */
const isDoomed = (offset: number): boolean => offset % 10 === 3;
/** Its records wait until the acknowledgement is held, so that there is something to commit then. */
const LATE = 1;
const FAULT = "dead letter acknowledgement held";

export const exhaustedDlq: Case = {
  id: "retry/exhausted-dlq",
  level: "L1",
  title: "one record in ten always fails; the dead letters' acknowledgement is held for a while",
  about:
    "A record whose attempts are used up is settled when its dead letter is acknowledged, not when it " +
    "is sent: while the acknowledgement is held back, commits go on elsewhere but never past it. In " +
    "the end exactly the failing records are dead letters, byte for byte, with their origin.",
  needs: ["broker", "proxy"],
  requires: ({ dlq }) => (dlq ? null : "dead letters"),
  invariants: [
    ...["P1", "P1s", "P3", "K1", "N1", "X1", "D2", "Q1", "Q2", "Q3", "T1"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [FAULT],
  duplicates: "none",
  settings: { retry: { maxAttempts: 2, backoffMs: 50 }, concurrency: 32 },
  workload: (seed) =>
    evenWorkload(seed, PARTITIONS, COUNT, (partition, offset) => `k${partition}-${offset % 7}`).map(
      (record, i) => ({
        ...record,
        headers: [
          ["trace", Buffer.from(`t-${i}`)],
          // Not UTF-8, a name that repeats, and an empty value: all of it must arrive as it was.
          ["raw", Buffer.from([0xff, 0x00, 0xfe])],
          ["twice", Buffer.from("a")],
          ["twice", Buffer.from("b")],
          ["empty", Buffer.alloc(0)],
        ],
      }),
    ),
  run: async (c) => {
    const doomed = c.produced.filter(({ offset }) => isDoomed(offset));
    for (const { partition, offset } of doomed) c.expectDeadLetter(partition, offset);
    c.guard("failing records", doomed.length >= 100, `${doomed.length}, wanted 100`);
    c.script(({ offset }) => (isDoomed(offset) ? "throw" : "ok"));
    const late = c.hold(({ partition }: Work) => partition === LATE);
    const rule = c.rule({
      name: FAULT,
      match: { apiKeys: [PRODUCE], direction: "response", clientId: "m0-producer" },
      act: { type: "hold" },
    });
    const fault = c.inject(FAULT);
    await c.start("m0");
    await c.untilActing("a dead letter's acknowledgement is held", rule);
    const since = c.now;
    fault.observed("the broker has answered Produce, the proxy holds the answer");
    late.release();
    await c.commitIntervals(3, since);
    const commits = (): number =>
      c.wire.commitsOf("m0", since).filter(({ accepted }) => accepted === true).length;
    await c.untilWire("m0", "other partitions are committed meanwhile", () => commits() > 0);
    c.guard(
      "no acknowledgement came through",
      c.wire.diverts.length === 0,
      `${c.wire.diverts.length} while it was held`,
    );
    rule.release();
    fault.healed();
  },
};
