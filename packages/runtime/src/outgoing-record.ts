import type { Header, OutgoingRecord } from "@sluice/core";
import { checkInteger, checkObject, ConfigurationError, show } from "@sluice/core";
import type { Message } from "./producer-options.ts";
import { topicName } from "./validate-options.ts";

/** A message in bytes; its partition is still open. */
export type Unplaced = Omit<OutgoingRecord, "partition">;

/** @throws ConfigurationError naming the field */
export function encodeMessage(message: Message): Unplaced {
  checkObject(message, "message", ["topic", "key", "value", "headers", "partition", "timestamp"]);
  const { topic, key = null, value, headers, timestamp } = message;
  const record: Unplaced = {
    topic: topicName(topic, "message.topic"),
    key: bytes(key, "message.key"),
    value: bytes(value, "message.value"),
    headers: headerList(headers),
  };
  if (timestamp === undefined) return record;
  checkInteger(timestamp, "message.timestamp", 0, Number.MAX_SAFE_INTEGER);
  return { ...record, timestamp };
}

function headerList(headers: Message["headers"]): Header[] {
  if (headers === undefined) return [];
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(headers)
    ? headers
    : Object.entries(checkHeaders(headers));
  return entries.map((entry, i) => {
    if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== "string") {
      throw new ConfigurationError(`message.headers[${i}]`, "expected a name and a value");
    }
    return [entry[0], bytes(entry[1], `message.headers.${entry[0]}`)];
  });
}

function checkHeaders(headers: unknown): object {
  if (typeof headers === "object" && headers !== null) return headers;
  throw new ConfigurationError("message.headers", `expected an object, got ${show(headers)}`);
}

/** Null and empty are kept apart: null is a tombstone, empty is a value. */
function bytes(value: unknown, path: string): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === "string") return Buffer.from(value, "utf8");
  throw new ConfigurationError(
    path,
    `expected a string, bytes or null, got ${show(value)}`,
    "Serialise it first, for example with JSON.stringify.",
  );
}
