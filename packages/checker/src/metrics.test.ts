import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import type { HistoryEvent, ProducedEvent } from "./history.ts";

describe("recovery", () => {
  it("is none without a fault", () => {
    expect(recovery([produced(0, 10), handled(0, 20)])).toBeNull();
  });

  it("is from the last fault healed to the next record settled", () => {
    const history = [
      [fault("injected", 10), fault("healed", 20)],
      [fault("injected", 30), produced(0, 40), fault("healed", 50), handled(0, 57)],
    ];
    expect(recovery(history.flat())).toBe(7);
  });

  it("is from the last fault injected when none is healed", () => {
    expect(recovery([produced(0, 10), fault("injected", 20), handled(0, 31)])).toBe(11);
  });

  it("ends when every partition gets on, not when one of them does", () => {
    const history = [
      [produced(0, 10), produced(1, 11), fault("healed", 20)],
      [handled(0, 21), handled(1, 43)],
    ];
    expect(recovery(history.flat())).toBe(23);
  });

  it("does not wait for a partition that has nothing to do, nor count the time until it has", () => {
    const history = [
      [produced(0, 10), handled(0, 11), produced(1, 12), fault("healed", 20)],
      [handled(1, 25), produced(0, 100), handled(0, 108)],
    ];
    expect(recovery(history.flat())).toBe(8);
  });

  it("takes a record for settled neither by an attempt that failed nor by what came before the fault", () => {
    const history = [
      [produced(0, 10), produced(0, 11), handled(0, 12), fault("healed", 20)],
      [handled(0, 30, "throw"), handled(0, 42)],
    ];
    expect(recovery(history.flat())).toBe(22);
  });

  it("counts a record that is handled before its producer is answered", () => {
    expect(recovery([fault("healed", 20), handled(0, 25), produced(0, 26)])).toBe(0);
  });

  it("is none when a partition does not get on", () => {
    const history = [produced(0, 10), produced(1, 11), fault("healed", 20), handled(0, 21)];
    expect(recovery(history)).toBeNull();
  });
});

type Told = (told: Map<string, number>) => HistoryEvent[];

/** The history's events, one partition's records in the order of their offsets. */
function recovery(history: readonly Told[]): number | null {
  const told = new Map<string, number>();
  const events = history.flatMap((event) => event(told));
  const found = events.flatMap((event) => (event.type === "produced" ? [visible(event)] : []));
  return check([CASE, STARTED, ...events, ...found]).metrics.recoveryMs;
}

function produced(partition: number, t: number): Told {
  return (told) => {
    const offset = next(told, `produced ${partition}`);
    return [{ type: "produced", topic: "in", partition, offset, key: null, valueHash: null, t }];
  };
}

function visible({ topic, partition, offset, key, valueHash }: ProducedEvent): HistoryEvent {
  const at = { topic, partition, offset };
  return { type: "visible", ...at, key, valueHash, headers: [], timestamp: 0, t: 1_000 };
}

/** An attempt at the partition's first record that is not settled: it begins and ends at once. */
function handled(partition: number, t: number, result: "ok" | "throw" = "ok"): Told {
  return (told) => {
    const settled = `settled ${partition}`;
    const offset = result === "ok" ? next(told, settled) : String(told.get(settled) ?? 0);
    const handle = next(told, "handle");
    const common = { member: "m0", handle, t };
    return [
      {
        ...{ ...common, type: "begin", epoch: "1", attempt: 1 },
        ...{ topic: "in", partition, offset, key: null, valueHash: null },
      },
      { ...common, type: "finish", result },
    ];
  };
}

function fault(state: "injected" | "healed", t: number): Told {
  return () => [{ type: "fault", fault: "a fault", state, t }];
}

function next(told: Map<string, number>, what: string): string {
  const number = told.get(what) ?? 0;
  told.set(what, number + 1);
  return String(number);
}

const CASE: HistoryEvent = {
  type: "case",
  history: 1,
  id: "metrics",
  seed: 1,
  subject: "none",
  group: "g",
  topics: { in: 2 },
  deadLetterTopic: null,
  ordering: "none",
  concurrency: 1,
  commitIntervalMs: 100,
  sessionTimeoutMs: 6_000,
  groupProtocol: "classic",
  rebalance: "eager",
  retry: { maxAttempts: 2, backoffMs: [{ min: 0, max: 0 }], slackMs: 0 },
  witnesses: ["ledger", "topics"],
  invariants: [],
  headerCaps: { order: true, empty: true, null: true },
  limits: { settleMs: 1_000, commitMs: 1_000, stopMs: 1_000 },
  duplicates: "explained",
  t: 0,
};

const STARTED: HistoryEvent = { type: "member", member: "m0", state: "started", t: 0 };
