import type { TopicPartition } from "@sluice/core";
import { keyOf } from "../partition-key.ts";

type RecordAt = TopicPartition & { readonly offset: number };

/**
 * How often records have failed at one process, and so which attempt at one may be next. A process counts over
 * assignments as long as it lives, until it has heard that the offset was committed past: by itself, or by another when
 * it is assigned the partition again. Then the record begins at 1 should it ever come back, as it does when the log is
 * cut below it and read from its beginning.
 */
export class FailedAttempts {
  readonly #maxAttempts: number;
  /** By partition and offset. */
  readonly #counted = new Map<string, Map<number, number>>();
  /** The last attempt there was, also when nobody listened any more to what came of it. */
  readonly #made = new Map<string, Map<number, number>>();

  constructor(maxAttempts: number) {
    this.#maxAttempts = maxAttempts;
  }

  /** However it ended. */
  made(at: RecordAt, attempt: number): void {
    set(this.#made, at, attempt);
  }

  /** An attempt that was made has failed, and the process held the partition still. */
  failed(at: RecordAt, attempt: number): void {
    set(this.#counted, at, attempt);
  }

  settled(at: RecordAt): void {
    this.#counted.get(keyOf(at))?.delete(at.offset);
  }

  /** The process knows that everything below this offset was committed. */
  forgetBelow(at: RecordAt): void {
    const offsets = this.#counted.get(keyOf(at));
    for (const offset of offsets?.keys() ?? []) if (offset < at.offset) offsets!.delete(offset);
  }

  /** Why this cannot be the next attempt; null when it can. */
  objection(at: RecordAt, attempt: number): string | null {
    const counted = get(this.#counted, at);
    // The last attempt is granted again while its dead letter is not written.
    const atLeast = Math.min(counted + 1, this.#maxAttempts);
    const atMost = Math.min(get(this.#made, at) + 1, this.#maxAttempts);
    if (attempt >= atLeast && attempt <= atMost) return null;
    return `attempt ${attempt} of ${keyOf(at)}@${at.offset} after ${counted} had failed there`;
  }
}

type Counts = Map<string, Map<number, number>>;

function get(counts: Counts, at: RecordAt): number {
  return counts.get(keyOf(at))?.get(at.offset) ?? 0;
}

function set(counts: Counts, at: RecordAt, attempt: number): void {
  const offsets = counts.get(keyOf(at));
  if (offsets === undefined) counts.set(keyOf(at), new Map([[at.offset, attempt]]));
  else offsets.set(at.offset, attempt);
}
