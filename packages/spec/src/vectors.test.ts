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
  readonly type: string;
  readonly params?: object;
  readonly tests: readonly Test[];
}
interface Test {
  readonly tcId: number;
  readonly flags: readonly string[];
  readonly requirements: readonly string[];
  readonly input: object;
  readonly expect: object;
  readonly withdrawn?: true;
}

const root = new URL("../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");
const names = (directory: string): string[] => readdirSync(new URL(directory, root));

const files = names("vectors/v1/").map(
  (name) => [name, JSON.parse(text(`vectors/v1/${name}`)) as VectorFile] as const,
);
const clauses = new Set(
  names("text/").flatMap((name) =>
    [...text(`text/${name}`).matchAll(/^\*\*\[(SLC-[A-Z]{3}-\d{3})\]\*\*/gm)].map(([, id]) => id),
  ),
);
const ajv = new Ajv2020({ strict: true });
for (const name of names("schemas/v1/"))
  ajv.addSchema(JSON.parse(text(`schemas/v1/${name}`)) as object);

/** What the schema finds wrong with `document`; nothing when it is in order. */
function errors(schema: string, document: unknown): string[] {
  const validate = ajv.getSchema(`urn:sluice:schema:v1:${schema}`);
  if (validate === undefined) return [`there is no schema ${schema}`];
  void validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe.each(files)("%s", (name, file) => {
  const tests = file.testGroups.flatMap((group) => group.tests);

  it("is named for its contents and follows its schema", () => {
    expect(name).toMatch(/^[a-z0-9_]+_test\.json$/);
    expect(errors("vector-file", file)).toEqual([]);
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

  it("cites clauses that the text has", () => {
    const cited = new Set(tests.flatMap((test) => test.requirements));
    expect([...cited].filter((id) => !clauses.has(id))).toEqual([]);
  });

  it("has inputs and answers of the form that their operation has", () => {
    const wrong = file.testGroups.flatMap(({ type, params, tests }) =>
      tests.flatMap((test) => [
        ...errors(`operations#/$defs/${type}Input`, { ...params, ...test.input }).map(
          (error) => `${test.tcId} input${error}`,
        ),
        ...errors(`operations#/$defs/${type}Output`, test.expect).map(
          (error) => `${test.tcId} expect${error}`,
        ),
      ]),
    );
    expect(wrong).toEqual([]);
  });

  it("asks nothing twice", () => {
    const asked = file.testGroups.flatMap(({ type, params, tests }) =>
      tests
        .filter(({ withdrawn }) => withdrawn !== true)
        .map(({ tcId, input }) => [canonical({ type, ...params, ...input }), tcId] as const),
    );
    const first = new Map(asked.toReversed());
    const again = asked.filter(([input, tcId]) => first.get(input) !== tcId);
    expect(again.map(([input, tcId]) => `${tcId} asks as ${first.get(input)}`)).toEqual([]);
  });
});

/** JSON with the fields of every object in one order. */
function canonical(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

// Vectors that every wrong implementation passes prove nothing.
describe("the murmur2 vectors can tell a wrong partitioner", () => {
  interface PartitionTest extends Test {
    readonly input: { readonly key: string | null };
    readonly expect: {
      readonly hash: number | null;
      readonly partitions: readonly number[] | null;
    };
  }
  const [, file] = files.find(([name]) => name.includes("murmur2")) as (typeof files)[number];
  const [group] = file.testGroups as unknown as readonly [
    {
      readonly params: { readonly counts: readonly number[] };
      readonly tests: readonly PartitionTest[];
    },
  ];
  const { counts } = group.params;
  const keyed = group.tests.filter((test) => test.input.key !== null);
  const hash = (test: PartitionTest): number => test.expect.hash ?? 0;
  const share = (of: (test: PartitionTest) => boolean): number =>
    keyed.filter(of).length / keyed.length;
  const bytes = (test: PartitionTest): Uint8Array => Buffer.from(test.input.key ?? "", "hex");

  it("there are at least a thousand keys", () => {
    expect(keyed.length).toBeGreaterThanOrEqual(1000);
  });

  it("at least 40 % of the hashes are negative", () => {
    expect(share((test) => hash(test) < 0)).toBeGreaterThanOrEqual(0.4);
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

  it.each([-0x8000_0000, -1, 0, 0x7fff_ffff])("the hash %i is among them", (edge) => {
    expect(keyed.some((test) => hash(test) === edge)).toBe(true);
  });

  it("null and empty keys are told apart", () => {
    expect(group.tests.filter((test) => test.input.key === null)).toHaveLength(1);
    expect(group.tests.find((test) => test.input.key === "")?.expect.hash).toBe(275_646_681);
  });

  it.each<[string, (hash: number, count: number) => number]>([
    ["an unsigned remainder", (hash, count) => (hash >>> 0) % count],
    ["an absolute value", (hash, count) => Math.abs(hash) % count],
    ["a signed remainder made positive", (hash, count) => Math.abs(hash % count)],
    ["a mathematical modulo", (hash, count) => ((hash % count) + count) % count],
  ])("%s answers differently for many keys", (_, fold) => {
    const wrong = keyed.filter((test) =>
      counts.some((count, i) => fold(hash(test), count) !== test.expect.partitions?.[i]),
    );
    expect(wrong.length / keyed.length).toBeGreaterThan(0.2);
  });
});
