import type { CaseResult, RunReport } from "../run-report.ts";
import { duration, STATE_WORDS, stateOf } from "../words.ts";
import type { State } from "../words.ts";
import type { Anchors } from "./anchors.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { sign } from "./sign.ts";

/** What was observed of each adapter besides its verdicts: duplicates and recovery, never judged. */
export function adapters({ header, cases }: RunReport, anchors: Anchors): Markup {
  const own = cases.filter(({ expectation }) => expectation === undefined);
  const columns = header.subjects
    .map(({ id }) => observedOf(id, own))
    .filter(({ results }) => results.length > 0);
  if (columns.length === 0) return null;
  const slowest = Math.max(
    1,
    ...columns.flatMap(({ recoveries }) => recoveries.map(({ ms }) => ms)),
  );
  return markup`<p class="prose">
      Observed, never judged: whether a duplicate is allowed is what the invariants D1 and D2 say. Recovery is
      the time from the end of the last fault until every partition that has something to do gets on.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Adapters compared">
      <table class="plain observed">
        <thead>
          <tr>
            <th scope="col">Adapter</th>
            <th scope="col">Cases</th>
            <th scope="col" class="number">Vectors</th>
            <th scope="col" class="number">Records</th>
            <th scope="col" class="number">Handled twice</th>
            <th scope="col" class="number">Recovery, median</th>
            <th scope="col">Recoveries, 0 to ${duration(slowest)}</th>
          </tr>
        </thead>
        <tbody>
          ${columns.map(
            ({ subject, results, vectors, records, duplicates, recoveries }) =>
              markup`<tr>
                <th scope="row"><span class="id">${subject}</span></th>
                <td>${states(results)}</td>
                <td class="number">${vectors.asked === 0 ? "–" : `${number(vectors.right)} of ${number(vectors.asked)}`}</td>
                <td class="number">${number(records)}</td>
                <td class="number">${number(duplicates.total)}${duplicates.cases > 0 && markup` <span class="muted">in ${duplicates.cases} of ${duplicates.of} cases</span>`}</td>
                <td class="number">${recoveries.length === 0 ? "–" : short(median(recoveries.map(({ ms }) => ms)))}${recoveries.length > 0 && markup` <span class="muted">of ${recoveries.length}</span>`}</td>
                <td class="strip-cell">${strip(recoveries, slowest, anchors)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${byCase(
      columns,
      header.cases.map(({ id }) => id),
      anchors,
    )}`;
}

interface Observed {
  readonly subject: string;
  readonly results: readonly CaseResult[];
  readonly vectors: { readonly asked: number; readonly right: number };
  readonly records: number;
  readonly duplicates: { readonly total: number; readonly cases: number; readonly of: number };
  readonly recoveries: readonly { readonly ms: number; readonly result: CaseResult }[];
}

function observedOf(subject: string, all: readonly CaseResult[]): Observed {
  const results = all.filter((result) => result.subject === subject);
  const vectors = { asked: 0, right: 0 };
  const duplicates = { total: 0, cases: 0, of: 0 };
  const recoveries: { ms: number; result: CaseResult }[] = [];
  let records = 0;
  for (const result of results) {
    if (result.judgement === null) continue;
    const answers = result.judgement.invariants.find(({ id }) => id === "H1");
    if (answers) {
      vectors.asked += answers.examined;
      vectors.right += answers.examined - answers.violations;
      continue;
    }
    const { metrics } = result.judgement;
    records += metrics.records;
    duplicates.total += metrics.duplicates;
    duplicates.of += 1;
    if (metrics.duplicates > 0) duplicates.cases += 1;
    if (metrics.recoveryMs !== null) recoveries.push({ ms: metrics.recoveryMs, result });
  }
  return { subject, results, vectors, records, duplicates, recoveries };
}

/** Only cases in which something was observed of at least one adapter. */
function byCase(columns: readonly Observed[], ids: readonly string[], anchors: Anchors): Markup {
  const rows = ids.flatMap((id) => {
    const cells = columns.map(({ results }) => results.find((result) => result.case === id));
    const telling = cells.some((result) => {
      const metrics = result?.judgement?.metrics;
      return metrics !== undefined && (metrics.duplicates > 0 || metrics.recoveryMs !== null);
    });
    return telling ? [{ id, cells }] : [];
  });
  if (rows.length === 0) return null;
  return markup`<h3>By case</h3>
    <div class="scroll" tabindex="0" role="region" aria-label="Duplicates and recovery by case">
      <table class="matrix observed">
        <thead>
          <tr>
            <th scope="col">Case</th>
            ${columns.map(({ subject }) => markup`<th scope="col">${subject}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ id, cells }) =>
              markup`<tr>
                <th scope="row"><span class="id">${id}</span></th>
                ${cells.map((result) => markup`<td>${observedCell(result, anchors)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function observedCell(result: CaseResult | undefined, anchors: Anchors): Markup {
  const metrics = result?.judgement?.metrics;
  if (result === undefined || metrics === undefined) return markup`<span class="muted">–</span>`;
  const twice = metrics.duplicates === 0 ? "none twice" : `${number(metrics.duplicates)} twice`;
  return markup`<a class="plain-link" href="#${anchors.get(result)}">${twice}${metrics.recoveryMs !== null && `, back in ${short(metrics.recoveryMs)}`}</a>`;
}

/** One dot a recovery, along a common axis. */
function strip(recoveries: Observed["recoveries"], slowest: number, anchors: Anchors): Markup {
  if (recoveries.length === 0) return markup`<span class="muted">none</span>`;
  return markup`<span class="strip">${recoveries.map(
    ({ ms, result }) =>
      markup`<a
        href="#${anchors.get(result)}"
        style=${`left:${((ms / slowest) * 100).toFixed(1)}%`}
        title="${result.case}: ${short(ms)}"><span class="hidden">${result.case}: ${short(ms)}</span></a>`,
  )}</span>`;
}

function states(results: readonly CaseResult[]): Markup {
  return (Object.keys(STATE_WORDS) as State[]).map((state) => {
    const count = results.filter((result) => stateOf(result) === state).length;
    return (
      count > 0 &&
      markup`<span class="tally">${sign(state)} ${count} <span class="word">${STATE_WORDS[state]}</span></span> `
    );
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** `57 ms`, `5.7 s`: half of all recoveries are over in a tenth of a second. */
function short(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : duration(ms);
}

function number(value: number): string {
  return value.toLocaleString("en");
}
