import { createHash } from "node:crypto";
import type { CaseResult, DraftCase, RunReport } from "../run-report.ts";
import { duration, HONESTY, isGood, STATE_WORDS, stateOf, totalsInWords, why } from "../words.ts";
import type { State } from "../words.ts";
import { about } from "./about.ts";
import { adapters } from "./adapters.ts";
import { anchorsOf } from "./anchors.ts";
import type { Anchors } from "./anchors.ts";
import { SCRIPT, STYLES } from "./assets.ts";
import { caseSection } from "./case-section.ts";
import type { CaseLink } from "./case-section.ts";
import type { Evidence } from "./case-evidence.ts";
import { killMatrix } from "./kill-matrix.ts";
import { markup, render, verbatim } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { cellLink, matrix, unplannedReasons } from "./matrix.ts";
import { sign, signShapes } from "./sign.ts";

/**
 * The whole run as one file that needs nothing else: no network (its own content policy forbids it), no
 * other file but the artefacts it links to. `evidence` answers what a result's history gives.
 */
export function renderPage(
  report: RunReport,
  evidence: (result: CaseResult) => Evidence | null,
): string {
  const { cases } = report;
  const anchors = anchorsOf(cases);
  const tabs = tabsOf(report, anchors);
  const words = totalsInWords(report);
  const body = markup`<a class="skip" href="#results">Skip to the results</a>
    ${signShapes()}
    <header>
      <p class="brand">Sluice conformance</p>
      <nav aria-label="Views">
        ${tabs.map(({ id, name }) => markup`<a href="#${id}">${name}</a>`)}
      </nav>
    </header>
    <main id="results">
      <h1 class="hidden">Sluice conformance: ${words}</h1>
      ${tabs.map(
        ({ id, title, content }) =>
          markup`<section class="view" id=${id} aria-labelledby="${id}:title">
            <h2 id="${id}:title" tabindex="-1">${title}</h2>
            ${content}
          </section>`,
      )}
      ${caseSections(report, anchors, evidence)}
    </main>
    <footer>
      <p>
        Sluice conformance ${report.header.runner}, specification ${report.header.spec}. For machines:${" "}<a
          href="run.jsonl">run.jsonl</a>, <a href="junit.xml">junit.xml</a>, <a href="badge.json">badge.json</a>.
      </p>
    </footer>`;
  // Before anything is painted: views that are not the current one never flash up.
  const early = `document.documentElement.className = "script";`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${hash(early)} ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>${render(
    markup`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content=${policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sluice conformance: ${words}</title>
        ${verbatim("script", early)} ${verbatim("style", STYLES)}
      </head>
      <body>
        ${body} ${verbatim("script", SCRIPT)}
      </body>
    </html>`,
  )}\n`;
}

interface Tab {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly content: Markup;
}

/** Only what this run has: a self test has no matrix, a run without one no mutants. */
function tabsOf(report: RunReport, anchors: Anchors): readonly Tab[] {
  const { header, cases } = report;
  const selfTests = cases.filter(({ expectation }) => expectation !== undefined);
  const tabs: Tab[] = [];
  if (selfTests.length < cases.length || cases.length === 0) {
    tabs.push({
      id: "matrix",
      name: "Matrix",
      title: "Cases by adapter",
      content: markup`${verdict(report)} ${attention(cases, anchors)}
        ${matrix(report, anchors)} ${key(report)} ${drafts(header.drafts ?? [])}`,
    });
    const observed = adapters(report, anchors);
    if (observed !== null) {
      tabs.push({
        id: "adapters",
        name: "Adapters",
        title: "Duplicates and recovery by adapter",
        content: observed,
      });
    }
  }
  if (selfTests.length > 0) {
    tabs.push({
      id: "mutants",
      name: "Mutants",
      title: "Does the suite bite?",
      content: markup`${tabs.length === 0 && verdict(report)} ${tabs.length === 0 && attention(cases, anchors)}
        ${killMatrix(cases, header.subjects, anchors)}`,
    });
  }
  tabs.push({ id: "run", name: "Run", title: "This run", content: about(report) });
  return tabs;
}

function drafts(cases: readonly DraftCase[]): Markup {
  if (cases.length === 0) return null;
  return markup`<h3>Drafts</h3>
    <p class="prose">Cases of the catalogue that are not run yet. They count for nothing.</p>
    <ul class="drafts">
      ${cases.map(
        ({ id, level, title, reason }) =>
          markup`<li>
            <span class="id">${id}</span> <span class="level">${level}</span> <span>${title}</span>
            <span class="title">${reason}</span>
          </li>`,
      )}
    </ul>`;
}

function verdict(report: RunReport): Markup {
  const { footer, interrupted, replay } = report;
  const good = footer.exitCode === 0 && interrupted !== true;
  return markup`<p class="verdict ${good ? "pass" : "fail"}">
      ${sign(good ? "pass" : interrupted ? "not-run" : "fail")}
      <span>${totalsInWords(report)} in ${duration(footer.ms)}</span>
    </p>
    ${
      interrupted === true &&
      markup`<p class="notice">
        <strong>Interrupted.</strong> The run was cut short: what has no result has neither passed nor failed.
      </p>`
    }
    ${
      replay !== undefined &&
      markup`<div class="notice">
        <p>
          <strong>Judged again</strong> from the recorded histories at ${replay.judgedAt}, by version ${replay.runner}. ${
            replay.changes.length === 0
              ? "Every verdict is what the run had said."
              : `Not what the run had said: ${replay.changes.length}.`
          }
        </p>
        ${
          replay.changes.length > 0 &&
          markup`<ul>
            ${replay.changes.map(
              (change) =>
                markup`<li>
                  <span class="id">${change.case}</span> (${change.subject}): was ${change.before}, is ${change.after}
                </li>`,
            )}
          </ul>`
        }
        ${replay.kept.length > 0 && markup`<p>Taken over unjudged: ${replay.kept.join("; ")}.</p>`}
      </div>`
    }
    <p class="muted prose">${HONESTY}</p>`;
}

/** What a reader has come for, before everything that is fine. */
function attention(cases: readonly CaseResult[], anchors: Anchors): Markup {
  const bad = cases.filter((result) => !isGood(result));
  const known = cases.filter((result) => stateOf(result) === "known");
  const list = (results: readonly CaseResult[]): Markup =>
    markup`<ul class="attention">
      ${results.map(
        (result) =>
          markup`<li>
            ${cellLink(result, anchors)}
            <a class="name" href="#${anchors.get(result)}"><span class="id">${result.case}</span> · ${result.subject}</a>
            <span class="reason">${firstLine(result.known?.reason ?? why(result) ?? "")}</span>
          </li>`,
      )}
    </ul>`;
  return markup`${bad.length > 0 && markup`<h3>Needs attention</h3>${list(bad)}`}
    ${known.length > 0 && markup`<h3>Known failing</h3>${list(known)}`}
    ${(bad.length > 0 || known.length > 0) && markup`<h3>All cases</h3>`}`;
}

/** The signs that this matrix uses. */
function key(report: RunReport): Markup {
  const used = (Object.keys(STATE_WORDS) as State[]).filter((state) =>
    report.cases.some((result) => stateOf(result) === state),
  );
  return markup`<ul class="legend states">
    ${used.map((state) => markup`<li>${sign(state)} ${STATE_WORDS[state]}: ${MEANINGS[state]}</li>`)}
    ${unplannedReasons(report)}
    ${report.interrupted === true && markup`<li>${sign("not-run")} not run: the run ended before</li>`}
  </ul>`;
}

const MEANINGS: Readonly<Record<State, string>> = {
  pass: "every invariant held, every guard was met",
  fail: "an invariant was violated",
  unknown: "the case did not test what it is there to test",
  skipped: "the subject or the cluster declares that it cannot",
  error: "the harness or the protocol on stdio broke",
  known: "it fails, and is listed with a reason",
};

function caseSections(
  report: RunReport,
  anchors: Anchors,
  evidence: (result: CaseResult) => Evidence | null,
): Markup {
  const infos = new Map(report.header.cases.map((info) => [info.id, info]));
  const { cases } = report;
  const link = (result: CaseResult | undefined, from: CaseResult): CaseLink | null => {
    if (result === undefined || result.subject !== from.subject) return null;
    return { anchor: anchors.get(result)!, name: result.case };
  };
  return cases.map((result, i) =>
    caseSection({
      result,
      info: infos.get(result.case) ?? null,
      anchor: anchors.get(result)!,
      tab: result.expectation ? "mutants" : "matrix",
      previous: link(cases[i - 1], result),
      next: link(cases[i + 1], result),
      evidence: evidence(result),
    }),
  );
}

function firstLine(text: string): string {
  const [first = ""] = text.split("\n");
  return first.length > 240 ? `${first.slice(0, 239)}…` : first;
}

function hash(script: string): string {
  return `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}
