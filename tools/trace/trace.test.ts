import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("trace.mjs", import.meta.url));
let root: string;

const RULES = `# 2. Rules

The key words "MUST" and "MAY" are key words.

**[SLC-AAA-001]** It MUST be tested.

**[SLC-AAA-002]** It MUST have
a vector.

**[SLC-AAA-003]** It MUST be judged.

**[SLC-AAA-004]** It MUST be excused.

**[SLC-AAA-005]** It SHOULD be nice.
`;
const PROOFS = `# Appendix E. Proofs

| clause | proved by |
| --- | --- |
| SLC-AAA-003 | invariant P1 |
`;
const EXEMPTIONS = `# Appendix F. Exemptions

| clause | reason |
| --- | --- |
| SLC-AAA-001 | a test does |
| SLC-AAA-004 | nobody can |
`;
const WITHDRAWN = "# Appendix G. Withdrawn\n\n| id |\n| --- |\n| SLC-AAA-005 |\n";
const CHANGES = "# Changes\n\n## 1.0.0 (2026-01-01)\n\nFirst.\n";

const TEXT = "packages/spec/text/02-rules.md";
const vector = (id: string): string =>
  JSON.stringify({
    testGroups: [{ tests: [{ tcId: 1, requirements: id === "" ? [] : [id] }] }],
  });
const suiteCase = (invariants: string, clauses = "[SLC-AAA-003]"): string =>
  `id: core/a\nclauses: ${clauses}\ninvariants: ${invariants}\n`;

