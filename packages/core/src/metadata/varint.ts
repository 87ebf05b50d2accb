import { LIMIT } from "@sluice/spec";

// Unsigned LEB128 in its shortest form, up to 2^53-1 and hence 8 bytes (7.1). By division: bit
// operators see 32 bits.

/** Bytes of an integer, from 0 to 2^53-1. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** @returns where the next byte goes */
export function writeVarint(value: number, bytes: Uint8Array, at: number): number {
  let left = value;
  while (left >= 128) {
    const rest = Math.floor(left / 128);
    bytes[at++] = left - rest * 128 + 128;
    left = rest;
  }
  bytes[at++] = left;
  return at;
}

/** Reads varints one after another. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** Of the next byte. */
  at: number;

  constructor(bytes: Uint8Array, from: number, end: number) {
    this.#bytes = bytes;
    this.at = from;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.at;
  }

  /**
   * The next one, or -1 when it is cut off, not in its shortest form or above `max`. After that,
   * where the reader stands means nothing.
   */
  read(max: number = LIMIT.integer): number {
    let value = 0;
    for (let scale = 1; this.at < this.#end && scale <= max; scale *= 128) {
      const byte = this.#bytes[this.at++]!;
      value += (byte & 127) * scale;
      if (byte >= 128) continue;
      const isShortest = byte !== 0 || scale === 1;
      // A sum that is rounded is above 2^53 all the same.
      return isShortest && value <= max ? value : -1;
    }
    return -1;
  }
}
