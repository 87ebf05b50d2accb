const TABLE: Int32Array = new Int32Array(256).map((_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  return crc;
});

/**
 * CRC-32C (Castagnoli) of the first `length` bytes, as an unsigned 32-bit integer.
 * @param before the CRC-32C of what comes before these bytes
 */
export function crc32c(bytes: Uint8Array, length: number, before = 0): number {
  let crc = ~before;
  for (let at = 0; at < length; at++) {
    crc = TABLE[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
