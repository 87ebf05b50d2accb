import type { Committed, Watermarks } from "./consumer-port.ts";
import type { TopicPartition } from "./record.ts";

/** The administrative calls that Sluice and its users need; no more. */
export interface AdminPort {
  /** @throws PortError of kind `configuration`, `authentication` or `retriable`. */
  connect(): Promise<void>;
  /** False when the topic exists already. @throws PortError */
  createTopic(topic: NewTopic): Promise<boolean>;
  /** @throws PortError */
  deleteTopic(topic: string): Promise<void>;
  /** Partition count of each topic in order; null for one that does not exist. @throws PortError */
  topicPartitions(topics: readonly string[]): Promise<readonly (number | null)[]>;
  /** @throws PortError */
  watermarks(partitions: readonly TopicPartition[]): Promise<readonly Watermarks[]>;
  /** Committed offset and metadata of each partition in order; null for none. @throws PortError */
  groupOffsets(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (Committed | null)[]>;
  /**
   * Sets the offsets of a group without members.
   * @throws PortError of kind `rejected` when the group has members (T25: nothing may join it).
   */
  setGroupOffsets(group: string, offsets: readonly (TopicPartition & Committed)[]): Promise<void>;
  /** @throws PortError of kind `rejected` when the group has members. */
  deleteGroup(group: string): Promise<void>;
  close(): Promise<void>;
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  /** -1 takes the broker's default. */
  readonly replicationFactor: number;
  readonly config?: Readonly<Record<string, string>>;
}
