import type { CommitGate } from "../gate/commit-gate.ts";
import type { KafkaRecord } from "../port/record.ts";

const UNKNOWN = -1;

/** Offsets from here up to the next run, as far as records have been admitted. */
interface Run {
  readonly from: number;
  /** `UNKNOWN` where the records did not tell. */
  readonly epoch: number;
}

/**
 * Which leader epochs the records of one assignment have, as runs of offsets: an epoch lasts for as
 * long as its leader does, so there are hardly ever two. Asked at a commit, so that settling a record
 * need not look at it.
 */
export class LeaderEpochs {
  /** By ascending offset. */
  #runs: Run[] = [];
  #last = Number.NaN;

  /** Takes a record into account. In the order of offsets. */
  admitted({ offset, leaderEpoch = UNKNOWN }: KafkaRecord): void {
    if (leaderEpoch === this.#last) return;
    this.#last = leaderEpoch;
    this.#runs.push({ from: offset, epoch: Math.max(UNKNOWN, leaderEpoch) });
  }

  /**
   * The highest leader epoch of what is settled out of order, null when one of these records did not
   * tell its own (SLC-CMD-006). Forgets what the frontier has passed.
   * @param highest offset that is settled out of order
   */
  ofSettled(gate: CommitGate, highest: number): number | null {
    const runs = this.#runs;
    const passed = runs.findLastIndex(({ from }) => from <= gate.frontier);
    if (passed > 0) runs.splice(0, passed);
    for (const [index, { from, epoch }] of runs.entries()) {
      if (epoch !== UNKNOWN) continue;
      if (gate.hasSettled(from, runs[index + 1]?.from ?? Infinity)) return null;
    }
    // Epochs grow along the log: the highest of all settled is that of the highest settled.
    return runs.findLast(({ from }) => from <= highest)?.epoch ?? null;
  }
}
