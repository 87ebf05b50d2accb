// @ts-check
// Section 4.2, transcribed: integers of any size, and every division rounds down.

/**
 * @typedef {{ numerator: number, denominator: number }} Factor
 * @typedef {{
 *   type: "fixed" | "linear" | "exponential",
 *   delayMs?: number, initialMs?: number, stepMs?: number, maxMs?: number,
 *   factor?: Factor, jitter?: string,
 * }} Backoff
 * @typedef {{ maxAttempts: number | "unlimited", maxElapsedMs?: number, backoff: Backoff }} Policy
 */

/** @param {bigint} a @param {bigint} b */
const min = (a, b) => (a < b ? a : b);
/** @param {bigint} a @param {bigint} b */
const max = (a, b) => (a > b ? a : b);

/**
 * @param {Backoff} backoff
 * @param {number} attempt the one that failed
 * @param {number | null} previousDelayMs
 * @param {number} random
 * @returns {number}
 */
export function delay(backoff, attempt, previousDelayMs, random) {
  const scaled = (/** @type {bigint} */ v) => (v * BigInt(random)) / (1n << 32n);
  const jitter = backoff.jitter ?? "none";
  if (jitter === "decorrelated") {
    const initial = BigInt(backoff.initialMs ?? 0);
    const most = BigInt(backoff.maxMs ?? 0);
    const [numerator, denominator] = ratio(backoff.factor ?? { numerator: 3, denominator: 1 });
    const p = previousDelayMs === null ? initial : min(most, max(initial, BigInt(previousDelayMs)));
    const upper = min(most, (p * numerator) / denominator);
    return Number(initial + scaled(upper - initial));
  }
  const b = base(backoff, attempt);
  if (jitter === "full") return Number(scaled(b));
  if (jitter === "equal") return Number(b / 2n + scaled(b - b / 2n));
  return Number(b);
}

/**
 * @param {Backoff} backoff
 * @param {number} attempt
 * @returns {bigint}
 */
function base(backoff, attempt) {
  if (backoff.type === "fixed") return BigInt(backoff.delayMs ?? 0);
  const initial = BigInt(backoff.initialMs ?? 0);
  const most = BigInt(backoff.maxMs ?? 0);
  if (backoff.type === "linear") {
    return min(most, initial + (BigInt(attempt) - 1n) * BigInt(backoff.stepMs ?? 0));
  }
  const [numerator, denominator] = ratio(backoff.factor ?? { numerator: 2, denominator: 1 });
  let b = initial;
  // With the factor 1 every b(i) is the first.
  for (let i = 1; i < attempt && b < most && numerator !== denominator; i += 1) {
    b = (b * numerator) / denominator;
  }
  return min(most, b);
}

/** @param {Factor} factor @returns {[bigint, bigint]} */
const ratio = ({ numerator, denominator }) => [BigInt(numerator), BigInt(denominator)];
