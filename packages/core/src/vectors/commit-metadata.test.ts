import { expect, test } from "vitest";
import { commitMetadataDecode, commitMetadataEncode } from "./commit-metadata.ts";
import { VectorInputError } from "./errors.ts";

const LAST = "9007199254740991";
const END = "9007199254740992";
const request = { base: "100", settled: [["101", "102"]], leaderEpoch: null, maxChars: 4000 };

test("the last offset may be settled: a range ends behind it", () => {
  const base = "9007199254740990";
  const { metadata } = commitMetadataEncode({ ...request, base, settled: [[LAST, END]] });
  expect(commitMetadataDecode({ committedOffset: base, metadata })).toEqual({
    settled: [[LAST, END]],
    leaderEpoch: null,
    truncated: false,
    rejected: null,
  });
});

test("ranges that do not ascend from above the base, and fields of another form, are refused", () => {
  for (const changed of [
    { settled: [["100", "102"]] },
    {
      settled: [
        ["101", "102"],
        ["102", "103"],
      ],
    },
    { settled: [["101"]] },
    { settled: [["101", "9007199254740993"]] },
    { settled: [[END, END]] },
    { base: 100 },
    { leaderEpoch: -1 },
    { maxChars: "4000" },
  ]) {
    const input = { ...request, ...changed };
    expect(() => commitMetadataEncode(input), JSON.stringify(changed)).toThrow(VectorInputError);
  }
  expect(() => commitMetadataDecode({ committedOffset: "1" })).toThrow(VectorInputError);
});
