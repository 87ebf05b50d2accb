// @ts-check
// Short names for the policies of the vectors, and the ends of their ranges.

/** @typedef {import("./model.mjs").Backoff} Backoff */

export const I31 = 2_147_483_647;

export const U32 = 4_294_967_295;

export const HALF = 2_147_483_648;

/** @param {number} numerator @param {number} denominator */
export const factor = (numerator, denominator) => ({ factor: { numerator, denominator } });

/** @param {number} delayMs @param {string} [jitter] @returns {Backoff} */
export const fixed = (delayMs, jitter) => ({ type: "fixed", delayMs, ...(jitter && { jitter }) });

/**
 * @param {number} initialMs @param {number} stepMs @param {number} maxMs @param {string} [jitter]
 * @returns {Backoff}
 */
export const linear = (initialMs, stepMs, maxMs, jitter) => ({
  type: "linear",
  initialMs,
  stepMs,
  maxMs,
  ...(jitter && { jitter }),
});

/**
 * @param {number} initialMs @param {number} maxMs @param {Partial<Backoff>} [more]
 * @returns {Backoff}
 */
export const exponential = (initialMs, maxMs, more) => ({
  type: "exponential",
  initialMs,
  maxMs,
  ...more,
});
