/**
 * The passing of time, all of it: whoever implements it decides when anything in the runtime that
 * waits goes on. {@link systemTime} is the real one; a simulation brings its own.
 */
export interface Time {
  /** Milliseconds since the Unix epoch, whole, never going backwards. */
  now(): number;
  /**
   * Calls `fire` once, `delayMs` from now or later, never from within this call.
   * @param delayMs 0 to 2^31-1
   * @param background the timer alone keeps no process alive
   */
  setTimer(fire: () => void, delayMs: number, background?: boolean): Timer;
  /** Does nothing for a timer that has fired or was cleared before. */
  clearTimer(timer: Timer | undefined): void;
  /** Calls `run` after what can run now has run and the event loop has looked at its sockets. */
  nextTurn(run: () => void): void;
}

/** What `setTimer` answered, for `clearTimer` of the same `Time`. */
export type Timer = object;

/** Wall time is read once: a clock set back by an hour must not hold every retry for an hour. */
export function systemTime(): Time {
  const origin = Date.now() - performance.now();
  return {
    now: () => Math.floor(origin + performance.now()),
    setTimer: (fire, delayMs, background = false) => {
      const timer = setTimeout(fire, delayMs);
      return background ? timer.unref() : timer;
    },
    clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
    nextTurn: (run) => void setImmediate(run),
  };
}
