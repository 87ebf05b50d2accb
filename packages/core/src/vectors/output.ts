import { encodeUtf8 } from "../envelope/utf8.ts";
import type { Headers, OutgoingRecord } from "../port/record.ts";

/** Bytes in lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

export function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : hex(bytes);
}

/** An offset or a time. */
export function decimalOrNull(value: number | null): string | null {
  return value === null ? null : String(value);
}

export function headerList(headers: Headers): [name: string, value: string | null][] {
  return headers.map(([name, value]) => [hex(encodeUtf8(name)), hexOrNull(value)]);
}

/** A record that is written, or the code of the refusal. */
export function recordOrRefusal(
  result:
    | { readonly record: OutgoingRecord; readonly refused: null }
    | { readonly record: null; readonly refused: string },
): Record<string, unknown> {
  if (result.refused !== null) return { refused: result.refused };
  const { topic, partition, timestamp, key, value, headers } = result.record;
  return {
    record: {
      topic,
      partition,
      timestamp: decimalOrNull(timestamp ?? null),
      key: hexOrNull(key),
      value: hexOrNull(value),
      headers: headerList(headers),
    },
  };
}
