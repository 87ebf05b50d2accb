import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import {
  answerVector,
  UnsupportedOperationError,
  VECTOR_OPERATIONS,
  VectorInputError,
} from "./index.ts";

// The files are those of the installed package, as every implementation gets them.
const load = createRequire(import.meta.url);
const directory = dirname(load.resolve("@sluice/spec/vectors/v1/partitioner_murmur2_test.json"));
const names = readdirSync(directory).filter((name) => name.endsWith("_test.json"));

interface VectorFile {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly type: string;
    readonly params?: object;
    readonly tests: readonly Vector[];
  }[];
}
interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly input: object;
  readonly expect: object;
  readonly withdrawn?: boolean;
}

describe.each(names)("%s", (name) => {
  const { numberOfTests, testGroups } = load(`@sluice/spec/vectors/v1/${name}`) as VectorFile;

  it("has tests", () => {
    expect(testGroups.length).toBeGreaterThan(0);
    expect(numberOfTests).toBeGreaterThan(0);
  });

  describe.each(testGroups)("$type", ({ type, params, tests }) => {
    it("is an operation with tests", () => {
      expect(VECTOR_OPERATIONS).toContain(type);
      expect(tests.length).toBeGreaterThan(0);
    });

    // One test for many vectors: a file has thousands, and a list of the wrong ones says more.
    it("is answered as expected", () => {
      const wrong = tests
        .filter(({ withdrawn }) => withdrawn !== true)
        .flatMap(({ tcId, comment, input, expect: expected }) => {
          const answer: unknown = answered(type, { ...params, ...input });
          return isDeepStrictEqual(answer, expected) ? [] : [{ tcId, comment, answer, expected }];
        });
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(wrong).toHaveLength(0);
    });
  });
});

it("every operation has vectors", () => {
  const files = names.map((name) => load(`@sluice/spec/vectors/v1/${name}`) as VectorFile);
  const proved = new Set(files.flatMap(({ testGroups }) => testGroups.map(({ type }) => type)));
  expect([...VECTOR_OPERATIONS].toSorted()).toEqual([...proved].toSorted());
});

it("an operation that is not there is unsupported, and says which are", () => {
  for (const op of ["partition", "", "toString", "__proto__"]) {
    expect(() => answerVector(op, {})).toThrow(UnsupportedOperationError);
  }
  expect(() => answerVector("Nothing", {})).toThrow(/"Nothing"; known: Partition, /);
});

it.each(VECTOR_OPERATIONS)("an input of %s that has not its form is refused as such", (op) => {
  for (const input of [undefined, null, 7, "text", [], {}]) {
    expect(() => answerVector(op, input)).toThrow(VectorInputError);
  }
});

it("a refused input says where and what", () => {
  const refused = (op: string, input: object) => () => answerVector(op, input);
  expect(refused("Partition", { partitioner: "murmur", key: "", counts: [] })).toThrow(
    "partitioner: expected one of murmur2, crc32, fnv1a-abs, fnv1a-mask",
  );
  expect(refused("Partition", { partitioner: "crc32", key: "A0", counts: [] })).toThrow(
    "key: expected bytes in lower-case hexadecimal",
  );
  expect(refused("Partition", { partitioner: "crc32", key: "", counts: [1, 0] })).toThrow(
    "counts[1]: expected an integer from 1 to 2147483647, got 0",
  );
  const at = { topic: "t", partition: 0, offset: "7", headers: [], trusted: true };
  expect(refused("EnvelopeDecode", { ...at, cluster: "\ud800" })).toThrow("cluster: expected text");
  expect(refused("EnvelopeDecode", { ...at, offset: 7 })).toThrow(
    "offset: expected a string of decimal digits",
  );
  expect(
    refused("StampTraceId", {
      headers: [
        ["61", null],
        ["ff", null],
      ],
    }),
  ).toThrow("headers[1][0]: expected well-formed UTF-8 in hexadecimal");
});

it("a record that is set aside is no input of Move", () => {
  const move = {
    ...{ move: "dead-letter", trusted: true, group: "g", attempts: 1, writeStack: false },
    record: {
      ...{ topic: "t", partition: 0, offset: "1", timestamp: "1", key: null, value: null },
      headers: [[Buffer.from("sluice-spec").toString("hex"), "32"]],
    },
    error: { kind: "timeout", class: null, code: null, message: "", stack: null },
    ...{ reason: "manual", firstFailedAt: "1", failedAt: "1", now: "1", maxBytes: 10_000 },
    ...{ cluster: null, partitionCount: null, leaderEpoch: null },
    target: { topic: "d", partitions: 1 },
  };
  expect(() => answerVector("Move", move)).toThrow(VectorInputError);
  expect(answerVector("Move", { ...move, trusted: false })).toHaveProperty("record");
});

/** As a subject sends it: what JSON does not know is not compared. */
function answered(op: string, input: object): unknown {
  return JSON.parse(JSON.stringify(answerVector(op, input)));
}
