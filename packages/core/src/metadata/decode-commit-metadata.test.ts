import { expect, test } from "vitest";
import { slc1Text, textOfBytes, textOfPayload, varint } from "../../test/slc1.ts";
import { decodeCommitMetadata } from "./decode-commit-metadata.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const EXAMPLE = "slc1.AGQBAdoNZsI.";

const accepted = (settled: readonly number[], leaderEpoch: number | null = null) => ({
  settled,
  leaderEpoch,
  truncated: false,
  rejected: null,
});
const rejected = (code: string) => ({
  settled: [],
  leaderEpoch: null,
  truncated: false,
  rejected: code,
});

// Section 7.4 of the specification.
test.each([
  [EXAMPLE, 100, [101, 102]],
  ["slc1.AOgHAwoywX3v.", 1000, [1003, 1013]],
  ["slc1.AQAKvgPSevLy.", 0, [1, 6, 7, 10]],
  ["slc1.AAUByAGp3g3h.", 5, [6, 206]],
])("the specification's example %s", (metadata, base, settled) => {
  expect(decodeCommitMetadata(metadata, base)).toEqual(accepted(settled));
});

test("empty metadata is not rejected and settles nothing", () => {
  expect(decodeCommitMetadata("", 5)).toEqual(accepted([]));
});

test("a terminator that was cut off and a U+0000 that was appended do no harm", () => {
  for (const metadata of [
    EXAMPLE,
    EXAMPLE.slice(0, -1),
    `${EXAMPLE}\0`,
    `${EXAMPLE.slice(0, -1)}\0`,
  ]) {
    expect(decodeCommitMetadata(metadata, 100)).toEqual(accepted([101, 102]));
  }
  for (const metadata of [`${EXAMPLE}\0\0`, `${EXAMPLE}.`, `${EXAMPLE.slice(0, -1)}\0.`]) {
    expect(decodeCommitMetadata(metadata, 100)).toEqual(rejected("alphabet"));
  }
});

test("the epoch and the mark of truncation are read", () => {
  const parts = { base: 100, settled: [101, 102], leaderEpoch: 300, body: "runs" } as const;
  expect(decodeCommitMetadata(slc1Text(parts), 100)).toEqual(accepted([101, 102], 300));
  expect(decodeCommitMetadata(slc1Text({ ...parts, truncated: true }), 100)).toEqual({
    ...accepted([101, 102], 300),
    truncated: true,
  });
});

test("offsets up to 2^53-1 may be settled", () => {
  expect(decodeCommitMetadata(textOfPayload([0, ...varint(0), 1, ...varint(MAX)]), 0)).toEqual(
    accepted([1, MAX + 1]),
  );
  expect(decodeCommitMetadata(textOfPayload([1, ...varint(MAX - 1), 2, 2]), MAX - 1)).toEqual(
    accepted([MAX, MAX + 1]),
  );
});

/** Committed at 100 (64 in hexadecimal); the payload without its checksum. */
const PAYLOADS: readonly [code: string, why: string, payload: readonly number[]][] = [
  ["flags", "bit 3", [0x08, 100, 1, 1]],
  ["flags", "bit 7, before the base", [0x80, 101, 1, 1]],
  ["varint", "no base", [0x00]],
  ["varint", "base cut off", [0x00, 0x80]],
  ["varint", "base not in its shortest form", [0x00, 0xe4, 0x00, 1, 1]],
  ["varint", "base above 2^53-1", [0x00, ...varint(2n ** 53n), 1, 1]],
  ["varint", "base of nine bytes", [0x00, ...varint(2n ** 56n), 1, 1]],
  ["varint", "base that never ends", [0x00, ...Array.from({ length: 40 }, () => 0xff)]],
  ["base", "of another offset", [0x00, 101, 1, 1]],
  ["base", "before the epoch is read", [0x04, 101]],
  ["varint", "no epoch", [0x04, 100]],
  ["varint", "epoch above 2^31-1", [0x04, 100, ...varint(2n ** 31n), 1, 1]],
  ["varint", "epoch not in its shortest form", [0x04, 100, 0x80, 0x00, 1, 1]],
  ["runs", "no pair", [0x00, 100]],
  ["runs", "half a pair", [0x00, 100, 1]],
  ["runs", "half a second pair", [0x00, 100, 1, 1, 2]],
  ["runs", "gap 0", [0x00, 100, 0, 1]],
  ["runs", "done 0", [0x00, 100, 1, 0]],
  ["varint", "gap cut off", [0x00, 100, 0x81]],
  ["varint", "done cut off", [0x00, 100, 1, 0x81]],
  ["varint", "gap not in its shortest form", [0x00, 100, 0x81, 0x00, 1]],
  ["bitmap", "n is 0", [0x01, 100, 0]],
  ["bitmap", "n is 0 with a byte", [0x01, 100, 0, 0x02]],
  ["varint", "no n", [0x01, 100]],
  ["varint", "n not in its shortest form", [0x01, 100, 0x82, 0x00, 0x02]],
  ["bitmap", "a byte too few", [0x01, 100, 9, 0x02]],
  ["bitmap", "a byte too many", [0x01, 100, 2, 0x02, 0x00]],
  ["bitmap", "far more bits than bytes", [0x01, 100, ...varint(MAX), 0x02]],
  ["bitmap", "bit 0 is 1", [0x01, 100, 2, 0x03]],
  ["bitmap", "n is 1", [0x01, 100, 1, 0x01]],
  ["bitmap", "bit n-1 is 0", [0x01, 100, 3, 0x02]],
  ["bitmap", "a bit from n on is 1", [0x01, 100, 2, 0x06]],
  ["overflow", "gap beyond the range", [0x00, 100, ...varint(MAX - 99), 1]],
  ["overflow", "gap beyond the range, before done is missed", [0x00, 100, ...varint(MAX - 99)]],
  ["overflow", "done beyond the range", [0x00, 100, 1, ...varint(MAX - 99)]],
  ["overflow", "a run after the last offset", [0x00, 100, 1, ...varint(MAX - 100), 1]],
  ["runs", "a gap of 0 after the last offset", [0x00, 100, 1, ...varint(MAX - 100), 0]],
];

