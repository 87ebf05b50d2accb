import type { KeyStripData, StripBar, StripRow } from "./key-strip-data.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** Members have so many colours; their names tell them apart beyond. */
const COLOURS = 4;

/** One key, record by record: every bar leads to its handler in the timeline. Needs no script. */
export function keyStrip(strip: KeyStripData, anchor: string): Markup {
  const { lane, from, to, broken, rows } = strip;
  const x = (t: number): number =>
    Math.round((Math.min(Math.max(t, from), to) - from) * (1000 / (to - from))) / 10;
  return markup`<figure class="key-strip">
    <figcaption>
      <strong>${lane}</strong> in the order of the log: a bar may begin where the one above has ended (dots: it will be
      tried again), not before. At${" "}<span class="strip-broken">${told(broken)}</span> one did.
    </figcaption>
    <ol class="strip-rows">
      ${rows.map((row) => stripRow(row, strip, x, anchor))}
    </ol>
    <p class="strip-times" aria-hidden="true"><span>${told(from)}</span> <span>${told(to)}</span></p>
  </figure>`;
}

function stripRow(
  { record, leftOut, bars, turn }: StripRow,
  { from, to, broken }: KeyStripData,
  x: (t: number) => number,
  anchor: string,
): Markup {
  const seen = bars.filter((bar) => bar.from <= to && (bar.to ?? Infinity) >= from);
  return markup`${leftOut > 0 && markup`<li class="strip-gap">${leftOut.toLocaleString("en")} more</li>`}
    <li class="strip-row">
      <span class="strip-record">${record}</span>
      <span class="strip-track">
        <span class="strip-line" style="left:${x(broken)}%"></span>
        ${turn && turn[0] <= to && turn[1] >= from && markup`<span class="strip-turn" style=${span(x, turn[0], turn[1])}></span>`}
        ${seen.map(
          (bar) =>
            markup`<a
              class=${classes(bar)}
              style=${span(x, bar.from, bar.to ?? to)}
              href="#${anchor}:h/${encodeURIComponent(bar.handle)}"
              title=${words(record, bar)}><span aria-hidden="true">${bar.wrong && "! "}${bar.member}${bar.attempt > 1 && ` #${bar.attempt}`}</span><span class="hidden">${words(record, bar)}</span></a>`,
        )}
        ${seen.length === 0 && markup`<span class="strip-note ${(bars[0]?.from ?? 0) > to ? "right" : ""}">${notHere(bars, to)}</span>`}
      </span>
    </li>`;
}

function classes({ nth, wrong, elsewhere, to }: StripBar): string {
  return [
    "strip-bar",
    `colour-${nth % COLOURS}`,
    ...(wrong ? ["wrong"] : []),
    ...(elsewhere ? ["elsewhere"] : []),
    ...(to === null ? ["open"] : []),
  ].join(" ");
}

function span(x: (t: number) => number, from: number, to: number): string {
  return `left:${x(from)}%;width:${Math.round((x(to) - x(from)) * 10) / 10}%`;
}

function words(record: string, { member, attempt, from, to, result, ...bar }: StripBar): string {
  const ending = to === null ? "never answered" : `${result} at ${told(to)}`;
  const wrong = bar.wrong ? "; it was not its turn" : "";
  const elsewhere = bar.elsewhere ? "; in another epoch, judged by itself" : "";
  return `${record}, attempt ${attempt} by ${member}: begun at ${told(from)}, ${ending}${wrong}${elsewhere}`;
}

function notHere([first]: readonly StripBar[], to: number): string {
  if (first === undefined) return "never begun";
  return first.from > to ? `begun at ${told(first.from)} →` : `← begun at ${told(first.from)}`;
}

/** To a millisecond: what overlaps here may do so for a few. */
function told(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
