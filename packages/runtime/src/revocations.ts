import type { EpochPartition } from "@sluice/core";

interface Revocation {
  /** Without those that were lost meanwhile. */
  partitions: readonly EpochPartition[];
  readonly release: (partitions: readonly EpochPartition[]) => void;
}

/** Revocations whose drain has not ended yet. */
export class Revocations {
  #last = 0;
  readonly #open = new Map<number, Revocation>();

  /**
   * The promise resolves when the revocation with this id is released, with what was given up by it: the session
   * may run out while a handler is waited for, and what is lost by that is not given up.
   */
  begin(partitions: readonly EpochPartition[]): {
    readonly id: number;
    readonly released: Promise<readonly EpochPartition[]>;
  } {
    const id = ++this.#last;
    const released = new Promise<readonly EpochPartition[]>((release) =>
      this.#open.set(id, { partitions, release }),
    );
    return { id, released };
  }

  /** Before the engine hears of it, whose answer releases. */
  lost(partitions: readonly EpochPartition[]): void {
    const lost = new Set(partitions.map(({ epoch }) => epoch));
    for (const revocation of this.#open.values()) {
      revocation.partitions = revocation.partitions.filter(({ epoch }) => !lost.has(epoch));
    }
  }

  release(id: number): void {
    const revocation = this.#open.get(id);
    if (revocation === undefined) return;
    this.#open.delete(id);
    revocation.release(revocation.partitions);
  }

  releaseAll(): void {
    for (const id of this.#open.keys()) this.release(id);
  }
}
