import { describe, expect, test } from "vitest";
import { sayCondition } from "./condition.ts";
import { milliseconds } from "./duration.ts";
import { contains, sayNumbers } from "./number-set.ts";
import { catalogue } from "./index.ts";
import { saySelector } from "./selector.ts";
import { storyOf } from "./story.ts";
import { recordsOf } from "./workload-file.ts";

test.each([
  ["200 ms", 200],
  ["1.5 s", 1_500],
  ["2 min", 120_000],
  ["3 sessions", 18_000],
  ["1 session", 6_000],
  ["4 commit intervals", 800],
])("%s are %d milliseconds of a case", (text, ms) => {
  expect(milliseconds(text, { sessionMs: 6_000, commitIntervalMs: 200 })).toBe(ms);
});

describe("numbers", () => {
  test.each([
    [5, [5], "5"],
    [[10, 12, 14], [10, 12, 14], "10, 12 or 14"],
    [{ from: 17 }, [17, 18, 19], "17 and above"],
    [{ to: 2 }, [0, 1, 2], "0 to 2"],
    [{ from: 4, to: 6 }, [4, 5, 6], "4 to 6"],
    [{ every: 7, from: 3 }, [3, 10, 17], "every 7th from 3"],
    [{ every: 5, to: 12 }, [0, 5, 10], "every 5th from 0 to 12"],
  ])("%j", (set, among, words) => {
    const found = Array.from({ length: 20 }, (_, i) => i).filter((i) => contains(set, i));
    expect(found).toEqual(among);
    expect(sayNumbers(set)).toBe(words);
  });
});

describe("words", () => {
  test("of a selector", () => {
    expect(saySelector("all")).toBe("");
    expect(saySelector("heads")).toBe(' in "heads"');
    expect(saySelector({ member: ["m0", "m1"], offset: { from: 3 }, partition: "moved" })).toBe(
      ' of m0 and m1 at offset 3 and above in the partitions "moved"',
    );
  });

  test("of a condition", () => {
    expect(sayCondition({ held: "heads", atLeast: 6 })).toBe(
      'at least 6 running handlers in "heads"',
    );
    expect(sayCondition({ leaves: "m2", since: "stop" })).toBe(
      'one or more times that m2 left the group since "stop"',
    );
    expect(sayCondition({ unsettled: "all", equals: 0 })).toBe("no unsettled records");
    expect(sayCondition({ all: [{ held: "all" }, { passed: "3 s" }] })).toBe(
      "one or more running handlers, and 3 s to pass",
    );
  });

  test("of every case, with nothing that has no words", () => {
    for (const { id, file } of catalogue()) {
      const story = JSON.stringify(storyOf(file));
      expect(story, id).not.toMatch(/undefined|\[object|NaN/);
    }
  });
});

describe("a workload", () => {
  const keys = (file: Parameters<typeof recordsOf>[0], partition: number): (string | null)[] =>
    recordsOf(file, 1, 3)
      .filter((record) => record.partition === partition)
      .map(({ key }) => key?.toString() ?? null);

  test("has keys in turns, and others where it says so", () => {
    const file = {
      ...{ perPartition: 6, keys: 2 },
      ownKeys: [
        { offset: 1, key: null },
        { offset: 2, key: "" },
        { offset: [3, 4], key: "slow" },
        { offset: 5, key: "own", each: true },
      ],
    };
    expect(keys(file, 2)).toEqual(["k2-0", null, "", "slow-2", "slow-2", "own-2-5"]);
  });

  test("has values of the size that is asked for", () => {
    const records = recordsOf({ perPartition: 2, keys: 1, valueBytes: 1000 }, 1, 2);
    expect(records.map(({ value }) => value?.length)).toEqual([1000, 1000, 1000, 1000]);
  });

  test("has no value, or an empty one, by the offset within each partition", () => {
    const values = [
      { offset: 0, value: null },
      { offset: 1, value: "" as const },
    ];
    const records = recordsOf({ perPartition: 3, keys: 1, values }, 1, 2);
    for (const partition of [0, 1]) {
      const lengths = records
        .filter((record) => record.partition === partition)
        .map(({ value }) => value?.length ?? null);
      expect(lengths.slice(0, 2)).toEqual([null, 0]);
      expect(lengths[2]).toBeGreaterThan(0);
    }
  });

  test("is the same for the same seed, and not for another", () => {
    const file = { records: 50, keys: 5, skew: 1 };
    expect(recordsOf(file, 7, 3)).toEqual(recordsOf(file, 7, 3));
    expect(recordsOf(file, 7, 3)).not.toEqual(recordsOf(file, 8, 3));
  });

  test("has one hot key in partition 0", () => {
    const records = recordsOf({ records: 400, keys: 9, hot: 60 }, 3, 3);
    const hot = records.filter(({ key }) => key?.toString() === "hot");
    expect(hot.every(({ partition }) => partition === 0)).toBe(true);
    expect(hot.length).toBeGreaterThan(200);
    expect(hot.length).toBeLessThan(280);
  });
});
