import type { KafkaRecord, OutgoingRecord } from "../port/record.ts";
import { readEnvelope } from "./envelope.ts";
import { targetPartition } from "./origin.ts";

/**
 * The record as it is written to a dead letter topic when its disposition is `unsupported`: with its
 * key, its value and all of its headers as they are (SLC-ENV-022). What a later version has written
 * is not counted on, nor added to.
 * @param now milliseconds since the Unix epoch: the time of writing (SLC-DLQ-005)
 */
export function setAside(
  record: KafkaRecord,
  target: { readonly topic: string; readonly partitions: number },
  now: number,
): OutgoingRecord {
  const { origin } = readEnvelope(record, { trusted: true });
  return {
    topic: target.topic,
    partition: targetPartition(origin, record, target.partitions),
    key: record.key,
    value: record.value,
    timestamp: now,
    headers: record.headers,
  };
}
