import { expect, test } from "vitest";
import { slc1Text } from "../../test/slc1.ts";
import { encodeCommitMetadata } from "./encode-commit-metadata.ts";

const MAX = Number.MAX_SAFE_INTEGER;

function encode(base: number, settled: readonly number[], maxChars = 4_000) {
  return encodeCommitMetadata({ base, settled, leaderEpoch: null, maxChars });
}

// Section 7.4 of the specification.
test.each([
  ["slc1.AGQBAdoNZsI.", 100, [101, 102]],
  ["slc1.AOgHAwoywX3v.", 1000, [1003, 1013]],
  ["slc1.AQAKvgPSevLy.", 0, [1, 6, 7, 10]],
  ["slc1.AAUByAGp3g3h.", 5, [6, 206]],
])("the specification's example %s", (metadata, base, settled) => {
  expect(encode(base, settled)).toEqual({ metadata, truncated: false });
});

test("SLC-CMD-001: nothing settled above the base is empty metadata", () => {
  expect(encode(7, [])).toEqual({ metadata: "", truncated: false });
});

test("SLC-CMD-002: runs when both bodies are as short", () => {
  // Runs 01 01, a bitmap 02 02.
  expect(encode(0, [1, 2]).metadata).toBe(slc1Text({ base: 0, settled: [1, 2], body: "runs" }));
  // Two runs take 4 bytes; a bitmap 3 up to 16 bits, and 4 up to 24.
  const shorter = [1, 2, 3, 16];
  expect(encode(0, shorter).metadata).toBe(slc1Text({ base: 0, settled: shorter, body: "bitmap" }));
  const even = [1, 2, 3, 17];
  expect(encode(0, even).metadata).toBe(slc1Text({ base: 0, settled: even, body: "runs" }));
});

test("a bitmap whose runs cross, fill and end at bytes", () => {
  const settled = [1, 2, 3, 4, 5, 9, 11, 13, 14, 33, 34, 36, 37, 38, 39, 40];
  expect(
    encode(
      1_000,
      settled.map((offset) => offset + 1_000),
    ).metadata,
  ).toBe(
    slc1Text({ base: 1_000, settled: settled.map((offset) => offset + 1_000), body: "bitmap" }),
  );
});

test("SLC-CMD-003: what does not fit is left out from the top, and the choice is made anew", () => {
  // Nine single offsets: a bitmap of 18 bits, 4 bytes with its length. Then a far one, which only
  // runs can reach: 9 x 2 and 3 + 1 bytes.
  const near = Array.from({ length: 9 }, (_, index) => [2 * index + 1, 2 * index + 2]).flat();
  const settled = [...near, 1_000_000, 1_000_001];
  const all = slc1Text({ base: 0, settled, body: "runs" });
  expect(encode(0, settled, all.length)).toEqual({ metadata: all, truncated: false });
  expect(encode(0, settled, all.length - 1)).toEqual({
    metadata: slc1Text({ base: 0, settled: near, truncated: true, body: "bitmap" }),
    truncated: true,
  });
});

test("SLC-CMD-003: of a range that does not fit nothing is told, though it begins in the last byte", () => {
  const near = Array.from({ length: 9 }, (_, index) => [2 * index + 1, 2 * index + 2]).flat();
  const told = slc1Text({ base: 0, settled: near, truncated: true, body: "bitmap" });
  expect(encode(0, [...near, 20, 1_000_000], told.length)).toEqual({
    metadata: told,
    truncated: true,
  });
});

test("SLC-CMD-003: when not even one pair fits, the metadata is empty and says that it is truncated", () => {
  const whole = "slc1.AGQBAdoNZsI.";
  expect(encode(100, [101, 102], whole.length)).toEqual({ metadata: whole, truncated: false });
  for (const maxChars of [whole.length - 1, 6, 1, 0, -1, Number.NaN]) {
    expect(encode(100, [101, 102], maxChars)).toEqual({ metadata: "", truncated: true });
  }
});

test("SLC-CMD-004: the budget is 4000 characters unless given, and never more than readers take", () => {
  // A gap of 1 and 300 settled are 3 bytes: 4 characters.
  const many = Array.from({ length: 40_000 }, (_, index) => {
    const from = index * 301 + 1;
    return [from, from + 300];
  }).flat();
  const { metadata, truncated } = encodeCommitMetadata({
    base: 0,
    settled: many,
    leaderEpoch: null,
  });
  expect(truncated).toBe(true);
  expect(metadata.length).toBeLessThanOrEqual(4_000);
  expect(metadata.length).toBeGreaterThan(3_996);
  const most = encode(0, many, 1_000_000);
  expect(most.truncated).toBe(true);
  expect(most.metadata.length).toBeLessThanOrEqual(65_535);
  expect(most.metadata.length).toBeGreaterThan(65_531);
});

test("SLC-CMD-006: the leader epoch is written when it is known, also 0", () => {
  for (const leaderEpoch of [0, 127, 128, 2_147_483_647]) {
    const input = { base: 100, settled: [101, 102], leaderEpoch };
    expect(encodeCommitMetadata(input).metadata).toBe(slc1Text({ ...input, body: "runs" }));
  }
});

test("offsets up to 2^53-1, after gaps as large, take a few bytes", () => {
  for (const [base, settled] of [
    [0, [MAX, MAX + 1]],
    [0, [1, MAX + 1]],
    [MAX - 1, [MAX, MAX + 1]],
    [2 ** 32 - 1, [2 ** 40, 2 ** 40 + 1e9, 2 ** 50, 2 ** 50 + 1]],
  ] as const) {
    expect(encode(base, settled).metadata).toBe(slc1Text({ base, settled, body: "runs" }));
  }
});

test("each range is read a fixed number of times, and those behind the budget not at all", () => {
  const ranges = Array.from({ length: 20_000 }, (_, index) => index * 1_000 + 1 + (index % 2));
  let reads = 0;
  const counted = new Proxy(ranges, {
    get(target, name, receiver): unknown {
      if (typeof name === "string" && /^\d+$/.test(name)) reads++;
      return Reflect.get(target, name, receiver);
    },
  });
  const { metadata } = encode(0, counted, 65_535);
  expect(metadata).not.toBe("");
  expect(reads).toBeLessThanOrEqual(2 * ranges.length + 2);
  reads = 0;
  encode(0, counted, 100);
  // 94 characters are 70 bytes, and a range takes 4.
  expect(reads).toBeLessThan(80);
});

test("ranges that would make a reader skip what is not settled are refused", () => {
  for (const settled of [
    [100, 101], // the base itself
    [99, 102],
    [101, 101],
    [102, 101],
    [101, 103, 103, 104], // touch
    [105, 106, 101, 102],
    [101],
    [101.5, 103],
    [101, Number.NaN],
    [101, 2 ** 53 + 2],
  ]) {
    expect(() => encode(100, settled), String(settled)).toThrow(RangeError);
  }
  expect(() => encode(100, [101, 103, 103, 104])).toThrow(/\[103, 104\) .* above 103:/);
  for (const base of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => encode(base, [])).toThrow(/base/);
  for (const leaderEpoch of [-1, 0.5, 2 ** 31]) {
    const input = { base: 100, settled: [101, 102], leaderEpoch };
    expect(() => encodeCommitMetadata(input)).toThrow(/leaderEpoch/);
  }
});
