// @ts-check
// The forms of Appendix C that a mover has to know, as regular expressions over whole values.

/** @typedef {import("./bytes.mjs").Header} Header */

const MOST = 9_007_199_254_740_991n;
const TOKEN = "[a-z0-9-]{1,64}";
const INTEGER = "(?:0|[1-9][0-9]{0,18})";
const ENTRY = `\\{"n":${INTEGER},"at":"${INTEGER}","k":"${TOKEN}"(?:,"c":"[ !#-\\[\\]-~]{1,64}")?\\}`;
const HISTORY = new RegExp(`^\\[${ENTRY}(?:,\\{"dropped":${INTEGER}\\})?(?:,${ENTRY})*\\]$`);

/**
 * The text that counts of a header: the last value, when that is text of at most 8192 bytes.
 * @param {readonly Header[]} headers
 * @param {string} name
 * @returns {{ there: boolean, text: string | null }}
 */
export function lastValue(headers, name) {
  const value = headers.findLast(([other]) => other === name)?.[1] ?? null;
  if (value === null) return { there: false, text: null };
  const bytes = Buffer.from(value);
  const text = bytes.toString("utf8");
  const whole = bytes.length <= 8192 && Buffer.from(text).equals(bytes);
  return { there: true, text: whole ? text : null };
}

/** @param {string | null} text @param {bigint} most @returns {bigint | null} */
export function integer(text, most = MOST) {
  if (text === null || !new RegExp(`^${INTEGER}$`).test(text)) return null;
  return BigInt(text) <= most ? BigInt(text) : null;
}

/**
 * A counter: 0 when absent, its greatest value when malformed.
 * @param {readonly Header[]} headers
 * @param {string} name
 * @param {bigint} most
 */
export function counter(headers, name, most) {
  const { there, text } = lastValue(headers, name);
  return there ? (integer(text, most) ?? most) : 0n;
}

/** @param {string} text */
export const isToken = (text) => new RegExp(`^${TOKEN}$`).test(text);

/** @param {string | null} text @returns {string[] | null} */
export function tokenList(text) {
  const parts = text?.split(",") ?? [""];
  return parts.every(isToken) ? parts : null;
}

/**
 * The entries and marks of a well-formed history, as they are written.
 * @param {string | null} text
 * @returns {string[] | null}
 */
export function history(text) {
  if (text === null || !HISTORY.test(text)) return null;
  const items = text.slice(1, -1).match(new RegExp(`${ENTRY}|\\{"dropped":${INTEGER}\\}`, "g"));
  const numbers = text.replaceAll(/"[kc]":"[^"]*"/g, "").match(/[0-9]+/g) ?? [];
  return numbers.every((digits) => BigInt(digits) <= MOST) ? items : null;
}

/**
 * The origin that a reader of a trusted topic finds.
 * @param {readonly Header[]} headers
 * @returns {{ topic: string, partition: number } | null}
 */
export function origin(headers) {
  const part = (/** @type {string} */ name) => lastValue(headers, `sluice-origin-${name}`).text;
  const topic = part("topic");
  const partition = integer(part("partition"), 2_147_483_646n);
  if (topic === null || !/^[A-Za-z0-9._-]{1,249}$/.test(topic)) return null;
  if (partition === null || integer(part("offset")) === null) return null;
  return integer(part("timestamp")) === null ? null : { topic, partition: Number(partition) };
}
