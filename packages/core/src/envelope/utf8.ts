// The two classes exist in every JavaScript runtime but not in the `es2023` library that keeps this
// package pure. Declaring the little we use is safer than a codec of our own: the platform's is the
// reference for what a malformed byte becomes.
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (
  label: "utf-8",
  options: { readonly ignoreBOM: boolean; readonly fatal?: boolean },
) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
// A leading U+FEFF is part of the text; by default a decoder swallows it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** An unpaired surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Never throws: each malformed sequence becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Null when the bytes are not well-formed UTF-8 (SLC-ENV-019). */
export function decodeStrictly(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return null;
  }
}

/** How many bytes the text has in UTF-8. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/**
 * Orders texts as their UTF-8 bytes are ordered, which is by code point. JavaScript's own order is by
 * UTF-16 unit and puts U+1F680 before U+FF5E.
 */
export function compareUtf8(a: string, b: string): number {
  const [left, right] = [encodeUtf8(a), encodeUtf8(b)];
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const ELLIPSIS = encodeUtf8("…");

/**
 * The text in at most `maxBytes` bytes of UTF-8. What is cut off ends at a code point and leaves an
 * ellipsis that counts towards the limit (SLC-ENV-010).
 * @param maxBytes at least 3, the ellipsis alone
 */
export function encodeBounded(text: string, maxBytes: number): Uint8Array {
  const bytes = encodeUtf8(text);
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes - ELLIPSIS.length;
  // The first byte continues nothing, so that this ends there at the latest.
  while (isContinuation(bytes[end]!)) end--;
  const bounded = new Uint8Array(end + ELLIPSIS.length);
  bounded.set(bytes.subarray(0, end));
  bounded.set(ELLIPSIS, end);
  return bounded;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
