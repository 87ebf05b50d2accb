import type { TopicPartition } from "@sluice/core";
import { keyOf } from "./partitions.ts";

/** What the user has paused. It outlives assignments: a partition that comes back stays paused. */
export class UserPauses {
  #everything = false;
  /** Exceptions to `#everything`: paused when it is false, resumed when it is true. */
  readonly #exceptions = new Set<string>();

  /** Without partitions: all, those assigned later included. */
  pause(partitions?: readonly TopicPartition[]): void {
    this.#set(true, partitions);
  }

  resume(partitions?: readonly TopicPartition[]): void {
    this.#set(false, partitions);
  }

  includes(partition: TopicPartition): boolean {
    return this.#everything !== this.#exceptions.has(keyOf(partition));
  }

  #set(paused: boolean, partitions: readonly TopicPartition[] | undefined): void {
    if (partitions === undefined) {
      this.#everything = paused;
      this.#exceptions.clear();
      return;
    }
    for (const partition of partitions) {
      if (this.#everything === paused) this.#exceptions.delete(keyOf(partition));
      else this.#exceptions.add(keyOf(partition));
    }
  }
}
