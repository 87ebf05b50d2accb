/**
 * Milliseconds since the Unix epoch, whole, never going backwards. Wall time is read once: a clock
 * set back by an hour must not hold every retry for an hour.
 */
export type Clock = () => number;

export function systemClock(): Clock {
  const origin = Date.now() - performance.now();
  return () => Math.floor(origin + performance.now());
}

/** Uniform unsigned 32-bit integer. Jitter and the lane seed need no cryptography. */
export function random32(): number {
  return (Math.random() * 0x1_0000_0000) >>> 0;
}
