import type { Time } from "./time.ts";

/**
 * The time at a fraction of its price: reading a clock for each record would cost as much as all
 * else the driver does. What was read holds for this turn of the event loop, up to 16 askings, and
 * for one only as soon as handlers are seen to compute: then each may have taken long.
 */
export class TurnClock {
  readonly #time: Time;
  #now: number;
  #askingsLeft = 0;
  #span = 1;
  #armed = false;

  constructor(time: Time) {
    this.#time = time;
    this.#now = time.now();
  }

  read(): number {
    if (this.#askingsLeft > 0) {
      this.#askingsLeft--;
      return this.#now;
    }
    const now = this.#time.now();
    this.#span = now > this.#now && this.#armed ? 1 : Math.min(2 * this.#span, LONGEST_SPAN);
    this.#askingsLeft = this.#span - 1;
    this.#now = now;
    if (!this.#armed) {
      this.#armed = true;
      this.#time.nextTurn(this.#turned);
    }
    return now;
  }

  /** Whatever was read before. */
  readExactly(): number {
    this.#askingsLeft = 0;
    return this.read();
  }

  readonly #turned = (): void => {
    this.#armed = false;
    this.#askingsLeft = 0;
  };
}

const LONGEST_SPAN = 16;
