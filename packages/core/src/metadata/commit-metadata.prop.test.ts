import fc from "fast-check";
import { expect, test } from "vitest";
import { expectReached } from "../../test/reached.ts";
import { payloadOf, slc1Text, textOfPayload } from "../../test/slc1.ts";
import { decodeCommitMetadata } from "./decode-commit-metadata.ts";
import type { DecodedCommitMetadata } from "./decode-commit-metadata.ts";
import { encodeCommitMetadata } from "./encode-commit-metadata.ts";

const MAX = Number.MAX_SAFE_INTEGER;

const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 45 }) },
);
const dense = fc.integer({ min: 1, max: 6 });
const bases = fc.oneof(
  fc.nat(300),
  fc.integer({ min: 2 ** 32 - 300, max: 2 ** 32 + 300 }),
  fc.maxSafeNat(),
);
const epochs = fc.option(fc.oneof(fc.nat(300), fc.nat()));
/** Ranges above a base, cut where offsets end. */
const states = fc
  .record({
    base: bases,
    runs: fc.oneof(
      fc.array(fc.tuple(dense, dense), { minLength: 1, maxLength: 60 }),
      fc.array(fc.tuple(length, length), { minLength: 1, maxLength: 60 }),
    ),
    leaderEpoch: epochs,
  })
  .map(({ base, runs, leaderEpoch }) => {
    const settled: number[] = [];
    let end = base;
    for (const [gap, done] of runs) {
      if (gap + done > MAX - end) break;
      settled.push(end + gap, end + gap + done);
      end += gap + done;
    }
    return { base, settled, leaderEpoch };
  });

test("SLC-CMD-002: what is written is the shorter of both bodies, and is read back", () => {
  const seen = { runs: 0, bitmap: 0 };
  fc.assert(
    fc.property(states, (state) => {
      const { metadata, truncated } = encodeCommitMetadata({ ...state, maxChars: 65_535 });
      expect(truncated).toBe(false);
      expect(decodeCommitMetadata(metadata, state.base)).toEqual({
        settled: state.settled,
        leaderEpoch: state.settled.length === 0 ? null : state.leaderEpoch,
        truncated: false,
        rejected: null,
      });
      if (state.settled.length === 0) {
        expect(metadata).toBe("");
        return;
      }
      const runs = slc1Text({ ...state, body: "runs" });
      const span = state.settled.at(-1)! - state.base;
      // A bitmap of more bytes than the runs' text is not worth putting together.
      const bitmap = span > 8 * runs.length ? null : slc1Text({ ...state, body: "bitmap" });
      const isBitmap = bitmap !== null && payloadOf(bitmap).length < payloadOf(runs).length;
      seen[isBitmap ? "bitmap" : "runs"]++;
      expect(metadata).toBe(isBitmap ? bitmap : runs);
    }),
    { numRuns: 3_000 },
  );
  expectReached(seen, 300);
});

test("SLC-CMD-003: truncated metadata is the longest prefix that fits", () => {
  const seen = { whole: 0, cut: 0, empty: 0 };
  // Most states are short: between nothing and all of one is a narrow range.
  const limit = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 15, max: 60 }));
  fc.assert(
    fc.property(states, limit, (state, maxChars) => {
      const { base, settled, leaderEpoch } = state;
      const { metadata, truncated } = encodeCommitMetadata({ ...state, maxChars });
      expect(metadata.length).toBeLessThanOrEqual(maxChars);
      const decoded = decodeCommitMetadata(metadata, base);
      expect(decoded.rejected).toBeNull();
      const kept = decoded.settled.length;
      expect(decoded.settled).toEqual(settled.slice(0, kept));
      expect(truncated).toBe(kept < settled.length);
      if (kept > 0) {
        expect(decoded.truncated).toBe(truncated);
        expect(decoded.leaderEpoch).toBe(leaderEpoch);
      }
      seen[truncated ? (kept > 0 ? "cut" : "empty") : "whole"]++;
      if (!truncated) return;
      const oneMore = settled.slice(0, kept + 2);
      const { metadata: larger } = encodeCommitMetadata({ base, settled: oneMore, leaderEpoch });
      expect(larger.length).toBeGreaterThan(maxChars);
    }),
    { numRuns: 3_000 },
  );
  expectReached(seen, 100);
});

