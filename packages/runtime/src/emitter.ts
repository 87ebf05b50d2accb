import type { Logger } from "@sluice/core";

/**
 * Typed events. A listener is a guest in the consumer's loop: what it throws, or rejects with, is
 * logged and changes nothing.
 */
export class Emitter<Events extends object> {
  readonly #logger: Logger;
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => unknown>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Returns the function that removes the listener. */
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => void): () => void {
    let listeners = this.#listeners.get(event);
    if (listeners === undefined) this.#listeners.set(event, (listeners = new Set()));
    // A wrapper, so that one function added twice is called twice and removed one at a time.
    const entry = (payload: Events[E]): unknown => listener(payload);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  has(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  emit<E extends keyof Events>(event: E, payload: Events[E]): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined) return;
    for (const listener of [...listeners] as ((payload: Events[E]) => unknown)[]) {
      try {
        const result = listener(payload);
        if (result instanceof Promise) result.catch((error: unknown) => this.#blame(event, error));
      } catch (error) {
        this.#blame(event, error);
      }
    }
  }

  #blame(event: keyof Events, error: unknown): void {
    this.#logger.error(`a listener of "${String(event)}" threw; the consumer goes on`, { error });
  }
}
