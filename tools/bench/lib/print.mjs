// @ts-check
// Tables for people.
import { median } from "./figures.mjs";
import { words } from "./goals.mjs";

/** @param {import("./area.ts").Table} table @returns {string} */
export function tableText({ title, unit, better, rows, notes = [] }) {
  const columns = [...new Set(rows.flatMap(({ more }) => Object.keys(more ?? {})))];
  const bases = new Set(rows.flatMap(({ base }) => (base ? [base] : [])));
  const several = bases.size > 1;
  const head = ["", unit, "min..max", "ratio", "min..max", "gc", ...columns, "notes"];
  const body = rows.map((row) => cells(row, columns, several));
  const widths = head.map((text, at) =>
    Math.max(text.length, ...body.map((line) => (line[at] ?? "").length)),
  );
  const line = (/** @type {readonly string[]} */ texts) =>
    texts
      .map((text, at) => (at === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd();
  const skipped = rows.flatMap(({ name, skipped }) => (skipped ? [`${name}: ${skipped}`] : []));
  return [
    `\n${title}  (${better} is better${bases.size === 1 ? `; ratio to: ${[...bases][0]}` : ""})`,
    line(head),
    line(widths.map((width) => "-".repeat(width))),
    ...body.map(line),
    ...skipped.map((text) => `  skipped  ${text}`),
    ...notes.map((text) => `  ${text}`),
  ].join("\n");
}

/** @param {import("./area.ts").Row} row @param {readonly string[]} columns @param {boolean} several */
function cells(
  { name, base, value, ratio, gcShare, more, goals, skipped, discarded },
  columns,
  several,
) {
  if (skipped !== undefined) return [name, "–"];
  return [
    name,
    value ? number(value.median) : "–",
    value ? `${number(value.min)}..${number(value.max)}` : "",
    ratio ? ratio.median.toFixed(2) : "",
    ratio ? `${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)}` : "",
    gcShare === undefined ? "" : `${(gcShare * 100).toFixed(0)} %`,
    ...columns.map((column) => {
      const figure = more?.[column];
      return typeof figure === "number" ? number(figure) : (figure ?? "");
    }),
    [
      ...(several && base ? [`to ${base}`] : []),
      ...(goals ?? []).map(words),
      ...(discarded ? [`${discarded} waited`] : []),
    ].join(", "),
  ];
}

/** Three digits that say something. @param {number} figure */
export function number(figure) {
  if (!Number.isFinite(figure)) return "–";
  if (Math.abs(figure) >= 100) return Math.round(figure).toLocaleString("en");
  return figure.toFixed(Math.abs(figure) >= 10 ? 1 : 2);
}

/**
 * What tables have to be read with.
 * @param {{ date: string, machine: ReturnType<typeof import("./machine.mjs").machine>, load: { before: number, after: number },
 *   tables: readonly import("./area.ts").Table[], skipped: readonly { area: string, reason: string }[],
 *   broken: readonly { area: string, error: string }[] }} result
 */
export function resultText({ date, machine, load, tables, skipped, broken }) {
  const goals = tables.flatMap(({ rows }) => rows.flatMap(({ goals = [] }) => goals));
  const spreads = tables.flatMap(({ rows }) =>
    rows.flatMap(({ value }) => (value ? [(value.max - value.min) / value.median] : [])),
  );
  const spread = spreads.length === 0 ? 0 : median(spreads);
  const busy = Math.max(load.before, load.after) > machine.cores;
  return [
    `${date}  ${machine.cores} cores, ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    `load ${load.before} before, ${load.after} after, on ${machine.cores} cores${busy ? ": others were at work; repeat what matters when they are not" : ""}`,
    `noise: between the slowest and the fastest round of a figure lie ${(spread * 100).toFixed(0)} % of it (median of all figures)`,
    `budget of docs/benchmarks.md: ${goals.filter(({ met }) => met).length} of ${goals.length} met`,
    ...skipped.map(({ area, reason }) => `skipped ${area}: ${reason}`),
    ...broken.map(({ area, error }) => `broken  ${area}: ${error}`),
  ].join("\n");
}
