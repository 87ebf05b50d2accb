import { expect, test } from "vitest";
import { CommitGate } from "./commit-gate.ts";

test("an empty gate may commit its position", () => {
  const gate = new CommitGate(7);
  expect([gate.frontier, gate.position, gate.unsettled]).toEqual([7, 7, 0]);
});

test("the frontier waits for the first record while later ones are settled", () => {
  const gate = new CommitGate(0);
  const [first, ...rest] = [0, 1, 2, 3].map((offset) => gate.admit(offset));
  for (const sequence of rest) expect(gate.settle(sequence)).toBe(true);
  expect([gate.frontier, gate.settledAhead]).toEqual([0, 3]);
  gate.settle(first!);
  expect([gate.frontier, gate.settledAhead]).toEqual([4, 0]);
});

test("what is settled ahead is counted in records, whatever was settled in order before", () => {
  const gate = new CommitGate(0);
  gate.settle(gate.admit(0));
  gate.admit(1);
  gate.settle(gate.admit(1_000));
  gate.admit(1_001);
  expect([gate.unsettled, gate.settledAhead]).toEqual([2, 1]);
});

test("offsets that were never delivered count as settled", () => {
  const gate = new CommitGate(100);
  const first = gate.admit(105);
  expect(gate.frontier).toBe(105);
  gate.admit(900);
  gate.settle(first);
  expect(gate.frontier).toBe(900);
});

test("a position moved over a transaction marker becomes the frontier once all is settled", () => {
  const gate = new CommitGate(0);
  const only = gate.admit(0);
  expect(gate.advancePosition(2)).toBe(true);
  expect(gate.frontier).toBe(0);
  gate.settle(only);
  expect(gate.frontier).toBe(2);
  expect(gate.advancePosition(2)).toBe(false);
  expect(gate.advancePosition(1)).toBe(false);
  expect(gate.advancePosition(Number.NaN)).toBe(false);
  expect(gate.frontier).toBe(2);
});

test("settling twice, or what was never admitted, is reported and changes nothing", () => {
  const gate = new CommitGate(0);
  gate.admit(0);
  const second = gate.admit(1);
  expect(gate.settle(second)).toBe(true);
  expect(gate.settle(second)).toBe(false);
  expect(gate.settle(2)).toBe(false);
  expect(gate.settle(-1)).toBe(false);
  expect([gate.frontier, gate.unsettled]).toEqual([0, 1]);
});

test("an offset below the position, fractional or unsafe is refused", () => {
  const gate = new CommitGate(5);
  for (const offset of [4, 5.5, Number.NaN, -1, 2 ** 53, Number.MAX_SAFE_INTEGER]) {
    expect(() => gate.admit(offset)).toThrow(RangeError);
  }
  expect(() => gate.admit(4)).toThrow(/\b4\b.* position 5\b/);
  expect(() => new CommitGate(-1)).toThrow(RangeError);
  expect(() => new CommitGate(-1)).toThrow(/offset.* -1\b/);
  expect(gate.position).toBe(5);
});

test("the last offset a number can hold with its successor is admitted and committed over", () => {
  const last = Number.MAX_SAFE_INTEGER - 1;
  const gate = new CommitGate(0);
  gate.settle(gate.admit(last));
  expect(gate.frontier).toBe(Number.MAX_SAFE_INTEGER);
});

test("a full ring whose head lies inside a word is passed in one settle", () => {
  const gate = new CommitGate(0);
  for (let offset = 0; offset < 13; offset++) gate.settle(gate.admit(offset));
  const held = Array.from({ length: 64 }, (_, index) => gate.admit(13 + index));
  for (const sequence of held.slice(1)) gate.settle(sequence);
  expect(gate.frontier).toBe(13);
  gate.settle(held[0]!);
  expect([gate.frontier, gate.unsettled]).toEqual([77, 0]);
  // Nothing of the passed records is left behind in the bits.
  gate.admit(77);
  expect(gate.frontier).toBe(77);
});

