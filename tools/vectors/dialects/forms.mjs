// @ts-check
// The forms of 11.2: what the bytes of a header say, or undefined when they are malformed.

/** @typedef {(bytes: Buffer) => string | number | undefined} Form */

const MAX_PARTITION = 2_147_483_646n;
const MAX_INT32 = 2_147_483_647n;
const MAX_OFFSET = 9_007_199_254_740_991n;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @type {Form} */
export function anyText(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** @type {Form} */
export const text = (bytes) => (bytes.length === 0 ? undefined : anyText(bytes));

/** @type {Form} */
export const partition = (bytes) => asNumber(within(decimal(bytes), 0n, MAX_PARTITION));

/** @type {Form} */
export const offset = (bytes) => within(decimal(bytes), 0n, MAX_OFFSET)?.toString();

/** @type {Form} */
export const count = (bytes) => asNumber(within(decimal(bytes), 0n, MAX_INT32));

/** @type {Form} */
export const countLessOne = (bytes) => lessOne(within(decimal(bytes), 1n, MAX_INT32));

/** @type {Form} */
export function attempts(bytes) {
  if (bytes.length === 1) return lessOne(within(BigInt(bytes.readUInt8()), 1n, 255n));
  if (bytes.length === 4) return lessOne(within(BigInt(bytes.readInt32BE()), 1n, MAX_INT32));
  return undefined;
}

/**
 * A partition in 4 bytes, and what stands for other lengths.
 * @param {Form | null} other
 * @returns {Form}
 */
export const int32Or = (other) => (bytes) =>
  bytes.length === 4
    ? asNumber(within(BigInt(bytes.readInt32BE()), 0n, MAX_PARTITION))
    : other?.(bytes);

/**
 * An offset or a time in 8 bytes, and what stands for other lengths.
 * @param {Form | null} other
 * @returns {Form}
 */
export const int64Or = (other) => (bytes) =>
  bytes.length === 8 ? within(bytes.readBigInt64BE(), 0n, MAX_OFFSET)?.toString() : other?.(bytes);

/**
 * An integer of 1.2.
 * @param {Buffer} bytes
 */
function decimal(bytes) {
  const digits = bytes.toString("latin1");
  return /^(?:0|[1-9][0-9]{0,18})$/.test(digits) ? BigInt(digits) : undefined;
}

/**
 * @param {bigint | undefined} value
 * @param {bigint} least
 * @param {bigint} most
 */
function within(value, least, most) {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

/** @param {bigint | undefined} value */
function asNumber(value) {
  return value === undefined ? undefined : Number(value);
}

/** @param {bigint | undefined} value */
function lessOne(value) {
  return value === undefined ? undefined : Number(value) - 1;
}
