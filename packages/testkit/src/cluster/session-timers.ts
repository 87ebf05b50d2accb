import type { Time, Timer } from "@sluice/runtime/internals";

/** A deadline for each member, moved by each sign of life. */
export class SessionTimers {
  readonly #time: Time;
  readonly #expired: (memberId: string) => void;
  readonly #deadlines = new Map<string, { at: number; timer: Timer }>();

  constructor(time: Time, expired: (memberId: string) => void) {
    this.#time = time;
    this.#expired = expired;
  }

  renew(memberId: string, timeoutMs: number): void {
    const at = this.#time.now() + timeoutMs;
    const known = this.#deadlines.get(memberId);
    // A timer that comes too early looks again: setting one for each heartbeat would cost more.
    if (known !== undefined) known.at = at;
    else this.#deadlines.set(memberId, { at, timer: this.#arm(memberId, timeoutMs) });
  }

  stop(memberId: string): void {
    this.#time.clearTimer(this.#deadlines.get(memberId)?.timer);
    this.#deadlines.delete(memberId);
  }

  stopAll(): void {
    for (const memberId of this.#deadlines.keys()) this.stop(memberId);
  }

  #arm(memberId: string, delayMs: number): Timer {
    return this.#time.setTimer(() => {
      const known = this.#deadlines.get(memberId);
      if (known === undefined) return;
      const left = known.at - this.#time.now();
      if (left > 0) {
        known.timer = this.#arm(memberId, left);
        return;
      }
      this.#deadlines.delete(memberId);
      this.#expired(memberId);
    }, delayMs);
  }
}
