import type { CaseResult } from "../run-report.ts";
import { failedInvariants, STATE_WORDS, stateOf } from "../words.ts";
import type { State } from "../words.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** Also what is not a result: a cell that was left out on purpose, and one that was not reached. */
export type Shown = State | "unplanned" | "not-run";

/** A shape of its own for each state: colour only repeats what it says. */
export function sign(shown: Shown): Markup {
  return markup`<svg class="sign ${shown}" viewBox="0 0 16 16" aria-hidden="true"><use href=${`#sign-${shown}`} /></svg>`;
}

/** Sign and word. */
export function badge(result: CaseResult): Markup {
  const state = stateOf(result);
  return markup`<span class="badge ${state}">${sign(state)} ${badgeWords(result)}</span>`;
}

export function badgeWords(result: CaseResult): string {
  const { expectation } = result;
  if (result.known?.list === "failing" && result.outcome === "pass") return "unexpected pass";
  if (!expectation || result.outcome === "skipped") return STATE_WORDS[stateOf(result)];
  const ids = failedInvariants(result);
  const by = ids.length > 0 ? ` by ${ids.join(", ")}` : "";
  return `${STATE_WORDS[result.outcome]}${by}, ${expectation.met ? "as expected" : "not as expected"}`;
}

/** Defined once in the page, used wherever a sign stands. */
export function signShapes(): Markup {
  return markup`<svg class="shapes" aria-hidden="true" width="0" height="0">
    <symbol id="sign-pass" viewBox="0 0 16 16"><circle class="full" cx="8" cy="8" r="7.5" /><path class="on" d="M4.4 8.3l2.5 2.6 4.8-5.4" /></symbol>
    <symbol id="sign-fail" viewBox="0 0 16 16"><rect class="full" x="0.8" y="0.8" width="14.4" height="14.4" rx="2" /><path class="on" d="M5 5l6 6m0-6l-6 6" /></symbol>
    <symbol id="sign-unknown" viewBox="0 0 16 16"><path class="full" d="M8 0.2L15.8 8 8 15.8 0.2 8z" /><path class="on" d="M6 6.4c0-2.6 4-2.6 4-.1 0 1.5-2 1.5-2 3m0 1.4v1.2" /></symbol>
    <symbol id="sign-error" viewBox="0 0 16 16"><path class="full" d="M8 0.8L15.8 15H0.2z" /><path class="on" d="M8 5.6v4.2m0 1.6v1.3" /></symbol>
    <symbol id="sign-known" viewBox="0 0 16 16"><rect class="hollow" x="1.6" y="1.6" width="12.8" height="12.8" rx="2" /><path class="hollow" d="M5 5l6 6m0-6l-6 6" /></symbol>
    <symbol id="sign-skipped" viewBox="0 0 16 16"><circle class="hollow" cx="8" cy="8" r="6.7" /><path class="hollow" d="M4.8 8h6.4" /></symbol>
    <symbol id="sign-unplanned" viewBox="0 0 16 16"><path class="hollow" d="M5 8h6" /></symbol>
    <symbol id="sign-not-run" viewBox="0 0 16 16"><circle class="hollow dashed" cx="8" cy="8" r="6.7" /></symbol>
  </svg>`;
}
