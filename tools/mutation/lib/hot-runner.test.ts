import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HotRunner } from "./hot-runner.mjs";

/** Code as Stryker leaves it: each change waits for its name. */
const CODE = `
const ns = (globalThis.__stryker__ ??= {});
function is(mutant: string): boolean {
  if (ns.activeMutant !== mutant) return false;
  if (ns.hitLimit !== undefined && ++ns.hitCount > ns.hitLimit) throw new Error("too often");
  return true;
}
export const name = is("name") ? "b" : "a";
if (is("broken")) throw new Error("cannot be loaded");
export const add = (a: number, b: number): number => (is("add") ? a - b : is("swap") ? b + a : a + b);
export function count(to: number): number {
  let at = 0;
  while (is("count") ? true : at < to) at++;
  return at;
}
`;
const TESTS = `
import { describe, expect, it, test } from "vitest";
import { add, count, name } from "./code.ts";
test("adds", () => { expect(add(2, 1)).toBe(3); });
describe("each", () => {
  it.each([["a", 1], ["a", 2]])("is %s", async (is) => { await Promise.resolve(); expect(name).toBe(is); });
});
test.each([1, 2])("counts to %d", (to) => { expect(count(to)).toBe(to); });
`;

const directory = mkdtempSync(join(tmpdir(), "sluice-hot-"));
const file = join(directory, "code.test.ts");
const idOf = (name: string): string => `${file}#${name}`;

describe("the runner of mutants", () => {
  let runner: HotRunner;
  const run = (id: string, mutantActivation: "runtime" | "static" = "runtime", more = {}) =>
    runner.mutantRun({ activeMutant: { id }, mutantActivation, ...more });

  beforeAll(async () => {
    writeFileSync(join(directory, "code.ts"), CODE);
    writeFileSync(file, TESTS);
    process.env["SLUICE_MUTATION_TESTS"] = file;
    runner = new HotRunner();
    await runner.init();
  }, 60_000);
  afterAll(async () => {
    await runner.dispose();
    rmSync(directory, { recursive: true });
  });

  test("tells all tests, each by its own name, and how they end", async () => {
    const { status, tests } = await runner.dryRun();
    expect(status).toBe("complete");
    expect(tests.map((each) => [each.id, each.status])).toEqual(
      ["adds", "each is %s (1)", "each is %s (2)", "counts to %d (1)", "counts to %d (2)"].map(
        (name) => [idOf(name), 0],
      ),
    );
  });

  test("tells which test a mutant is killed by, and that none kills it", async () => {
    expect(await run("add")).toMatchObject({ status: "killed", killedBy: [idOf("adds")] });
    expect(await run("swap")).toEqual({ status: "survived", nrOfTests: 5 });
    const testFilter = [idOf("counts to %d (1)")];
    expect(await run("add", "runtime", { testFilter })).toEqual({
      status: "survived",
      nrOfTests: 1,
    });
  });

  test("has a mutant that is run while modules load there from the beginning, and gone after it", async () => {
    expect(await run("name")).toMatchObject({ status: "survived" });
    expect(await run("name", "static")).toMatchObject({
      status: "killed",
      killedBy: [idOf("each is %s (1)")],
    });
    expect(await run("swap")).toMatchObject({ status: "survived" });
    expect(await run("broken", "static")).toMatchObject({ status: "error" });
    expect(await run("swap", "static")).toMatchObject({ status: "survived" });
  });

  test("takes what is run far too often for a loop without an end", async () => {
    expect(await run("count", "runtime", { hitLimit: 100 })).toEqual({
      status: "timeout",
      reason: "Hit limit reached (101/100)",
    });
    expect(await run("swap", "runtime", { hitLimit: 100 })).toMatchObject({ status: "survived" });
  });
});
