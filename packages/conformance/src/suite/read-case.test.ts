import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadSuite } from "./load-suite.ts";
import { SuiteFileError } from "./problem.ts";
import { readCase } from "./read-case.ts";

const HEAD = `id: core/some
level: L1
title: something
about: Why.
clauses: [SLC-GAT-003]
needs: [broker, proxy]
invariants: [P1, V1]
`;
const STEPS = `steps:
  - start: m0
`;

/** Nine lists of ten, each of the one before. */
function bomb(): string {
  const ten = (what: string): string => `[${Array.from({ length: 10 }, () => what).join(", ")}]`;
  const lists = Array.from({ length: 8 }, (_, i) => `l${i + 1}: &l${i + 1} ${ten(`*l${i}`)}\n`);
  return `l0: &l0 ${ten("x")}\n${lists.join("")}`;
}

/** What is wrong with a case of these lines, behind a head of seven. */
function wrong(lines: string, head: string = HEAD): string {
  try {
    readCase(`${head}${lines}`, "some.yaml", "core/some");
  } catch (error) {
    expect(error).toBeInstanceOf(SuiteFileError);
    return (error as Error).message;
  }
  throw new Error("it was taken");
}

test("a case is taken as it stands", () => {
  const file = readCase(`${HEAD}${STEPS}`, "some.yaml", "core/some");
  expect(file).toMatchObject({ id: "core/some", steps: [{ start: "m0" }] });
});

test("a wait that the cluster may not have a witness for needs nothing", () => {
  const lines = "steps:\n  - start: m0\n  - until: { heartbeats: m0 }\n    onlyWith: proxy\n";
  const file = readCase(`${HEAD.replace(", proxy", "")}${lines}`, "some.yaml", "core/some");
  expect(file.steps).toHaveLength(2);
  expect(wrong(lines.replace("    onlyWith: proxy\n", ""), HEAD.replace(", proxy", ""))).toMatch(
    /this needs proxy/,
  );
});

describe("a file that is no case is told by line, place and what is allowed", () => {
  test.each([
    [
      "a step that is none",
      "steps:\n  - start: m0\n  - hodl: all\n",
      /^some\.yaml:10:5: steps\[1\]: hodl is no step\. Did you mean hold\? Allowed: start, stop, /,
    ],
    [
      "two steps in one",
      "steps:\n  - { start: m0, kill: m1 }\n",
      /start and kill: two steps in one/,
    ],
    ["a step that is no object", "steps: [start]\n", /:8:9: steps\[0\]: a step is an object/],
    [
      "a selector's field",
      "steps:\n  - hold: { offest: 5 }\n",
      /:9:11: steps\[0\]\.hold: offest is no field here\. Did you mean offset\? Allowed: of, member, /,
    ],
    [
      "a measure that is none",
      "steps:\n  - until: { heartbeat: m0 }\n",
      /:9:12: steps\[0\]\.until: heartbeat is no measure\. Did you mean heartbeats\?/,
    ],
    [
      "two measures in one",
      "steps:\n  - until: { held: all, begun: all }\n",
      /begun and held: two/,
    ],
    [
      "a condition within conditions",
      "steps:\n  - until: { all: [{ held: all }, { helt: all }] }\n",
      /steps\[0\]\.until\.all\[1\]: helt is no measure/,
    ],
    [
      "a step within steps",
      "steps:\n  - repeat: [{ strat: m0 }]\n    times: 2\n",
      /steps\[0\]\.repeat\[0\]: strat is no step\. Did you mean start\?/,
    ],
    [
      "a step side by side with others",
      "steps:\n  - together: [[{ start: m0 }], [{ strat: m1 }]]\n",
      /steps\[0\]\.together\[1\]\[0\]: strat is no step/,
    ],
    [
      "a member's name",
      "steps:\n  - start: me\n",
      /steps\[0\]\.start: "me" has not the right form/,
    ],
    [
      "a duration",
      "steps:\n  - until: { held: all }\n    within: 3 secs\n",
      /:10:13: steps\[0\]\.within: "3 secs" has not the right form\. A span of time: `200 ms`/,
    ],
    [
      "a result",
      "steps:\n  - handle: all\n    with: okay\n",
      /with: okay is no value here\. Did you mean ok\? Allowed: ok, retry, throw/,
    ],
    [
      "what must stand beside a key word",
      "steps:\n  - wire: cut\n    frames: { client: m0 }\n",
      /:9:5: steps\[0\]: act is missing/,
    ],
    [
      "a workload",
      `workload: { perPartition: 5, kyes: 2 }\n${STEPS}`,
      /kyes is no field here.*keys/,
    ],
    [
      "an act",
      "steps:\n  - wire: cut\n    frames: { client: m0 }\n    act: drop\n",
      /act: drop is no/,
    ],
    ["an invariant", STEPS, /invariants\[0\]: P9 is no value here/, HEAD.replace("P1", "P9")],
    ["a field of the case", `${STEPS}extra: 1\n`, /:1:1: extra is no field here/],
    ["no steps", "", /steps is missing/],
    ["a plan of what is no draft", `${STEPS}plan: [later]\n`, /plan/],
    ["a draft without anything", "draft: later\n", /steps is missing|plan is missing/],
    ["what is no YAML", "steps: [\n", /^some\.yaml:\d+:\d+: /],
    ["nothing", "", /^some\.yaml:1:1: a case is an object .*; here is nothing$/, ""],
    ["a list", "- start: m0\n", /^some\.yaml:1:1: a case is an object .*; here is a list$/, ""],
    ["what is no text", "\u0000\u0001", /^some\.yaml:1:1: .*; here is a string$/, ""],
    ["two cases", `${STEPS}---\n${HEAD}`, /^some\.yaml:10:1: a second document begins here/],
    ["aliases without end", bomb(), /^some\.yaml:1:1: Excessive alias count/],
    ["a key that stands twice", `${STEPS}level: L2\n`, /:10:1: Map keys must be unique/],
  ])("%s", (_, lines, message, head = HEAD) => {
    expect(wrong(lines, head)).toMatch(message);
  });

  test("all of it at once", () => {
    const said = wrong("steps:\n  - hodl: all\n  - start: you\n");
    expect(said.split("\n")).toHaveLength(2);
  });
});

