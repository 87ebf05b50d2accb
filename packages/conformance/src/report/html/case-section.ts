import { invariantRule } from "@sluice/checker";
import type { InvariantResult, Judgement, Metrics } from "@sluice/checker";
import type { CaseInfo, CaseResult, Expectation } from "../run-report.ts";
import { duration, stateOf, why } from "../words.ts";
import type { Evidence } from "./case-evidence.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { badge, sign } from "./sign.ts";
import { violations } from "./violations.ts";

export interface CaseSection {
  readonly result: CaseResult;
  readonly info: CaseInfo | null;
  readonly anchor: string;
  /** Address of the table that it belongs to. */
  readonly tab: string;
  readonly previous: CaseLink | null;
  readonly next: CaseLink | null;
  readonly evidence: Evidence | null;
}

export interface CaseLink {
  readonly anchor: string;
  readonly name: string;
}

/** Everything about one case of one subject, as a view of its own. */
export function caseSection(section: CaseSection): Markup {
  const { result, info, anchor, tab, previous, next, evidence } = section;
  const reason = why(result);
  // Violations are told one by one below; their summary would say the first of them twice.
  const failed = (result.judgement?.invariants ?? []).some(({ verdict }) => verdict === "fail");
  const told = failed && (result.expectation?.met ?? true);
  const repro = `${anchor}:repro`;
  return markup`<article class="view case ${stateOf(result)}" id=${anchor} data-tab=${tab}>
    <p class="around">
      <a href="#${tab}">All cases</a>
      ${previous && markup`<a href="#${previous.anchor}" rel="prev">← ${previous.name}</a>`}
      ${next && markup`<a href="#${next.anchor}" rel="next">${next.name} →</a>`}
    </p>
    <h2 tabindex="-1"><span class="id">${result.case}</span> <span class="subject">${result.subject}</span></h2>
    <p class="outcome">
      ${badge(result)} <span class="time">${duration(result.ms)}</span>
      ${info && info.level !== "" && markup`<span class="level">${info.level}</span> `}${info && markup`<span>${info.title}</span>`}
    </p>
    ${failed && lead(result.judgement?.invariants ?? [], anchor, evidence)}
    ${reason !== null && !told && markup`<p class="reason">${reason}</p>`}
    ${result.known && markup`<p class="reason">Known ${result.known.list}: ${result.known.reason}</p>`}
    ${result.expectation && result.outcome !== "skipped" && expected(result.expectation)}
    ${info?.about !== undefined && markup`<p class="about">${info.about}</p>`}
    <p class="repro">
      <span>Repeat just this:</span> <code id=${repro}>${result.repro}</code>
      <button type="button" class="copy" data-copy=${repro} aria-label="Copy the command">Copy</button>
    </p>
    <div class=${failed ? "findings split" : "findings"}>
      ${
        failed &&
        markup`<div class="told-violations">
          ${violations(result.judgement?.invariants ?? [], anchor, evidence)}
        </div>`
      }
      <div class="pictures">
        ${result.judgement && metrics(result.judgement.metrics, result.judgement)}
        ${
          evidence !== null &&
          evidence.charts !== null &&
          markup`<div class="charts">
              <script type="text/plain">${evidence.charts}</script>
              <p class="no-script">The charts need JavaScript.</p>
            </div>
            ${legend()}`
        }
        ${evidence !== null && evidence.note !== null && markup`<p class="muted">${evidence.note}</p>`}
      </div>
    </div>
    ${result.judgement && guards(result.judgement.guards)}
    ${result.judgement && invariants(result.judgement.invariants)}
    ${
      result.artefacts.length > 0 &&
      markup`<h3>Recorded</h3>
        <ul class="artefacts">
          ${result.artefacts.map(({ path }) => markup`<li><a href=${path}>${path}</a></li>`)}
        </ul>`
    }
    ${result.logs.map(
      ({ source, text }) =>
        markup`<details class="log">
          <summary>${source}</summary>
          <pre tabindex="0">${text}</pre>
        </details>`,
    )}
  </article>`;
}

