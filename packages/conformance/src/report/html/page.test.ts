import { gunzipSync } from "node:zlib";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { result, sampleCases, sampleHistory, sampleRun } from "../../../test/sample-run.ts";
import { exitCodeFor } from "../../cli/exit-code.ts";
import { evidenceFrom } from "../evidence.ts";
import type { RunReport } from "../run-report.ts";
import { renderPage } from "./page.ts";

const page = renderPage(sampleRun(), ({ outcome }) =>
  outcome === "fail" ? evidenceFrom(sampleHistory(true), [], 1e6) : null,
);

/** The page is written so that it is also well-formed XML but for its void elements and its scripts. */
function parsed(text: string): unknown {
  const xml = text
    .replace("<!doctype html>", "")
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, "")
    .replace(/<(meta|br|wbr)([^>]*?)\/?>/g, "<$1$2/>")
    .replace(/ (open)(?=[ >])/g, ' $1=""');
  expect(XMLValidator.validate(xml)).toBe(true);
  return new XMLParser({ ignoreAttributes: false }).parse(xml);
}

/** What a reader sees, without style and scripts. */
const text = (html: string): string =>
  html
    .replace(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

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
    expect(page).not.toMatch(/@import|url\((?!#)/);
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
    const html = renderPage(run, () => null);
    expect(html).not.toContain("<img");
    // Its own two, and none else.
    expect(html.match(/<script>/g)).toHaveLength(2);
    parsed(html);
  });

  it("leads from each cell of the matrix to its case", () => {
    const matrix = page.slice(page.indexOf("<table"), page.indexOf("</table>"));
    const cells = [...matrix.matchAll(/class="cell [a-z]+" href="#([^"]+)"/g)].map((m) => m[1]!);
    expect(cells).toEqual([
      "case/kafkajs/core/hold-head",
      "case/rdkafka/core/hold-head",
      "case/kafkajs/group/leave-drain",
      "case/kafkajs/net/commit-ack-lost",
      "case/rdkafka/vec/partitioner",
    ]);
    for (const id of cells) expect(page).toContain(`id="${id}"`);
  });

  it("tells what was left out on purpose, with the reason, from what was not reached", () => {
    const run = sampleRun();
    const unplanned = [{ case: "group/leave-drain", subject: "rdkafka", reason: "only elsewhere" }];
    const html = renderPage({ ...run, header: { ...run.header, unplanned } }, () => null);
    const matrix = html.slice(html.indexOf("<table"), html.indexOf("</table>"));
    expect(matrix.match(/not planned: only elsewhere<\/span>/g)).toHaveLength(1);
    expect(matrix.match(/>not run</g)).toHaveLength(2);
    expect(text(html)).toContain("not planned (rdkafka): only elsewhere");
  });

  it("puts what needs attention before the matrix, and only that", () => {
    const before = page.slice(page.indexOf("Needs attention"), page.indexOf("<table"));
    const named = [...before.matchAll(/class="name" href="#case\/([^"]+)"/g)].map((m) => m[1]);
    expect(named).toEqual([
      "rdkafka/core/hold-head",
      "kafkajs/group/leave-drain",
      "rdkafka/vec/partitioner",
    ]);
  });

  it("tells a violation in words, event by event, each a link into the timeline", () => {
    expect(page).toMatch(
      /m0 committed in\/0 8 at \d\.\d\d s while in\/0@0 \(key a\) was unsettled/,
    );
    expect(page).toContain("Every record below a committed offset was settled");
    expect(page).toContain("--run core/hold-head --adapter rdkafka --seed 42");
    const evidence = [
      ...page.matchAll(
        /<li id="(case[^"]+:e\d+)" data-t="([\d.]+)"( data-h="m0-0")?><a href="#\1"/g,
      ),
    ];
    expect(evidence.length).toBeGreaterThanOrEqual(3);
    const told = page.slice(page.indexOf('<ol class="evidence">'));
    const first = text(told.slice(0, told.indexOf("</ol>")));
    expect(first).toMatch(/m0 begins in\/0@0 \(key a\), attempt 1 in epoch 1, as m0-0/);
    expect(first).toMatch(/m0 asks to commit in\/0 8 in generation 1/);
    expect(first).toMatch(/m0's m0-0 is finished with ok/);
  });

  it("begins a case that failed with what is wrong and where it is seen", () => {
    const section = page.slice(page.indexOf('id="case/rdkafka/core/hold-head"'));
    const before = section.slice(0, section.indexOf('class="repro"'));
    expect(text(before)).toMatch(
      /failed .*Violated: P1 \(once\), P1s \(once\)\. m0 committed in\/0 8 at .* Show it in the timeline/,
    );
    const [, target = ""] = /href="#([^"]+)">Show it in the timeline/.exec(before) ?? [];
    expect(page).toContain(`<li id="${target}"`);
    expect(text(page).match(/Violated:/g)).toHaveLength(1);
  });

  it("carries each case's charts packed", () => {
    const packed = [...page.matchAll(/<script type="text\/plain">([^<]+)<\/script>/g)];
    expect(packed).toHaveLength(1);
    const data = JSON.parse(gunzipSync(Buffer.from(packed[0]![1]!, "base64")).toString()) as object;
    expect(data).toMatchObject({ members: [{ name: "m0" }, { name: "m1" }] });
  });

  it("shows a known failure apart, and a pass of what is known to fail as wrong", () => {
    const known = { list: "failing", reason: "issue 17" } as const;
    const html = renderPage(
      sampleRun([
        result("core/hold-head", "kafkajs", "fail", {
          judgement: sampleCases()[1]!.judgement,
          known,
        }),
        result("core/hold-head", "rdkafka", "pass", { known }),
      ]),
      () => null,
    );
    const shown = text(html);
    expect(shown).toMatch(/Known failing known failing 3\.4 s core\/hold-head · kafkajs issue 17/);
    expect(shown).toMatch(/Needs attention unexpected pass 3\.4 s core\/hold-head · rdkafka/);
  });

  it("lists drafts apart from the matrix, with the reason", () => {
    const run = sampleRun();
    const [first] = run.header.cases;
    const drafts = [{ ...first!, id: "retry/topics", reason: "no subject has retry topics" }];
    const html = renderPage({ ...run, header: { ...run.header, drafts } }, () => null);
    const [before = "", after = ""] = html.split("Drafts</h3>");
    expect(before.slice(before.indexOf("<table"))).not.toContain("retry/topics");
    expect(text(after.slice(0, after.indexOf("</section>")))).toContain(
      "retry/topics L1 hold the first record of each partition no subject has retry topics",
    );
    expect(page).not.toContain("Drafts</h3>");
  });

  it("compares adapters by duplicates and the median of their recoveries", () => {
    const { judgement } = sampleCases()[0]!;
    const recovering = (id: string, recoveryMs: number): ReturnType<typeof result> =>
      result(id, "kafkajs", "pass", {
        judgement: { ...judgement!, metrics: { ...judgement!.metrics, duplicates: 3, recoveryMs } },
      });
    const cases = [
      recovering("core/hold-head", 100),
      recovering("group/leave-drain", 9000),
      recovering("net/commit-ack-lost", 2000),
    ];
    const html = renderPage(sampleRun(cases), () => null);
    const start = html.indexOf('id="adapters"');
    const shown = text(html.slice(start, html.indexOf("</table>", start)));
    expect(shown).toContain("9 in 3 of 3 cases");
    expect(shown).toContain("2.0 s of 3");
  });

  it("says that a run was cut short", () => {
    const run: RunReport = { ...sampleRun(), interrupted: true };
    expect(text(renderPage(run, () => null))).toContain("Interrupted. The run was cut short");
    expect(text(page)).not.toContain("Interrupted");
  });

  it("says which verdicts a replay has changed", () => {
    const change = { case: "core/hold-head", subject: "kafkajs", before: "pass", after: "unknown" };
    const replay = { judgedAt: "today", runner: "0.2.0", changes: [change], kept: [] };
    const shown = text(renderPage({ ...sampleRun(), replay }, () => null));
    expect(shown).toContain("Not what the run had said: 1.");
    expect(shown).toContain("core/hold-head (kafkajs): was pass, is unknown");
  });
});

