import { createRequire } from "node:module";

/** Test vectors in the shape of Wycheproof: Appendix D.1 and `vector-file.schema.json`. */
export interface VectorFile {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    /** The operation. */
    readonly type: string;
    readonly params?: JsonObject;
    readonly tests: readonly (Omit<VectorTest, "op"> & { readonly withdrawn?: boolean })[];
  }[];
}

/** One test, ready to be asked. */
export interface VectorTest {
  readonly tcId: number;
  readonly op: string;
  readonly comment: string;
  readonly requirements: readonly string[];
  /** With the parameters of its group. */
  readonly input: JsonObject;
  readonly expect: JsonObject;
  readonly result: "valid" | "invalid" | "acceptable";
}

/** What a vector file asks for. */
export interface Vectors {
  /** As the file counts them. */
  readonly numberOfTests: number;
  /** Found to be wrong, and not asked. */
  readonly withdrawn: number;
  readonly operations: readonly string[];
  readonly tests: readonly VectorTest[];
}

type JsonObject = Readonly<Record<string, unknown>>;

const require = createRequire(import.meta.url);
const known = new Map<string, Vectors>();

/** @param name of a file in the specification's `vectors/v1`, without `_test.json` */
export function readVectors(name: string): Vectors {
  const read =
    known.get(name) ??
    vectorsOf(require(`@sluice/spec/vectors/v1/${name}_test.json`) as VectorFile);
  known.set(name, read);
  return read;
}

export function vectorsOf(file: VectorFile): Vectors {
  const all = file.testGroups.flatMap(({ type: op, params = {}, tests }) =>
    tests.map((test) => ({ ...test, op, input: { ...params, ...test.input } })),
  );
  const tests = all.filter(({ withdrawn = false }) => !withdrawn);
  return {
    numberOfTests: file.numberOfTests,
    withdrawn: all.length - tests.length,
    operations: [...new Set(file.testGroups.map(({ type }) => type))],
    tests,
  };
}
