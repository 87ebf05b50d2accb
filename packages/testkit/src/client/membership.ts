import type { TopicPartition } from "@sluice/core";
import type { HeldPartition } from "./held-partition.ts";

/** The port, as its membership moves its partitions. */
export interface MembershipHost {
  held(): readonly HeldPartition[];
  assign(partitions: readonly TopicPartition[]): Promise<void>;
  /** Resolves when the partitions are given up, by `deadlineMs` at the latest. */
  revoke(held: readonly HeldPartition[], deadlineMs: number): Promise<void>;
  lose(held: readonly HeldPartition[]): void;
}

/** How a member comes into its group, stays there and goes. */
export interface Membership {
  readonly memberId: string;
  /** Generation, or member epoch. */
  readonly generation: number;
  start(topics: readonly string[]): void;
  /** Takes nothing new; stays alive until {@link leave}. */
  stopJoining(): void;
  /** Never rejects. */
  leave(): Promise<void>;
}
