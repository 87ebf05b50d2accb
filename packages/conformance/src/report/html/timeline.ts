import type { ChartData, HandlerData, MemberData } from "./chart-data.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { scale, ticks } from "./scale.ts";

const WIDTH = 900;
const LEFT = 58;
const RIGHT = 10;
const TOP = 30;
const STRIP = 14;
const LANE = 5;
const MAX_LANES = 12;
const GAP = 14;
/** Handlers shorter than this share of the run are drawn as ticks on one lane. */
const SHORT = 0.004;

/** Members over time: what each owned, its handlers, its commits, and what happened to it. */
export function timeline(data: ChartData): Markup {
  if (data.members.length === 0) return null;
  const x = scale(0, data.span, LEFT, WIDTH - RIGHT);
  let top = TOP;
  const rows = data.members.map((member) => {
    const packed = pack(member.handlers, data.span);
    const row = { member, packed, top, height: STRIP + 4 + (packed.lanes + 1) * LANE };
    top += row.height + GAP;
    return row;
  });
  const height = top + 14;
  return markup`<figure class="chart wide" tabindex="0">
    <svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label=${summary(data)}>
      ${data.faults.map(
        ({ from, to, name }) =>
          markup`<rect
            class="fault"
            x=${x(from)}
            y=${TOP - 8}
            width=${Math.max(2, x(to) - x(from))}
            height=${height - TOP - 8}><title>${name}</title></rect>`,
      )}
      ${labels(data, x, height)} ${rows.map((row) => memberRow(row, x))}
      ${ticks(0, data.span / 1000).map(
        (value) =>
          markup`<text class="tick middle" x=${x(value * 1000)} y=${height - 3}>${value} s</text>`,
      )}
    </svg>
  </figure>`;
}

export function timelineLegend(): Markup {
  const bar = (name: string, text: string): Markup =>
    markup`<span class="key"><svg viewBox="0 0 28 10" aria-hidden="true">
        <rect class=${name} x="2" y="2" width="24" height="6" /></svg>${text}</span>`;
  const tick = (name: string, text: string): Markup =>
    markup`<span class="key"><svg viewBox="0 0 28 10" aria-hidden="true"><path class=${name} d="M14 0V10" /></svg>${text}</span>`;
  return markup`<p class="legend">
    ${bar("grant", "assignment")} ${bar("handler", "handler, ok")}
    ${bar("handler retry", "failed, to be retried")} ${bar("handler poison", "failed for good")}
    ${bar("handler held", "never answered")} ${tick("commit", "commit")}
    ${tick("commit lost", "commit, answer lost")} ${tick("mark stopping", "asked to stop")}
    <span class="key"><svg viewBox="0 0 28 10" aria-hidden="true">
        <path class="mark exited" d="M10 1l8 8m0-8l-8 8" /></svg>gone</span>
  </p>`;
}

/** Phase names along the top, left out where they would collide. */
function labels(data: ChartData, x: (t: number) => number, height: number): Markup {
  let free = 0;
  return data.phases.map(({ t, name }) => {
    const at = x(t);
    const fits = at >= free;
    if (fits) free = at + name.length * 6.2 + 8;
    return markup`<line class="phase" x1=${at} x2=${at} y1=${TOP - 14} y2=${height - 14} />
      ${fits && markup`<text class="tick" x=${at + 3} y=${TOP - 17}>${name}</text>`}`;
  });
}

interface Row {
  readonly member: MemberData;
  readonly packed: Packed;
  readonly top: number;
  readonly height: number;
}

function memberRow({ member, packed, top }: Row, x: (t: number) => number): Markup {
  const below = top + STRIP + 4;
  return markup`<g>
    <text class="member" x="0" y=${top + 11}>${member.name}</text>
    ${member.grants.map(({ from, to, generation, partitions }) => {
      const width = Math.max(1, x(to) - x(from));
      const text = `gen ${generation}: ${partitions.join(" ") || "nothing"}`;
      return markup`<rect
          class=${partitions.length > 0 ? "grant" : "grant empty"}
          x=${x(from)}
          y=${top}
          width=${width}
          height=${STRIP}><title>${text}</title></rect>
        ${width > text.length * 5.6 && markup`<text class="grant-text" x=${x(from) + 4} y=${top + 10.5}>${text}</text>`}`;
    })}
    ${member.commits.map(
      ({ t, lost }) =>
        markup`<path class=${lost ? "commit lost" : "commit"} d=${`M${x(t)} ${top - 3}v${STRIP + 6}`}><title>commit answered${lost ? ", answer lost" : ""}</title></path>`,
    )}
    ${member.marks
      .filter(({ what }) => what !== "ready" && what !== "started")
      .map(
        ({ t, what }) =>
          markup`<path class="mark ${what}" d=${what === "stopping" ? `M${x(t)} ${top - 4}v${STRIP + 8}` : `M${x(t) - 4} ${top + 3}l8 8m0-8l-8 8`}><title>${what}</title></path>`,
      )}
    ${packed.short !== "" && markup`<path class="short" d=${packed.shortPath(x, below)} />`}
    ${packed.bars.map(
      ({ handler, lane }) =>
        markup`<rect
          class="handler ${handler.result ?? "held"}"
          x=${x(handler.from)}
          y=${below + (lane + 1) * LANE}
          width=${Math.max(1, x(handler.to) - x(handler.from))}
          height=${LANE - 1}><title>${told(handler)}</title></rect>`,
    )}
  </g>`;
}

interface Packed {
  readonly bars: readonly { readonly handler: HandlerData; readonly lane: number }[];
  readonly lanes: number;
  readonly short: string;
  shortPath(x: (t: number) => number, top: number): string;
}

/** Long handlers side by side on lanes, first come first placed; short ones as ticks. */
function pack(handlers: readonly HandlerData[], span: number): Packed {
  const ends: number[] = [];
  const bars: { handler: HandlerData; lane: number }[] = [];
  const short: HandlerData[] = [];
  for (const handler of handlers) {
    if (handler.result === "ok" && handler.to - handler.from < span * SHORT) {
      short.push(handler);
      continue;
    }
    let lane = ends.findIndex((end) => end <= handler.from);
    if (lane === -1) lane = Math.min(ends.length, MAX_LANES - 1);
    ends[lane] = Math.max(ends[lane] ?? 0, handler.to);
    bars.push({ handler, lane });
  }
  return {
    bars: bars.slice(0, 1500),
    lanes: ends.length,
    short: short.length > 0 ? String(short.length) : "",
    shortPath: (x, top) => {
      const columns = new Set(short.map(({ from }) => Math.round(x(from))));
      return [...columns].map((column) => `M${column} ${top}v${LANE - 1}`).join("");
    },
  };
}

function told({ handle, record, attempt, from, to, result }: HandlerData): string {
  const when = `${(from / 1000).toFixed(2)} to ${(to / 1000).toFixed(2)} s`;
  return `${handle}: ${record}, attempt ${attempt}, ${result ?? "never answered"}, ${when}`;
}

function summary({ members, faults }: ChartData): string {
  const each = members.map(
    ({ name, grants, handlers }) =>
      `${name}: ${grants.length} assignments, ${handlers.length} handlers`,
  );
  const seen = faults.length > 0 ? `; faults: ${faults.map(({ name }) => name).join(", ")}` : "";
  return `${each.join("; ")}${seen}`;
}
