import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const script = fileURLToPath(new URL("trace.mjs", import.meta.url));
let root: string;

const SPEC = `# Protocol

Version 1.0.0, draft.

## 1. Conventions

"MUST" is a key word.

## 2. Rules

**[SLC-AAA-001]** It MUST be tested.

**[SLC-AAA-002]** It MUST have
a vector.

**[SLC-AAA-003]** It MUST be judged.

**[SLC-AAA-004]** It MUST be excused.

**[SLC-AAA-005]** It SHOULD be nice.

## Appendix B. Proofs

| clause | proved by |
| --- | --- |
| SLC-AAA-003 | invariant P1 |

## Appendix C. Exemptions

| clause | reason |
| --- | --- |
| SLC-AAA-004 | nobody can |
`;
const vector = (id: string): string =>
  JSON.stringify({ testGroups: [{ tests: [{ requirements: [id] }] }] });

beforeEach(() => {
  root = `${mkdtempSync(join(tmpdir(), "sluice-trace-"))}/`;
  write("packages/spec/SPEC.md", SPEC);
  write("packages/core/src/a.test.ts", "// SLC-AAA-001");
  write("packages/spec/vectors/v1/a_test.json", vector("SLC-AAA-002"));
  write("packages/conformance/src/suite/a.ts", 'invariants: ["P1"]');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, text);
}
function trace(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [script, "--root", root, ...args], { encoding: "utf8" });
}

it("writes each clause with its level, its section and its proofs", () => {
  expect(trace()).toMatchObject({ status: 0, stderr: "" });
  const { requirements } = JSON.parse(
    readFileSync(`${root}packages/spec/requirements.json`, "utf8"),
  ) as { requirements: object[] };
  expect(requirements).toMatchObject([
    {
      id: "SLC-AAA-001",
      level: "MUST",
      section: "2. Rules",
      tests: ["packages/core/src/a.test.ts"],
    },
    { id: "SLC-AAA-002", text: "It MUST have a vector.", vectors: ["a_test.json"] },
    { id: "SLC-AAA-003", scenarios: ["P1"] },
    { id: "SLC-AAA-004", exemption: "nobody can" },
    { id: "SLC-AAA-005", level: "SHOULD", tests: [] },
  ]);
  expect(trace("--check").status).toBe(0);
});

it.each<[string, () => void, string]>([
  ["a stale file", () => write("packages/core/src/b.test.ts", "// SLC-AAA-005"), "is stale"],
  [
    "a changed text",
    () => write("packages/spec/SPEC.md", SPEC.replace("be tested", "be well tested")),
    "is stale",
  ],
  [
    "a MUST that lost its test",
    () => write("packages/core/src/a.test.ts", ""),
    "SLC-AAA-001 is a MUST that no test, vector or case proves",
  ],
  [
    "a MUST that lost its vector",
    () => write("packages/spec/vectors/v1/a_test.json", vector("SLC-AAA-001")),
    "SLC-AAA-002 is a MUST that no test",
  ],
  [
    "a citation outside tests, which proves nothing",
    () => {
      write("packages/core/src/a.test.ts", "");
      write("packages/core/src/a.ts", "// SLC-AAA-001");
    },
    "SLC-AAA-001 is a MUST that no test",
  ],
  [
    "an invariant that no case demands",
    () => write("packages/conformance/src/suite/a.ts", "P1"),
    "no case demands the invariant P1 of SLC-AAA-003",
  ],
  [
    "an id that no clause has",
    () => write("packages/core/src/b.ts", "// SLC-AAA-009"),
    "packages/core/src/b.ts cites SLC-AAA-009, which no clause has",
  ],
  [
    "an id given twice",
    () => write("packages/spec/SPEC.md", SPEC.replace("AAA-005]", "AAA-001]")),
    "SLC-AAA-001 is given twice",
  ],
  [
    "a clause that has gone",
    () => write("packages/spec/SPEC.md", SPEC.replace(/\*\*\[SLC-AAA-005.*/, "")),
    "SLC-AAA-005 has gone: list it in Appendix D",
  ],
  [
    "a withdrawn id given anew",
    () =>
      write(
        "packages/spec/SPEC.md",
        `${SPEC}\n## Appendix D. Withdrawn\n\n| id |\n| --- |\n| SLC-AAA-005 |\n`,
      ),
    "SLC-AAA-005 is withdrawn and given anew",
  ],
  [
    "a clause with two key words",
    () => write("packages/spec/SPEC.md", SPEC.replace("SHOULD be nice", "SHOULD and MAY be nice")),
    "SLC-AAA-005 has 2 key words, not one",
  ],
  [
    "a key word outside a clause",
    () =>
      write(
        "packages/spec/SPEC.md",
        SPEC.replace("## Appendix B", "It MAY rain.\n\n## Appendix B"),
      ),
    'a key word outside a clause, in "2. Rules": It MAY rain.',
  ],
  [
    "an exemption that is not needed",
    () => write("packages/core/src/b.test.ts", "// SLC-AAA-004"),
    "SLC-AAA-004 is exempted, but it is proved",
  ],
  [
    "a named test that does not exist",
    () =>
      write(
        "packages/spec/SPEC.md",
        SPEC.replace("invariant P1", 'test `packages/core/src/a.test.ts` "works"'),
      ),
    'packages/core/src/a.test.ts has no test "works" for SLC-AAA-003',
  ],
])("notices %s", (_, change, message) => {
  expect(trace().status).toBe(0);
  change();
  const { status, stderr } = trace("--check");
  expect(stderr).toContain(message);
  expect(status).toBe(1);
});
