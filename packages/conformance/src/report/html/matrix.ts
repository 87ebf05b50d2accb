import type { CaseResult, RunReport } from "../run-report.ts";
import { duration, failedInvariants, SIGNS, WORDS } from "../words.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** Cases by subjects; each cell leads to its section. */
export function matrix(report: RunReport, anchors: ReadonlyMap<CaseResult, string>): Markup {
  const cells = new Map<string, CaseResult[]>();
  for (const result of report.cases) {
    const key = `${result.case}\0${result.subject}`;
    cells.set(key, [...(cells.get(key) ?? []), result]);
  }
  const { subjects, cases } = report.header;
  return markup`<div class="scroll" tabindex="0" role="region" aria-labelledby="matrix">
    <table class="matrix">
      <thead>
        <tr>
          <th scope="col">Case</th>
          ${subjects.map(({ id }) => markup`<th scope="col">${id}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${cases.map(
          ({ id, level, title }) =>
            markup`<tr>
              <th scope="row">
                <span class="id">${id}</span> <span class="level">${level}</span>
                <span class="title">${title}</span>
              </th>
              ${subjects.map(
                (subject) =>
                  markup`<td>${cell(cells.get(`${id}\0${subject.id}`) ?? [], anchors)}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A self test is sparse: one row a result, with what was wanted of it. */
export function listing(
  results: readonly CaseResult[],
  anchors: ReadonlyMap<CaseResult, string>,
): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-labelledby="matrix">
    <table class="matrix listing">
      <thead>
        <tr>
          <th scope="col">Subject</th>
          <th scope="col">Case</th>
          <th scope="col">Wanted</th>
          <th scope="col">Result</th>
        </tr>
      </thead>
      <tbody>
        ${results.map(
          (result) =>
            markup`<tr>
              <th scope="row"><span class="id">${result.subject}</span></th>
              <td><span class="id">${result.case}</span></td>
              <td>${wanted(result)}</td>
              <td>${cell([result], anchors)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function wanted({ expectation }: CaseResult): string {
  if (!expectation) return "a pass";
  const { outcome, invariants } = expectation;
  return invariants.length > 0 ? `${outcome} by ${invariants.join(", ")}` : outcome;
}

function cell(results: readonly CaseResult[], anchors: ReadonlyMap<CaseResult, string>): Markup {
  if (results.length === 0) return markup`<span class="none">not run</span>`;
  return results.map(
    (result) =>
      markup`<a class="cell ${tone(result)}" href="#${anchors.get(result)}">${badge(result)}<span class="time">${duration(result.ms)}</span></a>`,
  );
}

/** Sign and word: colour only repeats what they say. */
export function badge(result: CaseResult): Markup {
  const { expectation, outcome } = result;
  let sign = SIGNS[outcome];
  let words: string = WORDS[outcome];
  if (expectation) {
    const ids = failedInvariants(result);
    sign = expectation.met ? SIGNS.pass : SIGNS.fail;
    words += `${ids.length > 0 ? ` by ${ids.join(", ")}` : ""}, ${expectation.met ? "as expected" : "not as expected"}`;
  }
  return markup`<span class="badge ${tone(result)}"><span aria-hidden="true">${sign}</span> ${words}</span>`;
}

export function tone(result: CaseResult): string {
  if (result.expectation) return result.expectation.met ? "pass" : "fail";
  return result.outcome;
}
