// @ts-check
// Bytes as vectors write them, and bytes that are hard to read.

/** @typedef {string | Uint8Array | null} Value text stands for its UTF-8 */
/** @typedef {readonly [name: string, value: Value]} Header */

/**
 * Bytes that are not the UTF-8 of any text.
 * @param {string} hexadecimal
 * @returns {Uint8Array}
 */
export const raw = (hexadecimal) => Buffer.from(hexadecimal.replaceAll(" ", ""), "hex");

/**
 * @param {string | Uint8Array} value
 * @returns {string}
 */
export const hex = (value) => Buffer.from(value).toString("hex");

/** @param {Value} value */
export const hexOrNull = (value) => (value === null ? null : hex(value));

/** @param {readonly Header[]} headers */
export const hexHeaders = (headers) =>
  headers.map(([name, value]) => [hex(name), hexOrNull(value)]);

/** How many bytes the UTF-8 of a text has. @param {string} text */
export const size = (text) => Buffer.byteLength(text);

/** Sequences at the borders of Unicode's table 3-7, from both sides. */
export const WELL_FORMED = [
  ["U+0000", "00"],
  ["U+007F, the last of one byte", "7f"],
  ["U+0080, the first of two bytes", "c280"],
  ["U+07FF, the last of two bytes", "dfbf"],
  ["U+0800, the first of three bytes", "e0a080"],
  ["U+D7FF, the last before the surrogates", "ed9fbf"],
  ["U+E000, the first after the surrogates", "ee8080"],
  ["U+FEFF, which is not dropped as a byte order mark", "efbbbf61"],
  ["U+FFFD, which stands for itself", "efbfbd"],
  ["U+FFFF, a noncharacter", "efbfbf"],
  ["U+10000, the first of four bytes", "f0908080"],
  ["U+10FFFF, the last of all", "f48fbfbf"],
];

export const ILL_FORMED = [
  ["an overlong U+0000, as in Java's modified UTF-8", "c080"],
  ["an overlong U+007F of two bytes", "c1bf"],
  ["an overlong U+0000 of three bytes", "e08080"],
  ["an overlong U+07FF of three bytes", "e09fbf"],
  ["an overlong U+0000 of four bytes", "f0808080"],
  ["an overlong U+FFFF of four bytes", "f08fbfbf"],
  ["the first surrogate", "eda080"],
  ["the last surrogate", "edbfbf"],
  ["a pair of surrogates, as in CESU-8", "eda0bdedb880"],
  ["U+110000, above the last code point", "f4908080"],
  ["four bytes from F5", "f5808080"],
  ["a form of five bytes", "f888808080"],
  ["FE", "fe"],
  ["FF", "ff"],
  ["a continuation without a beginning", "80"],
  ["a continuation after a character", "61bf"],
  ["two bytes, cut after the first", "61c3"],
  ["three bytes, cut after the second", "61e282"],
  ["four bytes, cut after the third", "61f09f98"],
  ["two bytes, the second an ASCII character", "c328"],
  ["three bytes, the second an ASCII character", "e228a1"],
  ["three bytes, cut by another character", "e28261"],
  ["Latin-1", "6be9"],
  ["UTF-16 with a byte order mark", "fffe6100"],
];
