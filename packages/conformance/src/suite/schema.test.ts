import { createRequire } from "node:module";
import { INVARIANT_IDS } from "@sluice/checker";
import { describe, expect, test } from "vitest";
import { MEASURES } from "./measures/index.ts";
import { REQUIREMENTS } from "./requirements.ts";
import { API_KEYS } from "./steps/cluster-steps.ts";
import { STEP_KINDS } from "./steps/index.ts";

interface Schema {
  readonly $defs: Readonly<Record<string, Definition>>;
  readonly properties: Readonly<Record<string, Definition>>;
}
interface Definition {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: Definition;
  readonly anyOf?: readonly Definition[];
  readonly properties?: Readonly<Record<string, Definition>>;
}

const { $defs, properties } = createRequire(import.meta.url)(
  "@sluice/spec/schemas/v1/suite-case.schema.json",
) as Schema;
const sorted = (words: Iterable<string>): string[] => [...words].toSorted();

describe("the schema knows what the runner can do, and nothing else", () => {
  test("steps, each with its meaning", () => {
    const steps = Object.entries($defs).filter(([name]) => name.startsWith("step-"));
    expect(sorted(steps.map(([name]) => name.slice("step-".length)))).toEqual(sorted(STEP_KINDS));
    for (const [name, { description }] of steps) expect(description, name).toMatch(/\w.*\.$/);
  });

  test("measures, each with its meaning and its witness", () => {
    const companions = ["since", "inEach", "equals", "atLeast", "atMost", "passed"];
    const measures = Object.entries($defs["measure"]?.properties ?? {}).filter(
      ([name]) => !companions.includes(name),
    );
    expect(sorted(measures.map(([name]) => name))).toEqual(sorted(Object.keys(MEASURES)));
    for (const [name, { description }] of measures) expect(description, name).toMatch(/\w.*\.$/);
  });

  test("invariants, requirements and APIs", () => {
    expect(sorted($defs["invariant"]?.enum ?? [])).toEqual(sorted(INVARIANT_IDS));
    expect(sorted(properties["requires"]?.items?.enum ?? [])).toEqual(
      sorted(Object.keys(REQUIREMENTS)),
    );
    const apis = $defs["frames"]?.properties?.["api"]?.anyOf?.[0]?.enum ?? [];
    expect(sorted(apis)).toEqual(sorted(Object.keys(API_KEYS)));
  });
});
