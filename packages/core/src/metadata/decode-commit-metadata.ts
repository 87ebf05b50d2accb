import { LIMIT } from "@sluice/spec";
import type { OffsetRanges } from "../gate/offset-ranges.ts";
import { decodeBase64url } from "./base64url.ts";
import { checksum, CRC_BYTES, FLAG, MAX_BYTES, PREFIX, TERMINATOR, UNKNOWN_FLAGS } from "./slc1.ts";
import { VarintReader } from "./varint.ts";

/** Why metadata is taken for empty, the first that holds in this order (SLC-CMD-008). */
export type MetadataRejection =
  | "foreign"
  | "too-long"
  | "alphabet"
  | "short"
  | "checksum"
  | "flags"
  | "varint"
  | "base"
  | "runs"
  | "bitmap"
  | "overflow";

export interface DecodedCommitMetadata {
  /** What is settled above the committed offset; nothing when it was rejected. */
  readonly settled: OffsetRanges;
  /** A record of a later leader epoch is not settled, whatever its offset (SLC-CMD-011). */
  readonly leaderEpoch: number | null;
  /** The writer left settled offsets out, for want of room. */
  readonly truncated: boolean;
  readonly rejected: MetadataRejection | null;
}

/**
 * What a commit says about the offsets above it (section 7.3). Any text gets an answer; all or
 * nothing of it is used (SLC-CMD-009). Offsets are kept as ranges: a few bytes can settle 2^53 of
 * them. Takes time and memory in proportion to the text.
 */
export function decodeCommitMetadata(
  metadata: string,
  committedOffset: number,
): DecodedCommitMetadata {
  if (metadata === "") return { settled: [], leaderEpoch: null, truncated: false, rejected: null };
  const decoded = decode(metadata, committedOffset);
  if (typeof decoded !== "string") return decoded;
  return { settled: [], leaderEpoch: null, truncated: false, rejected: decoded };
}

function decode(
  metadata: string,
  committedOffset: number,
): DecodedCommitMetadata | MetadataRejection {
  if (!metadata.startsWith(PREFIX)) return "foreign";
  if (isTooLong(metadata)) return "too-long";
  const payload = decodeBase64url(metadata, PREFIX.length, endOf(metadata));
  if (payload === null) return "alphabet";
  if (payload.length <= CRC_BYTES) return "short";
  const end = payload.length - CRC_BYTES;
  if (checksum(payload) !== readUint32(payload, end)) return "checksum";
  const flags = payload[0]!;
  if ((flags & UNKNOWN_FLAGS) !== 0) return "flags";

  const reader = new VarintReader(payload, 1, end);
  const base = reader.read();
  if (base < 0) return "varint";
  if (base !== committedOffset) return "base";
  let leaderEpoch: number | null = null;
  if ((flags & FLAG.epoch) !== 0) {
    leaderEpoch = reader.read(LIMIT.leaderEpoch);
    if (leaderEpoch < 0) return "varint";
  }
  const settled =
    (flags & FLAG.bitmap) === 0 ? readRuns(reader, base) : readBitmap(payload, reader, base);
  if (typeof settled === "string") return settled;
  return { settled, leaderEpoch, truncated: (flags & FLAG.truncated) !== 0, rejected: null };
}

/** A UTF-16 unit has one to three bytes in UTF-8. */
function isTooLong(text: string): boolean {
  if (text.length > MAX_BYTES) return true;
  if (text.length * 3 <= MAX_BYTES) return false;
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0)!;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return bytes > MAX_BYTES;
}

/** Where base64url ends: clients of librdkafka cut the terminator off, or append U+0000 (7.1). */
function endOf(metadata: string): number {
  let end = metadata.length;
  if (metadata.endsWith("\0")) end--;
  if (end > PREFIX.length && metadata.startsWith(TERMINATOR, end - 1)) end--;
  return end;
}

function readUint32(bytes: Uint8Array, at: number): number {
  const value =
    (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return value >>> 0;
}

function readRuns(reader: VarintReader, base: number): OffsetRanges | MetadataRejection {
  const settled: number[] = [];
  let end = base;
  do {
    if (reader.left === 0) return "runs";
    const gap = reader.read();
    if (gap < 0) return "varint";
    if (gap === 0) return "runs";
    // Compared by difference, since a sum above 2^53 may be rounded down.
    if (gap > LIMIT.integer - end) return "overflow";
    const from = end + gap;
    if (reader.left === 0) return "runs";
    const done = reader.read();
    if (done < 0) return "varint";
    if (done === 0) return "runs";
    if (done - 1 > LIMIT.integer - from) return "overflow";
    end = from + done;
    settled.push(from, end);
  } while (reader.left > 0);
  return settled;
}

function readBitmap(
  payload: Uint8Array,
  reader: VarintReader,
  base: number,
): OffsetRanges | MetadataRejection {
  const bits = reader.read();
  if (bits < 0) return "varint";
  const bytes = reader.left;
  if (bits === 0 || bytes !== Math.ceil(bits / 8)) return "bitmap";
  const start = reader.at;
  // From here on, `bits` is at most eight times the payload's bytes.
  const last = payload[start + bytes - 1]!;
  const isWellFormed = (payload[start]! & 1) === 0 && last >>> ((bits - 1) & 7) === 1;
  if (!isWellFormed) return "bitmap";
  if (bits - 1 > LIMIT.integer - base) return "overflow";

  const settled: number[] = [];
  let isSettled = false;
  for (let bit = 0; bit < bits; bit++) {
    const byte = payload[start + (bit >>> 3)]!;
    if (((byte >>> (bit & 7)) & 1) === Number(isSettled)) continue;
    isSettled = !isSettled;
    settled.push(base + bit);
  }
  // The last bit is 1, so that a range is open.
  settled.push(base + bits);
  return settled;
}
