/**
 * An offset, exactly: a number while it is a safe integer, a bigint beyond. One value always has the
 * same form, so `===` and Map keys work, and `<` compares both forms exactly.
 */
export type Offset = number | bigint;

/** Only canonical int64 text is an offset: no sign but `-`, no leading zero, no fraction. */
export function isOffset(text: unknown): text is string {
  if (typeof text !== "string" || !CANONICAL.test(text)) return false;
  if (text.length < 18) return true;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

/** @throws SyntaxError when `text` is not an integer; check with {@link isOffset} first. */
export function offsetOf(text: string): Offset {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

export function compareOffsets(a: Offset, b: Offset): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const CANONICAL = /^(?:0|-?[1-9][0-9]{0,18})$/;
