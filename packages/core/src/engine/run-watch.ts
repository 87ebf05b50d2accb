import type { Slot } from "../lane/lane-scheduler.ts";
import type { WorkToken } from "./effects.ts";
import * as PHASE from "./phase.ts";
import type { WorkTable } from "./work-table.ts";

/**
 * Finds handlers that run longer than a span, with one deadline for all of them: a timer for each
 * would cost more than the rest of the engine.
 */
export class RunWatch {
  readonly #spanMs: number;
  /** Spans reported, of handlers that run too long. */
  #reported = new Map<WorkToken, number>();
  #dueAt = Infinity;
  #stopped = false;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  /** A handler has started. Others that run already are due no later. */
  started(now: number): void {
    if (this.#dueAt === Infinity && !this.#stopped) this.#dueAt = now + this.#spanMs;
  }

  stop(): void {
    this.#stopped = true;
    this.#dueAt = Infinity;
  }

  /** Reports each handler once for every full span it has been running. */
  check(work: WorkTable, now: number, report: (slot: Slot) => void): void {
    if (now < this.#dueAt) return;
    const before = this.#reported;
    this.#reported = new Map();
    this.#dueAt = Infinity;
    for (let slot = 0; slot < work.phase.length; slot++) {
      if (work.phase[slot] !== PHASE.running) continue;
      const token = work.token(slot);
      const spans = Math.floor((now - work.phaseSince(slot)) / this.#spanMs);
      if (spans > (before.get(token) ?? 0)) report(slot);
      if (spans > 0) this.#reported.set(token, spans);
      this.#dueAt = Math.min(this.#dueAt, work.phaseSince(slot) + (spans + 1) * this.#spanMs);
    }
  }
}
