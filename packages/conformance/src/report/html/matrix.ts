import type { CaseInfo, CaseResult, RunReport } from "../run-report.ts";
import { duration, stateOf, why } from "../words.ts";
import type { Anchors } from "./anchors.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { badgeWords, sign } from "./sign.ts";

/** Cases by subjects, family by family; each cell leads to its case. */
export function matrix(report: RunReport, anchors: Anchors): Markup {
  const { subjects, cases } = report.header;
  const cells = cellsOf(report);
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Cases by adapter">
    <table class="matrix">
      <thead>
        <tr>
          <th scope="col">Case</th>
          ${subjects.map(({ id }) => markup`<th scope="col">${broken(id)}</th>`)}
        </tr>
      </thead>
      ${families(cases).map(
        ([family, members]) =>
          markup`<tbody>
            <tr class="family">
              <th colspan=${subjects.length + 1} scope="rowgroup">
                ${FAMILIES[family] ?? family}
              </th>
            </tr>
            ${members.map(
              ({ id, level, title }) =>
                markup`<tr>
                  <th scope="row">
                    <span class="id">${id}</span> <span class="level">${level}</span>
                    <span class="title">${title}</span>
                  </th>
                  ${subjects.map(
                    (subject) =>
                      markup`<td>${cells(id, subject.id).map((cell) => shown(cell, anchors))}</td>`,
                  )}
                </tr>`,
            )}
          </tbody>`,
      )}
    </table>
  </div>`;
}

/** A result, or why there is none; null: it was not reached. */
type Cell = CaseResult | { readonly unplanned: string } | null;

function cellsOf(report: RunReport): (id: string, subject: string) => readonly Cell[] {
  const results = new Map<string, CaseResult[]>();
  for (const result of report.cases) {
    const key = `${result.case}\0${result.subject}`;
    results.set(key, [...(results.get(key) ?? []), result]);
  }
  const unplanned = new Map(
    (report.header.unplanned ?? []).map((cell) => [`${cell.case}\0${cell.subject}`, cell.reason]),
  );
  return (id, subject) => {
    const key = `${id}\0${subject}`;
    const found = results.get(key);
    if (found !== undefined) return found;
    const reason = unplanned.get(key);
    return [reason === undefined ? null : { unplanned: reason }];
  };
}

function shown(cell: Cell, anchors: Anchors): Markup {
  if (cell === null) {
    return markup`<span class="none">${sign("not-run")}<span class="word">not run</span></span>`;
  }
  if ("unplanned" in cell) {
    return markup`<span class="none" title="not planned: ${cell.unplanned}">${sign("unplanned")}<span class="hidden">not planned: ${cell.unplanned}</span></span>`;
  }
  return cellLink(cell, anchors);
}

/** The sign says the outcome; the word is there for what did not pass, and for who cannot see it. */
export function cellLink(result: CaseResult, anchors: Anchors): Markup {
  const state = stateOf(result);
  const word = badgeWords(result);
  const passed = state === "pass" && !result.expectation;
  return markup`<a class="cell ${state}" href="#${anchors.get(result)}" title=${why(result) ?? word}>${sign(state)}<span class=${passed ? "hidden" : "word"}>${word}</span> ${
    state !== "skipped" && markup`<span class="time">${duration(result.ms)}</span>`
  }</a>`;
}

/** Cells that were left out, each reason once. */
export function unplannedReasons({ header: { unplanned = [] } }: RunReport): Markup {
  const bySubject = new Map<string, Set<string>>();
  for (const { subject, reason } of unplanned) {
    bySubject.set(reason, (bySubject.get(reason) ?? new Set()).add(subject));
  }
  return [...bySubject].map(
    ([reason, subjects]) =>
      markup`<li>${sign("unplanned")} not planned (${[...subjects].join(", ")}): ${reason}</li>`,
  );
}

function families(cases: readonly CaseInfo[]): readonly (readonly [string, CaseInfo[]])[] {
  const found = new Map<string, CaseInfo[]>();
  for (const info of cases) {
    const [family = ""] = info.id.split("/");
    found.set(family, [...(found.get(family) ?? []), info]);
  }
  return [...found];
}

const FAMILIES: Readonly<Record<string, string>> = {
  vec: "Vectors: bytes and decisions, no broker",
  core: "Order and offsets on a healthy cluster",
  retry: "Retries and dead letters",
  group: "Rebalances",
  proc: "Processes that die or freeze",
  broker: "Brokers that die or restart",
  net: "Frames that are held, delayed or lost",
  soak: "Many faults over a long time",
};

/** A long name may break after its slash. */
function broken(id: string): Markup {
  return id.split("/").map((part, i) => (i === 0 ? part : markup`/<wbr />${part}`));
}