/** What every answer is, whatever the text: all or nothing, above the base, within the range. */
function expectSafe(decoded: DecodedCommitMetadata, base: number): void {
  const { settled, leaderEpoch, truncated, rejected } = decoded;
  if (rejected !== null) {
    expect({ settled, leaderEpoch, truncated }).toEqual({
      settled: [],
      leaderEpoch: null,
      truncated: false,
    });
    return;
  }
  let end = base;
  for (const edge of settled) {
    if (!(edge > end && edge <= MAX + 1)) expect.fail(`${edge} follows ${end}`);
    end = edge;
  }
  expect(settled.length % 2).toBe(0);
}

test("SLC-CNV-002: any text has an answer", () => {
  const units = fc.string({ unit: "binary", maxLength: 60 });
  const texts = fc.oneof(
    units,
    units.map((text) => `slc1.${text}`),
    fc.base64String({ maxLength: 60 }).map((text) => `slc1.${text.replaceAll("=", "")}.`),
    fc.constantFrom("slc1.AGQBAdoNZsI.", "\ud800", "slc1.\udfff"),
  );
  fc.assert(
    fc.property(texts, bases, (text, base) => expectSafe(decodeCommitMetadata(text, base), base)),
    { numRuns: 10_000 },
  );
});

const mutation = fc.oneof(
  fc.record({ type: fc.constant("set" as const), at: fc.nat(), byte: fc.nat(255) }),
  fc.record({ type: fc.constant("insert" as const), at: fc.nat(), byte: fc.nat(255) }),
  fc.record({ type: fc.constant("remove" as const), at: fc.nat(), byte: fc.constant(0) }),
  fc.record({ type: fc.constant("flip" as const), at: fc.nat(), byte: fc.nat(7) }),
);

test("SLC-CMD-008, -009: metadata that was changed under a right checksum is safe, and what is accepted has one form", () => {
  const seen = new Map<string, number>();
  // Small ones, so that a change often meets flags, base and epoch; and some at the end of the range.
  const small = fc.record({
    base: fc.constantFrom(0, 100, 300, MAX - 9, MAX - 2),
    settled: fc.constantFrom([1, 2], [1, 2, 3, 16], [2, 3, 5, 9], [1, 2, 4, 10, 12, 13]),
    leaderEpoch: fc.option(fc.nat(300)),
  });
  const relative = small.map(({ base, settled, leaderEpoch }) => {
    const above = settled.map((offset) => base + offset);
    const fitting = above.filter((_, index) => above[index | 1]! <= MAX + 1);
    return { base, settled: fitting.length > 0 ? fitting : [base + 1, base + 2], leaderEpoch };
  });
  const bodies = fc.constantFrom("runs" as const, "bitmap" as const);
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(relative, bodies, fc.boolean(), mutations, (state, body, truncated, changes) => {
      const payload = payloadOf(slc1Text({ ...state, body, truncated }));
      for (const { type, at, byte } of changes) {
        const index = at % Math.max(1, payload.length);
        if (type === "set") payload[index] = byte;
        else if (type === "insert") payload.splice(index, 0, byte);
        else if (type === "remove") payload.splice(index, 1);
        else payload[index] = (payload[index] ?? 0) ^ (1 << byte);
      }
      const text = textOfPayload(payload);
      const decoded = decodeCommitMetadata(text, state.base);
      expectSafe(decoded, state.base);
      seen.set(String(decoded.rejected), (seen.get(String(decoded.rejected)) ?? 0) + 1);
      if (decoded.rejected !== null) return;
      // Put together again from what was understood, it is the same text.
      const form = (payload[0]! & 1) === 1 ? "bitmap" : "runs";
      expect(slc1Text({ ...decoded, base: state.base, body: form })).toBe(text);
    }),
    { numRuns: 10_000 },
  );
  const reached = ["flags", "varint", "base", "runs", "bitmap", "overflow", "null"];
  expectReached(Object.fromEntries(reached.map((code) => [code, seen.get(code) ?? 0])), 50);
  expect(seen.has("checksum")).toBe(false);
});
