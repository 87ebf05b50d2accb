import type { OutgoingRecord } from "@sluice/core";

/** A record to send: text becomes bytes, what is not said is null or empty. */
export function outgoing(
  topic: string,
  partition: number,
  value: string | Uint8Array | null,
  more: Partial<Pick<OutgoingRecord, "key" | "headers" | "timestamp">> = {},
): OutgoingRecord {
  return {
    topic,
    partition,
    key: null,
    headers: [],
    ...more,
    value: typeof value === "string" ? Buffer.from(value) : value,
  };
}
