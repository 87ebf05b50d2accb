import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32 } from "./crc32.ts";
import { fnv1a } from "./fnv1a.ts";
import { murmur2 } from "./murmur2.ts";
import { partitionFor } from "./partition-for.ts";

const key = fc.uint8Array({ maxLength: 80 });
const count = fc.integer({ min: 1, max: 0x7fff_ffff });

// The models follow the published descriptions in integers without a width: no 32-bit operator, so
// that no mistake in one can hide in both.
const WIDTH = 1n << 32n;
const word = (value: bigint): bigint => ((value % WIDTH) + WIDTH) % WIDTH;
const signed = (value: bigint): number => Number(value >= WIDTH / 2n ? value - WIDTH : value);

function murmur2Model(bytes: Uint8Array): number {
  const m = 0x5bd1e995n;
  let h = 0x9747b28cn ^ BigInt(bytes.length);
  const whole = bytes.length - (bytes.length % 4);
  for (let i = 0; i < whole; i += 4) {
    let k = [0, 1, 2, 3].reduce(
      (sum, j) => sum + BigInt(bytes[i + j] ?? 0) * 256n ** BigInt(j),
      0n,
    );
    k = word(k * m);
    k ^= k / (1n << 24n);
    h = word(h * m) ^ word(k * m);
  }
  if (whole < bytes.length) {
    for (let i = whole; i < bytes.length; i++) {
      h ^= BigInt(bytes[i] ?? 0) * 256n ** BigInt(i - whole);
    }
    h = word(h * m);
  }
  h ^= h / (1n << 13n);
  h = word(h * m);
  return signed(h ^ (h / (1n << 15n)));
}

function fnv1aModel(bytes: Uint8Array): number {
  let h = 2_166_136_261n;
  for (const byte of bytes) h = word((h ^ BigInt(byte)) * 16_777_619n);
  return signed(h);
}

/** The remainder of the polynomial division, bit by bit, in the order of transmission. */
function crc32Model(bytes: Uint8Array): number {
  let remainder = 0xffff_ffffn;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const feedback = (remainder & 1n) !== ((BigInt(byte) >> BigInt(bit)) & 1n);
      remainder = (remainder >> 1n) ^ (feedback ? 0xedb8_8320n : 0n);
    }
  }
  return Number(remainder ^ 0xffff_ffffn);
}

it("murmur2 equals a model in unbounded integers (SLC-PRT-002)", () => {
  fc.assert(
    fc.property(key, (bytes) => {
      expect(murmur2(bytes)).toBe(murmur2Model(bytes));
    }),
  );
});

it("fnv1a equals a model in unbounded integers (SLC-PRT-004)", () => {
  fc.assert(
    fc.property(key, (bytes) => {
      expect(fnv1a(bytes)).toBe(fnv1aModel(bytes));
    }),
  );
});

it("crc32 equals a model bit by bit (SLC-PRT-003)", () => {
  fc.assert(
    fc.property(key, (bytes) => {
      expect(crc32(bytes)).toBe(crc32Model(bytes));
    }),
  );
});

it("a partition is the hash folded as its name says (SLC-PRT-002 to SLC-PRT-005)", () => {
  fc.assert(
    fc.property(key, count, (bytes, n) => {
      const positive = (hash: number): number =>
        Number(BigInt.asUintN(31, BigInt(hash)) % BigInt(n));
      const magnitude = BigInt(fnv1aModel(bytes)) % BigInt(n);
      expect(partitionFor("murmur2", bytes, n)).toBe(positive(murmur2Model(bytes)));
      expect(partitionFor("fnv1a-mask", bytes, n)).toBe(positive(fnv1aModel(bytes)));
      expect(partitionFor("crc32", bytes, n)).toBe(Number(BigInt(crc32Model(bytes)) % BigInt(n)));
      expect(partitionFor("fnv1a-abs", bytes, n)).toBe(
        Number(magnitude < 0n ? -magnitude : magnitude),
      );
    }),
  );
});