test("SLC-GAT-002: what is settled above the frontier includes gaps, up to the position", () => {
  // The example of 6.2: 103 to 109 hold no record, and the position is 111.
  const gate = new CommitGate(100);
  const [a, b, c, d] = [100, 101, 102, 110].map((offset) => gate.admit(offset));
  expect(gate.settledAboveFrontier()).toEqual([103, 110]);
  gate.settle(b!);
  expect(gate.settledAboveFrontier()).toEqual([101, 102, 103, 110]);
  gate.settle(d!);
  expect(gate.settledAboveFrontier()).toEqual([101, 102, 103, 111]);
  gate.advancePosition(120);
  expect(gate.settledAboveFrontier()).toEqual([101, 102, 103, 120]);
  gate.settle(a!);
  expect([gate.frontier, ...gate.settledAboveFrontier()]).toEqual([102, 103, 120]);
  gate.settle(c!);
  expect([gate.frontier, ...gate.settledAboveFrontier()]).toEqual([120]);
});

test("nothing is settled above the frontier of a gate that holds nothing, or nothing but its head", () => {
  const gate = new CommitGate(7);
  expect(gate.settledAboveFrontier()).toEqual([]);
  gate.advancePosition(9);
  expect(gate.settledAboveFrontier()).toEqual([]);
  gate.admit(9);
  expect(gate.settledAboveFrontier()).toEqual([]);
});

test("the last offset a number can hold with its successor is told as settled", () => {
  const last = Number.MAX_SAFE_INTEGER - 1;
  const gate = new CommitGate(last - 1);
  gate.admit(last - 1);
  gate.settle(gate.admit(last));
  expect(gate.settledAboveFrontier()).toEqual([last, Number.MAX_SAFE_INTEGER]);
});

test("a gap may reach up to the last position, from where nothing more is admitted", () => {
  const gate = new CommitGate(0);
  const only = gate.admit(0);
  expect(gate.advancePosition(Number.MAX_SAFE_INTEGER)).toBe(true);
  expect(gate.advancePosition(2 ** 53)).toBe(false);
  expect(gate.settledAboveFrontier()).toEqual([1, Number.MAX_SAFE_INTEGER]);
  gate.settle(only);
  expect(gate.frontier).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => gate.admit(Number.MAX_SAFE_INTEGER)).toThrow(RangeError);
  expect(new CommitGate(Number.MAX_SAFE_INTEGER).frontier).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => new CommitGate(2 ** 53)).toThrow(RangeError);
});

test("whether something is settled out of order in a range of offsets, its end not included", () => {
  const gate = new CommitGate(100);
  expect(gate.hasSettled(0, Infinity)).toBe(false);
  const [first] = [100, 110, 120, 130, 140].map((offset) => gate.admit(offset));
  expect(gate.hasSettled(0, Infinity)).toBe(false);
  // 120 and 140; 100 and 110 go on.
  gate.settle(first! + 2);
  gate.settle(first! + 4);
  expect([gate.hasSettled(0, 120), gate.hasSettled(0, 121)]).toEqual([false, true]);
  expect([gate.hasSettled(120, 121), gate.hasSettled(121, 140)]).toEqual([true, false]);
  expect([gate.hasSettled(121, 141), gate.hasSettled(140, 999)]).toEqual([true, true]);
  expect([gate.hasSettled(141, Infinity), gate.hasSettled(130, 131)]).toEqual([false, false]);
});

test("what the frontier has passed is out of order no more", () => {
  const gate = new CommitGate(0);
  // More than one word of bits, twice around.
  for (let offset = 0; offset < 200; offset++) gate.settle(gate.admit(offset));
  gate.admit(200);
  for (let offset = 201; offset < 240; offset++) gate.admit(offset);
  expect(gate.hasSettled(0, Infinity)).toBe(false);
  gate.settle(gate.admit(240));
  expect([gate.hasSettled(0, 240), gate.hasSettled(240, 241)]).toEqual([false, true]);
});
