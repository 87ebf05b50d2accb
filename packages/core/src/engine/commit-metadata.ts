import { decodeCommitMetadata } from "../metadata/decode-commit-metadata.ts";
import type { MetadataRejection } from "../metadata/decode-commit-metadata.ts";
import type { Committed, CommitOffset } from "../port/consumer-port.ts";
import type { Assignment } from "./assignment.ts";

/** Share of the budget from which on a partition takes nothing new in. */
const NEARLY_FULL = 0.75;

/**
 * The metadata of commits: what is settled above the committed offset, so that the next owner of a
 * partition repeats only what was truly unfinished (section 7 of the specification).
 */
export class CommitMetadata {
  /** Of one commit. The same for all partitions: they share the broker's limit. */
  #maxChars: number;

  /** @param maxChars characters of metadata in a commit; 0 for none */
  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** Of one commit; less than was configured once the broker has refused as much. */
  get maxChars(): number {
    return this.#maxChars;
  }

  get isOn(): boolean {
    return this.#maxChars > 0;
  }

  /** Takes over what an earlier owner has settled; why not, when its metadata cannot be used. */
  restore(assignment: Assignment, { offset, metadata }: Committed): MetadataRejection | null {
    if (assignment.ahead === null) return null;
    const decoded = decodeCommitMetadata(metadata, offset);
    assignment.ahead.restore(decoded);
    return decoded.rejected;
  }

  /** The metadata of a commit that is sent now. Pauses a partition that fills it. */
  of(assignment: Assignment): string {
    const { ahead, gate } = assignment;
    if (ahead === null || !this.isOn) {
      assignment.tellsAhead = false;
      assignment.pausedFor.metadata = false;
      assignment.metadataChars = 0;
      return "";
    }
    const { metadata, truncated } = ahead.metadata(gate, this.#maxChars);
    assignment.isTruncated = truncated;
    assignment.metadataChars = metadata.length;
    // Below what was restored, everything that is fetched shortens the text.
    assignment.pausedFor.metadata =
      (truncated || metadata.length >= this.#maxChars * NEARLY_FULL) &&
      gate.position >= ahead.restoredEnd;
    return metadata;
  }

  /**
   * Whether the next owner will know of everything that is settled here. The last commit had room to
   * spare: what is settled from then until the drain ends may still have to be left out of the last.
   */
  tellsAll({ tellsAhead, isTruncated, metadataChars }: Assignment): boolean {
    return tellsAhead && !isTruncated && metadataChars < this.#maxChars * NEARLY_FULL;
  }

  /**
   * The broker takes less than was sent (error 12, SLC-CMD-005): at most half of that from here on,
   * and none below what says anything. Of what was sent and not of the budget: one answer may refuse
   * the metadata of many partitions. False when there is no metadata left to blame.
   */
  refused({ metadata = "" }: CommitOffset): boolean {
    if (metadata === "") return false;
    const half = Math.floor(metadata.length / 2);
    this.#maxChars = half < SHORTEST ? 0 : Math.min(this.#maxChars, half);
    return true;
  }
}

/** Of metadata that tells one range: `slc1.AGQBAdoNZsI.` and not much more. */
const SHORTEST = 20;