/** What went wrong, in a sentence, and where it is seen: before anything that explains the case. */
function lead(
  results: readonly InvariantResult[],
  anchor: string,
  evidence: Evidence | null,
): Markup {
  const violated = results.filter(({ verdict }) => verdict === "fail");
  const counts = violated.map(({ id, violations: count }) => `${id} (${times(count)})`);
  const [first] = violated[0]?.examples ?? [];
  const [event] = first === undefined ? [] : (evidence?.tell(first.events) ?? []);
  return markup`<p class="lead"><strong>Violated: ${counts.join(", ")}.</strong>${first && ` ${first.message}`}${event && markup` <a href="#${anchor}:e${event.line}">Show it in the timeline</a>`}</p>`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count.toLocaleString("en")} times`;
}

function expected({ outcome, invariants, mayFail = [], met }: Expectation): Markup {
  const by = invariants.length > 0 ? ` by ${invariants.join(", ")}` : "";
  const also = mayFail.length > 0 ? ` (and perhaps ${mayFail.join(", ")})` : "";
  return markup`<p class="expected">
    ${sign(met ? "pass" : "fail")} Self test: it must end as ${outcome}${by}${also}, and ${met ? "it did" : "did not"}.
  </p>`;
}

function invariants(results: readonly InvariantResult[]): Markup {
  if (results.length === 0) return null;
  return markup`<h3>Invariants</h3>
    <div class="scroll" tabindex="0" role="region" aria-label="Invariants">
      <table class="plain invariants">
        <thead>
          <tr>
            <th scope="col">Invariant</th>
            <th scope="col">Verdict</th>
            <th scope="col" class="number examined">Examined</th>
            <th scope="col" class="number">Violations</th>
          </tr>
        </thead>
        <tbody>
          ${results.map(
            ({ id, verdict, examined, violations: count, reason }) =>
              markup`<tr>
                <th scope="row"><span class="invariant">${id}</span> ${invariantRule(id)}</th>
                <td>
                  <span class="badge ${verdict}">${sign(verdict)} ${verdict}</span>${reason !== undefined && markup` <span class="note">${reason}</span>`}
                </td>
                <td class="number examined">${examined.toLocaleString("en")}</td>
                <td class="number">${count.toLocaleString("en")}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function guards(all: Judgement["guards"]): Markup {
  if (all.length === 0) return null;
  const met = all.filter((guard) => guard.met).length;
  return markup`<details class="guards" open=${met < all.length}>
    <summary>Guards: ${met} of ${all.length} met</summary>
    <ul>
      ${all.map(
        ({ guard, met, detail }) =>
          markup`<li class=${met ? "met" : "unmet"}>
            ${sign(met ? "pass" : "unknown")} <strong>${guard}</strong>${met ? "" : " not met"}: ${detail}
          </li>`,
      )}
    </ul>
  </details>`;
}

function metrics(values: Metrics, { invariants }: Judgement): Markup {
  // Vectors have no records: what was asked is among the invariants.
  if (invariants.every(({ id }) => id === "H1")) return null;
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

/** Every sign of the charts once: shapes differ, not only colours. */
function legend(): Markup {
  const key = (drawing: Markup, text: string): Markup =>
    markup`<li><svg class="key" viewBox="0 0 28 12" aria-hidden="true">${drawing}</svg>${text}</li>`;
  const bar = (kind: string, text: string): Markup =>
    key(markup`<rect class=${kind} x="2" y="3" width="24" height="6" />`, text);
  const path = (kind: string, d: string, text: string): Markup =>
    key(markup`<path class=${kind} d=${d} />`, text);
  return markup`<details class="keys" open>
    <summary>Key</summary>
    <ul class="legend">
      ${bar("grant even", "assignment (generation)")} ${bar("handler ok", "handler, ok")}
      ${bar("handler again", "failed, to be tried again")} ${bar("handler failed", "failed for good")}
      ${bar("handler held", "never answered")}
      ${path("commit accepted", "M14 1v10", "commit, accepted")}
      ${path("commit refused", "M11 3h6v6h-6z", "commit, refused")}
      ${path("commit lost", "M10 2l8 8m0-8l-8 8", "commit, answer withheld")}
      ${path("commit unanswered", "M10 6a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", "commit, never answered")}
      ${bar("withheld late", "frame withheld")}
      ${key(markup`<rect class="withheld lost" x="2" y="3" width="16" height="6" /><path class="withheld-end" d="M15 3l7 7m0-7l-7 7" />`, "frame lost")}
      ${path("mark started", "M11 1l7 5l-7 5z", "process started")}
      ${path("mark stopping", "M10 2h8v8h-8z", "asked to stop")}
      ${path("mark exited", "M9 1l10 10m0-10l-10 10", "exited")}
      ${path("mark killed", "M9 1l10 10m0-10l-10 10", "killed")}
      ${key(markup`<rect class="fault" x="4" width="20" height="12" /><path class="fault-edge" d="M4 0v12" />`, "fault")}
      ${path("seen", "M14 0v12", "fault seen by a witness")}
      ${path("line end", "M1 6H27", "log end")} ${path("line begun", "M1 6H27", "begun")}
      ${path("line settled", "M1 6H27", "settled prefix")}
      ${path("line committed", "M1 6H27", "committed")}
      ${key(markup`<circle class="violation" cx="14" cy="6" r="5" />`, "commit above the settled line")}
    </ul>
  </details>`;
}
