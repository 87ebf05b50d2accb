import type { Time, Timer } from "./time.ts";

/** The one timer: fires at or after a deadline that may be moved at each event. */
export class DeadlineTimer {
  readonly #time: Time;
  readonly #fired: () => void;
  #armedFor = Infinity;
  #timer: Timer | undefined;
  #disposed = false;

  /** @param fired must look whether the deadline has passed, and arm again if not */
  constructor(time: Time, fired: () => void) {
    this.#time = time;
    this.#fired = fired;
  }

  /** Fires by `deadline`. An earlier firing is left as it is: moving a timer costs more than it. */
  arm(deadline: number, now: number): void {
    if (deadline >= this.#armedFor || this.#disposed) return;
    this.#time.clearTimer(this.#timer);
    this.#armedFor = deadline;
    const delay = Math.min(Math.max(deadline - now, 0), LONGEST_TIMER_MS);
    this.#timer = this.#time.setTimer(this.#onTimeout, delay);
  }

  /** Never fires again. */
  dispose(): void {
    this.#disposed = true;
    this.#time.clearTimer(this.#timer);
  }

  readonly #onTimeout = (): void => {
    this.#armedFor = Infinity;
    this.#fired();
  };
}

const LONGEST_TIMER_MS = 2_147_483_647;
