import { LIMIT } from "@sluice/spec";
import type { Header, Headers } from "../port/record.ts";
import type { Form } from "./forms.ts";
import { decodeStrictly, encodeUtf8, utf8Length } from "./utf8.ts";

/** The last value of that name; null when there is none, or when it is null (SLC-ENV-002, -005). */
export function lastValue(headers: Headers, name: string): Uint8Array | null {
  for (let i = headers.length - 1; i >= 0; i--) {
    const header = headers[i] as Header;
    if (header[0] === name) return header[1];
  }
  return null;
}

/** What a value says; null when it is malformed (SLC-SEC-003, SLC-ENV-019, SLC-ENV-006). */
export function readValue<T>(value: Uint8Array, form: Form<T>): T | null {
  if (value.length > LIMIT.headerValueBytes) return null;
  const text = decodeStrictly(value);
  return text === null ? null : form(text);
}

export function textHeader(name: string, value: string): Header {
  return [name, encodeUtf8(value)];
}

/** Bytes of the name and the value; a null value has none. */
export function headerSize([name, value]: Header): number {
  return utf8Length(name) + (value?.length ?? 0);
}