test.each(PAYLOADS)("SLC-CMD-008: %s: %s", (code, _, payload) => {
  expect(decodeCommitMetadata(textOfPayload(payload), 100)).toEqual(rejected(code));
});

test("SLC-CMD-008: a bitmap beyond the range is overflow once it is a bitmap at all", () => {
  const base = MAX - 1;
  const at = (...body: number[]) => textOfPayload([0x01, ...varint(base), ...body]);
  expect(decodeCommitMetadata(at(3, 0x04), base)).toEqual(rejected("overflow"));
  expect(decodeCommitMetadata(at(3, 0x05), base)).toEqual(rejected("bitmap"));
  expect(decodeCommitMetadata(at(9, 0x02), base)).toEqual(rejected("bitmap"));
});

test.each<[code: string, what: string, metadata: string]>([
  ["foreign", "of Kafka Streams", "AAAAAAAAAAE="],
  ["foreign", "of another version", "slc2.AGQBAdoNZsI."],
  ["foreign", "the prefix in capitals", "SLC1.AGQBAdoNZsI."],
  ["foreign", "the prefix cut off", "slc1"],
  ["foreign", "and too long", "x".repeat(70_000)],
  ["too-long", "in characters", `slc1.${"A".repeat(65_531)}`],
  ["too-long", "in bytes of two", `slc1.${"é".repeat(32_766)}`],
  ["too-long", "in bytes of three", `slc1.${"€".repeat(21_844)}`],
  ["too-long", "in bytes of four", `slc1.${"😀".repeat(16_383)}`],
  ["too-long", "in lone surrogates", `slc1.${"\ud800".repeat(21_844)}`],
  ["alphabet", "as long as may be", `slc1.${"€".repeat(21_843)}.`],
  ["alphabet", "as long as may be, in bytes of four", `slc1.${"😀".repeat(16_382)}..`],
  // The first and last characters of two, three and four bytes, up to 65,535 and one more.
  ...["\u0080", "\u07ff", "\u0800", "\uffff", "\u{10000}"].flatMap(
    (char): [string, string, string][] => {
      const bytes = new TextEncoder().encode(char).length;
      const most = `slc1.${char.repeat(Math.floor(65_530 / bytes))}${".".repeat(65_530 % bytes)}`;
      return [
        ["alphabet", `${bytes} bytes, as many as may be`, most],
        ["too-long", `${bytes} bytes, and one more`, `${most}.`],
      ];
    },
  ),
  ["alphabet", "of standard Base64", "slc1.+GQBAdoNZsI."],
  ["alphabet", "padding", "slc1.AGQBAdoNZsI=."],
  ["alphabet", "a space", "slc1.AGQB AdoNZsI."],
  ["alphabet", "not ASCII", "slc1.AGQBAdoNZsé."],
  ["alphabet", "not ASCII, by 128 away from it", "slc1.AGQBAdoNZs\u00c9."],
  ["alphabet", "a length that no bytes have", "slc1.AGQBAdoNZsIAA."],
  ["alphabet", "unused bits that are not zero, two", "slc1.AGQBAdoNZsJ."],
  ["alphabet", "unused bits that are not zero, four", "slc1.AGQBAdoNZh."],
  ["short", "nothing", "slc1."],
  ["short", "nothing but a terminator", "slc1.."],
  ["short", "nothing but a U+0000", "slc1.\0"],
  ["short", "four bytes", textOfBytes([0, 1, 2, 3])],
  ["checksum", "five bytes", textOfBytes([0, 1, 2, 3, 4])],
  ["checksum", "in its last byte", "slc1.AGQBAdoNZsA."],
])("SLC-CMD-008: %s: %s", (code, _, metadata) => {
  expect(decodeCommitMetadata(metadata, 100)).toEqual(rejected(code));
});
