import type { Case } from "../runner/case.ts";
import type { CaseRun, Injected } from "../runner/case-run.ts";
import { evenWorkload } from "../runner/workload.ts";

const PARTITIONS = 6;
const BEFORE = 120;
const AFTER = 30;
const OFFSET_COMMIT = 8;
const TERM = "SIGTERM broker";
const KILL = "SIGKILL broker";

const common = {
  level: "L3",
  needs: ["broker", "proxy", "brokerFaults", "commitLog"],
  invariants: [
    ...["P1", "P1s", "P2", "P3", "P4", "K1", "K2", "N1", "X1", "D1"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  // A client may lose its membership over an outage and begin again at the committed offset.
  duplicates: "explained",
  settings: { limits: { settleMs: 60_000, commitMs: 10_000, stopMs: 8_000 } },
  workload: (seed: number) => evenWorkload(seed, PARTITIONS, BEFORE, key),
} as const satisfies Partial<Case>;

export const brokerSigterm: Case = {
  ...common,
  id: "broker/sigterm-restart",
  title: "the broker is stopped in the middle of the work and started again",
  about:
    "An outage costs time, not records: everything is handled in the end, and nothing skipped.",
  faults: [TERM],
  run: async (c) => {
    await midway(c);
    const fault = c.inject(TERM);
    await outage(c, fault, "term");
  },
};

export const brokerSigkill: Case = {
  ...common,
  id: "broker/sigkill-restart",
  title: "the broker is killed with a commit in flight and started again",
  about:
    "A commit whose answer is lost may have been applied: it is neither taken for done nor for lost. " +
    "Everything is handled in the end, and nothing skipped.",
  faults: [KILL],
  run: async (c) => {
    await midway(c);
    const rule = c.rule({
      name: "commit in flight",
      match: { apiKeys: [OFFSET_COMMIT], direction: "response", clientId: "m0" },
      act: { type: "hold" },
    });
    await c.untilActing("a commit is in flight", rule);
    const fault = c.inject(KILL, "with a commit unanswered");
    await outage(c, fault, "kill");
  },
};

/** A member at work: some is done, most is not, some runs. */
async function midway(c: CaseRun): Promise<void> {
  c.script(() => ({ afterMs: c.random.integer(5, 40), result: "ok" }));
  await c.start("m0");
  await c.until("a quarter is done", () => c.ledger.okCount >= c.produced.length / 4);
  await c.untilWire("m0", "something is committed", () =>
    c.wire.commitsOf("m0").some(({ accepted }) => accepted === true),
  );
}

async function outage(c: CaseRun, fault: Injected, signal: "kill" | "term"): Promise<void> {
  const [node] = c.cluster.nodes;
  if (node === undefined) throw new Error("the cluster has no node");
  const running = c.held().length;
  c.guard("G4", running > 0, `${running} handlers running at the fault`, "subject");
  await c.cluster.signal(node, signal);
  const connected = c.connectionsOf("m0");
  if (connected === 0) fault.observed("the broker is gone and m0 has no connection left");
  await c.cluster.restart(node);
  await c.cluster.healthy(30_000);
  fault.healed();
  await c.produce(evenWorkload(c.seed + 1, PARTITIONS, AFTER, key));
}

function key(partition: number, offset: number): string {
  return `k${partition}-${offset % 8}`;
}
