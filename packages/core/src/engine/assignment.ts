import { CommitGate } from "../gate/commit-gate.ts";
import type { AssignedPartition, CommitOffset, EpochPartition } from "../port/consumer-port.ts";
import type { TopicPartition } from "../port/record.ts";
import { SettledAhead } from "./settled-ahead.ts";
import type { PauseReason, PartitionSnapshot } from "./snapshot.ts";

const PAUSE_REASONS: readonly PauseReason[] = ["user", "budget", "metadata", "retries"];

/** One assignment of one partition: all that ends with its epoch. */
export class Assignment implements EpochPartition {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  /** Number of the topic-partition in this process, the same in every epoch. */
  readonly ordinal: number;
  readonly gate: CommitGate;
  /** As in the group, null for none. */
  committed: number | null;
  /** Nothing needs to be sent while the frontier is here, and nothing above it was settled. */
  acknowledged: number;
  /** What is settled above the frontier; null when commits do not tell. */
  readonly ahead: SettledAhead | null;
  /** Commits say so. Ends when the broker takes no metadata that says anything. */
  tellsAhead: boolean;
  /** The last metadata left out some of it. */
  isTruncated = false;
  /** Records settled in this epoch. */
  settled = 0;
  /** `settled` when the last acknowledged commit was sent. */
  acknowledgedSettled = 0;
  /** The broker or the adapter refuses this epoch's commits. */
  fenced = false;
  /** Nothing new is taken in, and only holes are filled. */
  draining = false;
  /**
   * While draining, what is queued has a lower offset than this: it keeps the frontier from passing
   * what has been started, and nothing below it is given up already.
   */
  fillBelow: number = Infinity;
  /** False once the partition has been given up: whatever comes late is stale. */
  open = true;
  readonly pausedFor: Record<PauseReason, boolean> = {
    user: false,
    budget: false,
    metadata: false,
    retries: false,
  };
  /** What the client has been told last. */
  paused = false;
  /** Records queued, running, waiting for a retry or for their dead letter. */
  held = 0;
  /** Closed for the budget, it is opened when it holds no more than this; -1 while it is not closed. */
  reopensAt = -1;
  /** `Commits` has it among those that may be behind. */
  isListedToCommit = false;
  /** Characters of metadata in the last commit. */
  metadataChars = 0;

  constructor(
    partition: AssignedPartition,
    ordinal: number,
    start: StartPosition,
    tellsAhead: boolean,
  ) {
    this.topic = partition.topic;
    this.partition = partition.partition;
    this.epoch = partition.epoch;
    this.ordinal = ordinal;
    this.gate = new CommitGate(start.offset);
    this.committed = partition.committed?.offset ?? null;
    this.acknowledged = start.commitAtOnce ? -1 : start.offset;
    this.ahead = tellsAhead ? new SettledAhead() : null;
    this.tellsAhead = tellsAhead;
  }

  /** Whether there is something to commit. */
  get isBehind(): boolean {
    if (!this.open || this.fenced) return false;
    if (this.gate.frontier > this.acknowledged) return true;
    return this.tellsAhead && this.settled > this.acknowledgedSettled;
  }

  get shouldPause(): boolean {
    const { user, budget, metadata, retries } = this.pausedFor;
    return this.draining || user || budget || metadata || retries;
  }

  get topicPartition(): TopicPartition {
    return { topic: this.topic, partition: this.partition };
  }

  get epochPartition(): EpochPartition {
    return { topic: this.topic, partition: this.partition, epoch: this.epoch };
  }

  /** @param metadata as `ahead` has it, empty for none */
  commitOffset(metadata: string): CommitOffset {
    const { frontier: offset } = this.gate;
    const commit = { ...this.epochPartition, offset };
    return metadata === "" ? commit : { ...commit, metadata };
  }

  snapshot(): PartitionSnapshot {
    return {
      ...this.epochPartition,
      position: this.gate.position,
      frontier: this.gate.frontier,
      committed: this.committed,
      held: this.held,
      pausedFor: PAUSE_REASONS.filter((reason) => this.pausedFor[reason]),
      draining: this.draining,
    };
  }
}

export interface StartPosition {
  readonly offset: number;
  /** The group has committed an offset outside the log. */
  readonly outOfRange: boolean;
  /** The start itself is worth a commit. */
  readonly commitAtOnce: boolean;
}

/**
 * Where an assignment starts. Decided here and not left to the client: out of range, kafkajs would
 * write -1 or -2 over the group's offset (T05).
 */
export function startPosition(
  { committed, low, high }: AssignedPartition,
  startAt: "earliest" | "latest",
): StartPosition {
  if (committed !== null && committed.offset >= low && committed.offset <= high) {
    return { offset: committed.offset, outOfRange: false, commitAtOnce: false };
  }
  return {
    offset: startAt === "earliest" ? low : high,
    outOfRange: committed !== null,
    // "Latest" depends on when it is asked. Start at 100 without a commit, read 100 to 109, crash
    // before the first is settled: the next member would start at 110 and 100 to 109 be lost.
    // A committed offset outside the log comes to lie inside: 50 is committed, the log is truncated
    // to 30 -> start at 0, crash before the first commit -> the log grows to 60 -> the next member
    // would start at 50 and 30 to 49 be lost.
    commitAtOnce: startAt === "latest" || committed !== null,
  };
}
