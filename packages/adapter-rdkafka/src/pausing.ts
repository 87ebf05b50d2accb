import type { Logger } from "@sluice/core";

import type { Holding } from "./assignments.ts";
import type { NativeConsumer, NativePartition } from "./client.ts";
import { asNative } from "./errors.ts";

/** How long a leader that does not answer holds one of libuv's threads (trap T13). */
const WAKE_TIMEOUT_MS = 500;
const END_OF_LOG = -1;

/**
 * Makes the client's pauses follow what the holdings say. The client keeps a pause over
 * unassignment and assignment, the port does not, so what was told to the client is remembered.
 * Only changes are told: each pause throws the prefetched records away (trap T22).
 */
export class Pausing {
  readonly #client: NativeConsumer;
  readonly #logger: Logger;
  readonly #told = new Set<string>();
  /** Resumed since the question that is under way was asked; null when none is. */
  #wakeNext: Map<string, NativePartition> | null = null;

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
      if (wanted === this.#told.has(keyOf({ topic, partition }))) continue;
      (wanted ? pause : resume).push({ topic, partition });
    }
    try {
      if (pause.length > 0) this.#client.pause(pause);
      // Only what the client has been told: after a failure the next change tells it again.
      for (const each of pause) this.#told.add(keyOf(each));
      if (resume.length === 0) return;
      this.#client.resume(resume);
      for (const each of resume) this.#told.delete(keyOf(each));
      this.#wake(resume);
    } catch (error) {
      this.#logger.warn(`pause or resume failed: ${asNative(error).message}`);
    }
  }

  /**
   * Librdkafka's threads decide what to fetch when something happens on their connection, else once a
   * second, and `resume` does not wake them. With everything paused nothing happens: a consumer whose
   * budget has filled up went hungry for half a second each time it had emptied. A question to the
   * leaders, whose answer nobody needs, gets them up.
   */
  #wake(partitions: readonly NativePartition[]): void {
    if (this.#wakeNext !== null) {
      // One question at a time, but another one after it: it may have reached the leader of these
      // before they were resumed, or another leader alone, and they would wait for the full second.
      for (const each of partitions) this.#wakeNext.set(keyOf(each), each);
      return;
    }
    const next = new Map<string, NativePartition>();
    this.#wakeNext = next;
    const times = partitions.map((partition) => ({ ...partition, offset: END_OF_LOG }));
    this.#client.offsetsForTimes(times, WAKE_TIMEOUT_MS, () => {
      this.#wakeNext = null;
      const resumed = [...next].filter(([key]) => !this.#told.has(key)).map(([, each]) => each);
      if (resumed.length > 0) this.#wake(resumed);
    });
  }
}

function keyOf({ topic, partition }: NativePartition): string {
  return `${topic}\0${partition}`;
}
