import type { Headers } from "@sluice/core";

/** What kafkajs writes, and whether it differs from what was given. */
export interface WrittenHeaders {
  readonly headers: Record<string, Buffer | Buffer[]>;
  readonly lossy: boolean;
}

/**
 * kafkajs cannot write a null value (it is written empty) nor keep the order among different names:
 * an object has one place for each name, and names that look like integers come first.
 */
export function toKafkajs(list: Headers): WrittenHeaders {
  // Without a prototype, a header named `__proto__` is a header like any other.
  const headers = Object.create(null) as Record<string, Buffer | Buffer[]>;
  let lossy = false;
  for (const [name, value] of list) {
    if (value === null) lossy = true;
    const bytes = value === null ? EMPTY : toBuffer(value);
    const before = headers[name];
    if (before === undefined) headers[name] = bytes;
    else if (Array.isArray(before)) before.push(bytes);
    else headers[name] = [before, bytes];
  }
  if (!lossy) lossy = !keepsOrder(list, headers);
  return { headers, lossy };
}

const EMPTY = Buffer.alloc(0);

function keepsOrder(list: Headers, headers: WrittenHeaders["headers"]): boolean {
  let at = 0;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    const count = Array.isArray(value) ? value.length : 1;
    for (let i = 0; i < count; i++) if (list[at++]?.[0] !== name) return false;
  }
  return true;
}

/** The same bytes as a Buffer: kafkajs writes the text of anything else. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
