const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CODES: Uint8Array = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
/** By the code of a character; -1 for one that is not in the alphabet. */
const VALUES: Int8Array = new Int8Array(128).map((_, code) =>
  ALPHABET.indexOf(String.fromCharCode(code)),
);

/** Characters without padding. */
export function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** Writes the characters of `bytes` into `text` from `at` on (RFC 4648 section 5, no padding). */
export function writeBase64url(bytes: Uint8Array, text: Uint8Array, at: number): void {
  const whole = bytes.length - (bytes.length % 3);
  for (let from = 0; from < whole; from += 3) {
    const bits = (bytes[from]! << 16) | (bytes[from + 1]! << 8) | bytes[from + 2]!;
    text[at++] = CODES[bits >>> 18]!;
    text[at++] = CODES[(bits >>> 12) & 63]!;
    text[at++] = CODES[(bits >>> 6) & 63]!;
    text[at++] = CODES[bits & 63]!;
  }
  if (whole === bytes.length) return;
  // One or two bytes are left, and the bits that fill the last character are zero.
  const second = bytes[whole + 1];
  const bits = (bytes[whole]! << 16) | ((second ?? 0) << 8);
  text[at++] = CODES[bits >>> 18]!;
  text[at++] = CODES[(bits >>> 12) & 63]!;
  if (second !== undefined) text[at] = CODES[(bits >>> 6) & 63]!;
}

/**
 * The bytes of the characters from `from` to `to`; null for another character, a length that no
 * bytes have, or unused bits of the last character that are not zero.
 */
export function decodeBase64url(text: string, from: number, to: number): Uint8Array | null {
  const chars = to - from;
  if (chars % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((chars * 3) / 4));
  let written = 0;
  let bits = 0;
  let held = 0;
  for (let at = from; at < to; at++) {
    const value = VALUES[text.charCodeAt(at)] ?? -1;
    if (value < 0) return null;
    bits = (bits << 6) | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[written++] = bits >>> held;
    bits &= (1 << held) - 1;
  }
  return bits === 0 ? bytes : null;
}
