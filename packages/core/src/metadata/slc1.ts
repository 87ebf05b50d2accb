import { encodeUtf8 } from "../envelope/utf8.ts";
import { crc32c } from "./crc32c.ts";

// The format of commit metadata, section 7.1 of the specification:
//   "slc1." base64url(flags base [epoch] body crc) "."

export const PREFIX = "slc1.";
export const TERMINATOR = ".";

export const FLAG = { bitmap: 1, truncated: 2, epoch: 4 } as const;
/** Bits that no version defines yet. */
export const UNKNOWN_FLAGS: number = 0xff & ~(FLAG.bitmap | FLAG.truncated | FLAG.epoch);

export const CRC_BYTES = 4;
/** No reader takes more, in bytes of UTF-8 (SLC-CMD-008). */
export const MAX_BYTES = 65_535;
/** Of the budget, below Kafka's default limit of 4096 (SLC-CMD-004). */
export const DEFAULT_MAX_CHARS = 4_000;

const PREFIX_CRC = crc32c(encodeUtf8(PREFIX), PREFIX.length);

/** The checksum of a payload, whose last four bytes are for it. */
export function checksum(payload: Uint8Array): number {
  return crc32c(payload, payload.length - CRC_BYTES, PREFIX_CRC);
}
