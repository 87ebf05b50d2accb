import type { Point } from "./chart-data.ts";

/** Maps a range of values onto a range of whole pixels. */
export function scale(
  from: number,
  to: number,
  pixelFrom: number,
  pixelTo: number,
): (value: number) => number {
  const factor = to === from ? 0 : (pixelTo - pixelFrom) / (to - from);
  return (value) => Math.round((pixelFrom + (value - from) * factor) * 10) / 10;
}

/**
 * A line that holds each value until the next point, drawn to `until`. Points that fall on one pixel
 * column are one: the last of them, as the line would cover the others.
 */
export function stepPath(
  points: readonly Point[],
  x: (t: number) => number,
  y: (value: number) => number,
  until: number,
): string {
  const [first] = points;
  if (!first) return "";
  let path = `M${x(first[0])} ${y(first[1])}`;
  let height = y(first[1]);
  for (let i = 1; i < points.length; i += 1) {
    const column = Math.round(x(points[i]![0]));
    const following = points[i + 1];
    if (following && Math.round(x(following[0])) === column) continue;
    const next = y(points[i]![1]);
    if (next === height) continue;
    path += `H${column}V${next}`;
    height = next;
  }
  return `${path}H${x(until)}`;
}

/** Three to seven round values within a range, its ends not necessarily among them. */
export function ticks(from: number, to: number): readonly number[] {
  const span = to - from;
  if (!(span > 0)) return [from];
  const raw = span / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((candidate) => candidate >= raw)!;
  const values: number[] = [];
  for (let value = Math.ceil(from / step) * step; value <= to + step / 1e6; value += step) {
    values.push(Math.round(value * 1e6) / 1e6);
  }
  return values;
}
