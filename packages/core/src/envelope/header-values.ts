import { LIMIT } from "@sluice/spec";
import type { Header, Headers } from "../port/record.ts";
import { decodeUtf8, encodeBounded, encodeUtf8 } from "./utf8.ts";

/** The last value of that name; null when there is none, or when it is null (SLC-ENV-002, -005). */
export function lastValue(headers: Headers, name: string): Uint8Array | null {
  for (let i = headers.length - 1; i >= 0; i--) {
    const header = headers[i] as Header;
    if (header[0] === name) return header[1];
  }
  return null;
}

/** The text of a header; null when it is absent or larger than any header may be. */
export function readText(headers: Headers, name: string): string | null {
  const value = lastValue(headers, name);
  if (value === null || value.length > LIMIT.headerValueBytes) return null;
  return decodeUtf8(value);
}

const INTEGER = /^(?:0|[1-9][0-9]{0,18})$/;

/**
 * The integer of a header; null when it is absent, not canonical (SLC-ENV-006) or beyond 2^53-1,
 * which no offset or time of a real cluster reaches.
 */
export function readInteger(headers: Headers, name: string): number | null {
  const text = readText(headers, name);
  if (text === null || !INTEGER.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

export function integerHeader(name: string, value: number): Header {
  return [name, encodeUtf8(String(value))];
}

export function textHeader(name: string, value: string): Header {
  return [name, encodeUtf8(value)];
}

/**
 * Text that came from data, such as an error's message: bounded, and without the characters that
 * end a line or a field where headers are bridged to logs or HTTP (SLC-SEC-002).
 */
export function untrustedTextHeader(name: string, value: string, maxBytes: number): Header {
  return [name, encodeBounded(value.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " "), maxBytes)];
}
