import { expect, test } from "vitest";
import { LaneHash } from "./lane-hash.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("equal bytes have equal hashes whatever object holds them", () => {
  const hash = new LaneHash(1);
  const slab = bytes("xxorder-17yy");
  expect(hash.of(slab.subarray(2, 10))).toBe(hash.of(bytes("order-17")));
});

test("bytes that decode to the same text are still told apart", () => {
  const hash = new LaneHash(1);
  expect(hash.of(Uint8Array.of(0xff))).not.toBe(hash.of(Uint8Array.of(0xfe)));
  expect(hash.of(Uint8Array.of())).not.toBe(hash.of(Uint8Array.of(0)));
  expect(hash.of(Uint8Array.of(0))).not.toBe(hash.of(Uint8Array.of(0, 0)));
});

test("two keys that collide under one seed do not collide under another", () => {
  const keys = Array.from({ length: 200_000 }, (_, index) => bytes(`order-${index}`));
  const hash = new LaneHash(7);
  const byHash = new Map<number, Uint8Array>();
  const pairs: [Uint8Array, Uint8Array][] = [];
  for (const key of keys) {
    const other = byHash.get(hash.of(key));
    if (other !== undefined) pairs.push([other, key]);
    byHash.set(hash.of(key), key);
  }
  // n^2 / 2^33 = 4.7 colliding pairs are expected of a perfect hash.
  expect(pairs.length).toBeGreaterThan(0);
  expect(pairs.length).toBeLessThan(20);
  const other = new LaneHash(8);
  expect(pairs.filter(([a, b]) => other.of(a) === other.of(b))).toEqual([]);
}, 60_000);

test("keys of many shapes collide no more often than chance has it, whatever the seed", () => {
  const shapes: ((index: number) => Uint8Array)[] = [
    (index) => bytes(String(index)),
    (index) => bytes(`user-${index.toString().padStart(12, "0")}`),
    (index) => new Uint8Array(new Uint32Array([index]).buffer),
    (index) => new Uint8Array(new Uint32Array([0, index << 12, 7]).buffer),
    (index) => new Uint8Array(new Uint32Array([index, ~index, index * 3, index]).buffer),
  ];
  for (const seed of [0, 1, 0xffff_ffff, 0x1234_5678]) {
    const hash = new LaneHash(seed);
    for (const shape of shapes) {
      const distinct = new Set<number>();
      for (let index = 0; index < 50_000; index++) distinct.add(hash.of(shape(index)));
      // 0.3 pairs expected; 8 would be a one in 10^9 accident.
      expect(50_000 - distinct.size, `seed ${seed}, ${shape}`).toBeLessThan(8);
    }
  }
}, 60_000);

test("keys made to collide in MurmurHash3 whatever its seed do not collide here", () => {
  // Flips bit 31 of the state in the first word and flips it back in the second.
  const [first, second] = [0xcc9e2d51, 0x1b873593];
  const scramble = (word: number): number => Math.imul(rotate(Math.imul(word, first), 15), second);
  const unscramble = (mixed: number): number =>
    Math.imul(rotate(Math.imul(mixed, inverse(second)), 17), inverse(first));
  const words = (...values: number[]): Uint8Array =>
    new Uint8Array(Int32Array.of(...values).buffer);
  for (let word = 1; word < 20; word++) {
    const key = words(word, ~word);
    const other = words(
      unscramble(scramble(word) ^ (1 << 18)),
      unscramble(scramble(~word) ^ (1 << 31)),
    );
    const collisions = [1, 2, 3, 4].filter((seed) => {
      const hash = new LaneHash(seed);
      return hash.of(key) === hash.of(other);
    });
    expect(collisions).toEqual([]);
  }
});

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** Of an odd number modulo 2^32; each step doubles the bits that are right. */
function inverse(odd: number): number {
  let result = odd;
  for (let step = 0; step < 5; step++) {
    result = Math.imul(result, 2 - Math.imul(odd, result));
  }
  return result;
}
