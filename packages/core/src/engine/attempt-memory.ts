/** What failed attempts leave behind when their record is released unsettled. */
export interface PastAttempts {
  readonly failed: number;
  readonly firstFailedAt: number;
  /** -1 for none. */
  readonly previousDelayMs: number;
}

/** Kept for each partition; the oldest go first. A record that is forgotten starts at attempt 1. */
const LIMIT = 1_000;

/**
 * Remembers failed attempts over a reassignment within this process, so that a partition that
 * comes back does not grant a poisonous record all its attempts anew. Other members know nothing of
 * it. Partitions are named by ordinal.
 */
export class AttemptMemory {
  readonly #partitions = new Map<number, Map<number, PastAttempts>>();

  get isEmpty(): boolean {
    return this.#partitions.size === 0;
  }

  remember(partition: number, offset: number, past: PastAttempts): void {
    let offsets = this.#partitions.get(partition);
    if (offsets === undefined) this.#partitions.set(partition, (offsets = new Map()));
    offsets.delete(offset);
    offsets.set(offset, past);
    if (offsets.size > LIMIT) offsets.delete(offsets.keys().next().value!);
  }

  recall(partition: number, offset: number): PastAttempts | undefined {
    return this.#partitions.get(partition)?.get(offset);
  }

  forget(partition: number, offset: number): void {
    const offsets = this.#partitions.get(partition);
    if (offsets?.delete(offset) && offsets.size === 0) this.#partitions.delete(partition);
  }

  /** Drops what has been committed past. */
  forgetBelow(partition: number, committed: number): void {
    const offsets = this.#partitions.get(partition);
    if (offsets === undefined) return;
    for (const offset of offsets.keys()) if (offset < committed) offsets.delete(offset);
    if (offsets.size === 0) this.#partitions.delete(partition);
  }
}
