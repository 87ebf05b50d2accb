// @ts-check
// What is said about a series of samples. Only ratios taken within one round are compared: what slows
// one variant down slows its neighbours down too.

/** @param {readonly number[]} numbers */
export function median(numbers) {
  return quantile(numbers, 0.5);
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
