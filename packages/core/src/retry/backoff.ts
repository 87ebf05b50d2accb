import type { Backoff, Ratio } from "./retry-config.ts";

const TWO: Ratio = { numerator: 2, denominator: 1 };
const THREE: Ratio = { numerator: 3, denominator: 1 };

/**
 * The delay after failed attempt number `attempt` (1 is the first), in milliseconds.
 * @param previousDelayMs the delay before that attempt; null when it was the first
 * @param random uniform unsigned 32-bit integer
 */
export function backoffDelay(
  backoff: Backoff,
  attempt: number,
  previousDelayMs: number | null,
  random: number,
): number {
  // Integers only, rounded down at every step: any language computes the same (SLC-RTY-010).
  const { jitter = "none" } = backoff;
  if (jitter === "decorrelated") return decorrelatedDelay(backoff, previousDelayMs, random);
  const base = baseDelay(backoff, attempt);
  if (jitter === "full") return scale(base, random);
  const half = Math.floor(base / 2);
  return jitter === "equal" ? half + scale(base - half, random) : base;
}

/** The delay before jitter. */
function baseDelay(backoff: Backoff, attempt: number): number {
  if (backoff.type === "fixed") return backoff.delayMs;
  if (backoff.type === "linear") {
    return Math.min(backoff.maxMs, backoff.initialMs + (attempt - 1) * backoff.stepMs);
  }
  const factor = backoff.factor ?? TWO;
  let delay = backoff.initialMs;
  for (let step = 1; step < attempt && delay < backoff.maxMs; step++) {
    const next = multiply(delay, factor);
    if (next === delay) break; // factor 1: without this, attempt 10^6 would take 10^6 steps
    delay = next;
  }
  return Math.min(backoff.maxMs, delay);
}

function decorrelatedDelay(
  backoff: Backoff,
  previousDelayMs: number | null,
  random: number,
): number {
  if (backoff.type !== "exponential") {
    throw new RangeError(`decorrelated jitter with ${backoff.type} backoff: not validated`);
  }
  const { initialMs, maxMs, factor = THREE } = backoff;
  // A delay that the handler asked for may lie outside the policy's own range.
  const previous = Math.min(maxMs, Math.max(initialMs, previousDelayMs ?? initialMs));
  const upper = Math.min(maxMs, multiply(previous, factor));
  return initialMs + scale(upper - initialMs, random);
}

function multiply(delay: number, { numerator, denominator }: Ratio): number {
  return Math.floor((delay * numerator) / denominator);
}

/**
 * `floor(value × random / 2^32)`, exact. The product needs up to 63 bits and a double has 53, so
 * `random` is taken in halves of 16 bits: every intermediate stays below 2^48.
 */
function scale(value: number, random: number): number {
  const high = Math.floor(random / 0x1_0000);
  const low = random % 0x1_0000;
  return Math.floor((value * high + Math.floor((value * low) / 0x1_0000)) / 0x1_0000);
}
