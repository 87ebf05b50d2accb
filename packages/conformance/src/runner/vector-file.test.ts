import { describe, expect, test } from "vitest";
import { readVectors, vectorsOf } from "./vector-file.ts";

const asked = {
  tcId: 1,
  comment: "as it is",
  requirements: ["SLC-PRT-002"],
  input: { key: "6b" },
  expect: { hash: 1 },
  result: "valid",
} as const;

describe("a vector file", () => {
  test("gives each test its operation, and its input over the parameters of the group", () => {
    const own = { ...asked, tcId: 2, input: { key: "6c", counts: [7] } };
    const vectors = vectorsOf({
      numberOfTests: 3,
      testGroups: [
        { type: "Partition", params: { counts: [3] }, tests: [asked, own] },
        { type: "BoundText", tests: [{ ...asked, tcId: 3 }] },
      ],
    });
    expect(vectors.operations).toEqual(["Partition", "BoundText"]);
    expect(vectors.tests.map(({ op, tcId, input }) => [op, tcId, input])).toEqual([
      ["Partition", 1, { key: "6b", counts: [3] }],
      ["Partition", 2, { key: "6c", counts: [7] }],
      ["BoundText", 3, { key: "6b" }],
    ]);
  });

  test("withdraws a test, and counts it still", () => {
    const vectors = vectorsOf({
      numberOfTests: 2,
      testGroups: [{ type: "Partition", tests: [{ ...asked, withdrawn: true }, asked] }],
    });
    expect(vectors).toMatchObject({ numberOfTests: 2, withdrawn: 1, tests: [{ tcId: 1 }] });
    expect(vectors.tests).toHaveLength(1);
  });

  test("is found by its name", () => {
    expect(readVectors("partitioner_crc32").operations).toEqual(["Partition"]);
  });
});
