import { HEADER, LIMIT } from "@sluice/spec";
import type { Header, Headers, KafkaRecord, TopicPartition } from "../port/record.ts";
import { integerHeader, readInteger, readText, textHeader } from "./header-values.ts";

/** Where a record that was moved had first been written. */
export interface Origin extends TopicPartition {
  readonly offset: number;
  /** Milliseconds since the Unix epoch; 0 when the source record had none. */
  readonly timestamp: number;
}

const TOPIC = new RegExp(`^[A-Za-z0-9._-]{1,${LIMIT.topicNameChars}}$`);
const MAX_PARTITION = 2_147_483_646;

/** The origin of a moved record; null unless all four headers are there and valid (SLC-ENV-013). */
export function readOrigin(headers: Headers): Origin | null {
  const topic = readText(headers, HEADER.originTopic);
  const partition = readInteger(headers, HEADER.originPartition);
  const offset = readInteger(headers, HEADER.originOffset);
  const timestamp = readInteger(headers, HEADER.originTimestamp);
  if (topic === null || !TOPIC.test(topic) || partition === null || partition > MAX_PARTITION) {
    return null;
  }
  if (offset === null || timestamp === null) return null;
  return { topic, partition, offset, timestamp };
}

/** The origin headers of a record that is moved for the first time. */
export function originHeaders(record: KafkaRecord): readonly Header[] {
  return [
    textHeader(HEADER.originTopic, record.topic),
    integerHeader(HEADER.originPartition, record.partition),
    integerHeader(HEADER.originOffset, record.offset),
    // Kafka writes -1 for "no timestamp"; the wire knows no sign.
    integerHeader(HEADER.originTimestamp, Math.max(0, record.timestamp)),
  ];
}
