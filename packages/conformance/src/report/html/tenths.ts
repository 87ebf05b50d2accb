/** Milliseconds to a tenth: finer than any chart shows, and short in a page. */
export function tenths(t: number): number {
  return Math.round(t * 10) / 10;
}
