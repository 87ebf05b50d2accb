/**
 * Maps a range of values onto a range of pixels.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} pixelFrom
 * @param {number} pixelTo
 * @returns {(value: number) => number} to a tenth of a pixel
 */
export function scale(from, to, pixelFrom, pixelTo) {
  const factor = to === from ? 0 : (pixelTo - pixelFrom) / (to - from);
  return (value) => Math.round((pixelFrom + (value - from) * factor) * 10) / 10;
}

/**
 * A line that holds each value until the next point, drawn from the left to the right edge of what
 * is shown. Points that fall on one pixel column are one: the last of them, as the line would cover
 * the others.
 *
 * @param {readonly (readonly [t: number, value: number])[]} points
 * @param {(t: number) => number} x
 * @param {(value: number) => number} y
 * @param {readonly [from: number, to: number]} shown
 * @returns {string} empty when nothing of it is shown
 */
export function stepPath(points, x, y, [from, to]) {
  let path = "";
  let height = NaN;
  for (let i = 0; i < points.length; i += 1) {
    const [t, value] = /** @type {readonly [number, number]} */ (points[i]);
    if (t > to) break;
    const next = points[i + 1];
    if (next !== undefined && next[0] <= to) {
      if (next[0] <= from) continue;
      if (t >= from && Math.round(x(next[0])) === Math.round(x(t))) continue;
    }
    const column = Math.round(x(Math.max(t, from)));
    const following = y(value);
    if (path === "") path = `M${column} ${following}`;
    else if (following !== height) path += `H${column}V${following}`;
    height = following;
  }
  return path === "" ? "" : `${path}H${x(to)}`;
}

/**
 * Three to seven round values within a range, its ends not necessarily among them.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} [about] how many are wanted
 * @returns {readonly number[]}
 */
export function ticks(from, to, about = 5) {
  const span = to - from;
  if (!(span > 0)) return [from];
  const raw = span / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((candidate) => candidate >= raw) ?? span;
  const values = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step / 1e6; i += 1) {
    values.push(Number((i * step).toPrecision(12)));
  }
  return values;
}

/**
 * The value that a stepped line has at a time.
 *
 * @param {readonly (readonly [t: number, value: number])[]} points
 * @param {number} t
 * @returns {number | null} null before its first point
 */
export function valueAt(points, t) {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {readonly [number, number]} */ (points[middle])[0] <= t) low = middle + 1;
    else high = middle;
  }
  return points[low - 1]?.[1] ?? null;
}
