import type { ConsumerStats } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { SimProcess } from "../client/sim-process.ts";
import { Random } from "../random.ts";
import { VirtualTime } from "../virtual-time.ts";
import { CommitWatch } from "./commit-watch.ts";
import { PLAIN } from "./scenario-config.ts";
import type { ScenarioConfig } from "./scenario-config.ts";

interface Setting {
  readonly watch: CommitWatch;
  readonly process: SimProcess;
  readonly told: readonly string[];
  readonly stats: { heldRecords: number; frontier: number };
  readonly pass: (ms: number) => Promise<void>;
}

/** A member that has committed 10 and come to 12. */
function setting(config: Partial<ScenarioConfig>): Setting {
  const time = new VirtualTime(0);
  const process = new SimProcess("m0", time, new Random(1));
  const told: string[] = [];
  const stats = { heldRecords: 0, frontier: 12 };
  const watched = {
    process,
    isUp: () => true,
    stats: () =>
      ({
        heldRecords: stats.heldRecords,
        running: 0,
        partitions: [{ committed: 10, frontier: stats.frontier }],
      }) as unknown as ConsumerStats,
  };
  const watch = new CommitWatch(watched, { ...PLAIN, ...config }, time, (problem) =>
    told.push(problem),
  );
  watch.assigned();
  return { watch, process, told, stats, pass: (ms) => time.advanceTo(time.now() + ms) };
}

describe("the count of records", () => {
  const every = { commitEvery: 2 };

  test("is missed when it is reached and nothing is asked", async () => {
    const { watch, told, pass } = setting(every);
    watch.settled();
    watch.settled();
    await pass(100);
    expect(told).toEqual([
      "m0 has settled 2 records, is to commit every 2, and asks for no commit",
    ]);
  });

  test.each<[string, (s: Setting) => void]>([
    ["it is not reached", ({ watch }) => watch.settled()],
    ["a commit is asked for", ({ watch }) => (twice(watch), watch.requested())],
    ["a commit is in flight", ({ watch }) => (watch.requested(), twice(watch))],
    ["the last one failed", ({ watch }) => (watch.requested(), watch.answered(true), twice(watch))],
    ["the last one failed, of an epoch that is over", ({ watch }) => afterLoss(watch)],
    ["a partition is on its way", ({ watch }) => (watch.givingUp(), twice(watch))],
    ["the process sleeps", ({ watch, process }) => (twice(watch), process.pause())],
    ["the process is dead", ({ watch, process }) => (twice(watch), process.crash())],
    ["no frontier has moved", ({ watch, stats }) => ((stats.frontier = 10), twice(watch))],
  ])("is not missed while %s", async (_, happens) => {
    const given = setting(every);
    happens(given);
    await given.pass(1000);
    expect(given.told).toEqual([]);
  });

  test("is missed after the answer to a commit that came before it", async () => {
    const { watch, told, pass } = setting(every);
    watch.requested();
    twice(watch);
    watch.answered(false);
    await pass(100);
    expect(told).toHaveLength(1);
  });
});

describe("the rest", () => {
  const idle = { commitWhenIdleMs: 300 };

  test("is missed when it is over and nothing is asked", async () => {
    const { watch, told, pass } = setting(idle);
    watch.settled();
    await pass(250);
    expect(told).toEqual([]);
    await pass(250);
    expect(told).toEqual(["m0 has held nothing for 300 ms, and asks for no commit"]);
  });

  test.each<[string, (s: Setting) => void]>([
    ["something is held", ({ stats }) => (stats.heldRecords = 1)],
    ["something comes", ({ watch }) => watch.delivered()],
    ["a commit is asked for", ({ watch }) => watch.requested()],
  ])("is not missed when %s in between", async (_, happens) => {
    const given = setting(idle);
    given.watch.settled();
    await given.pass(200);
    happens(given);
    await given.pass(1000);
    expect(given.told).toEqual([]);
  });
});

function twice(watch: CommitWatch): void {
  watch.settled();
  watch.settled();
}

function afterLoss(watch: CommitWatch): void {
  watch.requested();
  watch.answered(true);
  watch.givingUp();
  watch.assigned();
  twice(watch);
}
