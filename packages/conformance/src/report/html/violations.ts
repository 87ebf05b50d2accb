import { invariantRule } from "@sluice/checker";
import type { InvariantResult } from "@sluice/checker";
import type { Evidence, LinkedEvent } from "./case-evidence.ts";
import { keyStrip } from "./key-strip.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

const MOST_EVENTS = 12;

/** Each violated invariant: what it holds to, then example by example the events that show it. */
export function violations(
  results: readonly InvariantResult[],
  anchor: string,
  evidence: Evidence | null,
): Markup {
  const failed = results.filter(({ verdict }) => verdict === "fail");
  // An event may show several violations; an id may stand once.
  const taken = new Set<number>();
  return failed.map((result) => {
    const { id, violations: count, examples } = result;
    return markup`<section class="violated" aria-label="Violation of ${id}">
        <h3><span class="invariant">${id}</span> ${invariantRule(id)}</h3>
        ${evidence?.strips(result).map((strip) => keyStrip(strip, anchor))}
        <ol class="examples">
          ${examples.map(
            ({ message, events }) =>
              markup`<li>
                <p class="message">${message}</p>
                ${chain(evidence?.tell(events) ?? [], anchor, taken)}
              </li>`,
          )}
        </ol>
        ${
          count > examples.length &&
          markup`<p class="more">
            ${count.toLocaleString("en")} violations in all; these are the smallest.
          </p>`
        }
      </section>`;
  });
}

function chain(events: readonly LinkedEvent[], anchor: string, taken: Set<number>): Markup {
  if (events.length === 0) return null;
  const shown = events.slice(0, MOST_EVENTS);
  return markup`<ol class="evidence">
      ${shown.map(({ line, t, text, handle }) => {
        const id = `${anchor}:e${line}`;
        const first = !taken.has(line);
        taken.add(line);
        return markup`<li
          id=${first ? id : undefined}
          data-t=${t.toFixed(1)}
          data-h=${handle ?? undefined}><a href="#${id}" title="show in the timeline">${(t / 1000).toFixed(2)} s</a> <span>${text}</span></li>`;
      })}
    </ol>
    ${events.length > shown.length && markup`<p class="more">and ${events.length - shown.length} more events</p>`}`;
}
