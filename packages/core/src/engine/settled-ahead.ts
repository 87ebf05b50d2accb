import type { CommitGate } from "../gate/commit-gate.ts";
import type { OffsetRanges } from "../gate/offset-ranges.ts";
import type { DecodedCommitMetadata } from "../metadata/decode-commit-metadata.ts";
import { encodeCommitMetadata } from "../metadata/encode-commit-metadata.ts";
import type { EncodedCommitMetadata } from "../metadata/encode-commit-metadata.ts";
import type { KafkaRecord } from "../port/record.ts";
import { LeaderEpochs } from "./leader-epochs.ts";

/**
 * What one assignment knows to be settled above its frontier: restored from the metadata of the
 * commit that it began at, and told by the commits it sends (section 7 of the specification).
 */
export class SettledAhead {
  /** Settled by an earlier owner and not fetched yet. */
  #restored: OffsetRanges = [];
  #restoredEpoch: number | null = null;
  /** Index into `#restored` of the first range that the position has not passed. */
  #next = 0;
  readonly #epochs = new LeaderEpochs();

  restore({ settled, leaderEpoch }: DecodedCommitMetadata): void {
    this.#restored = settled;
    this.#restoredEpoch = leaderEpoch;
    this.#next = 0;
  }

  /** Restored offsets that have not been fetched are left. */
  get hasRestored(): boolean {
    return this.#next < this.#restored.length;
  }

  /** The offset after the last restored one, 0 when there is none. */
  get restoredEnd(): number {
    return this.hasRestored ? this.#restored.at(-1)! : 0;
  }

  /** Whether an earlier owner settled this record. Asked in the order of offsets. */
  settles(record: KafkaRecord): boolean {
    const { offset } = record;
    while (this.hasRestored && this.#restored[this.#next + 1]! <= offset) this.#next += 2;
    if (!this.hasRestored || offset < this.#restored[this.#next]!) return false;
    if (!isAppendedLater(record, this.#restoredEpoch)) return true;
    // After an unclean election the log was cut and these offsets were given to new records. Leader
    // epochs only grow along a log, so that none of what follows is what was settled (SLC-CMD-011).
    this.#next = this.#restored.length;
    return false;
  }

  /** Takes a record into account that has been fetched. In the order of offsets. */
  admitted(record: KafkaRecord): void {
    this.#epochs.admitted(record);
  }

  /** The metadata for a commit of the gate's frontier. */
  metadata(gate: CommitGate, maxChars: number): EncodedCommitMetadata {
    // Gaps alone are not worth telling, and no epoch vouches for them: start at the log's end 100,
    // fetch 100 and a transaction's marker at 101, commit 100 with 101 as settled -> an unclean
    // election cuts the log to 101 -> the next owner would skip the record that is 101 then.
    const highest = gate.highestSettled;
    const settled = highest === -1 ? [] : [...gate.settledAboveFrontier()];
    this.#appendRestored(settled, gate.frontier, gate.position);
    const leaderEpoch = this.#epochOf(gate, highest);
    return encodeCommitMetadata({ base: gate.frontier, settled, leaderEpoch, maxChars });
  }

  /**
   * What is still to be fetched must stay known: a commit without it would make the next owner
   * repeat it.
   */
  #appendRestored(settled: number[], frontier: number, position: number): void {
    for (let index = this.#next; index < this.#restored.length; index += 2) {
      // The base of metadata is never settled. When it was restored and is not fetched yet, a crash
      // now repeats that one record; to commit past it would trust offsets whose epoch is not known.
      const from = Math.max(this.#restored[index]!, position, frontier + 1);
      const to = this.#restored[index + 1]!;
      if (from >= to) continue;
      if (settled.at(-1) === from) settled[settled.length - 1] = to;
      else settled.push(from, to);
    }
  }

  #epochOf(gate: CommitGate, highest: number): number | null {
    if (highest === -1) return this.#restoredEpoch;
    const own = this.#epochs.ofSettled(gate, highest);
    if (!this.hasRestored || own === null) return own;
    return this.#restoredEpoch === null ? null : Math.max(this.#restoredEpoch, own);
  }
}

function isAppendedLater({ leaderEpoch }: KafkaRecord, than: number | null): boolean {
  return than !== null && leaderEpoch !== undefined && leaderEpoch > than;
}
