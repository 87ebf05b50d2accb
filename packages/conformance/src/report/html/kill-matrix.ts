import { INVARIANT_IDS, invariantRule } from "@sluice/checker";
import type { InvariantId } from "@sluice/checker";
import type { CaseResult, Expectation, SubjectInfo } from "../run-report.ts";
import { duration, failedInvariants, STATE_WORDS, stateOf } from "../words.ts";
import type { Anchors } from "./anchors.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { sign } from "./sign.ts";

type SelfTest = CaseResult & { readonly expectation: Expectation };

/** Mutants by invariants: which of them caught which, and whether it had to. */
export function killMatrix(
  results: readonly CaseResult[],
  subjects: readonly SubjectInfo[],
  anchors: Anchors,
): Markup {
  const all = results.filter((result): result is SelfTest => result.expectation !== undefined);
  const tests = all.filter(({ outcome }) => outcome !== "skipped");
  const mutants = tests.filter(({ subject }) => !subject.startsWith("sabotage/"));
  const sabotaged = tests.filter(({ subject }) => subject.startsWith("sabotage/"));
  const about = new Map(subjects.map((subject) => [subject.id, subject.about ?? ""]));
  const killed = new Set(mutants.map(({ subject }) => subject)).size;
  const survivors = new Set(
    mutants.filter(({ expectation }) => !expectation.met).map(({ subject }) => subject),
  );
  return markup`<div class="prose">
      <p>
        A mutant is the reference consumer with one defect. Each must be caught by the case made for it
        and by exactly the invariants that its defect violates: caught for another reason proves nothing.
      </p>
      <p class="count">
        ${sign(survivors.size === 0 ? "pass" : "fail")} ${killed - survivors.size} of ${killed} mutants
        killed as expected${sabotaged.length > 0 && markup`<span>; ${sabotaged.filter(({ expectation }) => expectation.met).length} of ${sabotaged.length} sabotaged harnesses noticed</span>`}
      </p>
    </div>
    ${mutants.length > 0 && grid(mutants, about, anchors)}
    ${
      sabotaged.length > 0 &&
      markup`<h3>A harness that is broken must say that it knows nothing</h3>
        ${sabotage(sabotaged, about, anchors)}`
    }
    ${skipped(all, anchors)}`;
}

function skipped(all: readonly SelfTest[], anchors: Anchors): Markup {
  const tests = all.filter(({ outcome }) => outcome === "skipped");
  if (tests.length === 0) return null;
  return markup`<h3>Not asked here</h3>
    <ul class="attention">
      ${tests.map(
        (test) =>
          markup`<li>
            <a class="cell skipped" href="#${anchors.get(test)}">${sign("skipped")}<span class="word">skipped</span></a>
            <span class="name"><span class="id">${test.case}</span> · ${test.subject}</span>
            <span class="reason">${test.reason}</span>
          </li>`,
      )}
    </ul>`;
}

function grid(
  mutants: readonly SelfTest[],
  about: ReadonlyMap<string, string>,
  anchors: Anchors,
): Markup {
  const columns = INVARIANT_IDS.filter((id) => mutants.some((test) => mark(test, id) !== null));
  const kills = (id: InvariantId): number =>
    mutants.filter(({ expectation }) => expectation.met && expectation.invariants.includes(id))
      .length;
  const idle = INVARIANT_IDS.filter((id) => kills(id) === 0);
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Mutants by invariants">
      <table class="matrix kills">
        <thead>
          <tr>
            <th scope="col">Mutant</th>
            <th scope="col">Result</th>
            ${columns.map((id) => markup`<th scope="col" class="narrow" title=${invariantRule(id)}>${id}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${mutants.map(
            (test) =>
              markup`<tr>
                <th scope="row">
                  <span class="id">${short(test.subject)}</span>
                  <span class="title">${about.get(test.subject)}</span>
                </th>
                <td>${result(test, anchors)}</td>
                ${columns.map((id) => markup`<td class="narrow">${cell(mark(test, id))}</td>`)}
              </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colspan="2">Kills that need it</th>
            ${columns.map((id) => markup`<td class="narrow">${kills(id)}</td>`)}
          </tr>
        </tfoot>
      </table>
    </div>
    <ul class="legend marks">
      <li>${cell("killed")} caught it, as it must</li>
      <li>${cell("may")} caught it too, which depends on timing</li>
      <li>${cell("missed")} should have caught it and did not</li>
      <li>${cell("surplus")} failed though the defect does not violate it</li>
    </ul>
    ${idle.length > 0 && markup`<p class="muted">No mutant of this run needs ${idle.join(", ")}.</p>`}`;
}

function sabotage(
  tests: readonly SelfTest[],
  about: ReadonlyMap<string, string>,
  anchors: Anchors,
): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Sabotaged harnesses">
    <table class="matrix kills">
      <thead>
        <tr>
          <th scope="col">Sabotage</th>
          <th scope="col">Result</th>
        </tr>
      </thead>
      <tbody>
        ${tests.map(
          (test) =>
            markup`<tr>
              <th scope="row">
                <span class="id">${short(test.subject)}</span>
                <span class="title">${about.get(test.subject)}</span>
              </th>
              <td>${result(test, anchors)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function result(test: SelfTest, anchors: Anchors): Markup {
  const { expectation, outcome } = test;
  const said = expectation.met
    ? outcome === "fail"
      ? "killed"
      : `${STATE_WORDS[outcome]}, as it must`
    : outcome === "pass"
      ? "survived"
      : "not as expected";
  return markup`<a class="cell ${stateOf(test)}" href="#${anchors.get(test)}">${sign(stateOf(test))}<span class="word">${said}</span> <span class="time">${duration(test.ms)}</span></a>
    <span class="title">${test.case}</span>`;
}

type Mark = "killed" | "may" | "missed" | "surplus";

function mark(test: SelfTest, id: InvariantId): Mark | null {
  const { invariants, mayFail = [] } = test.expectation;
  const failed = failedInvariants(test).includes(id);
  if (invariants.includes(id)) return failed ? "killed" : "missed";
  if (!failed) return null;
  return mayFail.includes(id) ? "may" : "surplus";
}

const MARKS: Readonly<Record<Mark, readonly [sign: string, word: string]>> = {
  killed: ["●", "caught"],
  may: ["○", "caught too"],
  missed: ["✗", "missed"],
  surplus: ["!", "failed besides"],
};

function cell(found: Mark | null): Markup {
  if (found === null) return null;
  const [character, word] = MARKS[found];
  return markup`<span class="kill ${found}"><span aria-hidden="true">${character}</span><span class="hidden">${word}</span></span>`;
}

function short(subject: string): string {
  return subject.replace(/^(?:mutant|sabotage)\//, "");
}
