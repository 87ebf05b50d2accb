// @ts-check
// What is said about a series of samples. Only ratios taken within one round are compared: what slows
// one variant down slows its neighbours down too.

/** Of an even number, what lies between the two in the middle. @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** NaN of nothing. @param {readonly number[]} numbers @param {number} share 0 to 1 */
export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.at(Math.min(sorted.length - 1, Math.floor(share * sorted.length))) ?? Number.NaN;
}

/**
 * @typedef {object} Series
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/** @param {readonly number[]} numbers @returns {Series} */
export function series(numbers) {
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) };
}
