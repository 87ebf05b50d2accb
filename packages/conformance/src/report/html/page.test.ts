import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { result, sampleCases, sampleHistory, sampleRun } from "../../../test/sample-run.ts";
import { chartData } from "./chart-data.ts";
import { renderPage } from "./page.ts";

const page = renderPage(sampleRun(), ({ outcome }) =>
  outcome === "fail" ? chartData(sampleHistory(true)) : null,
);

/** The page is written so that it is also well-formed XML but for its void elements and its script. */
function parsed(text: string): unknown {
  const xml = text
    .replace("<!doctype html>", "")
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, "")
    .replace(/<(meta|br)([^>]*?)\/?>/g, "<$1$2/>")
    .replace(/ (open)(?=[ >])/g, ' $1=""');
  expect(XMLValidator.validate(xml)).toBe(true);
  return new XMLParser({ ignoreAttributes: false }).parse(xml);
}

describe("the page", () => {
  it("is well-formed and closes what it opens", () => {
    parsed(page);
  });

  it("needs no network and forbids itself any", () => {
    expect(page).toContain("Content-Security-Policy");
    expect(page).toContain("default-src 'none'");
    const references = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
    expect(references.length).toBeGreaterThan(5);
    for (const reference of references) expect(reference).not.toMatch(/^(?:[a-z]+:|\/)/i);
    expect(page).not.toMatch(/@import|url\(/);
  });

  it("escapes whatever subjects and logs say", () => {
    const evil = "<img src=x onerror=alert(1)>\"&'";
    const run = sampleRun([
      result("core/hold-head", "kafkajs", "error", {
        reason: evil,
        repro: evil,
        logs: [{ source: evil, text: `</pre><script>${evil}</script>` }],
        artefacts: [{ kind: "log", path: `"><script>` }],
      }),
    ]);
    const text = renderPage(run, () => null);
    expect(text).not.toContain("<img");
    expect(text.match(/<script>/g)).toHaveLength(1);
    parsed(text);
  });

  it("leads from each cell of the matrix to its case", () => {
    const cells = [...page.matchAll(/class="cell [a-z]+" href="#([^"]+)"/g)].map((m) => m[1]!);
    expect(cells).toHaveLength(5);
    for (const id of cells) expect(page).toContain(`id="${id}"`);
    expect(page.match(/not run/g)).toHaveLength(3);
  });

  it("opens what needs attention and puts it first", () => {
    const cases = [...page.matchAll(/<details class="case (\w+)" id="[^"]+"( open)?/g)];
    expect(cases.map(([, tone, open]) => [tone, open !== undefined])).toEqual([
      ["fail", true],
      ["unknown", true],
      ["error", true],
      ["pass", false],
      ["skipped", false],
    ]);
  });

  it("tells a violation in words and marks it in the staircase", () => {
    expect(page).toMatch(/m0 committed in\/0 8 at \d\.\d\d s while 0 \(key a\) was unsettled/);
    expect(page).toContain("Every record below a committed offset was settled");
    expect(page).toContain('class="violation"');
    expect(page).toMatch(/aria-label="in\/0: log end 20, .* 1 commits above the settled line"/);
    expect(page).toContain("--run core/hold-head --adapter rdkafka --seed 42");
  });

  it("says what a self test was to show, and gives two results of a cell an anchor each", () => {
    const expectation = { outcome: "fail", invariants: ["P1"], met: true } as const;
    const { judgement } = sampleCases()[1]!;
    const text = renderPage(
      sampleRun([
        result("core/hold-head", "kafkajs", "fail", { judgement, expectation }),
        result("core/hold-head", "kafkajs", "pass", {
          expectation: { ...expectation, met: false, detail: "the sabotaged run passed" },
        }),
      ]),
      () => null,
    );
    expect(text).toContain("failed by P1, P1s, as expected");
    expect(text).toContain("expected fail by P1: the sabotaged run passed");
    expect(text).toContain("<td>fail by P1</td>");
    expect(text).toContain('id="kafkajs-core-hold-head"');
    expect(text).toContain('id="kafkajs-core-hold-head-2"');
  });
});
