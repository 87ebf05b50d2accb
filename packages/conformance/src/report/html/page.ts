import { createHash } from "node:crypto";
import type { CaseResult, RunReport, SubjectInfo } from "../run-report.ts";
import { duration, HONESTY, isGood, totalsInWords } from "../words.ts";
import { caseSection } from "./case-section.ts";
import type { ChartData } from "./chart-data.ts";
import { markup, render, verbatim } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { listing, matrix } from "./matrix.ts";
import { STYLES } from "./styles.ts";

/**
 * The whole run as one file that needs nothing else: no network (its own content policy forbids it), no
 * other file but the artefacts it links to. `charts` answers what is to be drawn for a result.
 */
export function renderPage(
  report: RunReport,
  charts: (result: CaseResult) => ChartData | null,
): string {
  const { header, cases, footer } = report;
  const anchors = anchorsOf(cases);
  const infos = new Map(header.cases.map((info) => [info.id, info]));
  const section = (result: CaseResult): Markup =>
    caseSection({
      result,
      info: infos.get(result.case) ?? null,
      anchor: anchors.get(result)!,
      charts: charts(result),
    });
  const attention = cases.filter((result) => !isGood(result));
  const good = cases.filter(isGood);
  const self = cases.some(({ expectation }) => expectation !== undefined);
  const words = totalsInWords(report);
  const body = markup`<a class="skip" href="#results">Skip to the results</a>
    <header>
      <h1>Sluice conformance</h1>
      <p class="verdict ${footer.exitCode === 0 ? "pass" : "fail"}">
        ${footer.exitCode === 0 ? "✓" : "✗"} ${words} in ${duration(footer.ms)}
      </p>
      <p class="muted">${HONESTY}</p>
      ${facts(report)}
    </header>
    <main id="results">
      <h2 id="matrix">${self ? "Self test" : "Cases by adapter"}</h2>
      ${self ? listing(cases, anchors) : matrix(report, anchors)}
      ${attention.length > 0 && markup`<h2 id="attention">Needs attention</h2>`}
      ${attention.map(section)} ${good.length > 0 && markup`<h2 id="fine">As it should be</h2>`}
      ${good.map(section)}
      <h2 id="subjects">Subjects</h2>
      ${subjects(header.subjects)}
    </main>
    <footer>
      <p>
        Sluice conformance ${header.runner}, specification ${header.spec}. The same results for
        machines: <a href="run.jsonl">run.jsonl</a>, <a href="junit.xml">junit.xml</a>.
      </p>
    </footer>`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>${render(
    markup`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content=${policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sluice conformance: ${words}</title>
        ${verbatim("style", STYLES)}
      </head>
      <body>
        ${body} ${verbatim("script", SCRIPT)}
      </body>
    </html>`,
  )}\n`;
}

function facts({ header, footer }: RunReport): Markup {
  const { cluster } = header;
  const entries: (readonly [string, Markup])[] = [
    ["Kafka", `${cluster.kafkaVersion}, cluster ${cluster.kind}: ${cluster.reason}`],
    ["Run", `${header.startedAt} to ${footer.finishedAt}, exit code ${footer.exitCode}`],
    ["Machine", `${header.os}, Node ${header.node}`],
    ["Seed", header.seed],
    ["Command", markup`<code>${header.commandLine}</code>`],
  ];
  return markup`<dl class="facts">
    ${entries.map(
      ([name, value]) =>
        markup`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

function subjects(all: readonly SubjectInfo[]): Markup {
  return markup`<div class="scroll" tabindex="0">
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">Subject</th>
          <th scope="col">Client</th>
          <th scope="col">Runtime</th>
          <th scope="col">Declares</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          ({ id, name, version, language, runtime, client, capabilities }) =>
            markup`<tr>
              <th scope="row">
                <span class="id">${id}</span> <span class="muted">${name} ${version}</span>
              </th>
              <td>${client.name} ${client.version}</td>
              <td>${language}, ${runtime}</td>
              <td>${capabilities ? declared(capabilities) : "nothing: it never answered"}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function declared(capabilities: NonNullable<SubjectInfo["capabilities"]>): string {
  const yes = (name: string, has: boolean): string => (has ? name : `no ${name}`);
  const { headers, vectors } = capabilities;
  const answers = `vectors ${vectors.join(", ") || "none"}`;
  if (capabilities.groupProtocol.length === 0) return `no groups; ${answers}`;
  return [
    `groups ${capabilities.groupProtocol.join(", ")}`,
    `rebalance ${capabilities.rebalance.join(", ")}`,
    `ordering ${capabilities.ordering.join(", ")}`,
    yes("dead letters", capabilities.dlq),
    yes("graceful stop", capabilities.graceful),
    yes("header order", headers.order),
    yes("empty headers", headers.empty),
    yes("null headers", headers.null),
    answers,
  ].join("; ");
}

function anchorsOf(cases: readonly CaseResult[]): ReadonlyMap<CaseResult, string> {
  const taken = new Set<string>();
  return new Map(
    cases.map((result) => {
      const base = `${result.subject}-${result.case}`.replaceAll(/[^a-zA-Z0-9]+/g, "-");
      let anchor = base;
      for (let n = 2; taken.has(anchor); n += 1) anchor = `${base}-${n}`;
      taken.add(anchor);
      return [result, anchor];
    }),
  );
}

/** A link to a case opens it; browsers do so for text inside, not for the element itself. */
const SCRIPT = `
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
};
addEventListener("hashchange", open);
open();
`;
