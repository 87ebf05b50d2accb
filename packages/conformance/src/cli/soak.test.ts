import { check } from "@sluice/checker";
import { describe, expect, test } from "vitest";
import { result } from "../../test/sample-run.ts";
import type { SubjectUnderTest } from "../runner/subject-under-test.ts";
import { GROUP_MODES } from "../runner/subject-under-test.ts";
import type { StormFile } from "../suite/case-file.ts";
import { absoluteMs } from "../suite/duration.ts";
import { catalogue } from "../suite/index.ts";
import type { SuiteCase } from "../suite/to-case.ts";
import { SOAK_CASE, soakPlan, soakRounds, soakTally } from "./soak.ts";

const soak = catalogue().find(({ id }) => id === SOAK_CASE) as SuiteCase;
const rounds = (minutes: number, round: number | null = null): SuiteCase[] =>
  soakRounds(soak, { minutes, round, dryRun: false });
const stormOf = ({ file }: SuiteCase): StormFile =>
  (file.steps ?? []).flatMap((step) => ("nemesis" in step ? [step.nemesis] : []))[0] as StormFile;

const subject: SubjectUnderTest = {
  id: "mine",
  command: { command: "mine", args: [] },
  mode: GROUP_MODES.eager,
  hello: {
    protocol: 1,
    spec: "1.0.0",
    name: "mine",
    version: "1",
    language: "any",
    runtime: "any",
    client: { name: "any", version: "1" },
    capabilities: {
      groupProtocol: ["classic"],
      rebalance: ["eager"],
      ordering: ["key"],
      retry: [],
      dlq: false,
      graceful: true,
      startAt: true,
      commitMetadata: false,
      bufferLimit: false,
      staticMembership: false,
      hooks: [],
      vectors: [],
      headers: { order: true, empty: true, null: true },
    },
  },
};
const nothing = { proxy: false, brokerFaults: false, failover: false, diskFull: false };
const plan = (of: readonly SuiteCase[], seed: number): string =>
  soakPlan(of, seed, subject, { can: nothing, nodes: [] });

describe("a soak", () => {
  test("has a round a minute, each a case of its own", () => {
    expect(rounds(3).map(({ id }) => id)).toEqual([
      ...["soak/nemesis/1", "soak/nemesis/2", "soak/nemesis/3"],
    ]);
    expect(rounds(0.5).map(({ id }) => id)).toEqual(["soak/nemesis/1"]);
    expect(rounds(3, 2)).toMatchObject([{ id: "soak/nemesis/2" }]);
    expect(rounds(3)[0]?.title).toMatch(/round 1 of 3/);
  });

  test("leaves, of each minute, room for what comes around the faults", () => {
    for (const minutes of [0.5, 1, 2.4, 10, 90]) {
      const all = rounds(minutes);
      const storms = all.map((one) => absoluteMs(stormOf(one).lasts));
      const planned = all.length * 24_000 + storms.reduce((sum, ms) => sum + ms, 0);
      expect(planned).toBeLessThanOrEqual(Math.max(minutes, 0.54) * 60_000);
      expect(Math.min(...storms)).toBeGreaterThanOrEqual(6_000);
    }
  });

  test("is planned by its seed: the same again, and a round alone as in the whole", () => {
    expect(plan(rounds(2), 7)).toBe(plan(rounds(2), 7));
    expect(plan(rounds(2), 8)).not.toBe(plan(rounds(2), 7));
    expect(plan(rounds(2), 7)).toContain(plan(rounds(2, 2), 7).trim());
    const [first = "", second = ""] = plan(rounds(2), 7).trim().split("\n\n");
    expect(first.split("\n").slice(1)).not.toEqual(second.split("\n").slice(1));
    expect(first).toMatch(/\n +1 {2}at +\d+\.\d s {2}for +\d+\.\d s {2}\S/);
  });

  test("tells how it stands, adapter by adapter, and leaves other cases alone", () => {
    const judged = (records: number, seen: number, recoveryMs: number): object => ({
      judgement: {
        ...check([]),
        metrics: { ...check([]).metrics, records, faults: 10, faultsSeen: seen, recoveryMs },
      },
    });
    expect(soakTally([result("core/in-order", "a", "pass")])).toEqual([]);
    const tally = soakTally([
      result("soak/nemesis/1", "a", "pass", judged(1_000, 8, 300)),
      result("soak/nemesis/2", "a", "fail", judged(500, 7, 100)),
      result("soak/nemesis/3", "a", "pass", judged(2_000, 9, 2_000)),
      result("soak/nemesis/1", "b", "unknown"),
    ]);
    expect(tally[0]).toBe(
      "soak     a: 3 rounds, 2 passed, 1 failed · 24 of 30 faults seen to act · 3,500 records · 0 handled twice · recovery 0.3 s (median)",
    );
    expect(tally[1]).toMatch(/^soak {5}b: 1 round, 0 passed, 1 unknown/);
  });
});
