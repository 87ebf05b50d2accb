import type { HistoryEvent } from "@sluice/checker";
import { encodeCommitMetadata } from "@sluice/core";
import { expect, test } from "vitest";
import { leftToRepeat } from "./left-to-repeat.ts";

function committed(offset: number, settled: number[], partition = 1): HistoryEvent {
  const { metadata } = encodeCommitMetadata({
    base: offset,
    settled,
    leaderEpoch: null,
    maxChars: 4096,
  });
  const place = { topic: "orders", partition, offset: String(offset) };
  return { t: 0, type: "committed", ...place, metadata, seq: offset };
}

test("is what the last commit called done and the next one begins at", () => {
  expect(leftToRepeat([committed(9, [10, 12]), committed(10, [11, 12])])).toEqual(["orders/1@10"]);
});

test("is not what a commit passes, nor what another partition's commit told, nor what none did", () => {
  expect(leftToRepeat([committed(9, [10, 12]), committed(12, [])])).toEqual([]);
  expect(leftToRepeat([committed(9, [10, 12], 2), committed(10, [])])).toEqual([]);
  expect(leftToRepeat([committed(9, []), committed(10, [])])).toEqual([]);
});
