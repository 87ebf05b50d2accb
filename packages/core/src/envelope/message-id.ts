import { FOREIGN_HEADER, HEADER, LIMIT } from "@sluice/spec";
import type { KafkaRecord, OutgoingRecord } from "../port/record.ts";
import { lastValue, readText, textHeader } from "./header-values.ts";
import { readOrigin } from "./origin.ts";

const MESSAGE_ID = new RegExp(`^[!-~]{1,${LIMIT.messageIdBytes}}$`);

/**
 * A stable identity of the message, the same after a retry, a dead letter and a replay
 * (SLC-ENV-011): its `sluice-message-id`; else the CloudEvents source and id; else where it was
 * first written, `<cluster>:<topic>:<partition>:<offset>`.
 * @param cluster the cluster's id; empty when it is not known
 */
export function messageIdOf(record: KafkaRecord, cluster = ""): string {
  const { headers } = record;
  const own = readText(headers, HEADER.messageId);
  if (own !== null && MESSAGE_ID.test(own)) return own;
  const source = readText(headers, FOREIGN_HEADER.cloudEventSource);
  const id = readText(headers, FOREIGN_HEADER.cloudEventId);
  if (source && id) return `${source}\n${id}`;
  const { topic, partition, offset } = readOrigin(headers) ?? record;
  return `${cluster}:${topic}:${partition}:${offset}`;
}

/**
 * The record with a message id. One that the caller has set stays.
 * @param messageId 1 to 128 of the characters `!` to `~`; a UUIDv7 is recommended
 * @throws RangeError when the id, or the one in the record, is malformed
 */
export function stampMessage(record: OutgoingRecord, messageId: string): OutgoingRecord {
  if (lastValue(record.headers, HEADER.messageId) !== null) {
    checkMessageId(readText(record.headers, HEADER.messageId) ?? "");
    return record;
  }
  checkMessageId(messageId);
  // SLC-ENV-003: a null value counts as absent, and a writer leaves one value of a name.
  const headers = record.headers.filter(([name]) => name !== HEADER.messageId);
  return { ...record, headers: [...headers, textHeader(HEADER.messageId, messageId)] };
}

function checkMessageId(messageId: string): void {
  if (MESSAGE_ID.test(messageId)) return;
  throw new RangeError(
    `${HEADER.messageId} must be 1 to ${LIMIT.messageIdBytes} printable ASCII characters without` +
      ` spaces, got ${JSON.stringify(messageId.slice(0, 60))}`,
  );
}
