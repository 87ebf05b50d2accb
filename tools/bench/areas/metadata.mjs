// @ts-check
// What a commit costs beside its request: the ranges of a gate, and the text that carries them (SLC-MET).
import {
  CommitGate,
  decodeCommitMetadata,
  encodeCommitMetadata,
} from "../../../packages/core/dist/index.js";
import { checked } from "../lib/checked.mjs";

export const title = "Commit metadata: once a commit and partition, not once a record";

/** What `--concurrency 64` leaves behind a slow head: 64 ranges; and every other offset of 20000. */
const handful = Array.from({ length: 64 }, (_, index) => [
  1_000_000 + index * 7 + 1,
  1_000_000 + index * 7 + 6,
]).flat();
const comb = Array.from({ length: 10_000 }, (_, index) => [
  1_000_000 + index * 2 + 1,
  1_000_000 + index * 2 + 2,
]).flat();
const wide = Array.from({ length: 64 }, (_, index) => [
  2 ** 40 + index * 1_000_000 + 1,
  2 ** 40 + index * 1_000_000 + 500_000,
]).flat();
/** @param {readonly number[]} settled */
const encode = (settled) =>
  encodeCommitMetadata({ base: 1_000_000, settled, leaderEpoch: 7 }).metadata;
const handfulText = encode(handful);
const combText = encode(comb);
const gate = new CommitGate(1_000_000);
const admitted = Array.from({ length: 5_000 }, () => gate.admit(gate.position));
for (const sequence of admitted) if (sequence % 79 !== 0) gate.settle(sequence);

export const variants = checked([
  {
    name: "ranges of a gate, 5,000 held",
    runs: 1_250,
    run: () => gate.settledAboveFrontier(),
    check: (ranges) => ranges.length === 128,
  },
  {
    name: "encode nothing",
    runs: 125_000,
    run: () => encode([]),
    check: (text) => text === "",
  },
  {
    name: "encode one range",
    runs: 50_000,
    run: () => encode(handful.slice(0, 2)),
    check: (text) => text.startsWith("slc1."),
  },
  {
    name: "encode 64 ranges",
    runs: 5_000,
    run: () => encode(handful),
    check: (text) => text === handfulText && text.startsWith("slc1."),
  },
  {
    name: "encode 64 ranges at offsets near 2^40, gaps of 10^6",
    runs: 5_000,
    run: () => encodeCommitMetadata({ base: 2 ** 40, settled: wide, leaderEpoch: 7 }).metadata,
    check: (text) => text.startsWith("slc1."),
  },
  {
    name: "encode 10,000 ranges into 4,000 characters",
    runs: 125,
    run: () => encode(comb),
    check: (text) => text.length <= 4_000 && text.length > 3_300,
  },
  {
    name: "decode 64 ranges",
    runs: 5_000,
    run: () => decodeCommitMetadata(handfulText, 1_000_000),
    check: ({ settled }) => settled.length === handful.length,
  },
  {
    name: "decode what 10,000 ranges were cut to",
    runs: 125,
    run: () => decodeCommitMetadata(combText, 1_000_000),
    check: ({ settled }) => settled.length > 0 && settled.length <= comb.length,
  },
  {
    name: "reject the metadata of others",
    runs: 125_000,
    run: () => decodeCommitMetadata("AAAAAAAAAAE=", 1_000_000),
    check: ({ rejected }) => rejected === "foreign",
  },
]);
