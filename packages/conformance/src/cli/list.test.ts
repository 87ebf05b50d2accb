import { describe, expect, test } from "vitest";
import { caseNamed, catalogue } from "../suite/index.ts";
import { renderCatalogue } from "../suite/catalogue-page.ts";
import { readCase } from "../suite/read-case.ts";
import { toCase } from "../suite/to-case.ts";
import { chosen, explain, listJson, listText } from "./list.ts";

const suite = catalogue();
const head = `level: L3
title: what happens
about: Why it matters.
clauses: [SLC-GAT-003]
needs: [broker, proxy]
invariants: [P1]
`;
const draft = toCase(
  readCase(`id: net/later\n${head}draft: not built\nplan: [Do this.]\n`, "later.yaml", "net/later"),
);
const whole = toCase(
  readCase(
    `id: net/now
${head}kills: { commits-highest: { fails: [P1] } }
steps:
  - hold: { offset: 0 }
    as: heads
  - inject: the cable is cut
  - together:
      - - start: m0
      - - until: { held: heads, atLeast: 6 }
          why: Nobody else can tell.
  - observed: the cable is cut
    when: { heartbeats: m0, equals: 0 }
  - guard: { held: heads, equals: 6 }
  - healed: the cable is cut
`,
    "now.yaml",
    "net/now",
  ),
);

test("the list marks drafts and does not count them", () => {
  expect(listText([draft, whole])).toBe(
    "L3  net/later  (draft) what happens\nL3  net/now    what happens\n\n" +
      "1 cases, and 1 drafts, which are not run\n",
  );
  expect(listText([whole])).not.toContain("draft");
});

test("the list as JSON says what a tool wants to know", () => {
  const [first, second] = JSON.parse(listJson([draft, whole])) as object[];
  expect(first).toMatchObject({ id: "net/later", draft: "not built", kills: {} });
  expect(second).toMatchObject({
    ...{ draft: null, faults: ["the cable is cut"], clauses: ["SLC-GAT-003"] },
    kills: { "commits-highest": { fails: ["P1"] } },
  });
});

describe("a case is explained", () => {
  test("by what is done, step by step", () => {
    const text = explain(whole);
    expect(text).toContain('  1. Hold handlers at offset 0 when they begin: "heads"\n');
    expect(text).toContain("  3. At the same time\n    a1. Start m0\n");
    expect(text).toMatch(/ b1\. Wait for at least 6 running handlers in "heads"\. Nobody else/);
  });

  test("by what makes it a real test, must hold, and is caught", () => {
    const text = explain(whole);
    expect(text).toMatch(
      /a real test\n {2}- No heartbeats of m0 answered: so the fault "the cable/,
    );
    expect(text).toContain('  - Exactly 6 running handlers in "heads"\n');
    expect(text).toMatch(/must hold\n {2}P1 +Every record below a committed offset was settled/);
    expect(text).toMatch(/what it catches\n {2}- M08 commits-highest: commits the highest/);
    expect(text).toContain("Needs: a broker, the proxy before it");
  });

  test("with the reason why it is a draft", () => {
    expect(explain(draft)).toMatch(
      /\(L3, draft\)\n[^]*Draft, not run: not built\n[^]*- Do this\.\n/,
    );
  });

  test("within the width of a screen", () => {
    for (const definition of suite) {
      const long = explain(definition)
        .split("\n")
        .filter((line) => line.length > 101);
      expect(long, definition.id).toEqual([]);
    }
  });
});

test("the clauses of vectors are those that the vectors name", () => {
  expect(explain(caseNamed("vec/partitioner"))).toContain("SLC-PRT-002");
});

test("a level takes in those below it, and drafts", () => {
  const ids = chosen(suite, { patterns: ["core"], level: "L1" }).map(({ id }) => id);
  expect(ids).toContain("core/hold-head");
  expect(ids.every((id) => id.startsWith("core/"))).toBe(true);
  expect(chosen([whole], { patterns: [], level: "L2" })).toEqual([]);
});

test("the catalogue has every case, and says of drafts why", () => {
  const page = renderCatalogue([draft, whole]);
  expect(page).toContain("1 cases, and 1 drafts");
  expect(page).toContain("**Draft**: not built");
  expect(page).toContain("[net/later](#netlater) (draft), [net/now](#netnow)");
  expect(page).toContain("`commits-highest`, which commits the highest completed offset: P1");
  const all = renderCatalogue(suite);
  for (const { id } of suite) expect(all).toContain(`### ${id}\n`);
});
