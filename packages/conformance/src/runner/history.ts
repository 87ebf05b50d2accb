import { createWriteStream } from "node:fs";
import type { WriteStream } from "node:fs";
import { once } from "node:events";
import type { HistoryEvent } from "@sluice/checker";

/** An event before the recorder has stamped it. */
export type Unstamped<E = HistoryEvent> = E extends HistoryEvent ? Omit<E, "t"> : never;

/**
 * The one record of a case, in the order in which the runner learned of things, stamped with the
 * one clock that counts. Kept in memory for the checker and written as JSON Lines as it grows, so
 * that a run that is cut short leaves its evidence.
 */
export class History {
  readonly #events: HistoryEvent[] = [];
  readonly #listeners = new Set<(event: HistoryEvent) => void>();
  readonly #file: WriteStream | null;
  readonly #now: () => number;
  #last = 0;

  /** @param path null keeps it in memory only */
  constructor(path: string | null, now: () => number = () => performance.now()) {
    this.#file = path === null ? null : createWriteStream(path);
    // The history in memory is what is judged; a full disk must not end the run half way.
    this.#file?.on("error", () => {});
    this.#now = now;
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  /** Stamps and keeps the event; the stamp is returned. */
  record(event: Unstamped): number {
    // Never decreasing, whatever the clock does; a microsecond is finer than anything judged.
    this.#last = Math.max(this.#last, Math.round(this.#now() * 1000) / 1000);
    const { type, ...rest } = event;
    const stamped = { type, t: this.#last, ...rest } as HistoryEvent;
    this.#events.push(stamped);
    this.#file?.write(`${JSON.stringify(stamped)}\n`);
    for (const listener of this.#listeners) listener(stamped);
    return this.#last;
  }

  onEvent(listener: (event: HistoryEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the file is complete. */
  async close(): Promise<void> {
    this.#listeners.clear();
    if (this.#file === null || this.#file.closed) return;
    const closed = once(this.#file, "close").catch(() => {});
    this.#file.end();
    await closed;
  }
}