beforeEach(() => {
  root = `${mkdtempSync(join(tmpdir(), "sluice-trace-"))}/`;
  write("packages/spec/SPEC.md", "# Protocol\n\nVersion 1.0.0.\n");
  write("packages/spec/CHANGELOG.md", CHANGES);
  write(TEXT, RULES);
  write("packages/spec/text/E-proofs.md", PROOFS);
  write("packages/spec/text/F-exemptions.md", EXEMPTIONS);
  write("packages/core/src/a.test.ts", "// SLC-AAA-001");
  write("packages/spec/vectors/v1/a_test.json", vector("SLC-AAA-002"));
  write("packages/conformance/suite/core/a.yaml", suiteCase("[P1]"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, text);
}
function trace(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [script, "--root", root, ...args], { encoding: "utf8" });
}

it("writes each clause with its level, its place and its proofs", () => {
  expect(trace()).toMatchObject({ status: 0, stderr: "" });
  const { requirements } = JSON.parse(
    readFileSync(`${root}packages/spec/requirements.json`, "utf8"),
  ) as { requirements: object[] };
  expect(requirements).toMatchObject([
    {
      id: "SLC-AAA-001",
      level: "MUST",
      file: "02-rules.md",
      section: "2. Rules",
      tests: ["packages/core/src/a.test.ts"],
      exemption: "a test does",
    },
    { id: "SLC-AAA-002", text: "It MUST have a vector.", vectors: { "a_test.json": 1 } },
    { id: "SLC-AAA-003", scenarios: ["P1"], cases: ["core/a"] },
    { id: "SLC-AAA-004", exemption: "nobody can" },
    { id: "SLC-AAA-005", level: "SHOULD", tests: [] },
  ]);
  expect(readFileSync(`${root}packages/spec/MATRIX.md`, "utf8")).toContain(
    "5 requirements, of which 4 are a MUST or MUST NOT: 1 proved by vectors, 1 by invariants or" +
      " cases of the conformance suite, 2 exempted",
  );
  expect(trace("--check").status).toBe(0);
});

it.each([
  ["--chek", "Unknown option '--chek'. There are: --check, --release, --root.\n"],
  ["check", "Unexpected argument 'check'. There are: --check, --release, --root.\n"],
])("refuses %s with what there is, and writes nothing", (option, message) => {
  const matrix = `${root}packages/spec/MATRIX.md`;
  write("packages/spec/MATRIX.md", "stale");
  expect(trace(option)).toMatchObject({ status: 64, stderr: message });
  expect(readFileSync(matrix, "utf8")).toBe("stale");
});

it.each<[string, () => void, string]>([
  ["a stale file", () => write("packages/core/src/b.test.ts", "// SLC-AAA-005"), "is stale"],
  ["a stale matrix", () => write("packages/spec/MATRIX.md", ""), "MATRIX.md is stale"],
  ["a changed text", () => write(TEXT, RULES.replace("be tested", "be well tested")), "is stale"],
  [
    "a MUST that has only a test",
    () => write("packages/spec/text/F-exemptions.md", EXEMPTIONS.replace(/.*AAA-001.*\n/, "")),
    "SLC-AAA-001 is a MUST without vector, conformance case or exemption",
  ],
  [
    "a MUST that lost its vector",
    () => write("packages/spec/vectors/v1/a_test.json", vector("SLC-AAA-003")),
    "SLC-AAA-002 is a MUST without vector",
  ],
  [
    "a MUST whose only vector was withdrawn",
    () =>
      write(
        "packages/spec/vectors/v1/a_test.json",
        vector("SLC-AAA-002").replace('"requirements"', '"withdrawn":true,"requirements"'),
      ),
    "SLC-AAA-002 is a MUST without vector",
  ],
  [
    "a vector that proves nothing",
    () => write("packages/spec/vectors/v1/b_test.json", vector("")),
    "b_test.json: test 1 proves no requirement",
  ],
  [
    "an invariant that no case demands",
    () => write("packages/conformance/suite/core/a.yaml", suiteCase("[P2]")),
    "no case demands the invariant P1 of SLC-AAA-003",
  ],
  [
    "an invariant that only a draft demands",
    () => write("packages/conformance/suite/core/a.yaml", `${suiteCase("[P1]")}draft: later\n`),
    "no case demands the invariant P1 of SLC-AAA-003",
  ],
  [
    "a case of a clause that is not there",
    () => write("packages/conformance/suite/core/a.yaml", suiteCase("[P1]", "[SLC-AAA-009]")),
    "core/a.yaml cites SLC-AAA-009, which no clause has",
  ],
  [
    "an exemption of what a case tests",
    () => write("packages/conformance/suite/core/a.yaml", suiteCase("[P1]", "[SLC-AAA-004]")),
    "SLC-AAA-004 is exempted, but it is proved",
  ],
  [
    "an id that no clause has",
    () => write("packages/core/src/b.ts", "// SLC-AAA-009"),
    "packages/core/src/b.ts cites SLC-AAA-009, which no clause has",
  ],
  [
    "an id given twice",
    () => write(TEXT, RULES.replace("AAA-005]", "AAA-001]")),
    "SLC-AAA-001 is given twice",
  ],
  [
    "a withdrawn id given anew",
    () => write("packages/spec/text/G-withdrawn.md", WITHDRAWN),
    "SLC-AAA-005 is withdrawn and given anew",
  ],
  [
    "a clause with two key words",
    () => write(TEXT, RULES.replace("SHOULD be nice", "SHOULD and MAY be nice")),
    "SLC-AAA-005 has 2 key words, not one",
  ],
  [
    "a key word outside a clause",
    () => write(TEXT, `${RULES}\nIt MAY rain.\n`),
    'a key word outside a clause, in "2. Rules": It MAY rain.',
  ],
  [
    "an exemption that is not needed",
    () => write("packages/spec/vectors/v1/b_test.json", vector("SLC-AAA-004")),
    "SLC-AAA-004 is exempted, but it is proved",
  ],
  [
    "a named test that does not exist",
    () =>
      write(
        "packages/spec/text/E-proofs.md",
        PROOFS.replace("invariant P1", 'test `packages/core/src/a.test.ts` "works"'),
      ),
    'packages/core/src/a.test.ts has no test "works" for SLC-AAA-003',
  ],
  [
    "a change log of another version",
    () => write("packages/spec/CHANGELOG.md", CHANGES.replace("1.0.0", "1.1.0")),
    "CHANGELOG.md begins with 1.1.0, SPEC.md with 1.0.0",
  ],
])("notices %s", (_, change, message) => {
  expect(trace().status).toBe(0);
  change();
  const { status, stderr } = trace("--check");
  expect(stderr).toContain(message);
  expect(status).toBe(1);
});

describe("after a release", () => {
  const changed = RULES.replace("be nice", "be kind");
  const ENTRY = "## 1.1.0 (2026-02-02)\n\n- LINE\n\n## 1.0.0";
  beforeEach(() => {
    trace("--release");
    write("packages/spec/SPEC.md", "# Protocol\n\nVersion 1.1.0.\n");
    log("nothing");
  });
  function log(line: string): void {
    write("packages/spec/CHANGELOG.md", CHANGES.replace("## 1.0.0", ENTRY.replace("LINE", line)));
  }

  it.each<[string, () => void, string]>([
    [
      "a changed sentence",
      () => write(TEXT, changed),
      'SLC-AAA-005 has changed since 1.0.0: add "SLC-AAA-005 (',
    ],
    [
      "a sentence that changed once more than the change log says",
      () => {
        write(TEXT, changed);
        log("SLC-AAA-005 (00000000): kinder");
      },
      "SLC-AAA-005 has changed since 1.0.0",
    ],
    [
      "a new sentence",
      () => write(TEXT, `${RULES}\n**[SLC-AAA-006]** It SHOULD rain.\n`),
      "SLC-AAA-006 is new since 1.0.0",
    ],
    [
      "a clause that has gone",
      () => write(TEXT, RULES.replace(/\*\*\[SLC-AAA-005.*/, "")),
      "SLC-AAA-005 has gone: list it in Appendix G",
    ],
    [
      "a withdrawn clause that the change log passes over",
      () => {
        write(TEXT, RULES.replace(/\*\*\[SLC-AAA-005.*/, ""));
        write("packages/spec/text/G-withdrawn.md", WITHDRAWN);
      },
      "SLC-AAA-005 is withdrawn since 1.0.0: say so in CHANGELOG.md",
    ],
  ])("notices %s", (_, change, message) => {
    expect(trace().status).toBe(0);
    change();
    const { status, stderr } = trace();
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });

  it("accepts a change that the change log names", () => {
    write(TEXT, changed);
    const entry = /add "(SLC-AAA-005 \([0-9a-f]{8}\))/.exec(trace().stderr)?.[1] ?? "";
    log(`${entry}: kinder`);
    expect(trace()).toMatchObject({ status: 0, stderr: "" });
  });
});
