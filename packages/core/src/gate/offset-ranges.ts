/**
 * Ranges of offsets as pairs in one list: `[from, to, from, to, …]`, `to` not included. They ascend,
 * are not empty and never touch. Flat, since a partition's ranges are told at each of its commits.
 *
 * A range that ends with offset 2^53-1 has the `to` 2^53, which a number holds exactly as well.
 */
export type OffsetRanges = readonly number[];
