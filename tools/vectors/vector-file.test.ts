import { describe, expect, it } from "vitest";
import { checkSeeds } from "./seeds.mjs";
import { files as traces } from "./traces/index.mjs";
import { type Draft, format, type Test, vectorFile } from "./vector-file.mjs";

const TEST: Test = {
  comment: "é",
  flags: ["A"],
  requirements: ["SLC-PRT-002"],
  input: { key: "" },
  expect: { hash: 0 },
  result: "valid",
};
const note = { bugType: "BASIC", description: "x" };
const draft = (tests: Test[]): Draft => ({
  algorithm: "SLUICE-X-1",
  header: ["about"],
  notes: { A: note, B: note },
  testGroups: [{ type: "Partition", source: "y", tests }],
});

describe("a vector file", () => {
  it("counts its tests and numbers those that have no number", () => {
    const { numberOfTests, testGroups } = vectorFile(draft([TEST, { ...TEST, tcId: 40 }, TEST]));
    expect(numberOfTests).toBe(3);
    expect(testGroups[0]?.tests.map(({ tcId }) => tcId)).toEqual([1, 40, 3]);
  });

  it("keeps the notes of flags that occur, and wants one for each", () => {
    expect(Object.keys(vectorFile(draft([TEST])).notes)).toEqual(["A"]);
    expect(() => vectorFile(draft([{ ...TEST, flags: ["C"] }]))).toThrow("explains the flag C");
  });

  it("is ASCII with one test a line, and says the same", () => {
    const file = vectorFile(draft([TEST, TEST]));
    const text = format(file);
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text.split("\n").filter((line) => line.includes('"tcId"'))).toHaveLength(2);
    expect(JSON.parse(text)).toEqual(file);
  });
});

describe("the seeds", () => {
  const seeded = (hash: number): Draft => ({
    ...draft([]),
    testGroups: [
      {
        type: "Partition",
        source: "y",
        params: { partitioner: "crc32", counts: [1000] },
        tests: [{ ...TEST, expect: { hash, partitions: [0] } }],
      },
    ],
  });

  it("refuse another value", () => {
    expect(() => checkSeeds("partitioner_crc32", vectorFile(seeded(1)))).toThrow("key  of crc32");
  });

  it("refuse a file without them", () => {
    expect(() => checkSeeds("partitioner_crc32", vectorFile(seeded(0)))).toThrow("is missing");
    expect(() => checkSeeds("commit_metadata", vectorFile(draft([])))).toThrow("is missing");
  });
});

it("traces are the same each time", () => {
  for (const { build } of traces) expect(build()).toEqual(build());
});
