import type { CommitRequestEvent } from "@sluice/checker";
import type { Case } from "../runner/case.ts";
import type { CaseRun } from "../runner/case-run.ts";
import { evenWorkload } from "../runner/workload.ts";

const PARTITIONS = 6;
const OFFSET_COMMIT = 8;
const FAULT = "commit answers lost";
const LOST = 3;

export const commitAckLost: Case = {
  id: "net/commit-ack-lost",
  level: "L3",
  title: "the broker applies three commits, their answers are lost with the connection",
  about:
    "A commit without an answer may have been applied. The offset is sent again until an answer " +
    "comes; it never goes back, and no record is handled twice for it.",
  needs: ["broker", "proxy", "commitLog"],
  invariants: [
    ...["P1", "P1s", "P2", "P3", "P4", "K1", "N1", "X1", "D1", "D2"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [FAULT],
  duplicates: "none",
  workload: (seed) => evenWorkload(seed, PARTITIONS, 120, (p, offset) => `k${p}-${offset % 8}`),
  run: async (c) => {
    c.script(() => ({ afterMs: c.random.integer(10, 60), result: "ok" }));
    const rule = c.rule({
      name: FAULT,
      match: { apiKeys: [OFFSET_COMMIT], direction: "response", clientId: "m0" },
      act: { type: "reset" },
      times: LOST,
    });
    const fault = c.inject(FAULT);
    await c.start("m0");
    await c.untilActing(`${LOST} commit answers are lost`, rule, LOST);
    await c.until(
      "the commit log holds what m0 was not told",
      () => lost(c).some((request) => applied(c, request)),
      { blame: "environment" },
    );
    fault.observed("the commit log holds a commit whose answer never arrived");
    fault.healed();
  },
};

/** Commit requests whose answer the proxy threw away. */
function lost(c: CaseRun): CommitRequestEvent[] {
  const ids = new Set(
    c.history.events.flatMap((e) => (e.type === "commit-answer" && !e.forwarded ? [e.id] : [])),
  );
  return c.history.events.filter(
    (e): e is CommitRequestEvent => e.type === "commit-request" && ids.has(e.id),
  );
}

function applied(c: CaseRun, { offsets }: CommitRequestEvent): boolean {
  return offsets.every(({ partition, offset }) =>
    c.history.events.some(
      (e) => e.type === "committed" && e.partition === partition && e.offset === offset,
    ),
  );
}
