import { HEADER, LIMIT } from "@sluice/spec";
import type { OutgoingRecord } from "../port/record.ts";
import { messageId as messageIdForm } from "./forms.ts";
import { lastValue, readValue, textHeader } from "./header-values.ts";

/**
 * The record with a message id. One that the caller has set stays.
 * @param messageId 1 to 128 of the characters `!` to `~`; a UUIDv7 is recommended
 * @throws RangeError when the id, or the one in the record, is malformed (SLC-ENV-015)
 */
export function stampMessage(record: OutgoingRecord, messageId: string): OutgoingRecord {
  const given = lastValue(record.headers, HEADER.messageId);
  if (given !== null) {
    if (readValue(given, messageIdForm) === null) throw malformed("the one in the record");
    return record;
  }
  if (messageIdForm(messageId) === null) throw malformed(JSON.stringify(messageId.slice(0, 60)));
  // SLC-ENV-003: a null value counts as absent, and a writer leaves one value of a name.
  const headers = record.headers.filter(([name]) => name !== HEADER.messageId);
  return { ...record, headers: [...headers, textHeader(HEADER.messageId, messageId)] };
}

function malformed(what: string): RangeError {
  return new RangeError(
    `${HEADER.messageId} must be 1 to ${LIMIT.messageIdBytes} printable ASCII characters without` +
      ` spaces; ${what} is not`,
  );
}
