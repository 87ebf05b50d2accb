import { LIMIT } from "@sluice/spec";
import { decodeUtf8 } from "../envelope/utf8.ts";
import type { OffsetRanges } from "../gate/offset-ranges.ts";
import { base64urlLength, writeBase64url } from "./base64url.ts";
import {
  checksum,
  CRC_BYTES,
  DEFAULT_MAX_CHARS,
  FLAG,
  MAX_BYTES,
  PREFIX,
  TERMINATOR,
} from "./slc1.ts";
import { varintSize, writeVarint } from "./varint.ts";

export interface CommitMetadataInput {
  /** The offset that is committed. */
  readonly base: number;
  /** What is settled above it, gaps of the log included. */
  readonly settled: OffsetRanges;
  /** The highest leader epoch among the settled records; null when one is not known (SLC-CMD-006). */
  readonly leaderEpoch: number | null;
  /** Budget in characters, 4000 unless given; one above 65535 counts as that. */
  readonly maxChars?: number;
}

export interface EncodedCommitMetadata {
  readonly metadata: string;
  /** Settled offsets were left out, since they did not fit. */
  readonly truncated: boolean;
}

/**
 * What a commit says about the offsets settled above it (section 7.2). Sizes are computed before
 * anything is written, so that a bitmap over a gap of 10^9 costs nothing but a comparison; work and
 * memory are in proportion to the ranges that fit.
 * @throws RangeError for ranges that do not ascend from above the base without touching, or integers
 * outside of 0 to 2^53-1: such metadata would make its reader skip records that are not settled.
 */
export function encodeCommitMetadata(input: CommitMetadataInput): EncodedCommitMetadata {
  const { base, settled, leaderEpoch, maxChars = DEFAULT_MAX_CHARS } = input;
  checkInteger("base", base, LIMIT.integer);
  if (leaderEpoch !== null) checkInteger("leaderEpoch", leaderEpoch, LIMIT.leaderEpoch);
  if (settled.length === 0) return { metadata: "", truncated: false };

  const headBytes = 1 + varintSize(base) + (leaderEpoch === null ? 0 : varintSize(leaderEpoch));
  const room = payloadRoom(maxChars) - headBytes - CRC_BYTES;
  // Both bodies grow with each range, so that the shorter one does too: what does not fit now will
  // never fit, and the first ranges that do are the longest sequence (SLC-CMD-003).
  let taken = 0;
  let runsBytes = 0;
  let bodyBytes = 0;
  let isBitmap = false;
  let end = base;
  while (taken < settled.length) {
    const from = settled[taken]!;
    const to = settled[taken + 1]!;
    checkRange(from, to, end);
    runsBytes += varintSize(from - end) + varintSize(to - from);
    const bits = to - base;
    const bitmapBytes = varintSize(bits) + Math.ceil(bits / 8);
    const shorter = Math.min(runsBytes, bitmapBytes);
    if (!(shorter <= room)) break;
    bodyBytes = shorter;
    isBitmap = bitmapBytes < runsBytes;
    end = to;
    taken += 2;
  }
  const truncated = taken < settled.length;
  if (taken === 0) return { metadata: "", truncated };

  const payload = new Uint8Array(headBytes + bodyBytes + CRC_BYTES);
  payload[0] =
    (isBitmap ? FLAG.bitmap : 0) |
    (truncated ? FLAG.truncated : 0) |
    (leaderEpoch === null ? 0 : FLAG.epoch);
  let at = writeVarint(base, payload, 1);
  if (leaderEpoch !== null) at = writeVarint(leaderEpoch, payload, at);
  at = isBitmap
    ? writeBitmap(payload, at, base, settled, taken)
    : writeRuns(payload, at, base, settled, taken);
  writeUint32(checksum(payload), payload, at);
  return { metadata: textOf(payload), truncated };
}

/** Bytes of the payload that fit into so many characters. */
function payloadRoom(maxChars: number): number {
  const chars = Math.min(maxChars, MAX_BYTES) - PREFIX.length - TERMINATOR.length;
  return Math.floor((chars * 3) / 4);
}

function writeRuns(
  payload: Uint8Array,
  at: number,
  base: number,
  settled: OffsetRanges,
  taken: number,
): number {
  let end = base;
  for (let index = 0; index < taken; index += 2) {
    const from = settled[index]!;
    const to = settled[index + 1]!;
    at = writeVarint(from - end, payload, at);
    at = writeVarint(to - from, payload, at);
    end = to;
  }
  return at;
}

function writeBitmap(
  payload: Uint8Array,
  at: number,
  base: number,
  settled: OffsetRanges,
  taken: number,
): number {
  const bits = settled[taken - 1]! - base;
  const start = writeVarint(bits, payload, at);
  for (let index = 0; index < taken; index += 2) {
    setBits(payload, start, settled[index]! - base, settled[index + 1]! - base);
  }
  return start + Math.ceil(bits / 8);
}

/** Sets the bits from `from` to `to`, the latter not included. A bitmap has less than 2^20 bits. */
function setBits(bytes: Uint8Array, start: number, from: number, to: number): void {
  const first = start + (from >>> 3);
  const last = start + (to >>> 3);
  const ofFirst = 0xff << (from & 7);
  const ofLast = (1 << (to & 7)) - 1;
  if (first === last) {
    bytes[first]! |= ofFirst & ofLast;
    return;
  }
  bytes[first]! |= ofFirst;
  bytes.fill(0xff, first + 1, last);
  bytes[last]! |= ofLast;
}

function writeUint32(value: number, bytes: Uint8Array, at: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function textOf(payload: Uint8Array): string {
  const chars = base64urlLength(payload.length);
  const text = new Uint8Array(PREFIX.length + chars + TERMINATOR.length);
  for (let at = 0; at < PREFIX.length; at++) text[at] = PREFIX.charCodeAt(at);
  writeBase64url(payload, text, PREFIX.length);
  text[text.length - 1] = TERMINATOR.charCodeAt(0);
  return decodeUtf8(text);
}

function checkInteger(name: string, value: number, max: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0 && value <= max)) {
    throw new RangeError(`commit metadata: ${name} ${value} is not an integer from 0 to ${max}`);
  }
}

function checkRange(from: number, to: number, end: number): void {
  const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to - 1);
  if (isRange && from > end && to > from) return;
  throw new RangeError(
    `commit metadata: [${from}, ${to}) does not lie above ${end}: pass ranges that ascend and do not touch`,
  );
}
