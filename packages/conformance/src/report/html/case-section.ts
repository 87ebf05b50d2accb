import { invariantRule } from "@sluice/checker";
import type { InvariantResult, Metrics } from "@sluice/checker";
import type { CaseInfo, CaseResult } from "../run-report.ts";
import { duration, isGood, why } from "../words.ts";
import type { ChartData } from "./chart-data.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { badge, tone } from "./matrix.ts";
import { staircase, staircaseLegend } from "./staircase.ts";
import { timeline, timelineLegend } from "./timeline.ts";

export interface CaseSection {
  readonly result: CaseResult;
  readonly info: CaseInfo | null;
  readonly anchor: string;
  /** Null when the history could not be read. */
  readonly charts: ChartData | null;
}

/** Everything about one case of one subject; open when it needs attention. */
export function caseSection({ result, info, anchor, charts }: CaseSection): Markup {
  const reason = why(result);
  // Violations are told one by one below; their summary would say the first of them twice.
  const told = result.outcome === "fail" && result.expectation === undefined;
  return markup`<details class="case ${tone(result)}" id=${anchor} open=${!isGood(result)}>
    <summary>
      ${badge(result)} <span class="id">${result.case}</span>
      <span class="subject">${result.subject}</span>
      <span class="time">${duration(result.ms)}</span>
    </summary>
    <div class="body">
      ${info && markup`<p class="title">${info.title}</p>`}
      ${reason !== null && !told && markup`<p class="reason">${reason}</p>`} ${violations(result)}
      <p class="repro">Repeat just this: <code>${result.repro}</code></p>
      ${result.judgement && invariants(result.judgement.invariants)}
      ${result.judgement && guards(result.judgement.guards)}
      ${result.judgement && metrics(result.judgement.metrics)}
      ${
        charts &&
        markup`<h4>Offsets over time</h4>
          ${staircaseLegend()}
          <div class="charts">
            ${charts.partitions.map((partition) => staircase(charts, partition))}
          </div>
          <h4>Members over time</h4>
          ${timelineLegend()} ${timeline(charts)}`
      }
      ${
        result.artefacts.length > 0 &&
        markup`<p class="artefacts">
          Recorded: ${result.artefacts.map(({ path }) => markup`<a href=${path}>${path}</a> `)}
        </p>`
      }
      ${result.logs.map(
        ({ source, text }) =>
          markup`<details class="log">
            <summary>${source}</summary>
            <pre tabindex="0">${text}</pre>
          </details>`,
      )}
    </div>
  </details>`;
}

function violations(result: CaseResult): Markup {
  const failed = (result.judgement?.invariants ?? []).filter(({ verdict }) => verdict === "fail");
  return failed.map(
    ({ id, violations: count, examples }) =>
      markup`<section class="violated">
        <h4><span class="invariant">${id}</span> ${invariantRule(id)}</h4>
        <ul>
          ${examples.map(({ message }) => markup`<li>${message}</li>`)}
        </ul>
        ${count > examples.length && markup`<p class="more">and ${count - examples.length} more</p>`}
      </section>`,
  );
}

function invariants(results: readonly InvariantResult[]): Markup {
  if (results.length === 0) return null;
  return markup`<div class="scroll" tabindex="0">
    <table class="plain">
      <caption>
        Invariants
      </caption>
      <thead>
        <tr>
          <th scope="col">Invariant</th>
          <th scope="col">Verdict</th>
          <th scope="col" class="number">Examined</th>
          <th scope="col" class="number">Violations</th>
        </tr>
      </thead>
      <tbody>
        ${results.map(
          ({ id, verdict, examined, violations: count, reason }) =>
            markup`<tr>
              <th scope="row"><span class="invariant">${id}</span> ${invariantRule(id)}</th>
              <td>
                <span class="badge ${verdict}">${verdict}</span>${reason !== undefined && markup` <span class="note">${reason}</span>`}
              </td>
              <td class="number">${examined.toLocaleString("en")}</td>
              <td class="number">${count.toLocaleString("en")}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function guards(
  all: readonly { readonly guard: string; readonly met: boolean; readonly detail: string }[],
): Markup {
  if (all.length === 0) return null;
  return markup`<details class="guards" open=${all.some(({ met }) => !met)}>
    <summary>Guards: ${all.filter(({ met }) => met).length} of ${all.length} met</summary>
    <ul>
      ${all.map(
        ({ guard, met, detail }) =>
          markup`<li class=${met ? "met" : "unmet"}>
            <span aria-hidden="true">${met ? "✓" : "✗"}</span> <strong>${guard}</strong>
            ${met ? "" : " not met"}: ${detail}
          </li>`,
      )}
    </ul>
  </details>`;
}

function metrics(values: Metrics): Markup {
  const entries: (readonly [string, string])[] = [
    ["records", values.records.toLocaleString("en")],
    ["attempts", values.begins.toLocaleString("en")],
    ["effects", values.okEffects.toLocaleString("en")],
    ["duplicates", values.duplicates.toLocaleString("en")],
    ["commits", values.commits.toLocaleString("en")],
    ["generations", values.generations.toLocaleString("en")],
    ...(values.recoveryMs === null ? [] : [["recovery", duration(values.recoveryMs)] as const]),
  ];
  return markup`<dl class="metrics">
    ${entries.map(
      ([name, value]) =>
        markup`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
