import type { ChartData, PartitionData } from "./chart-data.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { scale, stepPath, ticks } from "./scale.ts";

const WIDTH = 420;
const HEIGHT = 190;
const LEFT = 38;
const RIGHT = 10;
const TOP = 12;
const BOTTOM = 24;

/** Offsets over time for one partition. A commit above the settled line is the violation to see. */
export function staircase(data: ChartData, partition: PartitionData): Markup {
  const x = scale(0, data.span, LEFT, WIDTH - RIGHT);
  const y = scale(partition.low, partition.high, HEIGHT - BOTTOM, TOP);
  const line = (name: string, points: PartitionData["begun"]): Markup =>
    points.length > 0 &&
    markup`<path class="line ${name}" d=${stepPath(points, x, y, data.span)} />`;
  const last = (points: PartitionData["begun"]): number | string => points.at(-1)?.[1] ?? "none";
  const label =
    `${partition.name}: log end ${last(partition.end)}, begun ${last(partition.begun)}, ` +
    `settled ${last(partition.settled)}, committed ${last(partition.committed)}` +
    (partition.violations.length > 0
      ? `, ${partition.violations.length} commits above the settled line`
      : "");
  return markup`<figure class="chart">
    <figcaption>${partition.name}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
      ${data.faults.map(
        ({ from, to, name }) =>
          markup`<rect
            class="fault"
            x=${x(from)}
            y=${TOP}
            width=${Math.max(2, x(to) - x(from))}
            height=${HEIGHT - TOP - BOTTOM}><title>${name}</title></rect>`,
      )}
      ${ticks(partition.low, partition.high)
        .filter(Number.isInteger)
        .map(
          (value) =>
            markup`<line class="grid" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(value)} y2=${y(value)} />
              <text class="tick end" x=${LEFT - 5} y=${y(value) + 3.5}>${value}</text>`,
        )}
      ${ticks(0, data.span / 1000).map(
        (value) =>
          markup`<text class="tick middle" x=${x(value * 1000)} y=${HEIGHT - 8}>${value} s</text>`,
      )}
      ${line("log-end", partition.end)} ${line("begun", partition.begun)}
      ${line("settled", partition.settled)} ${line("committed", partition.committed)}
      ${partition.violations.slice(0, 50).map(
        ([t, offset]) =>
          markup`<circle class="violation" cx=${x(t)} cy=${y(offset)} r="4.5"><title>
                asked to commit ${offset} at ${(t / 1000).toFixed(2)} s, above the settled line
              </title></circle>`,
      )}
    </svg>
  </figure>`;
}

export function staircaseLegend(): Markup {
  const entry = (name: string, text: string): Markup =>
    markup`<span class="key"><svg viewBox="0 0 28 10" aria-hidden="true"><path class="line ${name}" d="M1 5H27" /></svg>${text}</span>`;
  return markup`<p class="legend">
    ${entry("log-end", "log end")} ${entry("begun", "begun")} ${entry("settled", "settled prefix")}
    ${entry("committed", "committed")}
    <span class="key"><svg viewBox="0 0 28 10" aria-hidden="true">
        <circle class="violation" cx="14" cy="5" r="4.5" /></svg>commit above the settled line</span>
    <span class="key"><svg viewBox="0 0 28 10" aria-hidden="true">
        <rect class="fault" x="4" width="20" height="10" /></svg>fault</span>
  </p>`;
}
