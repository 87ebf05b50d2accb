import { HEADER, LIMIT } from "@sluice/spec";
import type { TopicPartition } from "../port/record.ts";
import { integer, text, topic as topicForm } from "./forms.ts";
import type { HeaderReader } from "./header-reader.ts";

/** Where a record that was moved had first been written. */
export interface Origin extends TopicPartition {
  readonly offset: number;
  /** Milliseconds since the Unix epoch; 0 when the source record had none. */
  readonly timestamp: number;
  /** Id of the cluster. */
  readonly cluster: string | null;
  /** Partitions that the topic had. */
  readonly partitionCount: number | null;
  /** Epoch of the leader that appended the record. */
  readonly leaderEpoch: number | null;
}

const PARTITION = integer(LIMIT.partition);
const PARTITION_COUNT = integer(LIMIT.partitionCount, 1);
const LEADER_EPOCH = integer(LIMIT.leaderEpoch);
const INTEGER = integer();

/** Null unless all four headers are there and well-formed (SLC-ENV-013). */
export function readOrigin(reader: HeaderReader): Origin | null {
  const topic = reader.read(HEADER.originTopic, topicForm);
  const partition = reader.read(HEADER.originPartition, PARTITION);
  const offset = reader.read(HEADER.originOffset, INTEGER);
  const timestamp = reader.read(HEADER.originTimestamp, INTEGER);
  const cluster = reader.read(HEADER.originCluster, text);
  const partitionCount = reader.read(HEADER.originPartitionCount, PARTITION_COUNT);
  const leaderEpoch = reader.read(HEADER.originLeaderEpoch, LEADER_EPOCH);
  if (topic === null || partition === null || offset === null || timestamp === null) {
    const told = [topic, partition, offset, timestamp].some((each) => each !== null);
    if (told) reader.note("incomplete", INCOMPLETE_ORIGIN);
    return null;
  }
  return { topic, partition, offset, timestamp, cluster, partitionCount, leaderEpoch };
}

/** What the four headers are called together. */
const INCOMPLETE_ORIGIN = "sluice-origin";

/**
 * The partition that a moved record is written to (SLC-DLQ-002): that of its origin, as far as the
 * target has one. Hashing the key anew would scatter a source that has a partitioner of its own.
 */
export function targetPartition(
  origin: Origin | null,
  record: TopicPartition,
  partitions: number,
): number {
  return (origin ?? record).partition % partitions;
}
