import type { Caps } from "./caps.ts";
import type { PortError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { KafkaRecord, TopicPartition } from "./record.ts";

/**
 * A group member as the runtime sees it. An adapter translates; it takes no decision.
 *
 * Rules every implementation keeps (tested for both in `packages/adapter-suite`):
 * 1. An epoch names one assignment of one partition. Epochs are positive safe integers, given by
 *    the adapter, strictly increasing over the life of the port, also over client restarts.
 * 2. No record of an assignment is delivered before its `assigned` promise has resolved, and the
 *    first one delivered is at or after the start offset that promise answered.
 * 3. `revoked` runs before the client gives anything up. While its promise is pending the adapter
 *    keeps the membership alive (heartbeats, polling) and accepts commits of that epoch. It waits
 *    at most `deadlineMs`; then the partitions go, whatever the promise does.
 * 4. `lost` means that ownership is already gone: nothing can be committed.
 * 5. A commit whose epoch is not the partition's current one fails locally as `fenced`: brokers
 *    accept commits for partitions that a member no longer owns (trap T06).
 * 6. `records` may still arrive for a paused partition, bounded by one fetch (T08). None arrives
 *    once the `revoked` promise of its epoch has settled, or after `lost`.
 * 7. The set of paused partitions is desired state: re-applied after a client restart (T15). A new
 *    assignment starts unpaused.
 * 8. The engine keeps one commit in flight, but a final commit may be sent over one whose answer
 *    is overdue: each call gets its own answer. Of one partition no older commit reaches the broker
 *    after a newer one, whatever the client sends again.
 */
export interface ConsumerPort {
  readonly caps: Caps;
  /**
   * Connects and subscribes. Resolves once the client runs; the first `assigned` may come later.
   * @throws PortError of kind `configuration`, `authentication` or `retriable` (no broker within
   * `connectTimeoutMs`), before anything has been consumed.
   */
  start(topics: readonly string[], events: ConsumerEvents): Promise<void>;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /**
   * Resolves with one result per given offset, in order, when the broker has answered or
   * `timeoutMs` has passed. Never rejects: a commit's failure is an event.
   */
  commit(offsets: readonly CommitOffset[], timeoutMs: number): Promise<readonly CommitResult[]>;
  /**
   * Log boundaries, for watchdog and lag. `end` is the last stable offset where the client can
   * tell, else the high watermark.
   * @throws PortError
   */
  watermarks(partitions: readonly TopicPartition[], timeoutMs: number): Promise<Watermarks[]>;
  /**
   * Leaves the group: `revoked` is called for what is still assigned (the runtime drains and
   * commits inside), then the member leaves and disconnects. Idempotent; takes at most
   * `drainMs` plus a few seconds, also when the cluster is gone.
   */
  close(drainMs: number): Promise<void>;
}

export interface ConsumerEvents {
  /** Awaited. Answers one start offset for each partition, in order. */
  assigned(assignment: Assignment): Promise<readonly number[]>;
  /** Awaited until it resolves or `deadlineMs` has passed. Commits are still accepted. */
  revoked(revocation: Revocation): Promise<void>;
  /** Ownership is already gone. */
  lost(partitions: readonly EpochPartition[]): void;
  /**
   * Synchronous, never awaited; back-pressure is `pause`. `nextPosition` is the offset the client
   * fetches next: also given with no records, as when a batch held only a transaction marker.
   */
  records(partition: EpochPartition, records: readonly KafkaRecord[], nextPosition: number): void;
  /** The client lost its way. `willRestart` false means the port is dead and must be closed. */
  down(error: PortError, willRestart: boolean): void;
}

export interface EpochPartition extends TopicPartition {
  readonly epoch: number;
}

export interface Assignment {
  /** Partitions of one epoch; what a cooperative member retains is not repeated. */
  readonly partitions: readonly AssignedPartition[];
}

export interface AssignedPartition extends EpochPartition {
  readonly committed: Committed | null;
  /** Log start offset at the time of assignment. */
  readonly low: number;
  /** Last stable offset or high watermark at the time of assignment. */
  readonly high: number;
}

export interface Committed {
  readonly offset: number;
  /** Empty when there is none. */
  readonly metadata: string;
}

export interface Revocation {
  readonly partitions: readonly EpochPartition[];
  /** Milliseconds from now until the client gives the partitions up. */
  readonly deadlineMs: number;
}

export interface CommitOffset extends EpochPartition {
  /** The next offset to read, as always in Kafka. */
  readonly offset: number;
  /** ASCII; at most `caps.commitMetadataBytes`. */
  readonly metadata?: string;
  readonly leaderEpoch?: number;
}

export interface CommitResult extends EpochPartition {
  readonly offset: number;
  /** Absent when the broker acknowledged. Its `outcome` tells whether it may have been applied. */
  readonly error?: PortError;
}

export interface Watermarks extends TopicPartition {
  readonly low: number;
  readonly end: number;
}

export interface ConsumerPortOptions {
  readonly group: string;
  readonly isolation: "read_committed" | "read_uncommitted";
  readonly logger: Logger;
  /** Longest drain the runtime wants inside `revoked`, milliseconds; the adapter may grant less. */
  readonly drainTimeoutMs: number;
}
