import { decodeUtf8, encodeBounded } from "./utf8.ts";

/**
 * Text in which no character ends a line or a field where headers are bridged to logs or HTTP: each
 * control character and line or paragraph separator becomes one space (SLC-SEC-002).
 */
export function neutralise(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ");
}

/**
 * The text in at most `maxBytes` bytes of UTF-8: cut at the end of a code point, with an ellipsis
 * that counts towards the limit (SLC-ENV-010).
 * @param maxBytes at least 3, the ellipsis alone
 */
export function boundText(text: string, maxBytes: number): string {
  return decodeUtf8(encodeBounded(text, maxBytes));
}