describe("the kill matrix", () => {
  const { judgement } = sampleCases()[1]!;
  const mutant = (id: string, more: Parameters<typeof result>[3]): ReturnType<typeof result> =>
    result("core/hold-head", `mutant/${id}`, "fail", { judgement, ...more });
  const run = sampleRun([
    mutant("bites", {
      expectation: { outcome: "fail", invariants: ["P1"], mayFail: ["P1s"], met: true },
    }),
    mutant("other", {
      expectation: { outcome: "fail", invariants: ["K1"], met: false, detail: "not caught by K1" },
    }),
  ]);
  const subjects = ["bites", "other"].map((id) => ({
    ...run.header.subjects[0]!,
    id: `mutant/${id}`,
    about: `defect ${id}`,
  }));
  const html = renderPage({ ...run, header: { ...run.header, subjects } }, () => null);
  const grid = html.slice(html.indexOf("<table"), html.indexOf("</table>"));
  const cells = (name: string): string[] => {
    const row = grid.slice(grid.indexOf(`>${name}</span>`));
    const columns = [
      ...row.slice(0, row.indexOf("</tr>")).matchAll(/<td class="narrow">(.*?)<\/td>/gs),
    ];
    return columns.map(([, cell = ""]) => text(cell).trim());
  };

  it("tells what had to catch a mutant, what may, what missed it and what failed besides", () => {
    const heads = [...grid.matchAll(/<th scope="col" class="narrow"[^>]*>(\w+)</g)].map(
      (m) => m[1],
    );
    expect(heads).toEqual(["P1", "P1s", "K1"]);
    expect(cells("bites")).toEqual(["● caught", "○ caught too", ""]);
    expect(cells("other")).toEqual(["! failed besides", "! failed besides", "✗ missed"]);
  });

  it("has apart what could not be asked here, with the reason, and does not count it", () => {
    const expectation = {
      outcome: "unknown",
      invariants: [],
      met: false,
      detail: "skipped",
    } as const;
    const reason = "cluster brokers has no proxy";
    const skipped = result("core/hold-head", "sabotage/wire-off", "skipped", {
      reason,
      expectation,
    });
    const good = mutant("bites", {
      expectation: { outcome: "fail", invariants: ["P1", "P1s"], met: true },
    });
    const shown = text(renderPage(sampleRun([good, skipped]), () => null));
    expect(shown).toContain("1 skipped, 1 of 1 self tests as expected");
    expect(shown).toContain(`core/hold-head · sabotage/wire-off ${reason}`);
    expect(shown).not.toContain("not as expected");
    expect(shown).not.toContain("Needs attention");
    expect(shown).not.toContain("sabotaged harnesses");
    expect(exitCodeFor([good, skipped])).toBe(0);
  });

  it("counts what was killed as expected, and has the defect in words", () => {
    expect(text(html)).toContain("1 of 2 mutants killed as expected");
    expect(text(grid)).toContain("defect bites");
  });

  it("gives two results of a cell an anchor each", () => {
    const expectation = { outcome: "fail", invariants: ["P1"], met: true } as const;
    const twice = [mutant("m", { expectation }), mutant("m", { expectation })];
    const html = renderPage(sampleRun(twice), () => null);
    expect(html).toContain('id="case/mutant/m/core/hold-head"');
    expect(html).toContain('id="case/mutant/m/core/hold-head-2"');
  });
});
