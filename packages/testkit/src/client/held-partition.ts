import type { EpochPartition } from "@sluice/core";

/** One assignment of one partition, as the client knows it. */
export interface HeldPartition extends EpochPartition {
  /**
   * `assigning` until the runtime has said where to start, `revoking` from when it was told to give
   * the partition up.
   */
  stage: "assigning" | "consuming" | "revoking";
  /** The runtime has heard of it. */
  announced: boolean;
  /** Next offset to fetch. */
  position: number;
  /** Settles when a revocation under way is over. */
  revoked: Promise<void> | null;
}
