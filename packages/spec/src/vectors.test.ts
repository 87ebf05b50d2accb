import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { SPEC_VERSION } from "./version.ts";

interface VectorFile {
  readonly numberOfTests: number;
  readonly specVersion: string;
  readonly notes: Readonly<Record<string, unknown>>;
  readonly testGroups: readonly Group[];
}
interface Group {
  readonly partitioner: string;
  readonly counts: readonly number[];
  readonly tests: readonly Test[];
}
interface Test {
  readonly tcId: number;
  readonly flags: readonly string[];
  readonly key: string | null;
  readonly hash: number | null;
  readonly partitions: readonly number[] | null;
}

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));
const files = readdirSync(new URL("../vectors/v1/", import.meta.url)).map(
  (name) => [name, read(`vectors/v1/${name}`) as VectorFile] as const,
);
const validate = new Ajv2020({ strict: true }).compile(
  read("schemas/v1/vector-file.schema.json") as object,
);

describe.each(files)("%s", (_, file) => {
  const tests = file.testGroups.flatMap((group) => group.tests);

  it("follows its schema", () => {
    validate(file);
    expect(validate.errors).toBeNull();
  });

  it("counts its tests, and numbers each once", () => {
    expect(tests.length).toBe(file.numberOfTests);
    expect(new Set(tests.map((test) => test.tcId)).size).toBe(tests.length);
  });

  it("explains every flag and uses every note", () => {
    expect(new Set(tests.flatMap((test) => test.flags))).toEqual(new Set(Object.keys(file.notes)));
  });

  it("is written for this version of the specification", () => {
    expect(file.specVersion).toBe(SPEC_VERSION);
  });

  it("answers every count of a group", () => {
    for (const { counts, tests } of file.testGroups) {
      const lengths = new Set(tests.map((test) => test.partitions?.length ?? counts.length));
      expect([...lengths]).toEqual([counts.length]);
    }
  });
});

// Vectors that every wrong implementation passes prove nothing.
describe("the murmur2 vectors can tell a wrong partitioner", () => {
  const [, file] = files.find(([name]) => name.includes("murmur2")) as (typeof files)[number];
  const { counts, tests } = file.testGroups[0] as Group;
  const keyed = tests.filter((test) => test.key !== null);
  const share = (of: (test: Test) => boolean): number => keyed.filter(of).length / keyed.length;
  const bytes = (test: Test): Uint8Array => Buffer.from(test.key ?? "", "hex");

  it("there are at least a thousand keys", () => {
    expect(keyed.length).toBeGreaterThanOrEqual(1000);
    expect(new Set(keyed.map((test) => test.key)).size).toBe(keyed.length);
  });

  it("at least 40 % of the hashes are negative", () => {
    expect(share((test) => (test.hash ?? 0) < 0)).toBeGreaterThanOrEqual(0.4);
  });

  it.each([0, 1, 2, 3])("lengths of %i modulo 4 are among them", (rest) => {
    expect(share((test) => bytes(test).length % 4 === rest)).toBeGreaterThan(0.1);
  });

  it("many keys have bytes above 0x7f", () => {
    expect(share((test) => bytes(test).some((byte) => byte > 0x7f))).toBeGreaterThan(0.3);
  });

  it("most counts are no powers of two", () => {
    const others = counts.filter((count) => (count & (count - 1)) !== 0);
    expect(others.length).toBeGreaterThan(counts.length / 2);
  });

  it.each([-0x8000_0000, -1, 0, 0x7fff_ffff])("the hash %i is among them", (hash) => {
    expect(keyed.some((test) => test.hash === hash)).toBe(true);
  });

  it("null and empty keys are told apart", () => {
    expect(tests.filter((test) => test.key === null)).toHaveLength(1);
    expect(tests.find((test) => test.key === "")?.hash).toBe(275_646_681);
  });

  it.each<[string, (hash: number, count: number) => number]>([
    ["an unsigned remainder", (hash, count) => (hash >>> 0) % count],
    ["an absolute value", (hash, count) => Math.abs(hash) % count],
    ["a signed remainder made positive", (hash, count) => Math.abs(hash % count)],
    ["a mathematical modulo", (hash, count) => ((hash % count) + count) % count],
  ])("%s answers differently for many keys", (_, fold) => {
    const wrong = keyed.filter((test) =>
      counts.some((count, i) => fold(test.hash ?? 0, count) !== test.partitions?.[i]),
    );
    expect(wrong.length / keyed.length).toBeGreaterThan(0.2);
  });
});
