// Commit metadata put together the slow way, from section 7.1 of the specification: bit by bit, in
// BigInt, one offset after another. What the codec writes and accepts is compared with this.

export interface Slc1Parts {
  readonly base: number;
  readonly settled: readonly number[];
  readonly leaderEpoch?: number | null;
  readonly truncated?: boolean;
  readonly body: "runs" | "bitmap";
}

export function slc1Text(parts: Slc1Parts): string {
  const { base, settled, leaderEpoch = null, truncated = false, body } = parts;
  return textOfPayload([
    (body === "bitmap" ? 1 : 0) + (truncated ? 2 : 0) + (leaderEpoch === null ? 0 : 4),
    ...varint(base),
    ...(leaderEpoch === null ? [] : varint(leaderEpoch)),
    ...(body === "runs" ? runs(base, settled) : bitmap(base, settled)),
  ]);
}

/** The text of any payload, whose checksum is right. */
export function textOfPayload(payload: readonly number[]): string {
  return textOfBytes([...payload, ...crcOf(payload)]);
}

export function textOfBytes(bytes: readonly number[]): string {
  return `slc1.${Buffer.from(bytes).toString("base64url")}.`;
}

/** The payload without its checksum. */
export function payloadOf(text: string): number[] {
  return [...Buffer.from(text.slice("slc1.".length, -1), "base64url")].slice(0, -4);
}

export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  do {
    bytes.push(Number(left & 127n) | 128);
    left >>= 7n;
  } while (left > 0n);
  bytes[bytes.length - 1]! &= 127;
  return bytes;
}

function runs(base: number, settled: readonly number[]): number[] {
  let end = BigInt(base);
  return settled.flatMap((edge) => {
    const length = BigInt(edge) - end;
    end = BigInt(edge);
    return varint(length);
  });
}

function bitmap(base: number, settled: readonly number[]): number[] {
  const count = settled.at(-1)! - base;
  const bytes: number[] = Array.from({ length: Math.ceil(count / 8) }, () => 0);
  for (let index = 0; index < settled.length; index += 2) {
    for (let offset = settled[index]!; offset < settled[index + 1]!; offset++) {
      const bit = offset - base;
      bytes[Math.floor(bit / 8)]! += 2 ** (bit % 8);
    }
  }
  return [...varint(count), ...bytes];
}

/** CRC-32C of `slc1.` and the payload, a bit at a time and from the top: not reflected. */
function crcOf(payload: readonly number[]): number[] {
  let crc = 0xffff_ffffn;
  for (const byte of [...Buffer.from("slc1.", "latin1"), ...payload]) {
    for (let bit = 0; bit < 8; bit++) {
      const top = (crc >> 31n) ^ BigInt((byte >> bit) & 1);
      crc = ((crc << 1n) & 0xffff_ffffn) ^ (top === 1n ? 0x1edc_6f41n : 0n);
    }
  }
  let reflected = 0n;
  for (let bit = 0n; bit < 32n; bit++) reflected |= ((crc >> bit) & 1n) << (31n - bit);
  const value = Number(reflected ^ 0xffff_ffffn);
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
