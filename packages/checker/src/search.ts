/** The first position in `sorted` for which `reached` holds; its length when there is none. */
export function firstWhere<T>(sorted: readonly T[], reached: (item: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first of ascending indices beyond `index`; Infinity when there is none. */
export function firstAfter(indices: readonly number[], index: number): number {
  return indices[firstWhere(indices, (at) => at > index)] ?? Infinity;
}
