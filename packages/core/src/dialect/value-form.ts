import { LIMIT } from "@sluice/spec";
import { anyText, integer, text } from "../envelope/forms.ts";
import type { Form } from "../envelope/forms.ts";
import { decodeStrictly } from "../envelope/utf8.ts";

/** A form of section 11.2: what bytes of that form say, null for any others. */
export type ValueForm<T> = (bytes: Uint8Array) => T | null;

/** At least one byte. */
export const textValue: ValueForm<string> = utf8(text);
export const anyTextValue: ValueForm<string> = utf8(anyText);

/** An offset, a timestamp, or another integer of a range. */
export function decimal(max: number = LIMIT.integer, min = 0): ValueForm<number> {
  return utf8(integer(max, min));
}

/** 4 bytes, big-endian, two's complement. */
export function int32(max: number, min = 0): ValueForm<number> {
  return (bytes) => {
    if (bytes.length !== 4) return null;
    const value = readInt32(bytes, 0);
    return value >= min && value <= max ? value : null;
  };
}

/** 8 bytes, big-endian, two's complement; from 0 to 2^53-1. */
export const int64: ValueForm<number> = (bytes) => {
  if (bytes.length !== 8) return null;
  const high = readInt32(bytes, 0);
  // A sum that is rounded is above 2^53 all the same.
  const value = high * 2 ** 32 + (readInt32(bytes, 4) >>> 0);
  return high >= 0 && value <= LIMIT.integer ? value : null;
};

/** 4 bytes as {@link int32}, or 1 byte, unsigned. */
export function int32OrByte(max: number, min: number): ValueForm<number> {
  const four = int32(max, min);
  return (bytes) => {
    if (bytes.length !== 1) return four(bytes);
    return bytes[0]! >= min ? bytes[0]! : null;
  };
}

/** The one form when there are so many bytes, else the other: never by what they look like. */
export function byLength<T>(
  length: number,
  form: ValueForm<T>,
  otherwise: ValueForm<T>,
): ValueForm<T> {
  return (bytes) => (bytes.length === length ? form : otherwise)(bytes);
}

/** For attempts, of which all but one are retries. */
export function lessOne(form: ValueForm<number>): ValueForm<number> {
  return (bytes) => {
    const value = form(bytes);
    return value === null ? null : value - 1;
  };
}

function utf8<T>(form: Form<T>): ValueForm<T> {
  return (bytes) => {
    const decoded = decodeStrictly(bytes);
    return decoded === null ? null : form(decoded);
  };
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
