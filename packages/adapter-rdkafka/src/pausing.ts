import type { Logger } from "@sluice/core";

import type { Holding } from "./assignments.ts";
import type { NativeConsumer, NativePartition } from "./client.ts";
import { asNative } from "./errors.ts";

/**
 * Makes the client's pauses follow what the holdings say. The client keeps a pause over
 * unassignment and assignment, the port does not, so what was told to the client is remembered.
 * Only changes are told: each pause throws the prefetched records away (trap T22).
 */
export class Pausing {
  readonly #client: NativeConsumer;
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(client: NativeConsumer, logger: Logger) {
    this.#client = client;
    this.#logger = logger;
  }

  /** To be called after every change of `paused` or `state`, once the client is assigned. */
  apply(holdings: readonly Holding[]): void {
    const pause: NativePartition[] = [];
    const resume: NativePartition[] = [];
    for (const { topic, partition, paused, state } of holdings) {
      if (state === "starting") continue;
      const wanted = paused || state !== "active";
      const key = `${topic}\0${partition}`;
      if (wanted === this.#told.has(key)) continue;
      (wanted ? pause : resume).push({ topic, partition });
      if (wanted) this.#told.add(key);
      else this.#told.delete(key);
    }
    try {
      if (pause.length > 0) this.#client.pause(pause);
      if (resume.length > 0) this.#client.resume(resume);
    } catch (error) {
      this.#logger.warn(`pause or resume failed: ${asNative(error).message}`);
    }
  }
}