describe("what the schema cannot see", () => {
  test.each([
    [
      "a name that no step has given",
      "steps:\n  - release: heads\n",
      /:9:5: steps\[0\]: no hold or wire "heads" before this step; there is none/,
    ],
    [
      "a name that only a later step gives",
      "steps:\n  - guard: { held: heads }\n  - hold: all\n    as: heads\n",
      /steps\[0\]\.guard: no hold or remembered handlers "heads"/,
    ],
    [
      "another mark",
      "steps:\n  - mark: here\n  - until: { heartbeats: m0, since: there }\n",
      /no mark "there" before this step; there are: here/,
    ],
    ["partitions", "steps:\n  - guard: { held: all, inEach: moved }\n", /no remembered partitions/],
    ["a wire", "steps:\n  - until: { acted: cut }\n", /no wire "cut"/],
    ["a broker", "steps:\n  - broker: restart\n    which: victim\n", /no named broker "victim"/],
    ["a fault", "steps:\n  - healed: it\n", /no injected fault "it"/],
    [
      "a fault that nobody sees",
      "steps:\n  - inject: it\n  - healed: it\n",
      /how "it" is observed/,
    ],
    [
      "a fault that never ends",
      "steps:\n  - inject: it\n  - observed: it\n    when: { held: all }\n",
      /when "it" is healed/,
    ],
    [
      "a need that is not declared",
      "steps:\n  - guard: { lostCommits: m0, atLeast: 3 }\n",
      /this needs commitLog: add it to the case's `needs`/,
    ],
    [
      "another need than the one that a wait can do without",
      "steps:\n  - until: { lostCommits: m0 }\n    onlyWith: proxy\n",
      /this needs commitLog: add it to the case's `needs`/,
    ],
    ["a step's need", "steps:\n  - broker: term\n", /this needs brokerFaults/],
    ["failover", "steps:\n  - broker: kill\n    which: coordinator\n", /this needs failover/],
    [
      "a mark for what is of now",
      "steps:\n  - mark: here\n  - guard: { held: all, since: here }\n",
      /held is of now: `since` means nothing for it/,
    ],
    [
      "a missing mark",
      "steps:\n  - guard: { generations: m0 }\n",
      /generations wants to know since/,
    ],
    ["a time without a unit", "steps:\n  - until: { idle: all, atLeast: 30 }\n", /idle is a time/],
    ["a number with a unit", "steps:\n  - until: { held: all, atLeast: 3 s }\n", /held is no time/],
    [
      "a kill by what is not demanded",
      `kills: { liar: { fails: [K1] } }\n${STEPS}`,
      /:8:16: kills\.liar: K1 must fail, but is not among/,
    ],
    ["no clauses", STEPS, /clauses: which does it test\?/, HEAD.replace(/clauses.*\n/, "")],
    [
      "another id",
      STEPS,
      /:1:5: id: core\/other is in the file of core\/some/,
      HEAD.replace("some", "other"),
    ],
  ])("%s", (_, lines, message, head = HEAD) => {
    expect(wrong(lines, head)).toMatch(message);
  });
});

describe("a folder of cases", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "sluice-suite-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  test("is in the order of the matrix, whatever the file system says", () => {
    put("net/b.yaml", `${HEAD.replace("core/some", "net/b")}${STEPS}`);
    put("core/z.yaml", `${HEAD.replace("core/some", "core/z")}${STEPS}`);
    put("core/a.yaml", `${HEAD.replace("core/some", "core/a")}${STEPS}`);
    expect(loadSuite(folder).map(({ id }) => id)).toEqual(["core/a", "core/z", "net/b"]);
  });

  test("is refused with every problem of every file", () => {
    put("core/a.yaml", `${HEAD.replace("core/some", "core/a")}steps: [{ hodl: all }]\n`);
    put("net/b.yaml", "- nothing\n");
    put("odd/c.yaml", `${HEAD}${STEPS}`);
    put("core/notes.txt", "");
    mkdirSync(join(folder, "core/folder.yaml"));
    expect(() => loadSuite(folder)).toThrow(SuiteFileError);
    try {
      loadSuite(folder);
    } catch (error) {
      const lines = (error as Error).message.split("\n");
      expect(lines.find((line) => line.startsWith("suite/core/a.yaml:8:"))).toMatch(/hodl/);
      expect(lines.some((line) => line.startsWith("suite/net/b.yaml:1:1"))).toBe(true);
      expect(lines.find((line) => line.includes("suite/odd"))).toMatch(/no family.*core, retry/);
      expect(lines.find((line) => line.includes("notes.txt"))).toMatch(/no case.*\.yaml/);
      expect(lines.find((line) => line.includes("folder.yaml"))).toMatch(
        /no case, which is a file/,
      );
    }
  });

  test("that is not there is no folder of cases", () => {
    expect(() => loadSuite(join(folder, "suit"))).toThrow(/suit: no such folder of cases/);
  });
});
