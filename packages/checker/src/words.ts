import type { Handle, Model, RecordModel } from "./model.ts";

/** `2.41 s`; times are told from the start of the history. */
export function at(model: Model, index: number): string {
  const start = model.events[0]?.t ?? 0;
  return seconds(model.timeOf(index) - start);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** `in/0@42 (key k1)`. */
export function place(record: RecordModel): string {
  return `${record.partition.name}@${record.offset}${ofKey(record)}`;
}

/** ` (key k1)`, or nothing when no witness told the key. */
function ofKey(record: RecordModel): string {
  const key = (record.visible ?? record.produced)?.event.key ?? record.handles[0]?.event.key;
  return key === undefined ? "" : ` (key ${readable(key)})`;
}

/** `begun at 1.20 s by m0 (m0-17), never finished`. */
export function story(model: Model, record: RecordModel): string {
  const handle = record.handles.at(-1);
  if (!handle) return "never begun";
  return `begun at ${at(model, handle.index)} by ${handle.member.label} (${handle.event.handle}), ${ending(model, handle)}`;
}

export function ending(model: Model, handle: Handle): string {
  if (!handle.finish) return "never finished";
  return `finished (${handle.finish.event.result}) at ${at(model, handle.finish.index)}`;
}

/** Printable text as it is, anything else as base64. */
export function readable(base64: string | null): string {
  if (base64 === null) return "null";
  if (base64 === "") return '""';
  const text = asciiOf(base64);
  return text === null ? `base64:${base64}` : text;
}

/** Base64 of printable ASCII, decoded; null for anything else. */
export function asciiOf(base64: string): string | null {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const digit of base64.replace(/=+$/, "")) {
    const value = ALPHABET.indexOf(digit);
    if (value === -1) return null;
    held = (held << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const byte = (held >> bits) & 0xff;
    if (byte < 0x20 || byte > 0x7e) return null;
    held &= (1 << bits) - 1;
    text += String.fromCharCode(byte);
  }
  return text;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
