import type { Slot } from "../lane/lane-scheduler.ts";
import { PHASE } from "./work-table.ts";
import type { WorkTable } from "./work-table.ts";

/**
 * Finds handlers that run too long with one deadline for all of them: a timer for each would cost
 * more than the rest of the engine.
 */
export class StallWatch {
  readonly #stallAfterMs: number;
  #dueAt = Infinity;
  #stopped = false;

  constructor(stallAfterMs: number) {
    this.#stallAfterMs = stallAfterMs;
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  /** A handler has started. Others that run already are due no later. */
  started(now: number): void {
    if (this.#dueAt === Infinity && !this.#stopped) this.#dueAt = now + this.#stallAfterMs;
  }

  stop(): void {
    this.#stopped = true;
    this.#dueAt = Infinity;
  }

  /** Reports each handler once for every full span it has been running. */
  check(work: WorkTable, now: number, report: (slot: Slot) => void): void {
    if (now < this.#dueAt) return;
    this.#dueAt = Infinity;
    for (let slot = 0; slot < work.phase.length; slot++) {
      if (work.phase[slot] !== PHASE.running) continue;
      if (now >= work.stalledAt[slot]!) {
        report(slot);
        const spans = Math.floor((now - work.startedAt[slot]!) / this.#stallAfterMs) + 1;
        work.stalledAt[slot] = work.startedAt[slot]! + spans * this.#stallAfterMs;
      }
      this.#dueAt = Math.min(this.#dueAt, work.stalledAt[slot]!);
    }
  }
}
